"""A frame of banks as columns that arrays can work on, with the exact value of every cell at hand.

A figure is a float64: the nearest double of the filed decimal. Decimals of up to fifteen significant digits are told
apart by their doubles and keep their order, so comparing two filed figures is exact, and ``Decimal(repr(x))`` is what
was filed. A column with longer figures keeps its Decimals beside the doubles and is never trusted without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scorecard.engine.exact.peergroup import Snapshot, group_of
from scorecard.engine.values.facts import Absence, FactValue, Nothing
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.scoring_input import ScoringInput, TargetDecision

Array = NDArray[Any]
MAX_DIGITS = 15


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


def some(codes: Array) -> Array | None:
    """Absence codes, None where there are none."""
    return codes if codes.any() else None


def filled(values: Array, empty: Array) -> Array:
    """Put something where there is no figure: never looked at, harmless as a divisor, and of the size of the others,
    on which error bounds of a whole block rest.
    """
    there = ~empty & (values != 0)
    return np.where(empty, values[np.argmax(there)] if there.any() else 1.0, values)
