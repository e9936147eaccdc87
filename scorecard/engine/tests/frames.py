"""Cases as a frame, for tests of `evaluate_many`, and the comparison of both evaluators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from scorecard.engine import Rulebook, ScoringInput, evaluate
from scorecard.engine.arrays import STATES, ManyResult
from scorecard.engine.arrays.result import TARGET_STATES
from scorecard.engine.exact.peergroup import Snapshot, group_of, peer_snapshot
from scorecard.engine.values.numbers import scaled


def to_frame(cases: Sequence[ScoringInput]) -> pd.DataFrame:
    """Return a frame of objects with one row per case, columns as `read_frame` names them."""
    rows = []
    for case in cases:
        row: dict[str, Any] = {**case.facts, **case.bank}
        for year, facts in case.history.items():
            row.update({f"{fact}@{year}": value for fact, value in facts.items()})
        row.update({f"self:{i}": float(p) for i, p in case.self_points.items()})
        row.update({f"judged:{i}": float(p) for i, p in case.judged.items()})
        row.update({f"na:{i}": True for i in case.not_applicable})
        row.update({f"decided:{t}": decision.outcome for t, decision in case.decisions.items()})
        rows.append(row)
    names = list(dict.fromkeys(name for row in rows for name in row))
    data = {}
    for name in names:
        cells = [row.get(name) for row in rows]
        if name.startswith(("self:", "judged:")):
            data[name] = pd.Series([float("nan") if c is None else c for c in cells], dtype=float)
        elif name.startswith("na:"):
            data[name] = pd.Series([bool(c) for c in cells], dtype=bool)
        else:
            data[name] = pd.Series(cells, dtype=object)
    return pd.DataFrame(data)


def with_peers(rulebook: Rulebook, cases: Sequence[ScoringInput]) -> tuple[list[ScoringInput], Snapshot]:
    """Return the cases with the frozen values of their groups, and all groups' values."""
    snapshot = peer_snapshot(rulebook, cases)
    return [replace(c, peers=snapshot.get(group_of(c.bank), {})) for c in cases], snapshot


def points_of(many: ManyResult, indicator: str, row: int) -> Decimal | None:
    """The exact points of one indicator of one bank, None where it has none."""
    place = list(many.rulebook.indicators).index(indicator)
    known = bool(many.has_points()[place, row])
    return scaled(int(many.units[place, row]), many.rulebook.rounding.indicator) if known else None


def assert_equal(rulebook: Rulebook, cases: Sequence[ScoringInput], many: ManyResult) -> None:
    """Assert that every number, state, grade, cap and measure is that of `evaluate`."""
    for row, case in enumerate(cases):
        one = evaluate(rulebook, case, explain=False)
        for place, (indicator, found) in enumerate(one.indicators.items()):
            assert STATES[many.states[place, row]] == found.state, (row, indicator, found)
            assert points_of(many, indicator, row) == found.points, (row, indicator, found)
        scale = 10**rulebook.rounding.indicator
        for place, section in enumerate(one.sections.values()):
            assert int(many.sections[place, row]) == section.points * scale, (row, section)
        assert many.total_of(row) == one.total, (row, one.grade, rulebook.rounding, rulebook.floor, rulebook.caps[2:4])
        assert many.grade_of(row) == (one.grade.before, one.grade.after), (row, one.grade)
        assert many.caps_of(row) == [c.id for c in one.grade.applied], (row, one.grade)
        assert many.measures_of(row) == [m.id for m in one.measures], row
        assert many.adjustment_of(row) == (one.adjustment.points if one.adjustment else None), row
        for place, target in enumerate(one.targets.values()):
            assert TARGET_STATES[many.targets[place, row]] == target.state, (row, target)
        assert int(many.pending_units()[row]) == one.pending * scale, row
