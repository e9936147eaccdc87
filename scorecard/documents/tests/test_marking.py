"""Marked copies: each page says the lines, upright; what is under the mark stays; what can carry none is given back."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
import typst
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject

from scorecard.documents import marking
from scorecard.documents.marking import PDF, marked_copy

LINES = ("王五 (officer1)", "2026-11-30 21:50", "演示银行一", "A1 #7")


def made(pages: int = 2, width: int = 300, height: int = 200) -> bytes:
    """A PDF that says its pages."""
    said = f"#set page(width: {width}pt, height: {height}pt)\n" + "\n#pagebreak()\n".join(
        f"Page number {number}" for number in range(pages)
    )
    found: bytes = typst.compile(said.encode(), format="pdf")
    return found


def changed(content: bytes, change: object) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(content)))
    for page in writer.pages:
        change(page)  # type: ignore[operator]
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def png(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + b"\x80\x90\xa0" * width for _row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def text_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def test_each_page_says_the_lines_beside_what_it_said() -> None:
    source = made()
    copy = marked_copy(source, PDF, LINES)
    assert copy is not None
    found = text_of(copy)
    assert len(found) == 2
    for number, text in enumerate(found):
        assert f"Page number {number}" in text
        for line in LINES:
            assert line in text
    assert all("officer1" not in text for text in text_of(source))


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_the_mark_stands_upright_on_a_page_that_is_turned(turned: int) -> None:
    source = changed(made(1), lambda page: page.rotate(turned))
    copy = marked_copy(source, PDF, LINES)
    assert copy is not None
    page = PdfReader(BytesIO(copy)).pages[0]
    form = page["/Resources"]["/XObject"][marking.NAME]  # type: ignore[index]
    shown = (300, 200) if turned in (0, 180) else (200, 300)
    assert tuple(form["/BBox"])[2:] == shown
    drawn = page.get_contents()
    assert drawn is not None
    matrix = tuple(float(one) for one in drawn.get_data().rsplit(b" cm", 1)[0].split()[-6:])
    corners = [(0, 0), (shown[0], 0), (0, shown[1]), shown]
    a, b, c, d, e, f = matrix
    laid = {(a * x + c * y + e, b * x + d * y + f) for x, y in corners}
    assert laid == {(0, 0), (300, 0), (0, 200), (300, 200)}, "it covers the page"
    along = (a, b)  # the direction of reading, turned clockwise with the page, points to the right again
    assert along == {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[turned]


def test_what_a_page_draws_is_not_touched() -> None:
    source = made(1)
    before = PdfReader(BytesIO(source)).pages[0].get_contents()
    copy = marked_copy(source, PDF, LINES)
    assert copy is not None and before is not None
    after = PdfReader(BytesIO(copy)).pages[0]["/Contents"]
    assert isinstance(after, ArrayObject)
    assert [one.get_object().get_data() for one in after][1] == before.get_data()


def test_pages_without_content_or_resources_are_marked_too() -> None:
    def bare(page: object) -> None:
        for name in ("/Contents", "/Resources"):
            page.pop(NameObject(name), None)  # type: ignore[attr-defined]

    copy = marked_copy(changed(made(1), bare), PDF, LINES)
    assert copy is not None
    assert "officer1" in text_of(copy)[0]


def test_a_picture_is_one_page_with_its_mark() -> None:
    copy = marked_copy(png(120, 80), "image/png", LINES)
    assert copy is not None
    reader = PdfReader(BytesIO(copy))
    assert len(reader.pages) == 1
    assert "officer1" in reader.pages[0].extract_text()
    assert float(reader.pages[0].mediabox.width) / float(reader.pages[0].mediabox.height) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n1 0 obj\n%%EOF", PDF),
        (b"\x89PNG\r\n\x1a\nbroken", "image/png"),
        (b"\xff\xd8\xff broken", "image/jpeg"),
        (b"PK\x03\x04", "application/zip"),
    ],
)
def test_what_can_carry_no_mark_has_no_copy(content: bytes, kind: str) -> None:
    assert marked_copy(content, kind, LINES) is None


def test_too_many_pages_and_locked_ones_have_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marking, "MOST_PAGES", 1)
    assert marked_copy(made(2), PDF, LINES) is None
    assert marked_copy(made(1), PDF, LINES) is not None
    writer = PdfWriter(clone_from=PdfReader(BytesIO(made(1))))
    writer.encrypt("", "owner", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    assert marked_copy(out.getvalue(), PDF, LINES) is None


@pytest.mark.parametrize(
    "trailer",
    [
        b"/Encrypt << /Filter /Weird /V 9 >>",  # no reader knows this way of locking
        b"/ID [ (a) ]",  # one of the two identifiers
    ],
)
def test_a_crafted_file_is_given_as_it_is_whatever_the_reader_raises(trailer: bytes) -> None:
    crafted = changed(made(1), lambda page: None).replace(b"trailer\n<<", b"trailer\n<< " + trailer, 1)
    assert trailer in crafted
    assert marked_copy(crafted, PDF, LINES) is None


def test_the_marks_of_all_sizes_are_set_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose pages all differ costs one run and not one for each page: two thousand took a minute."""
    writer = PdfWriter()
    for number in range(30):
        writer.add_blank_page(300 + number, 400)
    out = BytesIO()
    writer.write(out)
    compile_once, runs = marking._compile, []

    def counted(*args: Any) -> bytes:
        runs.append(1)
        return compile_once(*args)

    monkeypatch.setattr(marking, "_compile", counted)
    copy = marked_copy(out.getvalue(), PDF, LINES)
    assert copy is not None
    assert len(runs) == 1
    for number, page in enumerate(PdfReader(BytesIO(copy)).pages):
        form = page["/Resources"]["/XObject"][marking.NAME]  # type: ignore[index]
        assert tuple(form["/BBox"])[2:] == (300 + number, 400)
        assert "officer1" in page.extract_text()


def test_a_page_longer_than_any_viewer_shows_has_no_copy_and_a_long_one_a_small_mark() -> None:
    def blank(height: float) -> bytes:
        writer, out = PdfWriter(), BytesIO()
        writer.add_blank_page(2, height)
        writer.write(out)
        return out.getvalue()

    assert marked_copy(blank(10_000_000), PDF, LINES) is None
    longest = marked_copy(blank(14_400), PDF, LINES)
    assert longest is not None
    assert len(longest) < 200_000


def jpeg(width: int, height: int) -> bytes:
    """The head of a JPEG whose first segment is neither JFIF nor Exif, and a byte of its frame."""
    adobe = b"\xff\xee" + struct.pack(">H", 14) + b"Adobe" + b"\0" * 7
    return b"\xff\xd8" + adobe + b"\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width) + b"\3"


@pytest.mark.parametrize(
    ("huge", "small", "kind"),
    [
        (png(2, 2).replace(struct.pack(">II", 2, 2), struct.pack(">II", 12_000, 12_000)), png(2, 2), "image/png"),
        (jpeg(12_000, 12_000), jpeg(200, 100), "image/jpeg"),
    ],
)
def test_a_picture_that_says_it_is_huge_is_never_decoded(
    huge: bytes, small: bytes, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some kilobytes can claim a picture of gigabytes once it is decoded."""
    asked: list[bytes] = []

    def decoding(lines: tuple[str, ...], picture: bytes, kind: str) -> bytes:
        asked.append(picture)
        return b"%PDF"

    monkeypatch.setattr(marking, "_compile", decoding)
    assert marked_copy(huge, kind, LINES) is None
    assert marked_copy(small, kind, LINES) == b"%PDF"
    assert asked == [small]


def test_words_of_the_mark_are_no_markup() -> None:
    copy = marked_copy(made(1), PDF, ("#panic(1) *x* $y$", "<a>"))
    assert copy is not None
    assert "#panic(1) *x* $y$" in text_of(copy)[0]
