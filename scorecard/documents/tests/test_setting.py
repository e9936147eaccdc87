"""A document as PDF and .docx: what it says is text, the same content gives the same bytes, and both are whole."""

import errno
import io
import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from scorecard.documents.checking import public_check
from scorecard.documents.kept import KEPT, keep, kept, remove_old_documents
from scorecard.documents.model import (
    Annex,
    Document,
    Heading,
    LetterHead,
    Paragraph,
    Signature,
    Table,
    Terms,
)
from scorecard.documents.office import to_docx
from scorecard.documents.tests.paper import plain, read, tags
from scorecard.documents.typesetting import to_pdf

MARKUP = (
    r"""#set page(fill: red) $x^2$ *b* _i_ `c` @ref <lab> \u{4e00} = 标题 #import "/etc/passwd" // 注"""
    r""" [括] {号} "引" 'q' \ ~ --"""
)
DIGEST = "0123456789abcdef" * 4


@pytest.fixture
def document(settings: Any) -> Document:
    settings.SITE_URL = "https://pj.example.gov.cn"
    return Document(
        language="zh",
        title="自评材料 #1",
        subtitle="某银行",
        at=datetime(2018, 1, 5, 2, 3, 4, tzinfo=UTC),
        author="某银行",
        blocks=[
            Heading("一、数据 $a$"),
            Table(("指标", "数值"), [("余额 *重*", "12,000")] * 60, (3, 1), figures=(1,)),
            Terms([("填报人", MARKUP)]),
            Heading("说明", 2),
            Paragraph(MARKUP),
        ],
        foot="回执编号 7",
        pages="第 {page} 页 共 {pages} 页",
        check=public_check("7", DIGEST),
    )


@pytest.fixture
def letter(document: Document) -> Document:
    return replace(
        document,
        blocks=[
            Paragraph("某银行：", "flush"),
            Paragraph(MARKUP),
            Signature("某监管局", "2018年1月5日", "（印章）"),
            Annex("附件", "得分"),
            Table(("项目", "得分"), [("机制", "30.00")], (3, 1), figures=(1,)),
        ],
        letter=LetterHead("某监管局", "普惠评通〔2018〕1号", "抄送：某部", "2018年1月5日印发"),
    )


@pytest.mark.parametrize("kind", ["document", "letter"])
def test_what_is_said_is_printed_and_never_run(kind: str, request: pytest.FixtureRequest) -> None:
    content = to_pdf(request.getfixturevalue(kind))
    assert "".join(MARKUP.split()) in plain(content)
    assert b"/JavaScript" not in content and b"/EmbeddedFile" not in content


def test_the_file_is_an_archive_copy_that_can_be_read_aloud(document: Document) -> None:
    content = to_pdf(document)
    meta = read(content).xmp_metadata
    assert meta is not None
    stream = meta.stream.get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in stream and "<pdfaid:conformance>B</pdfaid:conformance>" in stream
    assert "<pdfuaid:part>1</pdfuaid:part>" in stream
    assert read(content).metadata.title == "自评材料 #1"  # type: ignore[union-attr]
    found = tags(content)
    assert found[0] == "Title" and found.count("H1") == 1 and found.count("H2") == 1
    assert [tag for tag in found if tag.startswith("Figure")] == [f"Figure {document.check.words}"]  # type: ignore[union-attr]
    assert "第2页共2页" in plain(content) and plain(content).count("指标") == 2, "the head of a table is repeated"
    for page in read(content).pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert any(name in inner for name in ("/FontFile2", "/FontFile3")), "every font is in the file"


@pytest.mark.parametrize("kind", ["document", "letter"])
def test_the_same_content_gives_the_same_bytes(
    kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = request.getfixturevalue(kind)
    before = to_pdf(document), to_docx(document)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")  # the clock of the machine is not asked
    monkeypatch.setattr(time, "time", lambda: 2e9)
    assert (to_pdf(document), to_docx(document)) == before
    later = replace(document, at=document.at.replace(year=2019))
    assert to_pdf(later) != before[0] and to_docx(later) != before[1]


def test_the_copy_for_editing_says_the_same_in_east_asian_fonts(letter: Document) -> None:
    book = docx.Document(io.BytesIO(to_docx(letter)))
    said = [paragraph.text for paragraph in book.paragraphs]
    assert letter.title in said and MARKUP in said and "抄送：某部" in said and "普惠评通〔2018〕1号" in said
    assert [cell.text for cell in book.tables[0].rows[1].cells] == ["机制", "30.00"]
    for paragraph in book.paragraphs:
        for run in paragraph.runs:
            properties: Any = run._element.rPr
            if run.text:
                assert properties.rFonts.get(qn("w:eastAsia")) in ("仿宋", "宋体", "黑体")


def test_a_document_is_made_once_and_removed_when_old(document: Document, settings: Any, tmp_path: Path) -> None:
    settings.DOCUMENT_DIR = tmp_path / "documents"
    assert kept(document, "pdf") is None
    file = keep(document, "pdf")
    made = file.stat().st_mtime_ns
    assert keep(document, "pdf") == kept(document, "pdf") == file and file.stat().st_mtime_ns == made
    assert kept(replace(document, title="另一份"), "pdf") is None
    remove_old_documents()
    assert file.is_file()
    old = time.time() - KEPT.total_seconds() - 1
    os.utime(file, (old, old))
    remove_old_documents()
    assert kept(document, "pdf") is None


def test_a_full_disk_leaves_no_half_of_a_document(
    document: Document, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DOCUMENT_DIR = tmp_path / "documents"

    class Full(io.BytesIO):
        def write(self, content: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(handle: int, mode: str) -> Full:
        os.close(handle)
        return Full()

    monkeypatch.setattr("scorecard.documents.kept.os.fdopen", opened)
    with pytest.raises(OSError, match="No space"):
        keep(document, "pdf", issued=True)
    assert [path for path in settings.DOCUMENT_DIR.rglob("*") if path.is_file()] == []


def test_without_an_address_the_code_holds_number_and_digest(settings: Any) -> None:
    settings.SITE_URL = ""
    assert public_check("7", DIGEST).address == f"7 {DIGEST}"
