"""Points over a block: rounding, sections, and the settling of rows in doubt by exact evaluation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from scorecard.engine.arrays.columns import Array, some
from scorecard.engine.arrays.result import JUDGED, NOT_APPLICABLE, STATES, UNANSWERED
from scorecard.engine.arrays.values import (
    Block,
    U,
    V,
    common_grid,
    constant_grid,
    full,
    merge_doubt,
    ones,
    present,
    truth,
)
from scorecard.engine.exact.scoring import STATE_OF, points_without
from scorecard.engine.language.exact import compiled
from scorecard.engine.language.syntax import E
from scorecard.engine.lowering.program import Op
from scorecard.engine.rulebook.model import Indicator
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Absence, Missing
from scorecard.engine.values.numbers import round_units
from scorecard.engine.values.rational import Fraction

FEW, CHUNK = 16, 32  # more rows in doubt than FEW are scored again, CHUNK at a time
_STATE_OF_CODE = np.zeros(5, np.uint8)
for _kind, _state in STATE_OF.items():
    _STATE_OF_CODE[_kind] = STATES.index(_state)


# ---- rounding


def rounded(value: V, block: Block, mode: str) -> tuple[Array, Array | None]:
    """Return whole units and the rows that are left undecided (None when there are none).

    A value within the bound of a tie is either proven to be the tie itself, which the mode decides, or undecided.
    """
    v = full(value.v, block.size)
    if value.whole:
        return v, None
    bound = value.error() + U * value.largest() * 2
    whole = np.rint(v)
    distance = np.subtract(v, whole)
    np.abs(distance, out=distance)
    if mode in ("half_up", "half_even"):
        near, result = distance > 0.5 - bound, whole
    else:
        near = distance < bound
        result = np.trunc(v) if mode == "down" else np.copysign(np.ceil(np.abs(v)), v)
    if not block.guard or not near.any():
        return result, None
    rows = present(near, value.codes)
    proven = np.zeros(len(rows), bool) if value.grid is None else bound * 8.0 * value.grid(rows) < 1.0
    ties = rows[proven]
    if mode == "half_up":
        result[ties] = np.copysign(np.floor(np.abs(v[ties]) + 0.5 + 2 * bound), v[ties])
    elif mode == "half_even":
        result[ties] = np.copysign(np.rint(np.rint(np.abs(v[ties]) * 2) / 2), v[ties])
    else:
        result[ties] = whole[ties]
    return result, merge_doubt(rows[~proven])


def scale(block: Block, share: Fraction, units: V) -> V:
    """Whole units times an exact share, rounded to whole units; equal ones are computed once."""
    top = (units.largest() + 1) * float(share) + 1
    if share.denominator == 1:
        return V(units.v * float(share), grid=ones, leaf=True, top=top, whole=True)
    distinct, index = np.unique(units.v, return_inverse=True)
    found = np.array([float(round_units(Fraction(int(u)) * share, 0, block.rulebook.rounding.mode)) for u in distinct])
    return V(full(found[index], block.size), grid=ones, leaf=True, top=top, whole=True)


def unscale(block: Block, by: int, units: V) -> V:
    """Whole units as points."""
    top = None if units.top is None else units.top / by
    exact = units.largest() < 1e15  # a decimal of up to fifteen digits is told apart by its double
    return V(units.v / by, 0.0 if exact else U, grid=constant_grid(float(by)), leaf=exact, top=top)


# ---- indicators


class Ready:
    """An indicator made ready: how its points round, and its units by state where there is no value."""

    __slots__ = ("args", "fixed", "mode", "scale", "spec", "top")

    def __init__(self, op: Op, rulebook: Rulebook) -> None:
        self.args, self.spec, self.mode = op.args, rulebook.indicators[op.given[0]], rulebook.rounding.mode
        self.scale = 10**rulebook.rounding.indicator
        self.fixed = np.zeros(len(STATES))
        for kind, state in STATE_OF.items():
            self.fixed[STATES.index(state)] = int((points_without(self.spec, kind) or 0) * self.scale)
        self.top = float(max(abs(self.spec.min), abs(self.spec.max))) * self.scale


def points(block: Block, ready: Ready, value: V | None = None, judged: V | None = None) -> V:
    """The points and the state of an indicator, out of its rule's value (left out when that has no form) and the
    reviewer's points: rounded, with what is accepted as not applicable.
    """
    units: Array = np.zeros(block.size)
    states: Array | None = None
    doubt: Array | None = np.arange(block.size)
    if value is not None:
        units, states, doubt = _by_rule(ready, block, value, judged)
    if doubt is not None:
        units, states = units.copy(), np.zeros(block.size, np.uint8) if states is None else states
        if len(doubt) > FEW and not block.few and block.again is not None and value is not None:
            _again(ready, block, doubt, units, states)
        else:
            _exactly(ready, block, doubt, units, states)
    return V(units, grid=ones, leaf=True, top=ready.top, whole=True, states=states)


def _by_rule(ready: Ready, block: Block, value: V, judged: V | None) -> tuple[Array, Array | None, Array | None]:
    """Return units, states and the rows in doubt."""
    units, undecided = rounded(value, block, ready.mode)
    doubt = value.doubt if undecided is None else merge_doubt(undecided, value.doubt)
    flags = block.columns.not_applicable.get(ready.spec.id)
    states = np.zeros(block.size, np.uint8)
    if value.codes is not None:
        without = np.flatnonzero(value.codes != 0)  # of whole numbers it takes ten times as long
        states[without] = _STATE_OF_CODE[value.codes[without]]
        units = units.copy() if units is value.v else units
        units[without] = ready.fixed[states[without]]
    if flags is not None:
        states[flags[block.rows]] = NOT_APPLICABLE
        units = np.where(flags[block.rows], ready.fixed[NOT_APPLICABLE], units)
    if judged is not None:
        given = np.ones(block.size, bool) if judged.codes is None else judged.codes == 0
        states[given] = JUDGED
        theirs, undecided = rounded(judged, block, ready.mode)
        units = np.where(given, theirs, units)
        doubt = merge_doubt(doubt, undecided)
    all_scored = value.codes is None and flags is None and judged is None
    return units, None if all_scored else states, doubt


def _again(ready: Ready, block: Block, rows: Array, units: Array, states: Array) -> None:
    """Score rows in doubt again, a few at a time: one bound holds for a whole block, and a row that widens it (a share
    of a growth near zero) then widens it for few others.
    """
    for start in range(0, len(rows), CHUNK):
        mine = rows[start : start + CHUNK]
        part = block.picked(mine)
        found = points(part, ready, *part.again(part, ready.args))  # type: ignore[misc]
        units[mine] = found.v
        states[mine] = 0 if found.states is None else found.states


def _exactly(ready: Ready, block: Block, rows: Array, units: Array, states: Array) -> None:
    for row in rows:
        found = block.scoring(int(row)).indicator(ready.spec.id)
        states[row] = STATES.index(found.state)
        units[row] = 0.0 if found.points is None else float(found.points * ready.scale)


def out_of_count(points: V, spec: Indicator) -> Array | None:
    """Rows in which an indicator is not applicable and shared out."""
    if points.states is None or spec.not_applicable != "share_out":
        return None
    flags: Array = points.states == NOT_APPLICABLE
    return flags if flags.any() else None


def shared_out(block: Block, indicators: tuple[str, ...], *members: V) -> V:
    """What indicators of a section get of the points of those that are not applicable and shared out."""
    specs = [block.rulebook.indicators[i] for i in indicators]
    outs = [out_of_count(member, spec) for member, spec in zip(members, specs, strict=True)]
    if all(out is None for out in outs):
        return V(0.0, grid=ones, leaf=True, top=0.0, whole=True)
    extra = np.zeros(block.size)
    most = [Fraction(spec.max) for spec in specs]
    for row in np.flatnonzero(np.logical_or.reduce([out for out in outs if out is not None])):
        rest = [place for place, out in enumerate(outs) if out is None or not out[row]]
        rest_max = sum((most[place] for place in rest), Fraction(0))
        if rest_max > 0:
            positive = sum(max(0, int(members[place].v[row])) for place in rest)
            share = (sum(most, Fraction(0)) - rest_max) / rest_max
            extra[row] = round_units(positive * share, 0, block.rulebook.rounding.mode)
    return V(extra, grid=ones, leaf=True, whole=True)


def own_points(block: Block, indicators: tuple[str, ...], *members: V) -> V:
    """The bank's own points, as `Scoring.self_points_of`; rows with shared-out points are in doubt."""
    size = block.size
    given = {id: block.column(column) for id, column in block.columns.own.items()}
    there = {id: np.ones(size, bool) if own.codes is None else own.codes == 0 for id, own in given.items()}
    if not given:
        return V(np.zeros(size), codes=np.full(size, Absence.NOT_SUPPLIED, np.uint8), grid=ones)
    total, blank, nobody, top = np.zeros(size), np.zeros(size, bool), np.zeros(size, bool), 0.0
    doubt: Array | None = None
    for id, member in zip(indicators, members, strict=True):
        states = np.zeros(size, np.uint8) if member.states is None else member.states
        counted, known = states != NOT_APPLICABLE, there.get(id, nobody)
        blank |= (states == UNANSWERED) | (counted & ~known)
        out = out_of_count(member, block.rulebook.indicators[id])
        if out is not None:
            doubt = merge_doubt(doubt, np.flatnonzero(out))
        if id in given:
            total += np.where(counted & known, given[id].v, 0.0)
            top += given[id].largest()
    codes = np.where(blank, np.uint8(Absence.UNANSWERED), np.uint8(0))
    codes = np.where(np.logical_or.reduce(list(there.values())), codes, np.uint8(Absence.NOT_SUPPLIED))
    return V(total, 0.0, U * top * 64, some(codes), common_grid(*given.values()), top=top, doubt=doubt)


# ---- targets and conclusions


def outcome(block: Block, target: str, years: int, found: V | None = None) -> V:
    """Whether a target is missed so many years back."""
    missed: Array = np.zeros(block.size, bool)
    codes: Array | None = None
    doubt: Array | None = np.arange(block.size)
    if found is not None:
        missed, codes, doubt = found.v, found.codes, found.doubt
    if doubt is not None:
        missed = full(missed, block.size).copy()
        codes = np.zeros(block.size, np.uint8) if codes is None else codes.copy()
        for row in doubt:
            result = block.scoring(int(row)).back(years).outcome(target).missed
            codes[row], missed[row] = (result.kind, False) if isinstance(result, Missing) else (0, result)
    return truth(missed, codes)


def condition_holds(block: Block, when: E, unknown: bool, total: V, rank: V, condition: V | None = None) -> V:
    """Whether a condition (left out when it has no form) holds, given total and rank of the grade; `unknown` where it
    is undecided.
    """
    holds: Array = np.zeros(block.size, bool)
    doubt: Array | None = np.arange(block.size)
    if condition is not None:
        holds, doubt = condition.v, condition.doubt
        if condition.codes is not None:
            holds = np.where(condition.codes > 0, unknown, holds)
    if doubt is None:
        return truth(holds)
    holds = full(holds, block.size).copy()
    totals, ranks = full(total.v, block.size), full(rank.v, block.size)
    decide, digits = compiled(when), block.rulebook.rounding.total
    for row in doubt:
        c = block.scoring(int(row))
        c.total, c.grade_rank = Decimal(int(totals[row])).scaleb(-digits), int(ranks[row])
        value: Any = decide(c)
        holds[row] = unknown if isinstance(value, Missing) else bool(value)
    return truth(holds)


def target_states(found: V, size: int) -> Array:
    """The outcome of a target by row: 0 met, 1 missed, above: 1 and the kind of absence."""
    states = np.where(found.v, np.uint8(1), np.uint8(0))
    if found.codes is not None:
        states = np.where(found.codes > 0, np.uint8(1) + found.codes, states)
    return states
