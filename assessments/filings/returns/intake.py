"""An uploaded return up to the point where somebody decides: its sheets, its cells, its figures, all that is wrong."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from assessments.filings.form_layout import own_facts
from assessments.filings.keys import Key, Kind
from assessments.filings.refusals import refusal
from assessments.filings.returns.layout import (
    Sheet,
    cell_at,
    columns_of,
    institutions_in,
    items_of,
    names_part,
    periods_in,
    said,
    units_in,
)
from assessments.filings.returns.mapping import Figure, ReturnMapping, mappings
from assessments.filings.workbook.checks.dates import dates
from assessments.filings.workbook.checks.error_cells import error_cells
from assessments.filings.workbook.checks.lost_formulas import lost_formulas
from assessments.filings.workbook.checks.merged_cells import merged_cells
from assessments.filings.workbook.checks.registry import Expected, Problem, Reading
from assessments.filings.workbook.flat import MOST_CELLS, MOST_MERGED, Cell, Flat
from assessments.filings.workbook.gate import damaged, open_workbook, unfolds
from assessments.filings.workbook.shown import from_float
from assessments.filings.workbook.stamp import unified
from assessments.filings.workbook.values import readable
from scorecard.access.decisions import Refused
from scorecard.engine import FactError, Rulebook, parse_fact
from scorecard.engine.values.numbers import plain
from scorecard.words.formats import unit_name
from scorecard.words.language import in_language
from scorecard.workbooks import lost_in, may_lose

#: By how many of the mapping's 万元 one of a sheet's unit counts, as a power of ten.
_MONEY = {"元": -4, "千元": -1, "万元": 0, "亿元": 4}
_CHECKS = (merged_cells, error_cells, lost_formulas, dates)
_WITH_UNIT = re.compile(r"[元亿万千%％]")
DECEMBER = 12
#: What a person confirms, by the name that a page sends back.
PERIOD, INSTITUTION = "period", "institution"


@dataclass(frozen=True)
class Found:
    """A figure of the rulebook as the file gives it: the cells that were added up, and the unit of their sheet."""

    fact: str
    mapping: ReturnMapping
    figure: Figure
    cells: tuple[Cell, ...]
    names: tuple[str, ...]  # what the file calls each cell's row
    value: Decimal
    unit: str

    @property
    def note(self) -> str:
        """Where it came from, as the fact keeps it: the return, the sheet, the cells."""
        cells = " + ".join(cell.address for cell in self.cells)
        converted = f" ({self.unit})" if _MONEY.get(self.unit) else ""
        return f"{self.mapping.name} {self.cells[0].sheet}!{cells}{converted}"


@dataclass
class CheckedReturn:
    """A file that was let in. ``blank`` are the figures whose cells hold nothing; ``questions`` what a person confirms;
    ``earlier`` says that it is the return of the year before."""

    parts: tuple[tuple[ReturnMapping, str], ...]
    period: tuple[int, int] | None
    earlier: bool
    figures: dict[str, Found] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)
    questions: dict[str, str] = field(default_factory=dict)


def check_return(content: bytes, name: str, rulebook: Rulebook, *, year: int, bank: str) -> CheckedReturn:
    """Read and check a file for a filing of this year and bank (its name). Raises ``Refused`` where it is refused as a
    whole."""
    sheets, lost = _sheets(content)
    parts = _parts(sheets, name)
    heads = [text for mapping, sheet in parts for _row, _place, text in sheet.head(mapping.first_row)]
    period = _period([name, *(sheet.name for _mapping, sheet in parts), *heads], year)
    found = CheckedReturn(
        tuple((mapping, sheet.name) for mapping, sheet in parts),
        period,
        earlier=period is not None and period[0] < year,
    )
    if period is None:
        words = _("The file does not say of which month it is. It is the return of December %(year)d.")
        found.questions[PERIOD] = words % {"year": year}
    if foreign := [each for each in institutions_in(heads) if each not in bank and bank not in each]:
        words = _("The file names the institution “%(name)s”. Its figures are those of this filing.")
        found.questions[INSTITUTION] = words % {"name": foreign[0][:60]}
    for mapping, sheet in parts:
        _Part(found, rulebook, mapping, sheet, lost).read()
    return found


def _sheets(content: bytes) -> tuple[list[Sheet], dict[tuple[str, str], Any]]:
    """Every sheet of the file, and the cells whose value a reader does not get."""
    opened = open_workbook(content)
    found: list[Sheet] = []
    lost: dict[tuple[str, str], Any] = {}
    count = 0
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            if name not in opened.parts:
                continue
            xml = opened.xml(name)
            sheet = book.get_sheet_by_name(name)
            count += sheet.total_height * sheet.total_width
            merged = sheet.merged_cell_ranges or []
            if count > MOST_CELLS or len(merged) > MOST_MERGED:
                raise unfolds()
            found.append(Sheet(name, sheet.to_python(skip_empty_area=False), merged))
            if may_lose(xml):
                every = lost_in(name, io.BytesIO(xml))
                lost |= {(name, each.cell): each for each in every if each.what != "merged"}
    except (CalamineError, SyntaxError, KeyError) as error:  # an XML that does not parse is a SyntaxError
        raise damaged() from error
    return found, lost


def _parts(sheets: Sequence[Sheet], name: str) -> list[tuple[ReturnMapping, Sheet]]:
    """The sheets of the parts that are known. Refused where there is none, or two of one."""
    found = []
    for mapping in mappings():
        named = [
            sheet
            for sheet in sheets
            if names_part(mapping, sheet.name)
            or any(names_part(mapping, text) for _row, _place, text in sheet.head(mapping.first_row))
        ]
        if not named and len(sheets) == 1 and names_part(mapping, name):
            named = list(sheets)
        if len(named) > 1:
            words = _("%(part)s stands on several sheets: %(names)s. Leave one of them in the file.")
            raise Refused([words % {"part": mapping.name, "names": _(", ").join(sheet.name for sheet in named)}])
        found += [(mapping, sheet) for sheet in named]
    if not found:
        known = _(", ").join(name for mapping in mappings() for name in mapping.sheets)
        words = _("No return that is known stands in this file. Name the sheet, or say in its head, one of: %(names)s.")
        raise Refused([words % {"names": known}])
    return found


def _period(texts: Sequence[str], year: int) -> tuple[int, int] | None:
    """The month of the file, None where it says none. Refused where it says several, or one that the filing does not
    ask for."""
    found = sorted(periods_in(texts))
    if not found:
        return None
    if len(found) > 1:
        months = _(", ").join(f"{found_year}-{month:02}" for found_year, month in found)
        raise Refused(
            [_("The file names several months: %(months)s. Keep the one that it is of.") % {"months": months}]
        )
    if found[0] not in ((year, DECEMBER), (year - 1, DECEMBER)):
        words = _("The file is of %(month)s; this filing takes the returns of %(now)s and %(before)s.")
        said_month = f"{found[0][0]}-{found[0][1]:02}"
        raise Refused([words % {"month": said_month, "now": f"{year}-12", "before": f"{year - 1}-12"}])
    return found[0]


class _Part:
    """One part of a return, read by its mapping."""

    def __init__(
        self,
        found: CheckedReturn,
        rulebook: Rulebook,
        mapping: ReturnMapping,
        sheet: Sheet,
        lost: Mapping[tuple[str, str], Any],
    ) -> None:
        self.found, self.rulebook, self.mapping, self.sheet, self.lost = found, rulebook, mapping, sheet, lost
        self.items, self.columns = items_of(mapping, sheet), columns_of(mapping, sheet)
        self.names: dict[int, str] = {}

    def read(self) -> None:
        head = [text for _row, _place, text in self.sheet.head(self.mapping.first_row)]
        units = units_in(head)
        if len(units) > 1:
            words = _("The head of the sheet names several units (%(units)s); leave the one that holds.")
            raise Refused([words % {"units": _(", ").join(sorted(units))}])
        self.money = units.pop() if units else "万元"
        figures = self.mapping.figures_for(self.rulebook, earlier=self.found.earlier)
        cells = {fact: self._cells(fact, figure) for fact, figure in figures.items()}
        wrong = self._checked([cell for each in cells.values() for cell in each])
        for fact, figure in figures.items():
            places = cells[fact]
            if places and not any((cell.sheet, cell.address) in wrong for cell in places):
                self._figure(fact, figure, places)

    def _problem(self, text: str, cell: str = "") -> None:
        problem = Problem(self.sheet.name, cell, text)
        if problem not in self.found.problems:
            self.found.problems.append(problem)

    def _checked(self, cells: list[Cell]) -> set[tuple[str, str]]:
        """The cells that the workbook's own checks let no value be read from."""
        flat = Flat(cells=cells, merged={self.sheet.name: self.sheet.merged} if self.sheet.merged else {})
        flat.lost = {place: lost for place, lost in self.lost.items() if place[0] == self.sheet.name}
        reading = Reading(flat, Expected("", "", "", ""), self.rulebook)
        problems = [problem for check in _CHECKS for problem in check(reading)]
        for problem in problems:
            self._problem(problem.text, problem.cell)
        return {(problem.sheet, problem.cell) for problem in problems}

    def _cells(self, fact: str, figure: Figure) -> tuple[Cell, ...]:
        """The cells of a figure; none where a row or a column is not found, and the reason is a problem."""
        rows = [self._row(id) for id in figure.rows]
        columns = [self._column(id) for id in figure.columns]
        if None in rows or None in columns:
            return ()
        key = Key(Kind.FACT, fact)
        return tuple(
            Cell(self.sheet.name, row, column, key, "", cell_at(self.sheet, row, column))
            for row in rows
            for column in columns
            if row is not None and column is not None
        )

    def _row(self, id: str) -> int | None:
        places = self.items.get(id, [])
        if len(places) != 1:
            words = (
                _("No row has the item number %(item)s.")
                if not places
                else _("%(n)d rows have the item number %(item)s.")
            )
            self._problem(words % {"item": id, "n": len(places)})
            return None
        row, name = places[0]
        expected = self.mapping.rows[id]
        if said(expected.says) not in name.replace(" ", ""):
            words = _("Row %(row)d has the item number %(item)s but is called “%(name)s”; expected “%(expected)s”.")
            label = in_language(expected.label)
            self._problem(words % {"row": row + 1, "item": id, "name": name[:60], "expected": label})
            return None
        self.names[row] = name
        return row

    def _column(self, id: str) -> int | None:
        places = self.columns[id]
        if len(places) == 1:
            return places[0]
        words = (
            _("No column of the head says %(column)s.")
            if not places
            else _("%(n)d columns of the head say %(column)s.")
        )
        self._problem(words % {"column": id, "n": len(places)})
        return None

    def _figure(self, fact: str, figure: Figure, cells: tuple[Cell, ...]) -> None:
        blank = [cell for cell in cells if unified(said(cell.raw)) == "" and not isinstance(cell.raw, bool)]
        if len(blank) == len(cells):
            self.found.blank.append(fact)
            return
        for cell in blank:
            self._problem(_("The cell is blank, and the figure needs it; write 0 where there is none."), cell.address)
        values = [self._number(fact, cell) for cell in cells if cell not in blank]
        if blank or None in values:
            return
        total = sum((value for value in values if value is not None), Decimal(0))
        column = self.mapping.columns[figure.columns[0]]
        unit = self.money if column.unit in _MONEY else column.unit
        if column.unit in _MONEY:
            total = total.scaleb(_MONEY[unit] - _MONEY[column.unit])
        total = Decimal(plain(total))  # without the zeros that adding and converting leave behind
        if message := refusal(self.rulebook, Key(Kind.FACT, fact), total):
            self._problem(message, cells[0].address)
            return
        names = tuple(self.names[cell.row] for cell in cells)
        self.found.figures[fact] = Found(fact, self.mapping, figure, cells, names, total, unit)

    def _number(self, fact: str, cell: Cell) -> Decimal | None:
        """The number in a cell; None where it is none, which is a problem."""
        raw = cell.raw
        if isinstance(raw, int | float) and not isinstance(raw, bool) and readable(number := from_float(float(raw))):
            return number
        text = unified(said(raw)) if not isinstance(raw, bool) else str(raw)
        if _WITH_UNIT.search(text):
            words = _("“%(value)s” holds a unit; write the number alone, in %(unit)s.")
            self._problem(words % {"value": text[:40], "unit": unit_name(self.money)}, cell.address)
            return None
        try:
            value = parse_fact(self.rulebook.facts[fact], text)
        except FactError as error:
            self._problem(in_language(error.message), cell.address)
            return None
        if isinstance(value, Decimal):
            return value
        words = _("“%(value)s” is no number; write the number, 0 where there is none.")
        self._problem(words % {"value": text[:40]}, cell.address)
        return None


def nowhere(rulebook: Rulebook) -> Iterator[tuple[str, ReturnMapping]]:
    """The figures of a rulebook whose cell in a known return nobody knows, with the mapping that says why."""
    for mapping in mappings():
        for fact in mapping.unmapped:
            if fact in own_facts(rulebook):
                yield fact, mapping


def comes_from_returns(rulebook: Rulebook) -> bool:
    """Whether any figure of this rulebook has a known cell in a return."""
    return any(mapping.figures_for(rulebook) for mapping in mappings())


__all__ = ["INSTITUTION", "PERIOD", "CheckedReturn", "Found", "check_return", "comes_from_returns", "nowhere"]
