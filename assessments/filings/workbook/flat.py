"""From a file to flat cells: (sheet, cell, key, value). Nothing here judges them."""

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from assessments.filings.keys import Key, Kind
from assessments.filings.workbook.gate import Opened, damaged, far_outside, open_workbook, unfolds
from assessments.filings.workbook.stamp import KINDS, SHEET, Damaged, Stamp, read_stamp
from scorecard.workbooks import LostCell, column_letter, lost_in, may_lose

#: What A1 of a sheet says that is filled in, before the sheet's own name; and column A of a row of heads.
MARK = "scorecard:"
#: What a file may cost: cells of all its sheets as rectangles, input cells, merged cells of a sheet. The largest form
#: has a hundredth of each.
MOST_CELLS, MOST_INPUTS, MOST_MERGED = 500_000, 20_000, 2_000
#: Between a checklist and one of its items in a key.
ITEM = "#"


class Cell(NamedTuple):
    """One input cell of a file: where it stands, what it is about, what stands in it ("" where it is blank)."""

    sheet: str
    row: int  # from 0 on
    column: int
    key: Key
    item: str
    raw: Any

    @property
    def address(self) -> str:
        """As a spreadsheet names it."""
        return address(self.row, self.column)


@dataclass(frozen=True, slots=True)
class Stray:
    """Something in an input column, in a row of no key."""

    sheet: str
    row: int
    column: int


@dataclass
class Flat:
    """A file as it was read. ``stamp`` is None where there is none, ``damaged`` says that there is a broken one."""

    cells: list[Cell] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    merged: dict[str, list[tuple[tuple[int, int], tuple[int, int]]]] = field(default_factory=dict)
    lost: dict[tuple[str, str], LostCell] = field(default_factory=dict)  # by sheet and address
    stamp: Stamp | None = None
    damaged: bool = False
    read: int = 0  # cells so far, blank ones too


def address(row: int, column: int) -> str:
    """The name of a cell, whose row and column count from 0 on."""
    return f"{column_letter(column + 1)}{row + 1}"


def read_flat(content: bytes) -> Flat:
    """Read a file. Raises ``Refused`` for one that cannot be opened or is not let in (``gate``)."""
    opened = open_workbook(content)
    found = Flat()
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        if SHEET in book.sheet_names:
            opened.xml(SHEET)
            try:
                found.stamp = read_stamp(book.get_sheet_by_name(SHEET).to_python(skip_empty_area=False))
            except (Damaged, KeyError):
                found.damaged = True
        # A sheet that only computes is not read: nothing that somebody types there counts.
        aside = {SHEET, *(found.stamp.computed.split("\n") if found.stamp is not None else ())}
        for name in book.sheet_names:
            if name not in aside and name in opened.parts:
                _read_sheet(found, opened, book, name)
    except (CalamineError, SyntaxError, KeyError) as error:  # an XML that does not parse is a SyntaxError
        raise damaged() from error
    return found


def _read_sheet(found: Flat, opened: Opened, book: CalamineWorkbook, name: str) -> None:
    xml = opened.xml(name)
    sheet = book.get_sheet_by_name(name)
    found.read += sheet.total_height * sheet.total_width
    if found.read > MOST_CELLS:
        raise far_outside(name, address(sheet.total_height - 1, sheet.total_width - 1))
    rows = sheet.to_python(skip_empty_area=False)
    if not rows or not rows[0] or not str(rows[0][0]).startswith(MARK):
        return
    columns = [(place, KINDS[said]) for place, said in enumerate(map(str, rows[0])) if said in KINDS]
    if len(found.cells) + len(rows) * len(columns) > MOST_INPUTS:
        raise unfolds()
    inputs = list(_cells(found, name, rows, columns))
    found.cells += inputs
    if merged := _merged(sheet):
        found.merged[name] = merged
    if may_lose(xml):
        places = {cell.address for cell in inputs}
        every = lost_in(name, io.BytesIO(xml))
        found.lost |= {(name, lost.cell): lost for lost in every if lost.what != "merged" and lost.cell in places}


def _merged(sheet: CalamineSheet) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    found = sheet.merged_cell_ranges or []
    if len(found) > MOST_MERGED:
        raise unfolds()
    return found


def _cells(
    found: Flat, sheet: str, rows: Sequence[Sequence[Any]], columns: Sequence[tuple[int, Kind]]
) -> Iterator[Cell]:
    for number, row in enumerate(rows[1:], start=1):
        said = row[0]
        if not isinstance(said, str) or not said:
            found.strays += [Stray(sheet, number, place) for place, _kind in columns if _filled(row, place)]
            continue
        if said.startswith(MARK):
            continue
        id, _hash, item = said.partition(ITEM)
        for place, kind in columns:
            yield Cell(sheet, number, place, Key(kind, id), item, _clean(row[place]) if place < len(row) else "")


def _clean(raw: Any) -> Any:
    """What stands in a cell, without what no spreadsheet writes: the NUL character, and a number that is none (its
    reader then says so as of any other word)."""
    if isinstance(raw, str):
        return raw.replace("\x00", "")
    return str(raw) if isinstance(raw, float) and not math.isfinite(raw) else raw


def _filled(row: Sequence[Any], place: int) -> bool:
    return place < len(row) and row[place] not in ("", None)
