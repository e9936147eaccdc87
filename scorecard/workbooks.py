"""What reading an Excel file would silently lose: cells that are not blank and read as if they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import openpyxl


@dataclass(frozen=True, slots=True)
class LostCell:
    """A cell whose value a reader does not get: its sheet, its address, and what stands there.

    what  "formula" (no value was kept with it, as in a file that a program wrote and nobody opened since) or "error"
    text  the formula, or the error as Excel shows it
    """

    sheet: str
    cell: str
    what: str
    text: str


def lost_cells(content: bytes) -> Iterator[LostCell]:
    """Yield the lost cells of the first sheet of a workbook, row by row."""
    written = openpyxl.load_workbook(BytesIO(content), read_only=True)
    kept = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True)
    try:
        sheet, values = written.worksheets[0], kept.worksheets[0]
        for cells, known in zip(sheet.iter_rows(), values.iter_rows(), strict=True):
            for cell, value in zip(cells, known, strict=True):
                if value.value is not None and value.data_type == "e":
                    yield LostCell(sheet.title, cell.coordinate, "error", str(value.value))
                elif cell.data_type == "f" and value.value in (None, ""):
                    yield LostCell(sheet.title, cell.coordinate, "formula", str(cell.value))
    finally:
        written.close()
        kept.close()
