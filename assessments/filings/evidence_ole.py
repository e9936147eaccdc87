"""Documents in the old compound format (.doc, .xls, and those of WPS): what kind they are, and what they hold."""

import struct
from collections.abc import Iterator

from django.utils.translation import gettext as _

from scorecard.access.decisions import Refused

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LAST = 0xFFFFFFFA  # sector numbers from here on end a chain
MAX_ENTRIES = 20_000
WORD = ("application/msword", ".doc")
EXCEL = ("application/vnd.ms-excel", ".xls")
MACROS = {"macros", "vba", "_vba_project", "_vba_project_cur"}
INSIDE = {"objectpool", "\x01ole10native", "package"}
SHEET, END, PASSWORD = 0x0085, 0x000A, 0x002F  # records of a workbook


def check_ole(content: bytes) -> tuple[str, str]:
    """Content type and suffix of an old Word or Excel document; refused with macros, a password or files inside."""
    try:
        found = dict(_entries(content))
    except (struct.error, IndexError, ValueError, ZeroDivisionError, UnicodeDecodeError) as error:
        raise Refused([_("The file is damaged and cannot be opened; save it again and upload it again.")]) from error
    names = {name.lower() for name in found}
    if {"encryptedpackage", "encryptioninfo"} & names:
        raise Refused([_("The file is protected by a password; upload it without one.")])
    if names & MACROS:
        raise Refused([_("The file holds macros; save it without them.")])
    if names & INSIDE or any(name.startswith("mbd") for name in names):
        raise Refused([_("The file holds other files or controls; upload those apart, and the document without them.")])
    if "worddocument" in names:
        return WORD
    book = found.get("Workbook") or found.get("Book")
    if book is None:
        raise Refused([_("This old file is neither a Word nor an Excel document; save it as PDF.")])
    _check_book(_stream(content, *book))
    return EXCEL


def _entries(content: bytes) -> Iterator[tuple[str, tuple[int, int]]]:
    """Every name of the directory with where its stream begins and how long it is."""
    (start,) = struct.unpack_from("<I", content, 48)
    directory = _chain(content, start)
    if not directory or len(directory) > MAX_ENTRIES * 128:
        raise ValueError
    for place in range(0, len(directory) - 127, 128):
        (length,) = struct.unpack_from("<H", directory, place + 64)
        if length:
            name = directory[place : place + min(length, 64) - 2].decode("utf-16-le")
            begin, size = struct.unpack_from("<II", directory, place + 116)
            yield name, (begin, size)


def _chain(content: bytes, start: int, most: int = MAX_ENTRIES * 128) -> bytes:
    """The sectors of a stream in their order."""
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    if size not in (512, 4096):
        raise ValueError
    table = _table(content, size)
    out, seen = [], 0
    while start < LAST and seen < most:
        out.append(content[(start + 1) * size : (start + 2) * size])
        seen += size
        start = table[start]
    return b"".join(out)


def _table(content: bytes, size: int) -> list[int]:
    """Which sector follows which."""
    places = list(struct.unpack_from("<109I", content, 76))
    (further,) = struct.unpack_from("<I", content, 68)
    for _step in range(len(content) // size):
        if further >= LAST:
            break
        found = struct.unpack_from(f"<{size // 4}I", content, (further + 1) * size)
        places += found[:-1]
        further = found[-1]
    table: list[int] = []
    for place in places:
        if place < LAST and (place + 2) * size <= len(content) + size:
            block = content[(place + 1) * size : (place + 2) * size].ljust(size, b"\xff")
            table += struct.unpack(f"<{size // 4}I", block)
    return table


def _stream(content: bytes, begin: int, size: int) -> bytes:
    """A stream that has sectors of its own; a shorter one holds no sheet worth checking."""
    try:
        return _chain(content, begin, size)[:size] if size >= 4096 else b""
    except (struct.error, IndexError) as error:
        raise Refused([_("The file is damaged and cannot be opened; save it again and upload it again.")]) from error


def _check_book(book: bytes) -> None:
    """Sheets of macros (kind 1 and 6) and a password, by the records at the beginning of a workbook."""
    place = 0
    while place + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, place)
        if kind == PASSWORD:
            raise Refused([_("The file is protected by a password; upload it without one.")])
        if kind == SHEET and length >= 6 and book[place + 9 : place + 10] in (b"\x01", b"\x06"):
            raise Refused([_("The file holds macros; save it without them.")])
        if kind == END:
            return
        place += 4 + length
