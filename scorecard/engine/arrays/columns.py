"""A frame of banks as columns that arrays can work on, with the exact value of every cell at hand.

A figure is a float64: the nearest double of the filed decimal. Decimals of up to fifteen significant digits are told
apart by their doubles and keep their order, so comparing two filed figures is exact, and ``Decimal(repr(x))`` is what
was filed. A column with longer figures keeps its Decimals beside the doubles and is never trusted without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scorecard.engine.exact.peergroup import Snapshot, group_of
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rulebook.typed import parse_fact
from scorecard.engine.values.facts import Absence, FactValue, Nothing
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.scoring_input import ScoringInput, TargetDecision

Array = NDArray[Any]
MAX_DIGITS = 15
_YES = ("true", "1", "1.0", "yes", "是", "met", "完成")
_PAST = re.compile(r"(.+)@-([1-9])")


@dataclass
class Column:
    """One column: values, the absence code of each row (None when all are present), and how it is read back.

    kind  number, bool, level (index into `options`), items (bit mask over `options`) or text (index into `options`)
    """

    kind: str
    values: Array
    codes: Array | None
    options: tuple[str, ...] = ()
    exact: Array | None = None  # Decimals, when doubles do not tell them apart
    digits: int = 0  # decimals in which the fact is filed: a hint

    @cached_property
    def largest(self) -> float:
        """The largest absolute value, for error bounds."""
        return float(np.abs(self.values).max(initial=0.0))

    @cached_property
    def least(self) -> float:
        """The smallest absolute value, for error bounds of quotients."""
        return float(np.abs(self.values).min(initial=np.inf))

    @cached_property
    def positive(self) -> bool:
        """Whether every value is above zero, so that dividing by the column needs no look."""
        return bool(self.values.min(initial=np.inf) > 0)

    def at(self, row: int) -> FactValue:
        """Return the exact value of one row."""
        if self.codes is not None and self.codes[row]:
            return Nothing[Absence(int(self.codes[row])).name]
        value = self.values[row]
        match self.kind:
            case "number":
                return self.exact[row] if self.exact is not None else Decimal(repr(float(value)))
            case "bool":
                return bool(value)
            case "items":
                return frozenset(o for i, o in enumerate(self.options) if int(value) >> i & 1)
        return self.options[int(value)]


@dataclass(slots=True)
class Columns:
    """All columns of a frame: by fact, by fact or target (its outcome, True = met) and years back, by indicator for
    points, by property.
    """

    size: int
    facts: dict[str, Column] = field(default_factory=dict)
    past: dict[tuple[str, int], Column] = field(default_factory=dict)
    own: dict[str, Column] = field(default_factory=dict)
    judged: dict[str, Column] = field(default_factory=dict)
    not_applicable: dict[str, Array] = field(default_factory=dict)
    properties: dict[str, Column] = field(default_factory=dict)
    parameters: Mapping[str, FactValue] = field(default_factory=dict)
    snapshot: Snapshot = field(default_factory=dict)
    decisions: dict[str, Array] = field(default_factory=dict)  # target -> an officer's outcome by row, "" for none

    def case(self, row: int) -> ScoringInput:
        """Return one row as a case; only the cells that are asked for are read."""
        years: dict[int, dict[str, Column]] = {}
        for (name, back), column in self.past.items():
            years.setdefault(-back, {})[name] = column
        bank = {k: c.at(row) for k, c in self.properties.items()}
        return ScoringInput(
            facts=_Row(self.facts, row),
            bank=bank,
            history={back: _Row(found, row) for back, found in years.items()},
            self_points=_points(self.own, row),
            judged=_points(self.judged, row),
            not_applicable=frozenset(i for i, flags in self.not_applicable.items() if flags[row]),
            parameters=self.parameters,
            peers=self.snapshot.get(group_of(bank), {}),
            decisions={t: TargetDecision(given[row], "") for t, given in self.decisions.items() if given[row]},
        )


class _Row(Mapping[str, FactValue]):
    """One row as a mapping, read cell by cell."""

    __slots__ = ("columns", "row")

    def __init__(self, columns: Mapping[str, Column], row: int) -> None:
        self.columns = columns
        self.row = row

    def __getitem__(self, key: str) -> FactValue:
        return self.columns[key].at(self.row)

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


def _points(columns: Mapping[str, Column], row: int) -> dict[str, Decimal]:
    found = {}
    for indicator, column in columns.items():
        value = column.at(row)
        if isinstance(value, Decimal):
            found[indicator] = Decimal(plain(value))
    return found


def read_frame(
    rulebook: Rulebook,
    frame: pd.DataFrame,
    parameters: Mapping[str, FactValue] | None = None,
    snapshot: Snapshot | None = None,
) -> Columns:
    """Turn a frame into columns.

    Column names are those of ``manage.py score``: facts, ``fact@-1``, ``T1@-1`` (True = met), ``self:A1``,
    ``judged:A1``, ``na:A3`` (True = accepted as not applicable), ``decided:T3`` (an officer's outcome) and properties.
    Cells may be numbers, Decimals, texts as `parse_fact` reads them in files, sets of items, members of `Nothing`, or
    NaN/None for an empty cell. Raises FactError for a cell that is no value of its fact.
    """
    found = Columns(len(frame), parameters=parameters or {}, snapshot=snapshot or {})
    for name in frame.columns:
        series = frame[name]
        prefix, _, id = name.partition(":")
        past = _PAST.fullmatch(name)
        if past and past[1] in rulebook.facts:
            found.past[past[1], int(past[2])] = _fact(rulebook, past[1], series, past=True)
        elif past and past[1] in rulebook.targets:
            found.past[past[1], int(past[2])] = _flags(series)
        elif name in rulebook.facts:
            found.facts[name] = _fact(rulebook, name, series)
        elif name in rulebook.properties:
            kind = rulebook.properties[name].kind
            found.properties[name] = _flags(series) if kind == "bool" else _text(series)
        elif prefix in ("self", "judged"):
            (found.own if prefix == "self" else found.judged)[id] = _number(series, Absence.NOT_SUPPLIED)
        elif prefix == "na":
            found.not_applicable[id] = series.fillna(False).to_numpy(bool)
        elif prefix == "decided":
            found.decisions[id] = series.fillna("").to_numpy(object)
    return found


def _fact(rulebook: Rulebook, name: str, series: pd.Series[Any], past: bool = False) -> Column:
    spec = rulebook.facts[name]
    default = Absence.UNANSWERED if spec.supplied_by == "bank" and not past else Absence.NOT_SUPPLIED
    if spec.is_number:
        if series.dtype == object or isinstance(series.dtype, pd.StringDtype):
            cells = [
                v if isinstance(v, Nothing | Decimal) else parse_fact(spec, _cell(v), percent=False) for v in series
            ]
            return replace(_decimals(cells, default), digits=spec.places)
        column = _number(series, default)
        column.digits = spec.places
        return column
    if spec.kind == "bool":
        return _flags(series, default, spec)
    place = {option: number for number, option in enumerate(spec.options)}
    level = spec.kind == "level"

    def read(cell: Any) -> int | Nothing:
        given = isinstance(cell, Nothing) or (isinstance(cell, frozenset) and not level)
        value = cell if given else parse_fact(spec, _cell(cell), percent=False)
        if isinstance(value, Nothing):
            return value
        return place[str(value)] if level else sum(1 << place[option] for option in cast(frozenset[str], value))

    short: type[np.integer[Any]] = np.uint8 if level else np.uint16
    values, codes = _coded(series, read, default, short if len(place) <= (255 if level else 16) else np.intp)
    return Column("level" if level else "items", values, codes, tuple(place))


def _cell(value: Any) -> Any:
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _code(given: Nothing, default: Absence) -> Absence:
    return default if given is Nothing.UNANSWERED else Absence[given.name]


def some(codes: Array) -> Array | None:
    """Absence codes, None where there are none."""
    return codes if codes.any() else None


def _number(series: pd.Series[Any], default: Absence) -> Column:
    # Doubles are taken as they lie in the frame; anything else is converted.
    as_it_lies = series.dtype == np.float64
    values = series.to_numpy() if as_it_lies else series.to_numpy(dtype=np.float64, na_value=np.nan)
    empty = np.isnan(values)
    codes = None
    if empty.any():
        codes = empty * np.uint8(default)
        values = filled(values, empty)
    return Column("number", np.ascontiguousarray(values), codes)


def filled(values: Array, empty: Array) -> Array:
    """Put something where there is no figure: never looked at, harmless as a divisor, and of the size of the others,
    on which error bounds of a whole block rest.
    """
    there = ~empty & (values != 0)
    return np.where(empty, values[np.argmax(there)] if there.any() else 1.0, values)


def _decimals(cells: list[FactValue], default: Absence) -> Column:
    values = np.ones(len(cells))
    codes = np.zeros(len(cells), np.uint8)
    long = False
    for i, cell in enumerate(cells):
        if isinstance(cell, Nothing):
            codes[i] = _code(cell, default)
            continue
        number = Decimal(cell)  # type: ignore[arg-type]
        values[i] = float(number)
        long = long or len(number.normalize().as_tuple().digits) > MAX_DIGITS
    exact = None
    if long:
        exact = np.array([Decimal(0) if isinstance(c, Nothing) else c for c in cells], dtype=object)
    return Column("number", filled(values, codes > 0), some(codes), exact=exact)


def _flags(series: pd.Series[Any], default: Absence = Absence.NOT_SUPPLIED, spec: FactSpec | None = None) -> Column:
    if series.dtype == bool:
        return Column("bool", series.to_numpy(), None)

    def read(cell: Any) -> FactValue:
        if isinstance(cell, Nothing):
            return cell
        if spec is not None:
            return parse_fact(spec, _cell(cell), percent=False)
        return Nothing.UNANSWERED if cell == "" else str(cell).strip().lower() in _YES

    return Column("bool", *_coded(series, read, default, np.bool_))


def _text(series: pd.Series[Any]) -> Column:
    cells = series.array
    category = cells if isinstance(cells, pd.Categorical) else pd.Categorical(series)
    index = category.codes
    options = tuple(str(c) for c in category.categories)
    codes = np.where(index < 0, np.uint8(Absence.NOT_SUPPLIED), np.uint8(0)) if (index < 0).any() else None
    return Column("text", np.maximum(index, 0).astype(np.intp), codes, options or ("",))


def _coded(series: pd.Series[Any], read: Any, default: Absence, kind: type[np.generic]) -> tuple[Array, Array | None]:
    """Read each distinct cell once; return values and absence codes."""
    index: Array
    uniques: Any
    cells = series.array
    if isinstance(cells, pd.Categorical):  # told apart already; -1 is an empty cell, as below
        index, uniques = cells.codes, cells.categories
    else:
        index, uniques = pd.factorize(series, use_na_sentinel=True)
    table = np.zeros(len(uniques) + 1, kind)
    absent = np.zeros(len(uniques) + 1, np.uint8)
    absent[-1] = default
    for i, cell in enumerate(uniques):
        value = read(cell)
        if isinstance(value, Nothing):
            absent[i] = _code(value, default)
        else:
            table[i] = value
    values = table.take(index, mode="wrap")
    if not absent[:-1].any() and not (index < 0).any():
        return values, None
    codes = absent.take(index, mode="wrap")
    return values, some(codes)


def categorical(codes: Array, names: list[str]) -> pd.Categorical[Any]:
    """Return a categorical of texts out of their codes."""
    dtype = pd.CategoricalDtype(names)
    return pd.Categorical.from_codes(codes, dtype=dtype)
