"""Evidence by what it holds: active PDF, old Office, OFD and ZIP; several files at once, one for several indicators."""

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.demo.pdf import pdf
from assessments.filings.evidence import withdraw_evidence
from assessments.filings.evidence_files import compare_evidence_files
from assessments.filings.evidence_kinds import detect
from assessments.models import Evidence
from assessments.rulebooks.cache import forget
from assessments.tests.filings.world import World, build
from scorecard.access.decisions import Refused
from scorecard.audit.models import Event
from scorecard.tests.drawn import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def world() -> World:
    forget()
    return build()


def at(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def kind(content: bytes) -> tuple[str, tuple[str, ...]]:
    found = detect(SimpleUploadedFile("a", content))
    return found.suffix, found.members


def with_object(body: bytes) -> bytes:
    return pdf("x").replace(b"xref\n", b"9 0 obj\n" + body + b"\nendobj\nxref\n")


def packed(objects: bytes, filters: bytes = b"/FlateDecode") -> bytes:
    stream = zlib.compress(b"9 0 " + objects)
    head = b"<< /Type /ObjStm /N 1 /First 4 /Filter " + filters + b" /Length %d >>\nstream\n" % len(stream)
    return with_object(head + stream + b"\nendstream")


@pytest.mark.parametrize(
    "content",
    [
        with_object(b"<< /S /JavaScript /JS (app.alert(1)) >>"),
        with_object(b"<< /S /J#61vaScript /JS (app.alert(1)) >>"),
        packed(b"<< /S /JavaScript /JS (app.alert(1)) >>"),
        packed(b"<< /S /J#61vaScript /JS (app.alert(1)) >>"),
        packed(b"<< >>", b"[/ASCIIHexDecode /FlateDecode]"),
        with_object(b"<< /S /Launch /F (cmd.exe) >>"),
        with_object(b"<< /Type /EmbeddedFile /Length 0 >>"),
        with_object(b"<< /EmbeddedFiles 3 0 R >>"),
        with_object(b"<< /Type /Catalog /OpenAction << /S /URI /URI (http://example.com) >> >>"),
        with_object(b"<< /Type /Catalog /OpenAction 12 0 R >>\nendobj\n12 0 obj\n<< /S /URI /URI (http://e.com) >>"),
        with_object(b"<< /Type /Catalog >>\nendobj\ntrailer << /Encrypt 5 0 R >>\n13 0 obj\n<<>>"),
    ],
)
def test_a_pdf_that_does_something_by_itself_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        kind(content)


def test_a_pdf_that_opens_at_a_page_is_taken() -> None:
    assert kind(pdf("x")) == (".pdf", ())
    assert kind(with_object(b"<< /Type /Catalog /OpenAction [3 0 R /FitH null] >>"))[0] == ".pdf"
    assert kind(with_object(b"<< /OpenAction 12 0 R >>\nendobj\n12 0 obj\n<< /S /GoTo /D [3 0 R /Fit] >>"))[0] == ".pdf"
    assert kind(packed(b"<< /Type /Page >>"))[0] == ".pdf"


def test_a_pdf_that_unfolds_without_end_is_refused(monkeypatch: Any) -> None:
    monkeypatch.setattr("assessments.filings.evidence_pdf.MAX_UNPACKED", 1000)
    with pytest.raises(Refused):
        kind(packed(b" " * 100_000))


def ole(*names: str, book: bytes = b"") -> bytes:
    """A compound file with these streams; the stream ``Workbook`` holds ``book``."""
    book = book.ljust(4096, b"\0")
    entries = b""
    for name in ("Root Entry", *names):
        text = name.encode("utf-16-le") + b"\0\0"
        begin, size = (2 + (len(names) + 4) // 4 - 1, len(book)) if name == "Workbook" else (0xFFFFFFFE, 0)
        entries += (
            text.ljust(64, b"\0")
            + struct.pack("<H", len(text))
            + b"\2"
            + b"\0" * 49
            + struct.pack("<III", begin, size, 0)
        )
    sectors = -(-len(entries) // 512)
    table = [0xFFFFFFFD] + [place + 1 for place in range(1, sectors)] + [0xFFFFFFFE]
    first = 1 + sectors
    table += [place + 1 for place in range(first, first + 7)] + [0xFFFFFFFE]
    entries = entries.replace(
        struct.pack("<II", 2 + (len(names) + 4) // 4 - 1, len(book)), struct.pack("<II", first, len(book))
    )
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header = header.ljust(44, b"\0") + struct.pack("<II", 1, 1)
    header = header.ljust(68, b"\0") + struct.pack("<II", 0xFFFFFFFE, 0) + struct.pack("<I", 0)
    header = header.ljust(512, b"\xff")
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    return header + fat + entries.ljust(sectors * 512, b"\0") + book


def sheet(kind_of_sheet: int) -> bytes:
    return struct.pack("<HHIBB", 0x85, 6, 0, 0, kind_of_sheet) + struct.pack("<HH", 0x0A, 0)


def test_old_office_and_wps_are_taken_without_macros_and_files_inside(world: World, media: Path) -> None:
    assert kind(ole("WordDocument", "1Table")) == (".doc", ())
    assert kind(ole("Workbook", book=sheet(0))) == (".xls", ())
    for bad in (
        ole("WordDocument", "Macros", "VBA"),
        ole("WordDocument", "ObjectPool"),
        ole("Workbook", "_VBA_PROJECT_CUR"),
        ole("Workbook", "MBD0001"),
        ole("Workbook", book=sheet(1)),
        ole("Workbook", book=struct.pack("<HH", 0x2F, 0)),
        ole("EncryptedPackage"),
        ole("PowerPoint Document"),
        ole("WordDocument")[:700],
    ):
        with pytest.raises(Refused):
            kind(bad)
    url = reverse("filing-evidence-add", args=[world.assessment.pk, "A1"])
    at(world.preparer).post(url, {"file": SimpleUploadedFile("制度.wps", ole("WordDocument"))})
    assert Evidence.objects.get().name == "制度.wps"


def archive(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content)
    return out.getvalue()


def test_ofd_and_zip_by_their_members(world: World, media: Path) -> None:
    assert kind(archive(("OFD.xml", b"<ofd:OFD/>"), ("Doc_0/Document.xml", b"<x/>")))[0] == ".ofd"
    good = archive(("a/制度.pdf", pdf("x")), ("台账.doc", ole("WordDocument")))
    assert kind(good) == (".zip", ("制度.pdf", "台账.doc"))
    for bad in (
        archive(("a.pdf", pdf("x")), ("run.exe", b"MZ")),
        archive(("a.pdf", with_object(b"<< /S /Launch >>"))),
        archive(("inner.zip", archive(("a.pdf", pdf("x"))))),
        archive(("a.pdf", pdf("x")), ("../../etc/passwd", pdf("y"))),
        archive(("a.pdf", b"%PDF-" + b"0" * 5_000_000)),
        archive(),
    ):
        with pytest.raises(Refused):
            kind(bad)
    url = reverse("filing-evidence-add", args=[world.assessment.pk, "A1"])
    text = at(world.preparer).post(url, {"file": SimpleUploadedFile("材料.zip", good)}, follow=True).content.decode()
    assert "材料.zip" in text and "台账.doc" in text
    data = json.loads(Event.objects.get(event="assessments.evidence.added").data)
    assert data["members"] == ["制度.pdf", "台账.doc"]


def test_several_files_at_once_each_taken_or_refused_by_itself(world: World, media: Path) -> None:
    url = reverse("filing-evidence-add", args=[world.assessment.pk, "A1"])
    files = [
        SimpleUploadedFile(name, content)
        for name, content in (("a.pdf", pdf("a")), ("b.exe", b"MZ"), ("c.pdf", pdf("c")))
    ]
    answer = at(world.preparer).post(url, {"file": files}, headers={"HX-Request": "true"})
    assert answer.status_code == 422 and "b.exe" in answer.content.decode()
    assert sorted(Evidence.objects.values_list("name", flat=True)) == ["a.pdf", "c.pdf"]


def test_a_form_without_a_file_says_so(world: World, media: Path) -> None:
    url = reverse("filing-evidence-add", args=[world.assessment.pk, "A1"])
    for headers in ({}, {"HX-Request": "true"}):
        answer = at(world.preparer).post(url, headers=headers)
        assert answer.status_code == 422 and "未选择文件" in answer.content.decode()


def test_one_file_supports_several_indicators(world: World, media: Path) -> None:
    client = at(world.preparer)
    client.post(
        reverse("filing-evidence-add", args=[world.assessment.pk, "A1"]),
        {"file": SimpleUploadedFile("a.pdf", pdf("a"))},
    )
    first = Evidence.objects.get()
    url = reverse("filing-evidence-add", args=[world.assessment.pk, "A2"])
    assert f'<option value="{first.pk}">A1 a.pdf</option>' in client.get(url).content.decode()
    assert client.post(url, {"existing": str(first.pk)}).status_code == 302
    second = Evidence.objects.get(indicator="A2")
    assert (second.name, second.sha256, second.file.name) == (first.name, first.sha256, first.file.name)
    assert client.post(url, {"existing": str(first.pk)}).status_code == 422  # it is there already
    withdraw_evidence(actor=world.preparer, assessment_id=world.assessment.pk, evidence_id=first.pk)
    assert (media / second.file.name).exists() and compare_evidence_files().missing == []
    stranger = build("B002")
    other = reverse("filing-evidence-add", args=[stranger.assessment.pk, "A2"])
    assert at(stranger.preparer).post(other, {"existing": str(second.pk)}).status_code == 404


def test_limits_are_said_before_a_file_is_chosen(world: World) -> None:
    page = at(world.preparer).get(reverse("filing-section", args=[world.assessment.pk, "A"])).content.decode()
    for words in ("OFD", "20 MB", "最多 20 份", "不得含宏、脚本或密码", " multiple"):
        assert words in page


@settings(max_examples=examples(150), deadline=None)
@given(
    st.binary(max_size=900),
    st.sampled_from([b"%PDF-1.7\n", b"PK\x03\x04", ole("Workbook")[:1200], ole("WordDocument")[:520]]),
)
def test_any_bytes_are_taken_or_refused(content: bytes, start: bytes) -> None:
    try:
        kind(start + content)
    except Refused as error:
        assert error.reasons
