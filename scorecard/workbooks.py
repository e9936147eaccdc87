"""What reading an Excel file or a CSV would silently lose: cells that are not blank and read as if they were.

What writes or reads whole workbooks is loaded where one is written or read: it would be a second of every process's
start.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import IO
from xml.etree.ElementTree import Element, fromstring, iterparse  # nosec
from zipfile import ZipFile

_SPAN = re.compile(r"[A-Z]+[0-9]+:[A-Z]+[0-9]+")
_ADDRESS = re.compile(r"([A-Za-z]+)([0-9]{1,7})")
# An address of three letters or more, or of a row from 5,000 on, or one that is hidden in entities.
_FAR = re.compile(rb' r *= *"(?:[A-Za-z]{3}|[A-Za-z]*(?:[5-9][0-9]{3}|[0-9]{5})|[^"]*&)')
_FORMULA = re.compile(rb"<f[ >/]")
_HEADER = 60  # bytes of the XML declaration, behind which a line may end


@dataclass(frozen=True, slots=True)
class LostCell:
    """A cell whose value a reader does not get: its sheet, its address, and what stands there.

    what  "formula" (no value was kept with it, as in a file that a program wrote and nobody opened since), "error", or
          "merged" (several cells look like one: the first holds the value and the others read as blank)
    text  the formula, the error as Excel shows it, or the merged cells
    """

    sheet: str
    cell: str
    what: str
    text: str


def lost_cells(content: bytes, sheet: str | None = None) -> Iterator[LostCell]:
    """Yield the lost cells of one sheet of a workbook (the first), row by row, the merged ones last.

    The sheet is read once, cell by cell, in constant memory: both the formula and the kept value stand in it.
    """
    with ZipFile(BytesIO(content)) as archive:
        parts = sheet_parts(archive)
        title = next(iter(parts)) if sheet is None else sheet
        with archive.open(parts[title]) as part:
            yield from lost_in(title, part)


def sheet_parts(archive: ZipFile) -> dict[str, str]:
    """Return the sheets of a workbook in their order, each with the name of its part in the archive.

    Raises KeyError where the workbook lacks what it must have, and ParseError where that is no XML.
    """
    targets = {}
    for element in fromstring(archive.read("xl/_rels/workbook.xml.rels")):  # noqa: S314  # nosec B314
        target = element.get("Target", "")
        targets[element.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"
    found = {}
    for element in fromstring(archive.read("xl/workbook.xml")).iter():  # noqa: S314  # nosec B314
        if element.tag.rpartition("}")[2] == "sheet":
            relation = next((value for name, value in element.items() if name.endswith("}id")), "")
            found[element.get("name", "")] = targets[relation]
    return found


def may_lose(xml: bytes) -> bool:
    """Whether a sheet holds a formula or an error at all: most do not, and need no look at each cell."""
    return _oddly_written(xml) or b't="e"' in xml or _FORMULA.search(xml) is not None


def _oddly_written(xml: bytes) -> bool:
    """Whether a sheet is written as no spreadsheet writes it (prefixes, single quotation marks, lines, tabs), so that
    looking for fixed texts says nothing. A text within a sheet may look so too.
    """
    return (
        b"<worksheet" not in xml[:1000]
        or b"'" in xml
        or b"\t" in xml
        or xml.find(b"\n", _HEADER) >= 0
        or xml.find(b"\r", _HEADER) >= 0
    )


def far_cell(xml: bytes, rows: int, columns: int) -> str | None:
    """Return the address of the first cell with content beyond so many rows or columns, None where there is none.

    A reader that keeps a sheet as a rectangle would need all cells up to there, however small the file is. Both limits
    are those of the quick look: 5,000 rows or more, and 27 to 702 columns.
    """
    if _FAR.search(xml) is None and not _oddly_written(xml):
        return None
    row = 0
    for event, element in iterparse(BytesIO(xml), ("start", "end")):  # noqa: S314  # nosec B314
        name = element.tag.rpartition("}")[2]
        if name == "row" and event == "start":
            row = int(element.get("r") or row + 1)
        elif name == "c" and event == "end" and len(element):
            address = element.get("r") or f"A{row}"
            letters, number = _split(address)
            if number > rows or letters > columns or row > rows:
                return address
        elif name == "row":
            element.clear()
    return None


def column_letter(column: int) -> str:
    """Return the letters of a column, counted from 1 on: 28 is AB."""
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(column))


def _split(address: str) -> tuple[int, int]:
    """Return column and row of an address, both from 1 on; what is no address is beyond every limit."""
    from openpyxl.utils import column_index_from_string

    found = _ADDRESS.fullmatch(address)
    if found is None:
        return 10**9, 10**9
    return column_index_from_string(found[1].upper()) if len(found[1]) < 4 else 10**9, int(found[2])


def lost_in(title: str, sheet: IO[bytes]) -> Iterator[LostCell]:
    """Yield the lost cells of one sheet."""
    for _, element in iterparse(sheet):  # noqa: S314  # nosec B314  (expat bounds entities)
        name = element.tag.rpartition("}")[2]
        if name == "c":
            value, formula = _text(element, "v"), _child(element, "f")
            address = element.get("r", "")
            if element.get("t") == "e":
                yield LostCell(title, address, "error", value)
            elif formula is not None and not value:
                yield LostCell(title, address, "formula", f"={formula.text or ''}")
        elif name == "row":
            element.clear()
        elif name == "mergeCell" and _SPAN.fullmatch(span := element.get("ref", "")):
            yield LostCell(title, span.partition(":")[0], "merged", span)


def _child(element: Element, name: str) -> Element | None:
    return next((child for child in element if child.tag.rpartition("}")[2] == name), None)


def _text(element: Element, name: str) -> str:
    child = _child(element, name)
    return "" if child is None else child.text or ""


class StrayQuote(ValueError):
    """A CSV whose quotation marks do not close where its cells end; ``line`` is where the row begins."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


def csv_rows(text: str, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV, each with the line on which it begins.

    A stray quotation mark would swallow what follows it into one cell. Raises ``StrayQuote`` for one. The NUL character
    is no text and is dropped.
    """
    reader = csv.reader(StringIO(text.replace("\x00", ""), newline=""), delimiter=delimiter, strict=True)
    start, columns = 1, 0
    try:
        for row in reader:
            columns = columns or len(row)
            if any(_swallowed(cell, columns, delimiter) for cell in row):
                raise StrayQuote(start, "a cell holds further rows")
            yield start, row
            start = reader.line_num + 1
    except csv.Error as e:
        raise StrayQuote(start, f"not proper CSV ({e})") from e


def _swallowed(cell: str, columns: int, delimiter: str) -> bool:
    """Whether a cell of several lines holds what looks like rows: lines with half as many separators as there are."""
    most = max(2, (columns - 1) // 2)
    return "\n" in cell and any(line.count(delimiter) >= most for line in cell.splitlines())
