"""Results of many banks as arrays, and their way back to exact numbers and names."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from scorecard.engine.arrays.columns import Array, Columns
from scorecard.engine.explain.evaluate import evaluate
from scorecard.engine.lowering.limits import widths_of
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import scaled
from scorecard.engine.values.results import Result

SCORED, JUDGED, PENDING, UNANSWERED, NOT_APPLICABLE, UNDEFINED = range(6)
STATES = ("scored", "judged", "pending", "unanswered", "not_applicable", "undefined")
#: State of a target by its stored number: met, missed, then why it is unknown (undefined, not supplied, not
#: applicable, blank).
TARGET_STATES = ("met", "missed", "unknown", "unknown", "unknown", "unknown", "not_applicable")


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

    def _waiting(self) -> Array:
        found: Array = (self.states == PENDING) | (self.states == UNDEFINED)
        return found

    def has_points(self) -> Array:
        """Where an indicator has points: neither pending nor undefined nor shared out."""
        shared = np.array([i.not_applicable == "share_out" for i in self.rulebook.indicators.values()])[:, None]
        known: Array = ~(self._waiting() | ((self.states == NOT_APPLICABLE) & shared))
        return known

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
        scale = 10**self.rulebook.rounding.indicator
        most = np.array([int(i.max * scale) for i in self.rulebook.indicators.values()], np.int64)
        return most @ self._waiting()

    def row(self, row: int, explain: bool = True) -> Result:
        """Evaluate one bank exactly, with its explanation."""
        return evaluate(self.rulebook, self.columns.case(row), explain)
