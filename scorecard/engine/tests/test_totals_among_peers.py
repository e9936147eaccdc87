"""Rank, percentile and median of the total: frozen before any limit, then concluded, exactly and on arrays alike."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.engine import Result, Rulebook, ScoringInput, evaluate
from scorecard.engine.arrays import evaluate_many
from scorecard.engine.arrays.frames import read_frame
from scorecard.engine.exact.peergroup import Snapshot, group_of, peer_snapshot
from scorecard.engine.tests.books import SOURCE, TEXT
from scorecard.engine.tests.frames import assert_equal, to_frame
from scorecard.engine.tests.test_corners import book, cap
from scorecard.tests.drawn import examples

RULE = {"kind": "formula", "x": "d"}
TOP = {"when": "percentile(total()) >= 0.8", "points": "1", "because": TEXT, **SOURCE}
REST = {"when": "rank(total()) >= 4", "points": "-1", "because": TEXT, **SOURCE}
#: The best fifth gets a point on the rating, who is fourth or later loses one; below the median there is a measure,
#: and the last of five is no better than low, after a limit on the total that takes from the best.
ENTRIES: dict[str, Any] = {
    "adjustments": {"a": {"label": TEXT, "cases": [TOP, REST], **SOURCE}},
    "caps": [cap("most", "total() > 6", "cap_total", "6"), cap("last", "rank(total()) == 5", "cap_grade", "low")],
    "tools": {"talk": {"name": TEXT, **SOURCE}},
    "measures": {"m": {"tool": "talk", "name": TEXT, "when": "total() < median(total())", "because": TEXT, **SOURCE}},
}
BOOK = book(RULE, **ENTRIES)


def scored(rulebook: Rulebook, filed: list[ScoringInput]) -> tuple[Snapshot, list[ScoringInput]]:
    snapshot = peer_snapshot(rulebook, filed)
    return snapshot, [replace(each, peers=snapshot[group_of(each.bank)]) for each in filed]


def banks(points: list[str]) -> list[ScoringInput]:
    return [ScoringInput({"d": Decimal(p)}, {"category": "city"}) for p in points]


def concluded(result: Result) -> tuple[str, str, str | None, list[str]]:
    adjustment = result.adjustment and str(result.adjustment.points)
    return str(result.total), result.grade.after, adjustment, [m.id for m in result.measures]


def test_a_worked_group_of_five() -> None:
    """By hand: totals 9, 7, 5, 3, 4.5 before limits. The best two are cut to 6, which changes no place."""
    snapshot, inputs = scored(BOOK, banks(["9", "7", "5", "3", "4.5"]))
    assert snapshot == {"city": {"total()": tuple(map(Decimal, ("3", "4.5", "5", "7", "9")))}}
    assert [concluded(evaluate(BOOK, each)) for each in inputs] == [
        ("6", "top", "1", []),
        ("6", "top", None, []),
        ("5", "top", None, []),
        ("3", "low", "-1", ["m"]),
        ("4.5", "top", "-1", ["m"]),
    ]
    frame = to_frame(inputs)
    many = evaluate_many(BOOK, read_frame(BOOK, frame, snapshot=snapshot))
    assert_equal(BOOK, inputs, many)
    assert not many.exact


def test_what_is_frozen_moves_with_no_later_filing_and_is_pending_before() -> None:
    _, inputs = scored(BOOK, banks(["9", "7", "5", "3", "4.5"]))
    later = replace(inputs[1], facts={"d": Decimal("9.5")})  # files again, and would be the first
    assert concluded(evaluate(BOOK, inputs[0])) == ("6", "top", "1", [])
    assert concluded(evaluate(BOOK, later)) == ("6", "top", "1", [])
    alone = evaluate(BOOK, replace(inputs[0], peers={}))
    assert concluded(alone) == ("6", "top", None, []) and alone.trace is not None
    assert any("尚未汇总" in node.text.zh for node in alone.trace.children if node.kind == "note")


def test_the_total_may_follow_from_the_place_of_a_figure() -> None:
    """Figures are frozen first, so that the totals that are frozen after them hold the points of the place."""
    rulebook = book({"kind": "rank", "x": "d", "unit": "", "full": "10", "each": "2"}, **ENTRIES)
    snapshot, inputs = scored(rulebook, banks(["1", "2", "3", "4", "5"]))
    assert snapshot["city"]["total()"] == tuple(map(Decimal, ("2", "4", "6", "8", "10")))
    assert [evaluate(rulebook, each).adjustment is not None for each in inputs] == [True, True, False, False, True]


def test_points_of_the_reviewer_count_in_the_totals() -> None:
    filed = [replace(each, judged={"I": Decimal(10)}) if n == 3 else each for n, each in enumerate(banks(["9"] * 5))]
    snapshot, inputs = scored(BOOK, filed)
    assert snapshot["city"]["total()"][-1] == 10
    assert concluded(evaluate(BOOK, inputs[3]))[2] == "1"


def test_no_total_is_compared_within_an_indicator() -> None:
    """There is none yet: lint refuses it, and scoring has no value for it."""
    rulebook = book({"kind": "formula", "x": "rank(total())"})
    _, inputs = scored(rulebook, banks(["1", "2"]))
    assert evaluate(rulebook, inputs[0]).indicators["I"].state == "undefined"


@settings(max_examples=examples(30), deadline=None)
@given(
    st.lists(st.decimals("-5", "10", places=2), min_size=1, max_size=12),
    st.sampled_from(["0", "0.5", "0.8", "1"]),
    st.booleans(),
)
def test_the_best_share_is_that_of_the_totals_before_limits(points: list[Decimal], share: str, limited: bool) -> None:
    case = {**TOP, "when": f"percentile(total()) >= {share}"}
    entries = {**ENTRIES, "adjustments": {"a": {"label": TEXT, "cases": [case], **SOURCE}}}
    rulebook = book(RULE, **(entries if limited else {**entries, "caps": []}))
    snapshot, inputs = scored(rulebook, banks([str(p) for p in points]))
    results = [evaluate(rulebook, each) for each in inputs]
    for own, result in zip(points, results, strict=True):
        below, others = sum(p < own for p in points), len(points) - 1
        best = others == 0 or Decimal(min(below, others)) >= Decimal(share) * others
        assert (result.adjustment is not None) is best
        assert ("last" in result.grade.holding) is (limited and sum(p > own for p in points) == 4)
    many = evaluate_many(rulebook, read_frame(rulebook, to_frame(inputs), snapshot=snapshot))
    assert_equal(rulebook, inputs, many)


@pytest.mark.parametrize("when", ["rank(total()) <= 3", "percentile(total()) >= 0.8", "total() >= median(total())"])
def test_a_limit_after_it_that_moves_the_total_is_no_circle(when: str) -> None:
    from scorecard.engine.declarations.fields import Fields
    from scorecard.engine.lint.meaning import meaning

    caps = [cap("some", when, "cap_grade", "mid"), cap("most", "a > 1", "cap_total", "6")]
    found = [f.code for f in meaning(book(RULE, caps=caps), Fields([])) if f.key.startswith("caps.0")]
    assert ("cap-cycle" in found) is when.startswith("total()") and "never" not in found
