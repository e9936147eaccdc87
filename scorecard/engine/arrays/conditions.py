"""Functions by id over a block: targets met and missed, points of indicators and sections, total and grade."""

from __future__ import annotations

from typing import Any

import numpy as np

from scorecard.engine.arrays.columns import Array
from scorecard.engine.arrays.values import Unsupported, V, add, compare, constant, ones
from scorecard.engine.arrays.vector import Block, evaluate
from scorecard.engine.language.syntax import Call, Num
from scorecard.engine.rulebook.dependencies import needs_facts
from scorecard.engine.values.facts import Absence


class Target:
    """Outcome of a target over a block: missed or not, absence codes, both sides."""

    __slots__ = ("codes", "left", "missed", "right")

    def __init__(self, missed: Array, codes: Array | None, left: V | None, right: V | None) -> None:
        self.missed = missed
        self.codes = codes
        self.left = left
        self.right = right


_FLIP = {">=": "<", ">": "<=", "<=": ">", "<": ">="}


def target(id: str, block: Block) -> Target:
    """Return the outcome of a target in the block's year; rows in doubt are settled exactly at once."""
    found = block.targets.get(id)
    if found is None:
        found = block.targets[id] = _target(id, block)
    return found


def _target(id: str, block: Block) -> Target:
    spec = block.rulebook.targets[id]
    top = block.top()
    held = list(top.doubt)
    top.doubt.clear()
    recorded = block.columns.outcomes.get((id, block.offset)) if block.offset else None
    if recorded is not None and recorded.codes is None:
        top.doubt.extend(held)
        return Target(~recorded.values[block.start : block.stop], None, None, None)
    left, right = evaluate(spec.left.node, block), evaluate(spec.right.node, block)
    result = compare(_FLIP[spec.op], left, right, block)
    missed, codes = result.v.copy(), result.codes
    rows = block.take_doubt()
    if rows is not None:
        codes = np.zeros(block.size, np.uint8) if codes is None else codes.copy()
        for row in rows:
            outcome = block.points.scoring(int(row)).back(block.offset).outcome(id)
            absent = not isinstance(outcome.missed, bool)
            codes[row] = outcome.missed.kind if absent else 0
            missed[row] = False if absent else outcome.missed
    if recorded is not None:
        cut = slice(block.start, block.stop)
        known = recorded.codes[cut] == 0  # type: ignore[index]
        missed = np.where(known, ~recorded.values[cut], missed)
        codes = None if codes is None else np.where(known, np.uint8(0), codes)
    top.doubt.extend(held)
    return Target(missed, codes, left, right)


def missed(id: str, block: Block) -> V:
    """Whether a target counts as missed: a blank does."""
    known = block.missed.get(id)
    if known is None:
        found = target(id, block)
        if found.codes is None:
            known = V(found.missed, kind="bool")
        else:
            blank = found.codes == Absence.UNANSWERED
            codes = np.where(blank, np.uint8(0), found.codes)
            counts = found.missed & (found.codes == 0) | blank
            known = V(counts, codes=codes if codes.any() else None, kind="bool")
        block.missed[id] = known
    return known


def missed_count(ids: tuple[str, ...], block: Block) -> V:
    """How many of some targets count as missed; what is proven missed counts while another is undecided."""
    known = block.missed.get(ids)
    if known is None:
        count = np.zeros(block.size, np.int8)
        codes: Array | None = None
        for id in ids:
            each = missed(id, block)
            count += each.v if each.codes is None else each.v & (each.codes == 0)
            if each.codes is not None:
                codes = each.codes if codes is None else np.maximum(codes, each.codes)
        if codes is not None:
            codes = np.where(count > 0, np.uint8(0), codes)
        known = block.missed[ids] = V(count, codes=codes, grid=ones, leaf=True, top=float(len(ids)))
    return known


def missed_years(id: str, block: Block) -> Array:
    """How many years running, this one included, the target is known to be missed."""
    from scorecard.engine.exact.context import MAX_YEARS_BACK

    years = np.zeros(block.size)
    running = np.ones(block.size, bool)
    for back in range(MAX_YEARS_BACK):
        year = block.back(back)
        if back and not _has_year(id, year):
            break
        found = missed(id, year)
        running = running & found.v
        if found.codes is not None:
            running = running & (found.codes == 0)
        if not running.any():
            break
        years += running
    return years


def _has_year(id: str, block: Block) -> bool:
    """Whether an earlier year can have an outcome at all: one that needs facts has none where none are on file."""
    book, columns = block.rulebook, block.columns
    spec = book.targets[id]
    key = (id, "needs facts")
    if key not in book.plan:
        sides = (spec.left.node, spec.right.node)
        book.plan[key] = any(needs_facts(side, book.facts, book.definitions) for side in sides)
    if not book.plan[key]:
        return True
    known = {y for _, y in (*columns.past, *columns.outcomes)}
    return block.offset in known or block.offset + 1 in known


def call_by_id(name: str, ids: tuple[str, ...], block: Block) -> V:
    points: Any = block.points
    match name:
        case "missed":
            return missed(ids[0], block)
        case "met":
            found = missed(ids[0], block)
            return V(~found.v, codes=found.codes, kind="bool")
        case "missed_count":
            return missed_count(ids, block)
        case "missed_years":
            return V(missed_years(ids[0], block), grid=ones, leaf=True)
        case "points" if not block.offset:
            return points.points_of(ids)  # type: ignore[no-any-return]
        case "self_points" if not block.offset:
            return points.self_points_of(ids)  # type: ignore[no-any-return]
        case "total" if not block.offset:
            return points.total_value()  # type: ignore[no-any-return]
        case "grade_at_least" if not block.offset:
            return points.grade_at_least(ids[0])  # type: ignore[no-any-return]
    raise Unsupported(name)


def held(node: Call, block: Block) -> V:
    """True when a condition holds this year and in each of the years before; a year without a record has not held."""
    years = int(node.args[1].value) if isinstance(node.args[1], Num) else 1
    value = evaluate(node.args[0], block)
    holds, codes = value.v, value.codes
    for back in range(1, years):
        past = evaluate(node.args[0], block.back(back))
        so = past.v if past.codes is None else past.v & (past.codes == 0)
        holds = holds & so
        if codes is not None:
            codes = np.where(so, codes, np.uint8(0))
    if codes is not None:
        holds = np.where(codes > 0, False, holds)
    return V(holds, codes=codes, kind="bool")


__all__ = ["Target", "add", "call_by_id", "constant", "held", "missed", "missed_years", "target"]
