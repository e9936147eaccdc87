"""Values of a block: float64 with an error bound, exact where the bound does not decide.

Every value carries a bound on its distance from the exact value. A comparison or a rounding that lies within the bound
is decided in two ways. First, the exact difference is a multiple of 1/D, where D bounds the denominators of the row's
figures; when the bound is smaller than half of 1/D the difference can only be zero, so the tie is proven. Otherwise the
row is put down as doubtful, and what depends on it is evaluated exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from scorecard.engine.arrays.columns import MAX_DIGITS, Array
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.numbers import terminating_digits
from scorecard.engine.values.rational import Fraction

U = 2.0**-53
SAFETY = 4.0

Grid = Callable[[Array], Array]


class Unsupported(Exception):
    """An expression or rule that has no column form; its unit is evaluated row by row."""


@dataclass(slots=True)
class V:
    """Values of a block. `rel` bounds the error relative to the value, `abs` absolutely (both may be 0: a filed figure
    or a constant, whose double orders exactly). `grid(rows)` bounds the denominators of the exact values of these
    rows.
    """

    v: Any
    rel: float = 0.0
    abs: float = 0.0
    codes: Array | None = None
    grid: Grid | None = None
    leaf: bool = False
    kind: str = "number"
    options: tuple[str, ...] = ()
    top: float | None = None  # a bound on |v|, when known without looking
    whole: bool = False  # every value is a whole number, exactly
    positive: bool = False  # every value is above zero
    least: float | None = None  # a lower bound on |v|, when known without looking

    def largest(self) -> float:
        if self.top is None:
            found = self.v if self.positive else np.abs(self.v)
            self.top = (
                float(np.max(found)) if np.ndim(found) and len(found) else float(found) if not np.ndim(found) else 0.0
            )
            if not np.isfinite(self.top):
                self.top = float(np.max(found[np.isfinite(found)], initial=0.0))
        return self.top

    def error(self) -> float:
        """An absolute bound for the whole block."""
        return self.abs + (self.rel * self.largest() if self.rel else 0.0)


def merge_codes(*values: V) -> Array | None:
    """The strongest absence of each row: the codes are ordered by strength."""
    merged: Array | None = None
    for value in values:
        if value.codes is not None:
            merged = value.codes if merged is None else np.maximum(merged, value.codes)
    return merged


class Rows(Protocol):
    """What arithmetic needs of a block: how many rows it has, and where it puts down those in doubt."""

    @property
    def size(self) -> int: ...

    def doubtful(self, rows: Array) -> None: ...


def ones(rows: Array) -> Array:
    return np.ones(len(rows))


_TENS = 10.0 ** np.arange(23)


def digit_grid(values: Array, hint: int = 0) -> Array:
    """Return 10**d for each filed decimal, d being the fewest digits that give the very same double; inf beyond
    twelve.
    """
    # Most figures are filed in the digits of their fact: those are tried first, a bound need not be the least.
    scale = 10.0**hint
    whole = np.rint(values * scale)
    if (np.abs(whole) < 2.0**53).all() and (whole / scale == values).all():
        return np.full(len(values), scale)
    found = np.full(len(values), np.inf)
    open_ = np.ones(len(values), bool)
    for digits in range(13):
        scale = 10.0**digits
        whole = np.rint(values * scale)
        fits = open_ & (np.abs(whole) < 2.0**53) & (whole / scale == values)
        found[fits] = scale
        open_ &= ~fits
        if not open_.any():
            break
    return found


def decimal_grid(values: Array) -> Array:
    return np.array([float(10 ** max(0, -int(v.as_tuple().exponent))) for v in values])


@lru_cache(maxsize=4096)
def constant(value: Fraction) -> V:
    """A constant, shared: nothing may change it. It counts as exact when its double orders it exactly among filed
    figures.
    """
    near = value.numerator / value.denominator
    digits = terminating_digits(value)
    short = digits is not None and len(str(abs(value.numerator) * 10**digits // value.denominator)) <= MAX_DIGITS
    exact = short or Fraction(near) == value
    denominator = float(value.denominator)
    return V(
        near, 0.0 if exact else U, 0.0, None, lambda rows: np.full(len(rows), denominator), leaf=exact, top=abs(near)
    )


def both_grid(a: V, b: V) -> Grid | None:
    """Denominators of a sum or product: at most the product of both. Powers of ten share the larger."""
    ga, gb = a.grid, b.grid
    if ga is None or gb is None:
        return None

    def grid(rows: Array) -> Array:
        x, y = ga(rows), gb(rows)
        return np.where(ten(x) & ten(y), np.maximum(x, y), x * y)

    return grid


def ten(x: Array) -> Array:
    """Where x is a power of ten."""
    found: Array = _TENS[np.minimum(np.searchsorted(_TENS, x), 22)] == x
    return found


def choose_grid(condition: Array, a: V, b: V) -> Grid | None:
    ga, gb = a.grid, b.grid
    if ga is None or gb is None:
        return None
    return lambda rows: np.where(condition[rows], ga(rows), gb(rows))


def one_of_grid(*values: V) -> Grid | None:
    """Denominators of a value that is one of several: a common multiple of all."""
    grids = [v.grid for v in values if v.grid is not None]
    if len(grids) < len(values):
        return None

    def grid(rows: Array) -> Array:
        found = grids[0](rows)
        for each in grids[1:]:
            other = each(rows)
            found = np.where(ten(found) & ten(other), np.maximum(found, other), found * other)
        return found

    return grid


def is_number(*values: V) -> None:
    if any(v.kind != "number" for v in values):
        raise Unsupported("arithmetic on what is no number")


def add(a: V, b: V, sign: int) -> V:
    is_number(a, b)
    v = a.v + b.v if sign > 0 else a.v - b.v
    top = a.largest() + b.largest()
    # A filed figure is itself rounded to its double: that is half a unit in the last place of each operand.
    error = a.error() + b.error() + U * SAFETY * top
    return V(v, 0.0, error, merge_codes(a, b), both_grid(a, b), top=top)


def relative(a: V) -> float | None:
    """A relative bound, None when only an absolute one is known."""
    return None if a.abs else a.rel + U


def multiply(a: V, b: V) -> V:
    is_number(a, b)
    v = a.v * b.v
    ga, gb = a.grid, b.grid
    grid: Grid | None = None
    if ga is not None and gb is not None:
        grid = lambda rows: ga(rows) * gb(rows)  # noqa: E731
    ra, rb = relative(a), relative(b)
    codes = merge_codes(a, b)
    if ra is not None and rb is not None:
        top = a.top * b.top if a.top is not None and b.top is not None else None
        return V(v, (ra + rb + U) * 1.01, 0.0, codes, grid, top=top, positive=a.positive and b.positive)
    ta, tb = a.largest(), b.largest()
    ea, eb = a.error() + U * ta, b.error() + U * tb
    return V(v, 0.0, (ea * tb + eb * ta + ea * eb + U * ta * tb) * 1.01, codes, grid, top=ta * tb)


def divide(a: V, b: V, block: Rows) -> V:
    is_number(a, b)
    rb = relative(b)
    codes = merge_codes(a, b)
    zero: Any = None
    if rb is None:
        rb, zero = _doubtful_divisor(b, codes, block)
    elif not b.positive:
        zero = np.equal(b.v, 0.0)
    if zero is not None and not np.any(zero):
        zero = None
    if zero is not None:
        undefined = np.where(zero, np.uint8(Absence.UNDEFINED), np.uint8(0))
        codes = undefined if codes is None else np.maximum(codes, undefined)
    with np.errstate(all="ignore"):
        v = a.v / b.v
    ga, gb = a.grid, b.grid
    grid: Grid | None = None
    if ga is not None and gb is not None:
        bv = b.v

        def grid(rows: Array) -> Array:
            x, y = ga(rows), gb(rows)
            divisor = np.abs(bv[rows] if np.ndim(bv) else np.full(len(rows), bv))
            numerator = np.rint(divisor * y)
            found: Array = np.where(ten(x) & ten(y), numerator * np.maximum(x / y, 1.0), x * numerator)
            return found

    if zero is not None:
        v = np.where(zero, 0.0, v)
    if codes is not None:
        # What stands in for an absent figure makes quotients of any size, on which the block's bounds would rest.
        v = np.where(codes > 0, 0.0, v)
    ra = relative(a)
    if ra is not None:
        return V(v, (ra + rb + U) * 1.01, 0.0, codes, grid, positive=a.positive and b.positive)
    smallest = b.least
    if smallest is None or not smallest:
        smallest = (
            float(np.min(np.abs(b.v), where=np.abs(b.v) > 0, initial=np.inf)) if np.ndim(b.v) else abs(float(b.v))
        )
    result = V(v, 0.0, 0.0, codes, grid)
    result.abs = (a.error() / max(smallest, 1e-300) + result.largest() * (rb + 2 * U)) * 1.01
    return result


def _doubtful_divisor(b: V, codes: Array | None, block: Rows) -> tuple[float, Any]:
    """Return a relative bound for a divisor that is a sum or difference, and where it is proven to be zero.

    A value within its bound of zero that is not proven to be zero is in doubt.
    """
    small = np.abs(b.v) <= b.abs * 2
    zero: Any = None
    if np.any(small):
        rows = present(small, codes)
        proven = prove(b, rows)
        zero = np.zeros(block.size, bool)
        zero[rows[proven]] = True
        block.doubtful(rows[~proven])
    least = float(np.min(np.abs(b.v), where=~small, initial=np.inf)) if np.ndim(b.v) else abs(float(b.v))
    return b.abs / max(least - b.abs, 1e-300) + U, zero


def present(flags: Any, codes: Array | None) -> Array:
    """Return the rows of `flags` that have a value."""
    if codes is not None:
        flags = flags & (codes == 0)
    return np.flatnonzero(flags)


def prove(difference: V, rows: Array) -> Array:
    """Return which of `rows`, all within the error bound of zero, are proven to be exactly zero."""
    if difference.grid is None or not len(rows):
        return np.zeros(len(rows), bool)
    bound = difference.abs + difference.rel * np.abs(difference.v[rows] if np.ndim(difference.v) else difference.v)
    with np.errstate(all="ignore"):
        proven: Array = bound * 4.0 * difference.grid(rows) < 1.0
    return proven


COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


def compare(op: str, a: V, b: V, block: Rows) -> V:
    """Compare two values.

    Filed figures and constants compare exactly; others within the bound are proven or doubtful.
    """
    codes = merge_codes(a, b)
    if a.kind != "number" or b.kind != "number":
        return _compare_other(op, a, b, codes, block)
    if a.leaf and b.leaf:
        return V(full(COMPARISONS[op](a.v, b.v), block), codes=codes, kind="bool")
    difference = add(a, b, -1)
    difference.v = full(difference.v, block)
    # The sharper of the two bounds: operands of very different size in other rows do not blur this one.
    bound: Any = difference.abs
    result = COMPARISONS[op](difference.v, 0.0)
    near = np.abs(difference.v) <= bound
    if near.any():
        rows = present(near, codes)
        proven = prove(difference, rows)
        result[rows[proven]] = op in ("<=", ">=", "==")
        block.doubtful(rows[~proven])
    return V(result, codes=codes, kind="bool")


def full(v: Any, block: Rows) -> Array:
    return v if np.ndim(v) else np.full(block.size, v)


def _compare_other(op: str, a: V, b: V, codes: Array | None, block: Rows) -> V:
    if op not in ("==", "!="):
        raise Unsupported("this comparison")
    if a.kind == "bool" and b.kind == "bool":
        return V(COMPARISONS[op](a.v, b.v), codes=codes, kind="bool")
    if isinstance(b.v, str) and a.kind in ("text", "level"):
        return one_of(a, (b.v,), op == "!=")
    if isinstance(a.v, str) and b.kind in ("text", "level"):
        return one_of(b, (a.v,), op == "!=")
    raise Unsupported("this comparison")


def one_of(a: V, wanted: tuple[str, ...], negated: bool) -> V:
    table = np.array([(o in wanted) != negated for o in a.options])
    return V(table[a.v], codes=a.codes, kind="bool")


def connect(op: str, items: list[V], block: Rows) -> V:
    """Three-valued and/or: False and nothing is False, True or nothing is True."""
    decisive = op == "or"
    decided = np.zeros(block.size, bool)
    codes: Array | None = None
    for item in items:
        holds = item.v if decisive else ~item.v
        decided |= holds if item.codes is None else holds & (item.codes == 0)
        codes = merge_codes(V(0, codes=codes), item)
    if codes is not None:
        codes = np.where(decided, np.uint8(0), codes)
    return V(decided if decisive else ~decided, codes=codes, kind="bool")


def choose(condition: V, a: V, b: V, block: Rows) -> V:
    """Pick `a` where the condition holds, else `b`; an undecided condition has no value."""
    if a.kind != b.kind or (a.kind not in ("number", "bool")):
        raise Unsupported("a choice between different kinds")
    picked = condition.v
    zero = np.zeros(block.size, np.uint8)
    codes = None
    if a.codes is not None or b.codes is not None:
        codes = np.where(picked, zero if a.codes is None else a.codes, zero if b.codes is None else b.codes)
    if condition.codes is not None:
        codes = condition.codes if codes is None else np.where(condition.codes > 0, condition.codes, codes)
    if a.kind == "bool":
        return V(np.where(picked, a.v, b.v), codes=codes, kind="bool")
    leaf = a.leaf and b.leaf
    error = 0.0 if leaf else max(a.error(), b.error()) + U * max(a.largest(), b.largest())
    top = max(a.largest(), b.largest())
    return V(np.where(picked, a.v, b.v), 0.0, error, codes, choose_grid(picked, a, b), leaf=leaf, top=top)


def extreme(pick: Callable[[Any, Any], Any], values: list[V]) -> V:
    """Lower or higher of several."""
    is_number(*values)
    v = values[0].v
    for each in values[1:]:
        v = pick(v, each.v)
    codes = merge_codes(*values)
    grid = one_of_grid(*values)
    top = max(each.largest() for each in values)
    if all(each.leaf for each in values):
        return V(v, 0.0, 0.0, codes, grid, leaf=True, top=top)
    if all(not each.abs for each in values):
        return V(v, max(each.rel + U for each in values), 0.0, codes, grid, top=top)
    return V(v, 0.0, max(each.error() for each in values) + U * top, codes, grid, top=top)
