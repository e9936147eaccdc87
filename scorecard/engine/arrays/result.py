"""Results of many banks as arrays, and their way back to exact numbers and names."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from scorecard.engine.arrays.columns import Array, Columns, categorical
from scorecard.engine.exact.scoring import STATE_OF, points_without
from scorecard.engine.explain.evaluate import evaluate
from scorecard.engine.lowering.limits import widths_of
from scorecard.engine.rulebook.model import Indicator
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import scaled
from scorecard.engine.values.results import Result

STATES = ("scored", "judged", "pending", "unanswered", "not_applicable", "undefined")
#: State of a target by its stored number: met, missed, then why it is unknown (undefined, not supplied, not
#: applicable, blank).
TARGET_STATES = ("met", "missed", "unknown", "unknown", "unknown", "unknown", "not_applicable")


def fixed_units(spec: Indicator, scale: int) -> Array:
    """Units of rows without a value, by state."""
    units = np.zeros(len(STATES))
    for kind, state in STATE_OF.items():
        units[STATES.index(state)] = int((points_without(spec, kind) or 0) * scale)
    return units


@dataclass(slots=True)
class ManyResult:
    """One column per bank. Points are whole units of 10**-digits, so they are exact.

    units[i, k]    points of indicator i of bank k, in units (0 where the state gives none)
    states[i, k]   index into STATES
    sections, total   in units of the indicator's and the total's digits
    targets[t, k]  index into TARGET_STATES: 0 met, 1 missed, then 1 and the kind of absence, 6 decided not applicable
    before, after  rank of the grade, 0 the best; caps, holding, measures are bit masks in the order of the rulebook
    adjustments    number of the adjustment's case that holds, -1 for none
    """

    rulebook: Rulebook
    columns: Columns
    units: Array
    states: Array
    sections: Array
    total: Array
    targets: Array
    before: Array
    after: Array
    caps: Array
    holding: Array
    adjustments: Array
    measures: Array
    exact: set[int] = field(default_factory=set)  # rows that needed exact evaluation of something

    @classmethod
    def empty(cls, rulebook: Rulebook, columns: Columns) -> ManyResult:
        """Return a result of noughts. All its arrays lie in one piece of memory, which the system hands out faster."""
        n, wide = columns.size, widths_of(rulebook)
        rows = len(rulebook.indicators), len(rulebook.sections), len(rulebook.targets)
        shapes: dict[str, tuple[tuple[int, ...], str]] = {
            "units": ((rows[0], n), f"i{wide.points}"),
            "states": ((rows[0], n), "u1"),
            "sections": ((rows[1], n), f"i{wide.points}"),
            "total": ((n,), f"i{wide.total}"),
            "targets": ((rows[2], n), "u1"),
            "before": ((n,), f"i{wide.grades}"),
            "after": ((n,), f"i{wide.grades}"),
            "caps": ((n,), f"u{wide.limits}"),
            "holding": ((n,), f"u{wide.limits}"),
            "adjustments": ((n,), f"i{wide.cases}"),
            "measures": ((n,), f"u{wide.measures}"),
        }
        sizes = {k: -(-int(np.prod(shape)) * np.dtype(kind).itemsize // 64) * 64 for k, (shape, kind) in shapes.items()}
        memory = np.zeros(sum(sizes.values()), np.uint8)
        arrays: dict[str, Any] = {}
        start = 0
        for name, (shape, kind) in shapes.items():
            stop = start + int(np.prod(shape)) * np.dtype(kind).itemsize
            arrays[name] = memory[start:stop].view(kind).reshape(shape)
            start += sizes[name]
        return cls(rulebook, columns, **arrays)

    def __len__(self) -> int:
        return self.columns.size

    @property
    def exact_rows(self) -> int:
        """How many rows needed exact evaluation of something."""
        return len(self.exact)

    def has_points(self) -> Array:
        """Where an indicator has points: neither pending nor undefined nor shared out."""
        shared = np.array([i.not_applicable == "share_out" for i in self.rulebook.indicators.values()])[:, None]
        waiting = (self.states == STATES.index("pending")) | (self.states == STATES.index("undefined"))
        known: Array = ~(waiting | ((self.states == STATES.index("not_applicable")) & shared))
        return known

    def points(self, indicator: str, row: int) -> Decimal | None:
        """Return the exact points of one indicator of one bank, None where it has none."""
        place = list(self.rulebook.indicators).index(indicator)
        state = STATES[self.states[place, row]]
        shared = self.rulebook.indicators[indicator].not_applicable == "share_out"
        if state in ("pending", "undefined") or (state == "not_applicable" and shared):
            return None
        return scaled(int(self.units[place, row]), self.rulebook.rounding.indicator)

    def total_of(self, row: int) -> Decimal:
        return scaled(int(self.total[row]), self.rulebook.rounding.total)

    def grade_of(self, row: int) -> tuple[str, str]:
        """Return the grade before and after caps."""
        grades = self.rulebook.grades
        return grades[self.before[row]].id, grades[self.after[row]].id

    def caps_of(self, row: int) -> list[str]:
        return [c.id for n, c in enumerate(self.rulebook.caps) if int(self.caps[row]) >> n & 1]

    def measures_of(self, row: int) -> list[str]:
        return [m for n, m in enumerate(self.rulebook.measures) if int(self.measures[row]) >> n & 1]

    def adjustment_of(self, row: int) -> Decimal | None:
        cases = [case for rule in self.rulebook.adjustments for case in rule.cases]
        place = int(self.adjustments[row])
        return None if place < 0 else cases[place].points

    def pending_units(self) -> Array:
        """Return the highest points that still await somebody, per bank, in units of the indicator."""
        waiting = (self.states == STATES.index("pending")) | (self.states == STATES.index("undefined"))
        scale = 10**self.rulebook.rounding.indicator
        most = np.array([int(i.max * scale) for i in self.rulebook.indicators.values()], np.int64)
        return most @ waiting  # type: ignore[no-any-return]

    def row(self, row: int, explain: bool = True) -> Result:
        """Evaluate one bank exactly, with its explanation."""
        return evaluate(self.rulebook, self.columns.case(row), explain)

    def frame(self) -> pd.DataFrame:
        """Return indicators, sections, total, target states and grades as a DataFrame; points are floats of two
        decimals
        or as the rulebook rounds, NaN where there are none.
        """
        book = self.rulebook
        data: dict[str, Any] = {}
        known = self.has_points()
        for n, i in enumerate(book.indicators):
            data[i] = np.where(known[n], self.units[n] / 10**book.rounding.indicator, np.nan)
        for n, s in enumerate(book.sections):
            data[f"section_{s}"] = self.sections[n] / 10**book.rounding.indicator
        data["total"] = self.total / 10**book.rounding.total
        data["pending"] = self.pending_units() / 10**book.rounding.indicator
        for n, t in enumerate(book.targets):
            data[f"{t}_state"] = categorical(np.minimum(self.targets[n], 2), ["met", "missed", "unknown"])
        names = [g.id for g in book.grades]
        data["grade_before"] = categorical(self.before, names)
        data["grade"] = categorical(self.after, names)
        return pd.DataFrame(data)
