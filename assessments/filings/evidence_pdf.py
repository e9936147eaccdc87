"""What a PDF would do by itself: scripts, programs, files inside, pages of other machines. Read, never run."""

import re
import zlib
from collections.abc import Iterator

from django.utils.translation import gettext as _

from scorecard.access.decisions import Refused

MAX_UNPACKED = 64 * 1024 * 1024  # of packed objects
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_ENDS = rb"(?=[\s/<>\[\]()%]|$)"
_ACTIVE = re.compile(rb"/(JavaScript|Launch|SubmitForm|ImportData|GoToE|RichMedia|XFA)" + _ENDS)
_INSIDE = re.compile(rb"/(EmbeddedFiles?)" + _ENDS)
_PACKED = re.compile(rb"/ObjStm" + _ENDS)
_PROTECTED = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_FILTER = re.compile(rb"/Filter\s*(\[[^\]]*\]|/[^\s/<>\[\]()]+)")
# What opens with the file: a place in it (an array, a name of one, or an action that goes there) is harmless.
_OPENS = re.compile(rb"/OpenAction\s*(?:(\d+)\s+\d+\s+R|(<<.{0,400})|[\[(/])", re.DOTALL)
_ACTION = re.compile(rb"/S\s*/([A-Za-z]+)")


def check_pdf(content: bytes) -> None:
    """Refuse a PDF that is protected, holds other files, or does something when it is opened."""
    if _PROTECTED.search(content):
        raise Refused([_("The PDF is protected, so nobody can see what it holds; save it without protection.")])
    parts = [_plain(content), *(_plain(part) for part in _packed_objects(content))]
    if any(_INSIDE.search(part) for part in parts):
        raise Refused([_("The PDF holds other files; upload those apart, and the PDF without them.")])
    if any(_ACTIVE.search(part) for part in parts) or _opens_something(parts):
        raise Refused([_("The PDF holds scripts or actions; print it to a new PDF and upload that.")])


def _plain(content: bytes) -> bytes:
    """The text with names written one way: ``/J#61vaScript`` is ``/JavaScript``."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), content)


def _packed_objects(content: bytes) -> Iterator[bytes]:
    """The objects that stand in packed streams, unpacked; bounded, and refused where they cannot be read."""
    room = MAX_UNPACKED
    for found in _STREAM.finditer(content):
        head = _plain(content[content.rfind(b"obj", max(0, found.start() - 4096), found.start()) : found.start()])
        if not _PACKED.search(head):
            continue
        filters = _FILTER.search(head)
        if filters is None:
            continue  # it is not packed: the text holds it
        if re.sub(rb"[\s\[\]]", b"", filters[1]) not in (b"/FlateDecode", b"/Fl"):
            raise Refused([_("The PDF is packed in an unusual way; print it to a new PDF and upload that.")])
        try:
            part = _unpacked(content, found.end(), room + 1)
        except zlib.error as error:
            raise Refused([_("The PDF is damaged; print it to a new PDF and upload that.")]) from error
        room -= len(part)
        if room < 0:
            raise Refused([_("The file unfolds to far more than its size and is not opened; upload a simpler file.")])
        yield part


def _unpacked(content: bytes, begin: int, most: int) -> bytes:
    """One packed stream, up to so many bytes; its end is where the packing says so, not where a word stands."""
    packer = zlib.decompressobj()
    part = packer.decompress(content[begin : content.find(b"endstream", begin)], most)
    return part if packer.eof or len(part) >= most else zlib.decompressobj().decompress(content[begin:], most)


def _opens_something(parts: list[bytes]) -> bool:
    """Whether the file does anything at its opening but show a place of its own."""
    for part in parts:
        for found in _OPENS.finditer(part):
            number, action = found[1], found[2]
            if number is not None:
                action = next(_objects(parts, int(number)), b"")
            kind = _ACTION.search(action or b"")
            if kind is not None and kind[1] != b"GoTo":
                return True
    return False


def _objects(parts: list[bytes], number: int) -> Iterator[bytes]:
    """The beginning of an object of this number, from the text or from a packed stream."""
    for found in re.finditer(rb"(?<!\d)%d\s+\d+\s+obj" % number, parts[0]):
        yield parts[0][found.end() : found.end() + 400].partition(b"endobj")[0]
    for part in parts[1:]:
        head = re.match(rb"[\s\d]+", part)
        numbers = [int(text) for text in (head[0] if head else b"").split()]
        places = dict(zip(numbers[::2], numbers[1::2], strict=False))
        if number in places and head is not None:
            begin = head.end() + places[number]
            yield part[begin : begin + 400]
