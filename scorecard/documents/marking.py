"""A copy of a PDF or a picture that says on each page who took it, when, and of what (docs/filing.md, Marked copies).

The mark is set by typst with the fonts of our documents, in one run with a page for each size, and laid over each page
of the PDF as a form of its own: what the page itself draws is neither read nor changed, so that a page costs the same
whatever is on it. A picture becomes one page of a PDF that holds the very bytes of the picture: nothing here decodes
pictures, and one that is encoded again would lose something.
"""

import json
import struct
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, RectangleObject

from .typesetting import font_folders

TEMPLATE = Path(__file__).with_name("mark.typ")
PDF, PICTURES = "application/pdf", {"image/png": "png", "image/jpeg": "jpg"}
MARKED = (PDF, *PICTURES)  # the kinds that can carry a mark
NAME = NameObject("/ScorecardMark")
#: More pages are not marked: the copy would take longer than somebody waits for a page.
MOST_PAGES = 2000
#: A longer side, in points, is not marked: viewers end here (ISO 32000-1, annex C), and the lines go on to its end.
LONGEST_SIDE = 14_400
#: A picture of more points is not marked: typst decodes it to set it, at four bytes a point and seconds of processor.
MOST_POINTS = 40_000_000
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # markers of a JPEG that begin a frame (ITU T.81, table B.1)
Size = tuple[int, int]  # of a page as it is shown, in points


def marked_copy(content: bytes, content_type: str, lines: tuple[str, ...]) -> bytes | None:
    """The PDF of a copy with these lines on each page.

    None for what cannot carry a mark: another kind, a file that is damaged in a way that viewers forgive, more than
    ``MOST_PAGES`` pages, one longer than ``LONGEST_SIDE``, and a picture of more than ``MOST_POINTS``.
    """
    try:
        if content_type in PICTURES:
            return _compile(lines, content, PICTURES[content_type]) if _points(content) <= MOST_POINTS else None
        return _over(content, lines) if content_type == PDF else None
    except Exception:  # a crafted file may break the reader anywhere; whatever it raises, the file carries no mark
        return None


def _points(picture: bytes) -> int:
    """How many points a PNG (its first chunk) or a JPEG (its start of frame) says that it has."""
    if picture.startswith(b"\x89PNG"):
        width, height = struct.unpack(">II", picture[16:24])
    else:
        at = 2
        while picture[at + 1] not in _FRAMES:
            at += 2 + int.from_bytes(picture[at + 2 : at + 4])
        height, width = struct.unpack(">HH", picture[at + 5 : at + 9])
    return int(width * height)


def _compile(lines: tuple[str, ...], picture: bytes | None, kind: str, sizes: Sequence[Size] = ()) -> bytes:
    """The mark on one page over a picture, or on an empty page of each of these sizes."""
    said = {"lines": lines, "picture": kind, "sizes": sizes}
    with TemporaryDirectory(prefix="mark-") as folder:
        main = Path(folder, "mark.typ")
        main.write_bytes(TEMPLATE.read_bytes())
        if picture is not None:
            Path(folder, f"picture.{kind}").write_bytes(picture)
        made: bytes = typst.compile(
            str(main),
            root=folder,
            font_paths=font_folders(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": json.dumps(said, ensure_ascii=False)},
        )
    return made


def _over(content: bytes, lines: tuple[str, ...]) -> bytes | None:
    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted or len(reader.pages) > MOST_PAGES:
        return None
    writer = PdfWriter(clone_from=reader)
    sizes = [_shown(page) for page in writer.pages]
    if max(map(max, sizes), default=0) > LONGEST_SIDE:
        return None
    forms = _forms(writer, lines, list(dict.fromkeys(sizes)))
    for page, size in zip(writer.pages, sizes, strict=True):
        _lay(page, forms[size], _placed(page.cropbox, page.rotation % 360))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _shown(page: PageObject) -> Size:
    width, height = max(round(float(page.cropbox.width)), 1), max(round(float(page.cropbox.height)), 1)
    return (height, width) if page.rotation % 180 else (width, height)


def _forms(writer: PdfWriter, lines: tuple[str, ...], sizes: list[Size]) -> dict[Size, Any]:
    """For each size the mark as a form that the pages of that size share."""
    if not sizes:
        return {}
    marks = PdfReader(BytesIO(_compile(lines, None, "", sizes))).pages
    return {size: _form(writer, mark, size) for size, mark in zip(sizes, marks, strict=True)}


def _form(writer: PdfWriter, mark: PageObject, size: Size) -> Any:
    form = DecodedStreamObject()
    drawn = mark.get_contents()
    form.set_data(drawn.get_data() if drawn is not None else b"")
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): RectangleObject((0, 0, *size)),
            NameObject("/Resources"): mark["/Resources"].clone(writer),
        }
    )
    return writer._add_object(form)


def _placed(box: RectangleObject, turned: int) -> tuple[float, ...]:
    """The matrix that lays the mark upright on what is shown of a page that is turned clockwise."""
    left, low, wide, high = float(box.left), float(box.bottom), float(box.width), float(box.height)
    return {
        0: (1, 0, 0, 1, left, low),
        90: (0, 1, -1, 0, left + wide, low),
        180: (-1, 0, 0, -1, left + wide, low + high),
        270: (0, -1, 1, 0, left, low + high),
    }[turned]


def _lay(page: Any, form: Any, matrix: tuple[float, ...]) -> None:
    """Draw the form after what the page draws; the page's own state of drawing is closed off before it."""
    resources = DictionaryObject(page.get("/Resources", DictionaryObject()).get_object())
    objects = DictionaryObject(resources.get("/XObject", DictionaryObject()).get_object())
    objects[NAME] = form
    resources[NameObject("/XObject")] = objects
    page[NameObject("/Resources")] = resources
    before, after = DecodedStreamObject(), DecodedStreamObject()
    before.set_data(b"q\n")
    after.set_data(b"\nQ q %s cm %s Do Q\n" % (" ".join(f"{one:g}" for one in matrix).encode(), NAME.encode()))
    drawn = page.get("/Contents")
    own = drawn.get_object() if drawn is not None else None
    middle = list(own) if isinstance(own, ArrayObject) else ([page.raw_get("/Contents")] if own is not None else [])
    writer = page.indirect_reference.pdf
    page[NameObject("/Contents")] = ArrayObject([writer._add_object(before), *middle, writer._add_object(after)])
