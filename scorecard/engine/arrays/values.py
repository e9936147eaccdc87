"""A block of rows, and values over it: float64 with an error bound, exact where the bound does not decide.

Every number carries a bound on its distance from the exact value. A comparison or a rounding that lies within the bound
is decided in two ways. First, the exact difference is a multiple of 1/D, where D bounds the denominators of the row's
figures; when the bound is smaller than half of 1/D the difference can only be zero, so the tie is proven. Otherwise the
row is in doubt, and what depends on it is evaluated exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from scorecard.engine.arrays.columns import MAX_DIGITS, Array, Column, Columns, some
from scorecard.engine.exact.context import Scoring
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import terminating_digits
from scorecard.engine.values.rational import Fraction

U = 2.0**-53
SAFETY = 4.0
WHOLE = 2.0**53  # below it every whole number has a double of its own

#: Bounds on the denominators of the exact values of some rows.
Grid = Callable[[Array], Array]


@dataclass(slots=True)
class V:
    """One value over a block: an array, or one number that holds for all rows.

    rel, abs  bounds on the error, relative to the value and absolute; both 0 for a filed figure or a constant
    codes     why there is no value (`Absence`), 0 where there is one; None when there is one everywhere
    leaf      its doubles order as the exact values do, so that two of them compare exactly
    top       a bound on |v|, when known without looking; least a lower one
    whole     every value is a whole number, exactly
    doubt     rows that doubles do not decide
    """

    v: Any
    rel: float = 0.0
    abs: float = 0.0
    codes: Array | None = None
    grid: Grid | None = None
    leaf: bool = False
    top: float | None = None
    whole: bool = False
    positive: bool = False
    least: float | None = None
    options: tuple[str, ...] = ()
    doubt: Array | None = None
    states: Array | None = None  # of an indicator's points, None when all are scored

    def largest(self) -> float:
        if self.top is None:
            found = self.v if self.positive else np.abs(self.v)
            top = float(np.max(found)) if np.size(found) else 0.0
            self.top = top if np.isfinite(top) else float(np.max(found[np.isfinite(found)], initial=0.0))
        return self.top

    def error(self) -> float:
        """An absolute bound for the whole block."""
        return self.abs + (self.rel * self.largest() if self.rel else 0.0)

    def relative(self) -> float | None:
        """A relative bound, None when only an absolute one is known."""
        return None if self.abs else self.rel + U


def truth(v: Any, codes: Array | None = None, doubt: Array | None = None) -> V:
    """A condition."""
    return V(v, codes=codes, leaf=True, doubt=doubt)


def full(v: Any, size: int) -> Array:
    return v if np.ndim(v) else np.full(size, v)


def merge_codes(*values: V) -> Array | None:
    """The strongest absence of each row: the codes are ordered by strength."""
    merged: Array | None = None
    for value in values:
        if value.codes is not None and value.codes is not merged:
            merged = value.codes if merged is None else np.maximum(merged, value.codes)
    return merged


def merge_doubt(*rows: Array | None) -> Array | None:
    """Rows that are in one of the lists, each once."""
    found = [each for each in rows if each is not None and len(each)]
    return np.unique(np.concatenate(found)) if found else None


def present(flags: Any, codes: Array | None) -> Array:
    """Return the rows of `flags` that have a value."""
    if codes is not None:
        flags = flags & (codes == 0)
    return np.flatnonzero(flags)


# ---- denominators


def ones(rows: Array) -> Array:
    return np.ones(len(rows))


def constant_grid(denominator: float) -> Grid:
    return ones if denominator == 1.0 else lambda rows: np.full(len(rows), denominator)


_TENS = 10.0 ** np.arange(23)


def ten(x: Array) -> Array:
    """Where x is a power of ten."""
    found: Array = _TENS[np.minimum(np.searchsorted(_TENS, x), 22)] == x
    return found


def common(x: Array, y: Array) -> Array:
    """A common multiple of two denominators; powers of ten share the larger."""
    found: Array = np.where(ten(x) & ten(y), np.maximum(x, y), x * y)
    return found


def common_grid(*values: V) -> Grid | None:
    """Denominators of a sum, or of a value that is one of several: a common multiple of all."""
    grids = list(dict.fromkeys(v.grid for v in values))
    if None in grids:
        return None

    def grid(rows: Array) -> Array:
        found = grids[0](rows)  # type: ignore[misc]
        for each in grids[1:]:
            found = common(found, each(rows))  # type: ignore[misc]
        return found

    return grid if len(grids) > 1 else grids[0]


def product_grid(a: V, b: V) -> Grid | None:
    ga, gb = a.grid, b.grid
    return None if ga is None or gb is None else lambda rows: ga(rows) * gb(rows)


def choice_grid(condition: Any, a: V, b: V) -> Grid | None:
    ga, gb = a.grid, b.grid
    if ga is None or gb is None:
        return None
    if not np.ndim(condition):
        return ga if condition else gb
    return ga if ga is gb else lambda rows: np.where(condition[rows], ga(rows), gb(rows))


def digit_grid(values: Array, hint: int = 0) -> Array:
    """Return 10**d for each filed decimal, d being digits that give the very same double; inf beyond twelve."""
    found = np.full(len(values), np.inf)
    open_ = np.ones(len(values), bool)
    for digits in (hint, *range(13)):  # most figures are filed in the digits of their fact
        scale = 10.0**digits
        whole = np.rint(values * scale)
        fits = open_ & (np.abs(whole) < WHOLE) & (whole / scale == values)
        found[fits] = scale
        open_ &= ~fits
        if not open_.any():
            break
    return found


def decimal_grid(values: Array) -> Array:
    return np.array([float(10 ** max(0, -int(v.as_tuple().exponent))) for v in values])


# ---- constants and proofs


@lru_cache(maxsize=4096)
def constant(value: Fraction) -> V:
    """A constant, shared: nothing may change it. It counts as exact when its double orders it exactly among filed
    figures.
    """
    near = value.numerator / value.denominator
    digits = terminating_digits(value)
    short = digits is not None and len(str(abs(value.numerator) * 10**digits // value.denominator)) <= MAX_DIGITS
    exact = short or Fraction(near) == value
    return V(
        near,
        0.0 if exact else U,
        grid=constant_grid(float(value.denominator)),
        leaf=exact,
        top=abs(near),
        whole=value.denominator == 1 and abs(near) < WHOLE,
        positive=near > 0,
    )


def prove(difference: V, rows: Array) -> Array:
    """Return which of `rows`, all within the error bound of zero, are proven to be exactly zero."""
    if difference.grid is None or not len(rows):
        return np.zeros(len(rows), bool)
    bound = difference.abs + difference.rel * np.abs(difference.v[rows] if np.ndim(difference.v) else difference.v)
    proven: Array = bound * 4.0 * difference.grid(rows) < 1.0
    return proven


# ---- blocks


@dataclass(slots=True)
class Block:
    """Rows of the columns: a stretch, or a few picked ones (`few`), whose error bounds then are those of few rows."""

    rulebook: Rulebook
    columns: Columns
    rows: slice | Array
    size: int
    exact: set[int]  # rows of the columns for which something was evaluated exactly
    again: Callable[[Block, tuple[int, ...]], Sequence[V]] | None = None  # values of some places, computed anew
    guard: bool = True  # without it plain doubles decide comparisons and ties: only to measure what exactness costs
    _scorings: dict[int, Scoring] = field(default_factory=dict)

    @property
    def few(self) -> bool:
        return not isinstance(self.rows, slice)

    def place(self, row: int) -> int:
        """The row of the columns that a row of the block is."""
        return int(self.rows.start + row) if isinstance(self.rows, slice) else int(self.rows[row])

    def scoring(self, row: int) -> Scoring:
        """Return the exact scoring of one row of the block, and count it."""
        found = self._scorings.get(row)
        if found is None:
            found = self._scorings[row] = Scoring(self.rulebook, self.columns.case(self.place(row)))
            self.exact.add(self.place(row))
        return found

    def picked(self, rows: Array) -> Block:
        """A block of a few rows of this one."""
        places = np.array([self.place(int(row)) for row in rows], np.intp)
        return Block(self.rulebook, self.columns, places, len(rows), self.exact, self.again, self.guard)

    def column(self, column: Column) -> V:
        """Return the block's rows of one column."""
        values = column.values[self.rows]
        codes = None if column.codes is None else some(column.codes[self.rows])
        if column.kind != "number":
            return V(values, codes=codes, options=column.options, leaf=True)
        top = None if self.few else column.largest
        if column.exact is not None:
            exact = column.exact[self.rows]
            return V(values, rel=U, codes=codes, grid=lambda rows: decimal_grid(exact[rows]), top=top)
        return V(
            values,
            codes=codes,
            grid=lambda rows: digit_grid(values[rows], column.digits),
            leaf=True,
            top=top,
            positive=column.positive,
            least=None if self.few else column.least,
        )
