"""The rows of ``manage.py score``: points and grades of all banks on arrays, and what arrays do not carry bank by bank.

Every cell equals that of `scorecard.commands.table.result_row` over `evaluate`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from scorecard.commands.table import detail_cells, result_row
from scorecard.engine import Rulebook, ScoringInput, evaluate
from scorecard.engine.arrays import STATES, ManyResult, evaluate_many
from scorecard.engine.arrays.columns import MAX_DIGITS
from scorecard.engine.arrays.frames import frame_of, read_frame
from scorecard.engine.exact.peergroup import Snapshot, group_of, peer_snapshot
from scorecard.engine.explain.evaluate import Details, details
from scorecard.engine.values.numbers import plain, scaled

Named = tuple[str, ScoringInput]
FEW = 50  # fewer banks are scored one by one: arrays have nothing to gain


def result_rows(rulebook: Rulebook, cases: Sequence[Named]) -> Iterator[list[str]]:
    """One row per bank in the order given; the peers are all the rows."""
    snapshot = peer_snapshot(rulebook, [case for _, case in cases])
    if len(cases) < FEW:
        for name, case in cases:
            yield _alone(rulebook, name, case, snapshot)
        return
    # Values of the year stand in a column like any other; arrays take one set of them at a time.
    for _, part in groupby(cases, key=lambda named: sorted(named[1].parameters.items())):
        yield from _together(rulebook, list(part), snapshot)


def _alone(rulebook: Rulebook, name: str, case: ScoringInput, snapshot: Snapshot) -> list[str]:
    case = _with_peers(case, snapshot)
    return result_row(rulebook, name, case, evaluate(rulebook, case, explain=False))


def _with_peers(case: ScoringInput, snapshot: Snapshot) -> ScoringInput:
    return replace(case, peers=snapshot.get(group_of(case.bank), {}))


def _together(rulebook: Rulebook, cases: Sequence[Named], snapshot: Snapshot) -> Iterator[list[str]]:
    frame = frame_of(rulebook, [case for _, case in cases])
    many = evaluate_many(rulebook, read_frame(rulebook, frame, cases[0][1].parameters, snapshot))
    known = many.has_points()
    pending = many.pending_units()
    for place, (name, case) in enumerate(cases):
        if any(_long(points) for points in (*case.self_points.values(), *case.judged.values())):
            yield _alone(rulebook, name, case, snapshot)
            continue
        found = details(rulebook, _with_peers(case, snapshot))
        yield _row(name, case, many, place, known, int(pending[place]), found)


def _long(points: Any) -> bool:
    return len(points.normalize().as_tuple().digits) > MAX_DIGITS


def _row(
    name: str, case: ScoringInput, many: ManyResult, place: int, known: Any, pending: int, found: Details
) -> list[str]:
    book = many.rulebook
    digits = book.rounding.indicator
    row = [name, str(case.bank.get("category", ""))]
    row += [
        plain(scaled(int(many.units[n, place]), digits)) if known[n, place] else STATES[many.states[n, place]]
        for n in range(len(book.indicators))
    ]
    row += [plain(scaled(int(units), digits)) for units in many.sections[:, place].tolist()]
    row += [plain(many.total_of(place)), plain(scaled(pending, digits))]
    targets, estimates, last = detail_cells(found)
    adjustment = many.adjustment_of(place)
    return [
        *row,
        *targets,
        *estimates,
        *many.grade_of(place),
        ";".join(many.caps_of(place)),
        plain(adjustment) if adjustment is not None else "0",
        ";".join(many.measures_of(place)),
        *last,
    ]
