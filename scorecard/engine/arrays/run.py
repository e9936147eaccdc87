"""Scoring many banks on arrays, equal to `evaluate` to the last digit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from scorecard.engine.arrays.columns import Columns
from scorecard.engine.arrays.machine import machine_of
from scorecard.engine.arrays.result import STATES, TARGET_STATES, ManyResult
from scorecard.engine.exact.context import Scoring
from scorecard.engine.exact.grading import adjustment_that_holds, grade_of, measures
from scorecard.engine.exact.peergroup import Snapshot
from scorecard.engine.exact.sections import limited_total
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Absence, FactValue

if TYPE_CHECKING:
    import pandas as pd

#: Rows per block: enough that Python's own work per operation does not count, few enough to stay near the processor.
BLOCK = 65536
#: States of targets in the arrays: 0 met, 1 missed, above: 1 and the kind of absence. A blank counts as missed.
FIRST_ABSENT, BLANK = 2, 1 + Absence.UNANSWERED


def evaluate_many(
    rulebook: Rulebook,
    frame: pd.DataFrame | Columns,
    *,
    parameters: Mapping[str, FactValue] | None = None,
    snapshot: Snapshot | None = None,
    block: int = BLOCK,
) -> ManyResult:
    """Score every row of `frame` (one bank each; columns as `read_frame` describes) under one rulebook.

    The result equals `evaluate` of every row to the last digit: what the error bound of the arithmetic in doubles does
    not decide is proven to be a tie or evaluated exactly; `ManyResult.exact` are the rows for which it was.
    Blocks of rows are scored side by side, on as many processors as this process may use and up to four.
    Raises FactError for a cell that is no value of its fact.
    """
    if not isinstance(frame, Columns):
        from scorecard.engine.arrays.frames import read_frame

        frame = read_frame(rulebook, frame, parameters, snapshot)
    result = ManyResult.empty(rulebook, frame)
    machine_of(rulebook).score(frame, result, block)
    _settle_undecided(rulebook, frame, result)
    return result


def _settle_undecided(rulebook: Rulebook, columns: Columns, result: ManyResult) -> None:
    """Write what `evaluate` gives for the rows in which an undecided target counts: for a limit, or where an officer
    decided it.
    """
    undecided = (result.targets >= FIRST_ABSENT) & (result.targets != BLANK)
    decided = np.zeros(len(result), bool)
    for place, id in enumerate(rulebook.targets):
        if id in columns.decisions:
            decided |= undecided[place] & (columns.decisions[id] != "")
    limited = undecided.any(axis=0) if rulebook.caps else decided
    for row in np.flatnonzero(decided | limited).tolist():
        _write(Scoring(rulebook, columns.case(row)), result, row)
        result.exact.add(row)


def _write(c: Scoring, result: ManyResult, row: int) -> None:
    book, scale = c.rulebook, 10**c.rulebook.rounding.indicator
    for place, id in enumerate(book.indicators):
        found = c.indicator(id)
        result.units[place, row] = int((found.points or 0) * scale)
        result.states[place, row] = STATES.index(found.state)
    for place, id in enumerate(book.sections):
        result.sections[place, row] = int(c.section(id).points * scale)
    for place, id in enumerate(book.targets):
        decision = c.outcome(id).decision
        if decision is not None:
            result.targets[place, row] = TARGET_STATES.index(decision.outcome)
    total, grade = grade_of(c, limited_total(book, c.sum_of_sections()), False)
    case = adjustment_that_holds(c)
    result.total[row] = int(total * 10**book.rounding.total)
    result.before[row], result.after[row] = book.grade_order[grade.before], book.grade_order[grade.after]
    result.caps[row] = _bits([cap.id for cap in book.caps], {cap.id for cap in grade.applied})
    result.holding[row] = _bits([cap.id for cap in book.caps], set(grade.holding))
    result.adjustments[row] = -1 if case is None else case[0]
    result.measures[row] = _bits(list(book.measures), {m.id for m in measures(c)})


def _bits(ids: list[str], chosen: set[str]) -> int:
    return sum(1 << n for n, id in enumerate(ids) if id in chosen)
