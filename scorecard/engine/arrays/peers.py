"""Rank, percentile, median and number of the peer group over a block, against the values frozen for the score run.

A bank's own value is looked up among the sorted values of its group in doubles. Values further from it than the error
bound are below or above. One distinct value within the bound is proven equal by the denominators of both, as a
comparison is; where that does not decide the row is in doubt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scorecard.engine.arrays.columns import Array, some
from scorecard.engine.arrays.values import WHOLE, Block, U, V, common, full, merge_doubt
from scorecard.engine.exact.peergroup import PEER_GROUP, group_of
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.rational import Fraction

NO_GROUP = group_of({})


@dataclass(slots=True)
class Peers:
    """The frozen values of one group for one figure, ready for look-ups.

    distinct     distinct values from low to high as doubles
    divisors     their denominators
    below        below[i]: how many values lie below distinct[i]; one more entry for all
    """

    count: int
    distinct: Array
    divisors: Array
    below: Array
    median: Fraction | None

    @classmethod
    def of(cls, values: tuple[Fraction, ...]) -> Peers:
        # Sorted and in lowest terms, so equal ones are neighbours with the same two whole numbers: no value is hashed.
        pairs = [(value.numerator, value.denominator) for value in values]
        first = [place for place, pair in enumerate(pairs) if not place or pair != pairs[place - 1]]
        distinct = [pairs[place] for place in first]
        half, odd = divmod(len(values), 2)
        median = None
        if values:
            median = values[half] if odd else (values[half - 1] + values[half]) / 2
        return cls(
            len(values),
            np.array([over / under for over, under in distinct], dtype=float),
            np.array([float(under) for _, under in distinct], dtype=float),
            np.array([*first, len(values)], dtype=float),
            median,
        )


#: The values of a snapshot made ready, by identity, since the shards of a round share them; the oldest leaves first.
_ready: dict[int, tuple[tuple[Fraction, ...], Peers]] = {}
KEPT = 256


def ready(values: tuple[Fraction, ...]) -> Peers:
    """Return the values ready for look-ups; those of one tuple are made ready once."""
    found = _ready.get(id(values))
    if found is not None and found[0] is values:
        return found[1]
    made = Peers.of(values)
    while len(_ready) >= KEPT:
        _ready.pop(next(iter(_ready)), None)
    _ready[id(values)] = values, made
    return made


def peers(block: Block, name: str, key: str, own: V) -> V:
    """Return a peer statistic of an expression for every row of the block; see `language.functions.peers`."""
    found = np.zeros(block.size)
    divisors = np.ones(block.size)
    codes = np.full(block.size, np.uint8(Absence.NOT_SUPPLIED))
    doubt: Array | None = None
    for group, rows in _groups(block):
        known = _known(block, group, key)
        if known is None:
            continue
        if name == "peers":
            found[rows], codes[rows] = known.count, 0
        elif not known.count or known.median is None:
            codes[rows] = Absence.UNDEFINED
            if name != "median" and own.codes is not None:
                codes[rows] = np.maximum(codes[rows], own.codes[rows])
        elif name == "median":
            found[rows] = known.median.numerator / known.median.denominator
            divisors[rows], codes[rows] = known.median.denominator, 0
        else:
            codes[rows] = 0 if own.codes is None else own.codes[rows]
            mine = rows[codes[rows] == 0]
            below, above, unproven = _place(own, known, mine, block.size)
            doubt = merge_doubt(doubt, unproven)
            if name == "rank":
                found[mine] = known.count - above + 1
            else:
                others = known.count - 1
                found[mine] = np.minimum(below, others) / others if others > 0 else 1.0
                divisors[mine] = max(1, others)
    whole = name in ("rank", "peers")
    rel = 0.0 if whole else U
    return V(found, rel, codes=some(codes), grid=lambda rows: divisors[rows], leaf=whole, doubt=doubt)


def _groups(block: Block) -> list[tuple[str, Array]]:
    """The peer groups of the block with their rows."""
    column = block.columns.properties.get(PEER_GROUP)
    if column is None:
        return [(NO_GROUP, np.arange(block.size))]
    values = column.values[block.rows]
    absent = np.zeros(block.size, bool) if column.codes is None else column.codes[block.rows] != 0
    found = [(str(column.options[int(n)]), np.flatnonzero((values == n) & ~absent)) for n in np.unique(values[~absent])]
    if absent.any():
        found.append((NO_GROUP, np.flatnonzero(absent)))
    return found


def _known(block: Block, group: str, key: str) -> Peers | None:
    values = block.columns.snapshot.get(group, {}).get(key)
    if values is None or 0 < len(values) < block.rulebook.peer_minimum:
        return None
    return ready(values)


def _place(own: V, known: Peers, rows: Array, size: int) -> tuple[Array, Array, Array | None]:
    """Return for each row how many peers are below it, how many below or equal, and the rows in doubt."""
    v = full(own.v, size)[rows]
    bound = own.abs + (own.rel + 4 * U) * np.abs(v)
    low = np.searchsorted(known.distinct, v - bound, "left")
    high = np.searchsorted(known.distinct, v + bound, "right")
    below, above = known.below[low], known.below[high]
    near = np.flatnonzero(high > low)
    if not len(near):
        return below, above, None
    proven = np.zeros(len(near), bool)
    if own.grid is not None:
        mine, theirs = own.grid(rows[near]), known.divisors[low[near]]
        # A bank's own value is one of its group's, so its divisor holds that value's denominator as a rule.
        within = (mine < WHOLE) & (np.fmod(mine, theirs) == 0)
        divisor = np.where(within, np.maximum(mine, theirs), common(mine, theirs))
        proven = (high[near] == low[near] + 1) & (bound[near] * 4.0 * divisor < 1.0)
    return below, above, merge_doubt(rows[near[~proven]])
