"""Rows with a target that nothing decides: what is concluded supposes it missed, and is evaluated exactly."""

from __future__ import annotations

import numpy as np

from scorecard.engine.arrays.columns import Columns
from scorecard.engine.arrays.result import ManyResult
from scorecard.engine.exact.context import Scoring
from scorecard.engine.exact.grading import adjustment_that_holds, grade_of, limited_total, measures
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.rational import ZERO, Fraction

#: States of targets in the arrays: 0 met, 1 missed, above: 1 and the kind of absence. A blank counts as missed.
FIRST_ABSENT, BLANK = 2, 1 + Absence.UNANSWERED


def conclude_undecided(rulebook: Rulebook, columns: Columns, result: ManyResult) -> None:
    """Write the conclusions of the rows with an undecided target, as `evaluate` draws them, into `result`."""
    if not rulebook.caps or not rulebook.targets:
        return
    for row in np.flatnonzero(((result.targets >= FIRST_ABSENT) & (result.targets != BLANK)).any(axis=0)):
        c = Scoring(rulebook, columns.case(int(row)))
        raw = sum((Fraction(c.section(s.id).points) for s in rulebook.top_sections), ZERO)
        total, grade = grade_of(c, limited_total(rulebook, raw), False)
        case = adjustment_that_holds(c)
        result.total[row] = int(total * 10**rulebook.rounding.total)
        result.after[row] = rulebook.grade_order[grade.after]
        result.caps[row] = _bits([cap.id for cap in rulebook.caps], {cap.id for cap in grade.applied})
        result.holding[row] = _bits([cap.id for cap in rulebook.caps], set(grade.holding))
        result.adjustments[row] = -1 if case is None else case[0]
        result.measures[row] = _bits(list(rulebook.measures), {m.id for m in measures(c)})
        result.tally.count_exact(int(row), (0,))


def _bits(ids: list[str], chosen: set[str]) -> int:
    return sum(1 << n for n, id in enumerate(ids) if id in chosen)
