"""Reading and writing of tables on disk: CSV and XLSX, by the name of the file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path

from scorecard.commands.table import Cell
from scorecard.exports import neutral
from scorecard.workbooks import StrayQuote, csv_rows, lost_cells

MOST_LOST = 20  # cells that are listed
_LOST = {
    "formula": lambda text: f"the formula {text} has no kept value; open the file in Excel, save it, and try again.",
    "error": lambda text: f"it shows {text}, which is no value; write the figure, or leave the cell blank.",
    "merged": lambda text: f"the cells {text} are merged, so all but the first read as blank; unmerge and fill them.",
}


class SheetError(ValueError):
    """A file that cannot be read as a table, with a sentence that says why."""


def read_sheet(path: Path) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows of a CSV (UTF-8 or GB 18030) or XLSX file (its first sheet).

    Raises SheetError when the file is neither, or is empty.
    """
    if not path.is_file():
        raise SheetError(f"There is no file {path}.")
    suffix = path.suffix.lower()
    if suffix == ".csv":
        rows = _csv(path)
    elif suffix in (".xlsx", ".xlsm"):
        rows = _xlsx(path)
    else:
        raise SheetError(f"{path.name} is neither a .csv nor an .xlsx file.")
    if not rows:
        raise SheetError(f"{path.name} is empty; it needs a header of fact names.")
    return [str(h or "").strip() for h in rows[0]], rows[1:]


def _csv(path: Path) -> list[list[Cell]]:
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _lines(path, text)
    raise SheetError(f"{path.name} is neither UTF-8 nor GB 18030.")


def _lines(path: Path, text: str) -> list[list[Cell]]:
    try:
        return [[*row] for _, row in csv_rows(text)]
    except StrayQuote as e:
        raise SheetError(f"{path.name}, line {e.line}: {e}; check its quotation marks.") from e


def _xlsx(path: Path) -> list[list[Cell]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    except CalamineError as e:
        raise SheetError(f"{path.name} cannot be read as a workbook: {e}.") from e
    lost = list(islice(lost_cells(path.read_bytes()), MOST_LOST))
    if lost:
        raise SheetError(
            "\n".join(f"{path.name}, sheet “{c.sheet}”, cell {c.cell}: {_LOST[c.what](c.text)}" for c in lost)
        )
    rows = sheet.to_python(skip_empty_area=False)
    return [[_cell(value) for value in row] for row in rows]


def _cell(value: object) -> Cell:
    """Return a cell as text or number.

    A float of a workbook is taken by its shortest decimal, which is what was typed.
    """
    if isinstance(value, bool | str):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else Decimal(repr(value))
    if isinstance(value, int):
        return value
    return str(value)


def write_sheet(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as CSV (UTF-8 with a mark, so that Excel opens Chinese) or XLSX."""
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows([[_safe(v) for v in row] for row in rows])
        return
    if path.suffix.lower() != ".xlsx":
        raise SheetError(f"{path.name} must end in .csv or .xlsx.")
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("results")
        for r, row in enumerate([list(header), *rows]):
            for col, value in enumerate(row):
                if r and _is_number(value):
                    sheet.write_number(r, col, float(value))
                else:
                    sheet.write_string(r, col, value)
        sheet.freeze_panes(1, 1)


def _is_number(text: str) -> bool:
    """A decimal that a double holds exactly enough to be shown again as it is."""
    try:
        return Decimal(text).is_finite() and len(text) <= 15
    except ArithmeticError:
        return False


def _safe(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula; numbers stay numbers."""
    return text if _is_number(text) else neutral(text)
