"""Numbers over a block: each function carries out one operation and bounds its error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import lcm
from typing import Any

import numpy as np

from scorecard.engine.arrays.columns import Array
from scorecard.engine.arrays.values import (
    SAFETY,
    Block,
    Grid,
    U,
    V,
    choice_grid,
    common_grid,
    constant,
    constant_grid,
    full,
    merge_codes,
    merge_doubt,
    ones,
    present,
    product_grid,
    prove,
    ten,
    truth,
)
from scorecard.engine.language.exact import OPERATORS
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.rational import ZERO, Fraction


def add(block: Block, signs: tuple[int, ...], *values: V) -> V:
    codes = merge_codes(*values)
    first = values[0]
    v = first.v if signs[0] > 0 else -first.v
    if len(values) == 1:
        return V(v, first.rel, first.abs, codes, first.grid, first.leaf, first.top, first.whole)
    for place, (sign, each) in enumerate(zip(signs[1:], values[1:], strict=True)):
        apply = np.add if sign > 0 else np.subtract
        v = apply(v, each.v, out=v) if place and np.ndim(v) else apply(v, each.v)
    top = sum(each.largest() for each in values)
    if top < 2.0**53 and all(each.whole for each in values):
        return V(v, codes=codes, grid=ones, leaf=True, top=top, whole=True)
    # A filed figure is itself rounded to its double: that is half a unit in the last place of each operand.
    error = sum(each.error() for each in values) + U * SAFETY * (len(values) - 1) * top
    return V(v, 0.0, error, codes, common_grid(*values), top=top)


def multiply(block: Block, a: V, b: V) -> V:
    v, codes, grid = a.v * b.v, merge_codes(a, b), product_grid(a, b)
    ra, rb = a.relative(), b.relative()
    if ra is not None and rb is not None:
        top = a.top * b.top if a.top is not None and b.top is not None else None
        return V(v, (ra + rb + U) * 1.01, 0.0, codes, grid, top=top, positive=a.positive and b.positive)
    ta, tb = a.largest(), b.largest()
    ea, eb = a.error() + U * ta, b.error() + U * tb
    return V(v, 0.0, (ea * tb + eb * ta + ea * eb + U * ta * tb) * 1.01, codes, grid, top=ta * tb)


def divide(block: Block, a: V, b: V) -> V:
    rb = b.relative()
    codes = merge_codes(a, b)
    zero: Any = None
    doubt: Array | None = None
    if rb is None:
        rb, zero, doubt = _doubtful_divisor(b, codes, block.size)
    elif not b.positive:
        zero = np.equal(b.v, 0.0)
    if zero is not None and np.any(zero):
        codes = _undefined(full(zero, block.size), codes)
    v = np.true_divide(a.v, b.v)
    if codes is not None:
        # What stands in for an absent figure makes quotients of any size, on which the block's bounds would rest.
        v = np.where(codes > 0, 0.0, v)
    grid = _quotient_grid(a, b)
    ra = a.relative()
    if ra is not None:
        positive = a.positive and b.positive and codes is None
        return V(v, (ra + rb + U) * 1.01, 0.0, codes, grid, positive=positive, doubt=doubt)
    smallest = b.least or float(np.min(np.abs(b.v), where=np.not_equal(b.v, 0), initial=np.inf))
    result = V(v, 0.0, 0.0, codes, grid, doubt=doubt)
    result.abs = (a.error() / max(smallest, 1e-300) + result.largest() * (rb + 2 * U)) * 1.01
    return result


def _undefined(flags: Array, codes: Array | None) -> Array:
    """Absence codes with what is undefined where the flags are set; a stronger absence stays."""
    undefined = np.where(flags, np.uint8(Absence.UNDEFINED), np.uint8(0))
    return undefined if codes is None else np.maximum(codes, undefined)


def _quotient_grid(a: V, b: V) -> Grid | None:
    ga, gb, bv = a.grid, b.grid, b.v
    if ga is None or gb is None:
        return None

    def grid(rows: Array) -> Array:
        x, y = ga(rows), gb(rows)
        divisor = np.abs(bv[rows] if np.ndim(bv) else np.full(len(rows), bv))
        numerator = np.rint(divisor * y)
        found: Array = np.where(ten(x) & ten(y), numerator * np.maximum(x / y, 1.0), x * numerator)
        return found

    return grid


def _doubtful_divisor(b: V, codes: Array | None, size: int) -> tuple[float, Any, Array | None]:
    """Return a relative bound for a divisor that is a sum or difference, where it is proven to be zero, and the rows
    in which it is within its bound of zero and not proven to be zero.
    """
    small = np.abs(b.v) <= b.abs * 2
    zero: Any = None
    doubt: Array | None = None
    if np.any(small):
        rows = present(full(small, size), codes)
        proven = prove(b, rows)
        zero = np.zeros(size, bool)
        zero[rows[proven]] = True
        doubt = rows[~proven]
    least = float(np.min(np.abs(b.v), where=~small, initial=np.inf))
    return b.abs / max(least - b.abs, 1e-300) + U, zero, doubt


def absolute(block: Block, a: V) -> V:
    return V(np.abs(a.v), a.rel, a.abs, a.codes, a.grid, a.leaf, a.top, a.whole)


def extreme(block: Block, highest: bool, *values: V) -> V:
    pick = np.maximum if highest else np.minimum
    v = values[0].v
    for each in values[1:]:
        v = pick(v, each.v)
    codes, grid = merge_codes(*values), common_grid(*values)
    top = max(each.largest() for each in values)
    if all(each.leaf for each in values):
        return V(v, 0.0, 0.0, codes, grid, leaf=True, top=top, whole=all(each.whole for each in values))
    if all(not each.abs for each in values):
        return V(v, max(each.rel + U for each in values), 0.0, codes, grid, top=top)
    return V(v, 0.0, max(each.error() for each in values) + U * top, codes, grid, top=top)


def limit(block: Block, low: Fraction, high: Fraction, y: V) -> V:
    """Beyond the limits the value is a constant, so a relative bound counts only up to them."""
    floor, ceiling = constant(low), constant(high)
    top = max(floor.largest(), ceiling.largest())
    v = np.maximum(np.minimum(y.v, ceiling.v), floor.v)
    error = y.abs + (y.rel + 4 * U) * top * 1.1
    return V(v, 0.0, error, y.codes, common_grid(y, floor, ceiling), top=top)


# ---- curves and shares


Points = Sequence[tuple[Fraction, Fraction]]


class Segments:
    """A curve made ready: (from, to, slope) of each sloping segment, the first value, the steepest slope, the
    denominator that values share, and bounds on the size of intermediate values and of x within the curve.
    """

    __slots__ = ("denominator", "first", "jumps", "segments", "size", "steepest", "widest")

    def __init__(self, points: Points, below: Fraction, above: Fraction, open_ends: tuple[bool, bool]) -> None:
        self.segments: list[tuple[float, float, float]] = []
        self.steepest, self.denominator, self.size = 0.0, 1, 0.0
        for (x0, y0), (x1, y1) in pairwise(points):
            slope = (y1 - y0) / (x1 - x0)
            self.denominator = lcm(self.denominator, slope.denominator, (y0 - slope * x0).denominator)
            self.steepest = max(self.steepest, abs(float(slope)))
            self.size += abs(float(y1 - y0))
            if slope:
                self.segments.append((float(x0), float(x1), float(slope)))
        for value in (*(y for _, y in points), below, above):
            self.denominator = lcm(self.denominator, value.denominator)
            self.size = max(self.size, abs(float(value)))
        (x_first, first), (x_last, last) = points[0], points[-1]
        self.first = float(first)
        self.widest = max(abs(float(x_first)), abs(float(x_last)))
        ends = [
            ("<=" if open_ends[0] else "<", x_first, below, first),
            (">=" if open_ends[1] else ">", x_last, above, last),
        ]
        self.jumps = [(op, constant(x), float(outside)) for op, x, outside, inside in ends if outside != inside]


def curve(block: Block, ready: Segments, x: V) -> V:
    xs = full(x.v, block.size)
    y: Any = None
    for x0, x1, slope in ready.segments:
        part = np.maximum(xs, x0)
        np.minimum(part, x1, out=part)
        if x0:
            np.subtract(part, x0, out=part)
        np.multiply(part, slope, out=part)
        y = part if y is None else np.add(y, part, out=y)
    if y is None:
        y = np.full(block.size, ready.first)
    elif ready.first:
        np.add(y, ready.first, out=y)
    # Clipping moves no two values further apart, so only the part of the error within the curve counts.
    near = x.abs + (x.rel + 2 * U) * ready.widest
    error = ready.steepest * near * max(len(ready.segments), 1) * 1.1
    error += 4 * SAFETY * U * (ready.size + ready.steepest * ready.widest)
    gx, denominator = x.grid, float(ready.denominator)
    grid: Grid | None = None if gx is None else (lambda rows: gx(rows) * denominator)
    result = V(y, 0.0, error, x.codes, grid, top=ready.size)
    for op, edge, outside in ready.jumps:
        beyond = compare(block, op, x, edge)
        y[beyond.v] = outside
        result.doubt = merge_doubt(result.doubt, beyond.doubt)
    return result


def share(block: Block, most: Fraction, least: Fraction, without: Fraction | None, x: V, reference: V) -> V:
    """`most` times x over the reference, limited to [least, most]; where the reference is not above zero `without`, or
    undefined when that is None.
    """
    over = replace(reference, codes=None, doubt=None, positive=not reference.abs)
    doubt: Array | None = None
    none: Any = None
    if not reference.positive:
        below = compare(block, "<=", reference, constant(ZERO))
        doubt = below.doubt
        if below.v.any():
            none = below.v
            over.v, over.top, over.least = np.where(none, 1.0, reference.v), None, None
    bare = replace(x, v=full(x.v, block.size), codes=None, doubt=None)
    ratio = divide(block, bare, over)
    y = limit(block, least, most, multiply(block, ratio, constant(most)))
    y.doubt, y.codes = merge_doubt(doubt, ratio.doubt), merge_codes(x, reference)
    if none is None:
        return y
    if without is None:
        y.codes = _undefined(none, y.codes)
        return y
    instead = constant(without)
    y.v, y.grid = np.where(none, instead.v, y.v), choice_grid(none, instead, y)
    y.abs, y.top = y.abs + 2 * U * instead.largest(), max(y.largest(), instead.largest())
    if x.codes is not None and y.codes is not None:
        # Without a reference it does not matter what the share is of, unless that is left blank.
        known = none if reference.codes is None else none & (reference.codes == 0)
        y.codes = np.where(known & (x.codes != Absence.UNANSWERED), np.uint8(0), y.codes)
    return y


# ---- constants by conditions and answers


class Table:
    """A few constants that are added up: exact when they are whole."""

    __slots__ = ("base", "denominator", "error", "sums", "top", "whole", "worths")

    def __init__(self, base: Fraction, worths: Sequence[Fraction], items: bool = False) -> None:
        self.base, self.worths = float(base), [float(w) for w in worths]
        self.denominator = lcm(base.denominator, *(w.denominator for w in worths))
        self.top = abs(self.base) + sum(abs(w) for w in self.worths)
        self.whole = self.denominator == 1 and self.top < 2.0**53
        self.error = 0.0 if self.whole else 2 * U * (len(worths) + 1) * self.top
        self.sums = np.array(self.worths)
        if items:
            # Sums of the first items by their bits; of many items each is looked at in turn.
            self.sums = np.zeros(1)
            for worth in self.worths[: Table.BITS]:
                self.sums = np.concatenate([self.sums, self.sums + worth])

    BITS = 12

    def value(self, y: Any, codes: Array | None) -> V:
        grid = constant_grid(float(self.denominator))
        return V(y, 0.0, self.error, codes, grid, leaf=self.whole, top=self.top, whole=self.whole)


def tally(block: Block, ready: Table, *conditions: V) -> V:
    y: Any = ready.base
    for condition, worth in zip(conditions, ready.worths, strict=True):
        part = np.multiply(condition.v, worth)
        y = part if y is ready.base and not y else np.add(part, y)
    return ready.value(y, merge_codes(*conditions))


def worth(block: Block, ready: Table, answer: V) -> V:
    if len(ready.worths) <= Table.BITS or len(ready.sums) == len(ready.worths):
        return ready.value(ready.sums.take(answer.v), answer.codes)
    y = ready.sums.take(np.bitwise_and(answer.v, len(ready.sums) - 1))
    for bit, each in enumerate(ready.worths[Table.BITS :], Table.BITS):
        y = y + (np.right_shift(answer.v, bit) & 1) * each
    return ready.value(y, answer.codes)


# ---- comparisons


def compare(block: Block, op: str, a: V, b: V) -> V:
    """Filed figures and constants compare exactly; others within the bound are proven or in doubt."""
    codes = merge_codes(a, b)
    if (a.leaf and b.leaf) or not block.guard:
        return truth(full(OPERATORS[op](a.v, b.v), block.size), codes)
    difference = add(block, (1, -1), a, b)
    difference.v = full(difference.v, block.size)
    result: Array = OPERATORS[op](difference.v, 0.0)
    near = np.abs(difference.v) <= difference.abs
    if not near.any():
        return truth(result, codes)
    rows = present(near, codes)
    proven = prove(difference, rows)
    result[rows[proven]] = op in ("<=", ">=", "==")
    return truth(result, codes, merge_doubt(rows[~proven]))
