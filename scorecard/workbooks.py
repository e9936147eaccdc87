"""What reading an Excel file or a CSV would silently lose: cells that are not blank and read as if they were."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import IO
from xml.etree.ElementTree import Element, iterparse  # nosec
from zipfile import ZipFile

import openpyxl

_SPAN = re.compile(r"[A-Z]+[0-9]+:[A-Z]+[0-9]+")


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


def lost_cells(content: bytes) -> Iterator[LostCell]:
    """Yield the lost cells of the first sheet of a workbook, row by row, the merged ones last.

    The sheet is read once, cell by cell, in constant memory: both the formula and the kept value stand in it.
    """
    book = openpyxl.load_workbook(BytesIO(content), read_only=True)
    try:
        title, path = book.worksheets[0].title, book.worksheets[0]._worksheet_path
    finally:
        book.close()
    with ZipFile(BytesIO(content)) as archive, archive.open(path) as sheet:
        yield from _lost(title, sheet)


def _lost(title: str, sheet: IO[bytes]) -> Iterator[LostCell]:
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

    A stray quotation mark would swallow what follows it into one cell. Raises ``StrayQuote`` for one.
    """
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
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
