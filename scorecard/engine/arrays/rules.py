"""Rules over a block: points times `scale` (the units of rounding), unrounded, with their error bound."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from math import lcm
from typing import Any, cast

import numpy as np

from scorecard.engine.arrays import conditions
from scorecard.engine.arrays.columns import Array
from scorecard.engine.arrays.values import (
    SAFETY,
    Grid,
    U,
    Unsupported,
    V,
    add,
    choose,
    compare,
    constant,
    divide,
    extreme,
    full,
    merge_codes,
    multiply,
    one_of_grid,
    ones,
)
from scorecard.engine.arrays.vector import Block, evaluate
from scorecard.engine.rules.base import Rule
from scorecard.engine.rules.checklist import Checklist
from scorecard.engine.rules.combine import Combine
from scorecard.engine.rules.curve import Curve
from scorecard.engine.rules.deductions import Deductions
from scorecard.engine.rules.first import FirstThatHolds
from scorecard.engine.rules.fixed import Fixed
from scorecard.engine.rules.formula import Formula
from scorecard.engine.rules.judged import Judged
from scorecard.engine.rules.levels import Levels
from scorecard.engine.rules.most_severe import MostSevere
from scorecard.engine.rules.rank import Rank
from scorecard.engine.rules.share import Share
from scorecard.engine.rules.steps import Steps
from scorecard.engine.rules.target import TargetOutcome
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.rational import Fraction


def points(rule: Rule, block: Block, scale: int) -> V:
    """Return the points of a rule times `scale`. Raises Unsupported for what has no column form."""
    reader = _READERS.get(type(rule))
    if reader is None:
        raise Unsupported(rule.kind)
    return reader(rule, block, scale)


def _once(block: Block, key: Any, build: Callable[[], Any]) -> Any:
    """Return what `build` gives for a rule, worked out once per rulebook."""
    plan = block.rulebook.plan
    found = plan.get(id(key))
    if found is None:
        found = plan[id(key)] = build()
    return found


@lru_cache(maxsize=4096)
def fixed_value(value: Fraction, scale: int) -> V:
    """Points of a rulebook in units."""
    return constant(value * scale)


def _segments(rule: Curve, scale: int) -> tuple[Any, ...]:
    """Return (x, width, scaled slope) of each sloping segment, the first value, the steepest slope, the
    denominator that
    values share, and a bound on the size of intermediate values.
    """
    segments = []
    steepest = 0.0
    denominator = 1
    size = 0.0
    for (x0, y0), (x1, y1) in pairwise(rule.points):
        slope = (y1 - y0) / (x1 - x0) * scale
        offset = y0 * scale - slope * x0
        denominator = lcm(denominator, slope.denominator, offset.denominator)
        steepest = max(steepest, abs(float(slope)))
        size += abs(float(y1 - y0)) * scale
        if slope:
            segments.append((float(x0), float(x1), float(slope)))
    for value in (*(y for _, y in rule.points), rule.below, rule.above):
        denominator = lcm(denominator, (value * scale).denominator)
        size = max(size, abs(float(value)) * scale)
    widest = max(abs(float(rule.points[0][0])), abs(float(rule.points[-1][0])))
    jumps = [
        (("<=" if rule.open_left else "<"), constant(rule.points[0][0]), float(rule.below * scale)),
        ((">=" if rule.open_right else ">"), constant(rule.points[-1][0]), float(rule.above * scale)),
    ]
    values = (rule.points[0][1] * scale, rule.points[-1][1] * scale)
    jumps = [j for j, value in zip(jumps, values, strict=True) if Fraction(j[2]) != value]
    return segments, float(rule.points[0][1] * scale), steepest, denominator, size, widest, jumps


def curve(rule: Curve, block: Block, scale: int) -> V:
    x = evaluate(rule.x.node, block)
    segments, first, steepest, denominator, size, widest, jumps = _once(block, rule, lambda: _segments(rule, scale))
    xs = full(x.v, block)
    y: Any = None
    for x0, x1, slope in segments:
        part = np.maximum(xs, x0)
        np.minimum(part, x1, out=part)
        if x0:
            np.subtract(part, x0, out=part)
        np.multiply(part, slope, out=part)
        if y is None:
            y = part
        else:
            np.add(y, part, out=y)
    if y is None:
        y = np.full(block.size, first)
    elif first:
        np.add(y, first, out=y)
    # Clipping moves no two values further apart, so only the part of the error within the curve counts.
    near = x.abs + (x.rel + 2 * U) * widest
    error = steepest * near * len(segments or (1,)) * 1.1 + 4 * SAFETY * U * (size + steepest * widest)
    gx = x.grid
    grid: Grid | None = None if gx is None else (lambda rows: gx(rows) * denominator)
    result = V(y, 0.0, error, x.codes, grid, top=size)
    for op, edge, outside in jumps:
        beyond = compare(op, x, edge, block)
        result.v[beyond.v] = outside
    return result


def steps(rule: Steps, block: Block, scale: int) -> V:
    x = evaluate(rule.x.node, block)
    op = {"at_most": "<=", "at_least": ">=", "below": "<", "above": ">"}[rule.compare]
    table = _once(block, rule, lambda: _Table([*(p * scale for _, p in reversed(rule.steps)), rule.otherwise * scale]))
    y: Any = table.values[-1]
    if table.denominator == 1:
        # The steps are nested: each that holds adds its difference to the one outside it, in whole numbers.
        outer = [table.values[-1], *table.values[:-2]]
        for (bound, _), value, before in zip(reversed(rule.steps), table.values[:-1], outer, strict=True):
            y = compare(op, x, constant(bound), block).v * (value - before) + y
        return cast(V, table.value(y, x.codes))
    for (bound, _), value in zip(reversed(rule.steps), table.values[:-1], strict=True):
        keeps = compare(op, x, constant(bound), block)
        y = np.where(keeps.v, value, y)
    return cast(V, table.value(y, x.codes))


class _Table:
    """A few constants from which values are chosen: exact when those are whole."""

    __slots__ = ("array", "denominator", "error", "top", "values")

    def __init__(self, values: list[Fraction]) -> None:
        self.values = [float(v) for v in values]
        self.array = np.array(self.values)
        self.denominator = lcm(*(v.denominator for v in values))
        self.top = max(abs(v) for v in self.values)
        self.error = 0.0 if self.denominator == 1 else 2 * U * self.top

    def grid(self, rows: Array) -> Array:
        return np.full(len(rows), float(self.denominator))

    def value(self, y: Array, codes: Array | None) -> V:
        whole = self.denominator == 1
        return V(y, 0.0, self.error, codes, self.grid, leaf=whole, top=self.top, whole=whole)


def formula(rule: Formula, block: Block, scale: int) -> V:
    x = evaluate(rule.x.node, block)
    y = multiply(x, fixed_value(rule.scale, scale))
    if rule.ceiling is not None and rule.floor is not None:
        return bounded(y, rule.floor, rule.ceiling, scale)
    if rule.ceiling is not None:
        y = extreme(np.minimum, [y, fixed_value(rule.ceiling, scale)])
    if rule.floor is not None:
        y = extreme(np.maximum, [y, fixed_value(rule.floor, scale)])
    return y


def _bare(reference: V) -> V:
    """A divisor known to be above zero, without its absences, which are merged elsewhere."""
    bare = V(reference.v, reference.rel, reference.abs, None, reference.grid, reference.leaf, top=reference.top)
    bare.positive, bare.least = not reference.abs, reference.least
    return bare


def bounded(y: V, low: Fraction, high: Fraction, scale: int) -> V:
    """Limit points to [low, high]. Beyond the limits the value is a constant, so a relative bound counts only up to
    them.
    """
    floor, ceiling = fixed_value(low, scale), fixed_value(high, scale)
    limit = max(floor.largest(), ceiling.largest())
    v = np.minimum(y.v, ceiling.v)
    v = np.maximum(v, floor.v)
    error = y.abs + (y.rel + 4 * U) * limit * 1.1
    return V(v, 0.0, error, y.codes, one_of_grid(y, floor, ceiling), top=limit)


def share(rule: Share, block: Block, scale: int) -> V:
    x, reference = evaluate(rule.x.node, block), evaluate(rule.reference.node, block)
    none: Any = None if reference.positive else compare("<=", reference, constant(Fraction(0)), block)
    some = none is not None and none.v.any()
    over = _bare(reference)
    if some:
        over.v = np.where(none.v, 1.0, reference.v)
        over.top = over.least = None
    ratio = divide(V(full(x.v, block), x.rel, x.abs, None, x.grid, x.leaf, top=x.top), over, block)
    y = multiply(ratio, fixed_value(rule.full, scale))
    limited = bounded(y, rule.floor, rule.full, scale)
    limit = limited.top
    codes = merge_codes(x, reference)
    if rule.no_reference is None:
        undefined = np.where(none.v, np.uint8(Absence.UNDEFINED), np.uint8(0)) if some else None
        codes = merge_codes(V(0, codes=codes), V(0, codes=undefined))
        return V(limited.v, 0.0, limited.error(), codes, limited.grid, top=limit)
    value = limited.v
    if some:
        value = np.where(none.v, float(rule.no_reference * scale), value)
        if x.codes is not None:
            known = none.v if reference.codes is None else none.v & (reference.codes == 0)
            excused = known & (x.codes != Absence.UNANSWERED)
            codes = np.where(excused, np.uint8(0), codes if codes is not None else np.uint8(0))
    whole = (rule.no_reference * scale).denominator
    grid = limited.grid
    error = limited.error() + (0.0 if whole == 1 else 2 * U * abs(float(rule.no_reference)) * scale)
    if grid is not None and whole != 1:
        inner = grid
        grid = lambda rows: inner(rows) * whole  # noqa: E731
    return V(value, 0.0, error, codes, grid, top=limit)


def deductions(rule: Deductions, block: Block, scale: int) -> V:
    total = fixed_value(rule.start, scale)
    for x, _, each in rule.per:
        value = extreme(np.maximum, [evaluate(x.node, block), constant(Fraction(0))])
        total = add(total, multiply(value, fixed_value(each, scale)), -1)
    return extreme(np.maximum, [total, fixed_value(rule.floor, scale)])


def levels(rule: Levels, block: Block, scale: int) -> V:
    level = block.name(rule.fact)
    if level.kind != "level":
        raise Unsupported("levels of another kind")
    table = _once(block, rule, lambda: _Table([rule.points.get(o, Fraction(0)) * scale for o in level.options]))
    return cast(V, table.value(table.array.take(level.v), level.codes))


def _sums(rule: Checklist, options: tuple[str, ...], scale: int) -> list[Fraction]:
    """Return the points of every combination of ticked items, by its bit mask."""
    worth = {i.id: i.points * scale for i in rule.items if i.when is None}
    return [
        sum((worth.get(o, Fraction(0)) for bit, o in enumerate(options) if mask >> bit & 1), Fraction(0))
        for mask in range(1 << len(options))
    ]


def _yes_or_no(points: Fraction) -> Callable[[], _Table]:
    return lambda: _Table([points, Fraction(0)])


def checklist(rule: Checklist, block: Block, scale: int) -> V:
    result: V | None = None
    ticked = [i for i in rule.items if i.when is None]
    if rule.fact and ticked:
        facts = block.name(rule.fact)
        if facts.kind != "items":
            raise Unsupported("items of another kind")
        table = _once(block, rule, lambda: _Table(_sums(rule, facts.options, scale)))
        result = table.value(table.array.take(facts.v), facts.codes)
    elif rule.fact:
        result = V(np.zeros(block.size), codes=block.name(rule.fact).codes, grid=ones, leaf=True)
    for item in rule.items:
        if item.when is None:
            continue
        done = evaluate(item.when.node, block)
        table = _once(block, item, _yes_or_no(item.points * scale))
        part = table.value(done.v * table.values[0], done.codes)
        result = part if result is None else _whole_sum(result, part)
    return result if result is not None else fixed_value(Fraction(0), scale)


def _whole_sum(a: V, b: V) -> V:
    if a.whole and b.whole:
        return V(a.v + b.v, codes=merge_codes(a, b), grid=ones, leaf=True, whole=True)
    return add(a, b, 1)


def target(rule: TargetOutcome, block: Block, scale: int) -> V:
    found = conditions.target(rule.target, block)
    values = [rule.met, rule.missed, *(p for _, p in rule.years_missed)]
    table = _once(block, rule, lambda: _Table([v * scale for v in values]))
    if table.denominator == 1:
        y = found.missed * (table.values[1] - table.values[0]) + table.values[0]
    else:
        y = np.where(found.missed, table.values[1], table.values[0])
    if rule.years_missed and found.missed.any():
        years = conditions.missed_years(rule.target, block)
        most = years.max()
        for least, value in reversed(rule.years_missed):
            if most >= least:
                y = np.where(found.missed & (years >= least), float(value * scale), y)
    return cast(V, table.value(y, found.codes))


def judged(rule: Judged, block: Block, scale: int) -> V:
    codes = np.full(block.size, Absence.NOT_SUPPLIED, np.uint8)
    if rule.fact:
        answer = block.name(rule.fact)
        if answer.codes is not None:
            codes = np.where(answer.codes > 0, answer.codes, codes)
    return V(np.zeros(block.size), codes=codes, grid=ones, leaf=True)


def fixed(rule: Fixed, block: Block, scale: int) -> V:
    value = fixed_value(rule.points, scale)
    return V(np.full(block.size, value.v), value.rel, 0.0, None, value.grid, value.leaf, top=value.top)


def first(rule: FirstThatHolds, block: Block, scale: int) -> V:
    result = points(rule.otherwise, block, scale)
    for case in reversed(rule.cases):
        then = points(case.rule, block, scale)
        condition = evaluate(case.when.node, block) if case.when is not None else None
        result = then if condition is None else choose(condition, then, result, block)
    return result


def most_severe(rule: MostSevere, block: Block, scale: int) -> V:
    lowest = np.full(block.size, np.inf)
    codes = np.zeros(block.size, np.uint8)
    parts = []
    for case in rule.cases:
        condition = None if case.when is None else evaluate(case.when.node, block)
        holds = np.ones(block.size, bool) if condition is None else condition.v
        if condition is not None and condition.codes is not None:
            codes = np.maximum(codes, condition.codes)
            holds = holds & (condition.codes == 0)
        part = points(case.rule, block, scale)
        parts.append(part)
        if part.codes is not None:
            codes = np.where(holds, np.maximum(codes, part.codes), codes)
        lowest = np.where(holds, np.minimum(lowest, part.v), lowest)
    if rule.otherwise is not None:
        part = points(rule.otherwise, block, scale)
        parts.append(part)
        none = np.isposinf(lowest) & (codes == 0)
        if part.codes is not None:
            codes = np.where(none, part.codes, codes)
        lowest = np.where(none, part.v, lowest)
    error = max(p.error() + (0.0 if p.leaf else U * p.largest()) for p in parts)
    lowest = np.where(np.isfinite(lowest), lowest, 0.0)
    top = max(p.largest() for p in parts)
    leaf = all(p.leaf for p in parts)
    return V(lowest, 0.0, error, codes if codes.any() else None, one_of_grid(*parts), leaf=leaf, top=top)


def combine(rule: Combine, block: Block, scale: int) -> V:
    parts = [points(r, block, scale) for r in rule.rules]
    if rule.how in ("lower_of", "higher_of"):
        return extreme(np.minimum if rule.how == "lower_of" else np.maximum, parts)
    total = parts[0]
    for part in parts[1:]:
        total = _whole_sum(total, part)
    if rule.how == "mean_of":
        return multiply(total, constant(Fraction(1, len(parts))))
    return total


def rank(rule: Rank, block: Block, scale: int) -> V:
    place = evaluate(rule.ranked.node, block)
    later = add(place, constant(Fraction(1)), -1)
    points = add(fixed_value(rule.full, scale), multiply(later, fixed_value(rule.each, scale)), -1)
    return extreme(np.maximum, [points, fixed_value(rule.floor, scale)])


_READERS: dict[type[Rule], Callable[[Any, Block, int], V]] = {
    Curve: curve,
    Steps: steps,
    Formula: formula,
    Share: share,
    Deductions: deductions,
    Levels: levels,
    Checklist: checklist,
    TargetOutcome: target,
    Judged: judged,
    Fixed: fixed,
    FirstThatHolds: first,
    MostSevere: most_severe,
    Combine: combine,
    Rank: rank,
}
