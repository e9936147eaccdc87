"""Which characters the fonts of a document can show, read from their own tables (OpenType, ``cmap``)."""

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SUFFIXES = (".otf", ".ttf", ".ttc", ".otc")


@cache
def shown(folders: tuple[str, ...]) -> frozenset[int]:
    """The code points for which some font of these folders has a glyph; read once in each process."""
    found: set[int] = set()
    for folder in folders:
        for file in sorted(Path(folder).rglob("*")):
            if file.suffix.lower() in SUFFIXES:
                found.update(_of_file(file.read_bytes()))
    return frozenset(found)


def _of_file(data: bytes) -> set[int]:
    """The code points of a font or of a collection; nothing of a file that is neither."""
    try:
        starts = [0]
        if data[:4] == b"ttcf":
            starts = list(struct.unpack_from(f">{struct.unpack_from('>I', data, 8)[0]}I", data, 12))
        return {point for start in starts for point in _of_font(data, start)}
    except struct.error:
        return set()


def _of_font(data: bytes, start: int) -> Iterator[int]:
    (tables,) = struct.unpack_from(">H", data, start + 4)
    for place in range(start + 12, start + 12 + 16 * tables, 16):
        tag, _sum, offset, _length = struct.unpack_from(">4sIII", data, place)
        if tag != b"cmap":
            continue
        (count,) = struct.unpack_from(">H", data, offset + 2)
        for number in range(count):
            platform, encoding, inner = struct.unpack_from(">HHI", data, offset + 4 + 8 * number)
            if platform == 0 or (platform == 3 and encoding in (1, 10)):  # Unicode
                yield from _of_subtable(data, offset + inner)


def _of_subtable(data: bytes, at: int) -> Iterator[int]:
    (form,) = struct.unpack_from(">H", data, at)
    if form == 4:
        yield from _segments(data, at)
    elif form == 12:
        (groups,) = struct.unpack_from(">I", data, at + 12)
        for first, last, glyph in struct.iter_unpack(">III", data[at + 16 : at + 16 + 12 * groups]):
            yield from range(first + (glyph == 0), min(last, 0x10FFFF) + 1)


def _segments(data: bytes, at: int) -> Iterator[int]:
    """Format 4: segments of code points, each with a shift of its own or with a list of glyphs."""
    count = struct.unpack_from(">H", data, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", data, at + 14)
    starts = struct.unpack_from(f">{count}H", data, at + 16 + 2 * count)
    shifts = struct.unpack_from(f">{count}H", data, at + 16 + 4 * count)
    lists = at + 16 + 6 * count
    offsets = struct.unpack_from(f">{count}H", data, lists)
    for place, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for point in range(first, last + 1):
            glyph = point
            if offsets[place]:
                (glyph,) = struct.unpack_from(">H", data, lists + 2 * place + offsets[place] + 2 * (point - first))
            if glyph and (glyph + shifts[place]) % 0x10000 and point != 0xFFFF:
                yield point
