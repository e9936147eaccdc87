"""The office's signature on a PDF, checked by another program: a changed byte is found."""

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scorecard.documents.kept import keep, kept, remove_old_documents
from scorecard.documents.model import Document, LetterHead, Paragraph
from scorecard.documents.signing import TEST_NAME, has_key, sign
from scorecard.documents.tests.paper import plain
from scorecard.documents.typesetting import to_pdf

needs_pdfsig = pytest.mark.skipif(shutil.which("pdfsig") is None, reason="needs poppler-utils (pdfsig)")


@pytest.fixture
def letter(settings: Any, tmp_path: Path) -> Document:
    settings.LETTER_KEY_FILE, settings.LETTER_CRL_FILE = (
        str(tmp_path / "keys" / "k.p12"),
        str(tmp_path / "keys" / "k.crl"),
    )
    settings.LETTER_DRAW_KEY, settings.LETTER_KEY_PASSPHRASE = True, "phrase"
    settings.DOCUMENT_DIR = tmp_path / "documents"
    return Document(
        language="zh",
        title="通知书",
        at=datetime(2018, 5, 2, 1, 0, tzinfo=UTC),
        author="某监管局",
        blocks=[Paragraph("你行等次为良好。")],
        letter=LetterHead("某监管局", "普惠评通〔2018〕1号"),
    )


def pdfsig(file: Path) -> str:
    """What poppler says of the signatures of a file."""
    done = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, encoding="utf-8", check=False)
    return done.stdout


@needs_pdfsig
def test_another_program_finds_the_signature_whole(letter: Document) -> None:
    file = keep(letter, "pdf", issued=True)
    said = pdfsig(file)
    assert "Signature is Valid." in said, said
    assert "ETSI.CAdES.detached" in said and TEST_NAME in said
    assert file.stat().st_mode & 0o077 == 0
    assert "你行等次为良好" in plain(file.read_bytes())


@needs_pdfsig
def test_a_changed_byte_is_found(letter: Document, tmp_path: Path) -> None:
    content = keep(letter, "pdf", issued=True).read_bytes()
    ranges = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+) *\]", content)
    assert ranges is not None
    first, second = int(ranges.group(2)), int(ranges.group(3))
    for place in (1500, first - 200, second + 50):
        changed = bytearray(content)
        changed[place] ^= 1
        file = tmp_path / "changed.pdf"
        file.write_bytes(bytes(changed))
        said = pdfsig(file)
        assert "Signature is Valid." not in said, f"byte {place}: {said}"


def test_what_was_issued_stays_as_it_is(letter: Document, settings: Any, tmp_path: Path) -> None:
    file = keep(letter, "pdf", issued=True)
    before = file.read_bytes()
    settings.LETTER_KEY_FILE = str(tmp_path / "keys" / "another.p12")
    settings.DOCUMENT_FONT_DIR = str(tmp_path)
    assert keep(letter, "pdf", issued=True) == file and file.read_bytes() == before
    remove_old_documents()
    assert kept(letter, "pdf", issued=True) == file
    assert kept(replace(letter, title="更正通知书"), "pdf", issued=True) is None


def test_without_a_key_a_letter_is_not_signed(letter: Document, settings: Any) -> None:
    settings.LETTER_DRAW_KEY = False
    content = to_pdf(letter)
    assert not has_key() and sign(content) == content
    assert not Path(settings.LETTER_KEY_FILE).exists()


def test_the_wrong_passphrase_signs_nothing(letter: Document, settings: Any) -> None:
    sign(to_pdf(letter))
    settings.LETTER_KEY_PASSPHRASE = "wrong"
    with pytest.raises(ValueError, match="LETTER_KEY_FILE"):
        sign(to_pdf(letter))


def test_the_key_of_the_demonstration_is_its_owners_alone(letter: Document, settings: Any) -> None:
    sign(to_pdf(letter))
    assert Path(settings.LETTER_KEY_FILE).stat().st_mode & 0o777 == 0o600
