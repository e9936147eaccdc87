"""Rounding of a block to whole units, with ties decided exactly."""

from __future__ import annotations

import numpy as np

from scorecard.engine.arrays.columns import Array
from scorecard.engine.arrays.values import U, V, full, present
from scorecard.engine.arrays.vector import Block
from scorecard.engine.values.numbers import round_units
from scorecard.engine.values.rational import Fraction


def round_block(value: V, block: Block, mode: str, codes: Array | None) -> tuple[Array, Array | None]:
    """Return whole units and the rows that the bound leaves undecided (None when there are none).

    A value within the bound of a tie is either proven to be the tie itself, which the mode decides, or undecided.
    """
    v = full(value.v, block)
    if value.whole:
        return v, None
    bound = value.error() + U * value.largest() * 2
    whole = np.rint(v)
    distance = np.subtract(v, whole)
    np.abs(distance, out=distance)
    if mode in ("half_up", "half_even"):
        near = distance > 0.5 - bound
        if not near.any():
            return whole, None
        rows = present(near, codes)
        return _ties(value, v, whole, rows, bound, mode)
    near = distance < bound
    result = np.trunc(v) if mode == "down" else np.copysign(np.ceil(np.abs(v)), v)
    if not near.any():
        return result, None
    rows = present(near, codes)
    proven = _proven(value, rows, bound)
    result[rows[proven]] = whole[rows[proven]]
    left = rows[~proven]
    return result, left if len(left) else None


def _proven(value: V, rows: Array, bound: float) -> Array:
    if value.grid is None:
        return np.zeros(len(rows), bool)
    with np.errstate(all="ignore"):
        return bound * 8.0 * value.grid(rows) < 1.0


def _ties(value: V, v: Array, whole: Array, rows: Array, bound: float, mode: str) -> tuple[Array, Array | None]:
    proven = _proven(value, rows, bound)
    ties = rows[proven]
    size = np.abs(v[ties])
    if mode == "half_up":
        rounded = np.floor(size + 0.5 + 2 * bound)
    else:
        half = np.rint(size * 2) / 2
        rounded = np.rint(half)
    whole[ties] = np.copysign(rounded, v[ties])
    left = rows[~proven]
    return whole, left if len(left) else None


def round_share(units: Array, share: Fraction, mode: str) -> Array:
    """Round whole units times an exact fraction to whole units; equal inputs are computed once."""
    distinct, index = np.unique(units, return_inverse=True)
    rounded = np.array([float(round_units(Fraction(int(u)) * share, 0, mode)) for u in distinct])
    return rounded[index]
