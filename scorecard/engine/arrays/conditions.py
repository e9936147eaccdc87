"""Conditions over a block, and choices by them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from scorecard.engine.arrays.columns import some
from scorecard.engine.arrays.values import Block, U, V, choice_grid, full, merge_codes, truth
from scorecard.engine.values.facts import Absence

NONE = np.uint8(0)


def one_of(block: Block, options: tuple[str, ...], negated: bool, a: V) -> V:
    table = np.array([(option in options) != negated for option in a.options])
    return truth(table[a.v], a.codes)


def ticked(block: Block, item: int, a: V) -> V:
    return truth(np.right_shift(a.v, item) & 1 == 1, a.codes)


def invert(block: Block, a: V) -> V:
    return truth(np.logical_not(a.v), a.codes)


def connect(block: Block, every: bool, *conditions: V) -> V:
    """Three-valued and/or. Find where one condition decides; elsewhere the strongest reason why another does not."""
    decided: Any = None
    for each in conditions:
        decides = np.logical_not(each.v) if every else each.v
        if each.codes is not None:
            decides = decides & (each.codes == 0)
        decided = decides if decided is None else decided | decides
    codes = merge_codes(*conditions)
    if codes is not None:
        codes = some(np.where(decided, NONE, codes))
    return truth(np.logical_not(decided) if every else decided, codes)


def answered(block: Block, keep: bool, a: V) -> V:
    """Whether there is a value; with `keep` undecided, for the same reason, where there is none."""
    if keep or a.codes is None:
        return truth(np.bool_(True), a.codes)
    return truth(a.codes == 0)


def presume(block: Block, holds: bool, blank: bool, a: V) -> V:
    """A condition that counts as `holds` where it is undecided, or only where that is for a blank (`blank`)."""
    if a.codes is None:
        return a
    counts = a.codes == Absence.UNANSWERED if blank else a.codes > 0
    codes = some(np.where(counts, NONE, a.codes)) if blank else None
    return truth(np.where(counts, holds, a.v), codes)


def choose(block: Block, condition: V, a: V, b: V) -> V:
    """The first where the condition holds, else the second; an undecided condition has no value."""
    picked = condition.v
    if condition.codes is None:
        if not np.any(picked):
            return b
        if np.all(picked):
            return a
    codes = None
    if a.codes is not None or b.codes is not None:
        codes = np.where(picked, NONE if a.codes is None else a.codes, NONE if b.codes is None else b.codes)
    if condition.codes is not None:
        codes = condition.codes if codes is None else np.where(condition.codes > 0, condition.codes, codes)
    v = np.where(picked, a.v, b.v)
    leaf = a.leaf and b.leaf
    if leaf and v.dtype == bool:
        return truth(v, codes)
    rel = 0.0 if leaf else max(a.rel, b.rel) + U
    top = None if a.top is None or b.top is None else max(a.top, b.top)
    return V(v, rel, max(a.abs, b.abs), codes, choice_grid(picked, a, b), leaf, top, whole=a.whole and b.whole)


def guard(block: Block, condition: V, a: V) -> V:
    """The number where the condition holds, above every other one where it does not."""
    picked = condition.v
    codes = None if a.codes is None else np.where(picked, a.codes, NONE)
    v = np.where(picked, a.v, np.inf)
    if condition.codes is not None:
        codes = condition.codes if codes is None else np.where(condition.codes > 0, condition.codes, codes)
        v = np.where(condition.codes > 0, 0.0, v)
    error = 0.0 if a.leaf else a.error() + U * a.largest()
    return V(full(v, block.size), 0.0, error, codes, a.grid, a.leaf, a.largest())


def fill(block: Block, given: V, other: V) -> V:
    """The first; where it is absent, but not "not applicable", the second."""
    if given.codes is None:
        return given
    gap = (given.codes != 0) & (given.codes != Absence.NOT_APPLICABLE)
    return replace(choose(block, truth(gap), other, given), options=given.options)
