"""From cells to the values that a draft holds, by the readers of the web's own fields."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.filings.keys import Key, Kind
from assessments.filings.typed import read_points
from assessments.filings.workbook.checks.registry import Problem
from assessments.filings.workbook.flat import Cell
from assessments.filings.workbook.shown import LANGUAGES, NO, YES, cell_of, from_float, understood
from assessments.filings.workbook.stamp import Value, unified
from scorecard.engine import FactError, Nothing, Rulebook, parse_fact
from scorecard.engine.rulebook.model import FactSpec
from scorecard.words.language import in_language

MOST = 10**18  # beyond it the reader of typed text says that there are too many digits
TICKS = {"√", "✓", "✔", "y", "yes", "true", "1", "是", "x"}
BLANKS = {"", "否", "no", "n", "false", "0", "-"}


class Values:
    """What a file says, by key; where it stands (a checklist at its first item); what cannot be read."""

    def __init__(self, rulebook: Rulebook, language: str, base: Mapping[Key, Value], cells: Sequence[Cell]) -> None:
        self.rulebook, self.language, self.base = rulebook, language, base
        self.values: dict[Key, Value] = {}
        self.places: dict[Key, Cell] = {}
        self.problems: list[Problem] = []
        items = defaultdict[Key, list[Cell]](list)
        for cell in cells:
            if cell.item:
                items[cell.key].append(cell)
            elif cell.key not in self.values:
                self._take(cell, self._value, cell)
        for several in items.values():
            self._take(several[0], self._checklist, several)

    def _take(self, cell: Cell, read: Callable[[Any], Value], what: Any) -> None:
        """Keep what a cell (or the cells of a checklist) says, or note what is wrong with it."""
        try:
            self.values[cell.key] = read(what)
            self.places[cell.key] = cell
        except FactError as error:
            self.problems.append(Problem(cell.sheet, cell.address, in_language(error.message)))
        except _Unread as error:
            self.problems.append(Problem(error.cell.sheet, error.cell.address, str(error)))
        except ValueError as error:
            self.problems.append(Problem(cell.sheet, cell.address, str(error)))

    def _untouched(self, cell: Cell, base: Value) -> bool:
        """Whether the cell says what was written into it: it then means what it meant, whatever it reads like."""
        written = cell_of(self.rulebook, self.language, cell.key, base, cell.item)
        if isinstance(cell.raw, bool):
            return False
        if isinstance(written, Decimal):
            return isinstance(cell.raw, int | float) and from_float(float(cell.raw)) == written
        return isinstance(cell.raw, str) and unified(cell.raw) == unified(written)

    def _value(self, cell: Cell) -> Value:
        key, raw = cell.key, cell.raw
        base = self.base[key]
        if self._untouched(cell, base):
            return base
        if isinstance(raw, str):
            raw = unified(raw)
        elif isinstance(raw, int | float) and not isinstance(raw, bool):
            raw = from_float(float(raw))
        if key.kind == Kind.FACT:
            return self._fact(self.rulebook.facts[key.id], raw)
        if key.kind == Kind.SELF_POINTS:
            if isinstance(raw, bool):
                raise _Unread(cell, _("Points are a number; the cell holds yes or no."))
            text = f"{raw:f}" if isinstance(raw, Decimal) else raw
            return read_points(self.rulebook.indicators[key.id], text)
        if key.kind == Kind.NOT_APPLICABLE:
            return _ticked(cell, raw)
        return f"{raw:f}" if isinstance(raw, Decimal) else str(raw)

    def _fact(self, spec: FactSpec, raw: Any) -> Value:
        if isinstance(raw, str) and (option := understood(self.rulebook).get(spec.id, {}).get(raw)) is not None:
            return option
        if isinstance(raw, Decimal):
            if spec.is_number and readable(raw):
                return raw  # as it is stored; whether it is in range is said by the check of refusals
            raw = raw if spec.is_number else f"{raw:f}"
        if isinstance(raw, bool) and spec.kind != "bool":
            raw = (YES if raw else NO).get("zh")
        return parse_fact(spec, raw)

    def _checklist(self, cells: Sequence[Cell]) -> Value:
        """The items that are answered with yes. An item whose row is not in the file stays as it was."""
        base = self.base[cells[0].key]
        said = {cell.item: cell for cell in reversed(cells)}
        if base is Nothing.NOT_APPLICABLE and all(self._untouched(cell, base) for cell in cells):
            return base
        if all(cell.raw == "" for cell in said.values()):
            return Nothing.UNANSWERED
        before = base if isinstance(base, frozenset) else frozenset[str]()
        chosen = {item for item in before if item not in said}
        chosen |= {item for item, cell in said.items() if self._answered(cell)}
        return frozenset(chosen)

    def _answered(self, cell: Cell) -> bool:
        raw = cell.raw
        if isinstance(raw, bool):
            return raw
        text = str(from_float(float(raw))) if isinstance(raw, int | float) else unified(raw).casefold()
        if text in TICKS or text in {YES.get(language).casefold() for language in LANGUAGES}:
            return True
        if text in BLANKS:
            return False
        raise _Unread(cell, _("“%(value)s” is neither yes nor no; choose one of the two.") % {"value": text[:40]})


def readable(number: Decimal) -> bool:
    """Whether a spreadsheet's number is taken as it is: neither NaN nor an infinity, which other programs write, nor
    one of too many digits. The reader of typed text says what is wrong with another."""
    return number.is_finite() and abs(number) < MOST


class _Unread(ValueError):
    """A cell that cannot be read, where it is not the one under which its key stands."""

    def __init__(self, cell: Cell, text: str) -> None:
        super().__init__(text)
        self.cell = cell


def _ticked(cell: Cell, raw: Any) -> bool:
    """A claim: a tick or yes; a blank is none."""
    if isinstance(raw, bool):
        return raw
    text = str(raw).casefold()
    if text in TICKS:
        return True
    if text in BLANKS:
        return False
    raise _Unread(
        cell, _("“%(value)s” is neither yes nor no; choose yes, or leave the cell blank.") % {"value": text[:40]}
    )
