"""Rules as C text: points times `scale` (the units of rounding), unrounded, as `many.rules` gives them over arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from scorecard.engine.native.expressions import Reader, table
from scorecard.engine.native.symbols import (
    ONE,
    SAFETY,
    TRUE,
    NotCompiled,
    S,
    U,
    add,
    choose,
    compare,
    constant,
    denominator,
    divide,
    error,
    extreme,
    integer,
    largest,
    literal,
    merge,
    multiplied,
    multiply,
    real,
    shared,
    size,
    weakest,
)
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
from scorecard.engine.rules.share import Share
from scorecard.engine.rules.steps import Steps
from scorecard.engine.rules.target import TargetOutcome
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.rational import Fraction


def points(rule: Rule, r: Reader, scale: int) -> S:
    """Write the points of a rule times `scale`. Raises NotCompiled for what has no compiled form."""
    writer = _WRITERS.get(type(rule))
    if writer is None:
        raise NotCompiled(rule.kind)
    return writer(rule, r, scale)


def curve(rule: Curve, r: Reader, scale: int) -> S:
    c = r.c
    x = r.evaluate(rule.x.node)
    xs = c.number(real(x))
    terms, steepest, reach, number = [], 0.0, 0.0, 0
    shares: list[Fraction] = []
    for (x0, y0), (x1, y1) in pairwise(rule.points):
        slope = (y1 - y0) / (x1 - x0) * scale
        shares += [slope, y0 * scale - slope * x0]
        steepest = max(steepest, abs(float(slope)))
        reach += abs(float(y1 - y0)) * scale
        if slope:
            number += 1
            low, high = literal(float(x0)), literal(float(x1))
            part = c.pick(f"{xs} > {low}", xs, low, number=True)
            part = c.pick(f"{part} < {high}", part, high, number=True)
            terms.append(f"{literal(float(slope))} * ({part} - {low})")
    first = float(rule.points[0][1] * scale)
    for value in (*(y for _, y in rule.points), rule.below, rule.above):
        reach = max(reach, abs(float(value * scale)))
        shares.append(value * scale)
    widest = max(abs(float(rule.points[0][0])), abs(float(rule.points[-1][0])))
    v = c.number(" + ".join([*terms, literal(first)]))
    # Clipping moves no two values further apart, so only the part of the error within the curve counts.
    fixed = steepest * (x.rel + 2 * U) * widest * max(number, 1) * 1.1 + 4 * SAFETY * U * (reach + steepest * widest)
    bound = literal(fixed)
    if x.abs:
        bound = c.number(f"{bound} + {literal(steepest * max(number, 1) * 1.1)} * {x.abs}")
    divisor, ten = denominator(*shares)
    grid, ten = multiplied(x, S("", grid=divisor, ten=ten))
    result = S(v, abs=bound, code=x.code, grid=grid, ten=ten)
    for op, edge, outside in (
        ("<=" if rule.open_left else "<", rule.points[0], rule.below),
        (">=" if rule.open_right else ">", rule.points[-1], rule.above),
    ):
        if outside != edge[1]:
            beyond = compare(c, op, x, constant(edge[0]))
            v = c.pick(beyond.v, literal(float(outside * scale)), result.v, number=True)
            result = replace(result, v=v)
    return result


def steps(rule: Steps, r: Reader, scale: int) -> S:
    c = r.c
    x = r.evaluate(rule.x.node)
    op = {"at_most": "<=", "at_least": ">=", "below": "<", "above": ">"}[rule.compare]
    values = [rule.otherwise * scale, *(p * scale for _, p in reversed(rule.steps))]
    whole = all(v.denominator == 1 for v in values)
    v = _text(values[0], whole)
    for (bound, _), value in zip(reversed(rule.steps), values[1:], strict=True):
        keeps = compare(c, op, x, constant(bound))
        v = c.pick(keeps.v, _text(value, whole), v, number=not whole)
    return _chosen(v, values, whole, x.code)


def _text(value: Fraction, whole: bool) -> str:
    return integer(int(value)) if whole else literal(float(value))


def _chosen(v: str, values: list[Fraction], whole: bool, code: str) -> S:
    """A value that is one of a few constants."""
    if whole:
        return S(v, code=code, leaf=True, whole=True, grid=ONE, ten=True)
    grid, ten = denominator(*values)
    return S(v, abs=literal(2 * U * max(abs(float(x)) for x in values)), code=code, grid=grid, ten=ten)


def formula(rule: Formula, r: Reader, scale: int) -> S:
    c = r.c
    y = multiply(c, r.evaluate(rule.x.node), constant(rule.scale * scale))
    if rule.ceiling is not None and rule.floor is not None:
        return bounded(r, y, rule.floor, rule.ceiling, scale)
    if rule.ceiling is not None:
        y = extreme(c, True, [y, constant(rule.ceiling * scale)])
    if rule.floor is not None:
        y = extreme(c, False, [y, constant(rule.floor * scale)])
    return y


def bounded(r: Reader, y: S, low: Fraction, high: Fraction, scale: int) -> S:
    """Limit points to [low, high]. Beyond the limits the value is a constant, so a relative bound counts only up to
    them.
    """
    c = r.c
    floor, ceiling = float(low * scale), float(high * scale)
    limit = max(abs(floor), abs(ceiling))
    v = c.pick(f"{real(y)} < {literal(ceiling)}", real(y), literal(ceiling), number=True)
    v = c.pick(f"{v} > {literal(floor)}", v, literal(floor), number=True)
    bound = literal((y.rel + 4 * U) * limit * 1.1)
    if y.abs:
        bound = c.number(f"{bound} + {y.abs}")
    grid, ten = shared(y, constant(low * scale), constant(high * scale))
    return S(v, abs=bound, code=y.code, grid=grid, ten=ten)


def share(rule: Share, r: Reader, scale: int) -> S:
    c = r.c
    x, reference = r.evaluate(rule.x.node), r.evaluate(rule.reference.node)
    none = compare(c, "<=", reference.without_code(), constant(Fraction(0)))
    # The divisor is known to be above zero where its quotient counts.
    over = replace(reference, v=c.pick(none.v, literal(1.0), real(reference), number=True), whole=False, code="")
    limited = bounded(
        r, multiply(c, divide(c, x.without_code(), over).without_code(), constant(rule.full * scale)),
        rule.floor, rule.full, scale,
    )  # fmt: skip
    code = merge(c, x, reference)
    if rule.no_reference is None:
        return replace(limited, code=weakest(c, code, none.v))
    fixed = rule.no_reference * scale
    v = c.pick(none.v, literal(float(fixed)), limited.v, number=True)
    if x.code:
        blank = int(Absence.UNANSWERED)
        there = f" & ({reference.code} == 0)" if reference.code else ""
        code = c.whole(f"{code} & ~({none.v} & ({x.code} != {blank}){there})")
    bound = limited.abs
    if fixed.denominator != 1:
        bound = c.number(f"{bound} + {literal(2 * U * abs(float(fixed)))}")
    grid, ten = shared(limited, constant(fixed))
    return S(v, abs=bound, code=code, grid=grid, ten=ten)


def deductions(rule: Deductions, r: Reader, scale: int) -> S:
    c = r.c
    total = constant(rule.start * scale)
    for x, _, each in rule.per:
        value = extreme(c, False, [r.evaluate(x.node), constant(Fraction(0))])
        total = add(c, total, multiply(c, value, constant(each * scale)), -1)
    return extreme(c, False, [total, constant(rule.floor * scale)])


def levels(rule: Levels, r: Reader, scale: int) -> S:
    level = r.name(rule.fact)
    if level.kind != "level":
        raise NotCompiled("levels of another kind")
    values = [rule.points.get(o, Fraction(0)) * scale for o in level.options]
    if any(v.denominator != 1 for v in values):
        v = literal(float(values[0]))
        for place, value in enumerate(values[1:], start=1):
            v = r.c.pick(f"{level.v} == {place}", literal(float(value)), v, number=True)
        return _chosen(v, values, False, level.code)
    return S(table(r.c, [int(v) for v in values], level.v), code=level.code, leaf=True, whole=True, grid=ONE, ten=True)


def checklist(rule: Checklist, r: Reader, scale: int) -> S:
    c = r.c
    worths = [i.points * scale for i in rule.items]
    if any(w.denominator != 1 for w in worths):
        raise NotCompiled("items of broken units")
    parts, codes = [], []
    if rule.fact:
        facts = r.name(rule.fact)
        if facts.kind != "items":
            raise NotCompiled("items of another kind")
        codes.append(facts)
        bits = {o: n for n, o in enumerate(facts.options)}
        parts += [
            f"((({facts.v} & {1 << bits[i.id]}) != 0) & {int(w)})"
            for i, w in zip(rule.items, worths, strict=True)
            if i.when is None and i.id in bits
        ]
    for item, worth in zip(rule.items, worths, strict=True):
        if item.when is not None:
            done = r.evaluate(item.when.node)
            codes.append(done)
            parts.append(f"({done.v} & {int(worth)})")
    return S(c.whole(" + ".join(parts) or integer(0)), code=merge(c, *codes), leaf=True, whole=True, grid=ONE, ten=True)


def target(rule: TargetOutcome, r: Reader, scale: int) -> S:
    c = r.c
    missed, code = r.target(rule.target, 0)
    values = [rule.met * scale, rule.missed * scale, *(p * scale for _, p in rule.years_missed)]
    whole = all(v.denominator == 1 for v in values)
    v = c.pick(missed, _text(values[1], whole), _text(values[0], whole), number=not whole)
    if rule.years_missed:
        years = r.missed_years(rule.target, 0, max(least for least, _ in rule.years_missed))
        for least, value in reversed(rule.years_missed):
            v = c.pick(f"({missed} & ({years.v} >= {least}))", _text(value * scale, whole), v, number=not whole)
    return _chosen(v, values, whole, code)


def judged(rule: Judged, r: Reader, scale: int) -> S:
    pending = int(Absence.NOT_SUPPLIED)
    code = r.c.whole(integer(pending))
    if rule.fact:
        answer = r.name(rule.fact)
        if answer.code:
            code = r.c.pick(f"{answer.code} != 0", answer.code, integer(pending))
    return S(integer(0), code=code, leaf=True, whole=True, grid=ONE, ten=True)


def fixed(rule: Fixed, r: Reader, scale: int) -> S:
    return constant(rule.points * scale)


def first(rule: FirstThatHolds, r: Reader, scale: int) -> S:
    result = points(rule.otherwise, r, scale)
    for case in reversed(rule.cases):
        then = points(case.rule, r, scale)
        result = then if case.when is None else choose(r.c, r.evaluate(case.when.node), then, result)
    return result


def most_severe(rule: MostSevere, r: Reader, scale: int) -> S:
    c = r.c
    parts: list[S] = []
    holding: list[str] = []
    code = ""
    for case in rule.cases:
        part = points(case.rule, r, scale)
        holds = TRUE
        if case.when is not None:
            condition = r.evaluate(case.when.node)
            holds = condition.v
            if condition.code:
                code = largest(c, code, condition.code)
                holds = c.truth(f"{holds} & ({condition.code} == 0)")
        if part.code:
            code = largest(c, code, c.whole(f"{part.code} & {holds}"))
        parts.append(part)
        holding.append(holds)
    found = "KD(INFINITY)"
    for part, holds in zip(parts, holding, strict=True):
        found = c.pick(f"({holds} & ({real(part)} < {found}))", real(part), found, number=True)
    some = c.truth(f"({' | '.join(holding)})")
    other = literal(0.0)
    if rule.otherwise is not None:
        part = points(rule.otherwise, r, scale)
        if part.code:
            own = c.whole(f"{part.code} & ~{some}")
            code = c.pick(f"{code} == 0", own, code) if code else own
        parts.append(part)
        other = real(part)
    v = c.pick(some, found, other, number=True)
    grid, ten = shared(*parts)
    if all(p.leaf for p in parts):
        return S(v, code=code, leaf=True, grid=grid, ten=ten)
    bound = ""
    for part in parts:
        known = " + ".join(e for e in (error(part), f"{literal(U)} * {size(part)}") if e)
        known = c.number(known)
        bound = c.pick(f"{known} > {bound}", known, bound, number=True) if bound else known
    return S(v, abs=bound, code=code, grid=grid, ten=ten)


def combine(rule: Combine, r: Reader, scale: int) -> S:
    parts = [points(p, r, scale) for p in rule.rules]
    if rule.how in ("lower_of", "higher_of"):
        return extreme(r.c, rule.how == "lower_of", parts)
    total = parts[0]
    for part in parts[1:]:
        total = add(r.c, total, part, 1)
    if rule.how == "mean_of":
        return multiply(r.c, total, constant(Fraction(1, len(parts))))
    return total


_WRITERS: dict[type[Rule], Callable[[Any, Reader, int], S]] = {
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
}

__all__ = ["points"]
