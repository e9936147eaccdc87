"""Curves whose ends are open or closed: what the end's own x gives, in every evaluator, and what is said of it."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from scorecard.engine import Rulebook, ScoringInput, evaluate, rulebook_from_json
from scorecard.engine.arrays import evaluate_many
from scorecard.engine.tests.frames import assert_equal, to_frame

SOURCE = {"source": "d", "basis": "proposed"}
TEXT = {"zh": "甲", "en": "A"}


def book(*open_ends: str) -> Rulebook:
    """One indicator of -1 to 4 points: a curve from 1 point at 10 % to 3 points at 20 %, -1 below it and 4 above."""
    rule = {
        "kind": "curve",
        "x": "r",
        "unit": "%",
        "points": [["0.1", "1"], ["0.2", "3"]],
        "below": "-1",
        "above": "4",
        "open_ends": list(open_ends),
    }
    entry = {"name": TEXT, "name_basis": "proposed", "min": "-1", "max": "4", **SOURCE}
    data = {
        "rulebook": {
            "code": "ends",
            "version": "1",
            "year": "2026",
            "title": TEXT,
            "total": {"min": "-1", "max": "4"},
            "rounding": {"indicator": "2", "total": "2", "mode": "half_up", "basis": "proposed"},
        },
        "documents": {"d": {"title": TEXT}},
        "properties": {"category": {"label": TEXT, "kind": "text"}},
        "facts": {"r": {"label": TEXT, "kind": "ratio", **SOURCE}},
        "sections": {"S": entry},
        "indicators": {"I": {**entry, "section": "S", "type": "quantitative", "rule": rule}},
        "grades": [{"id": "g", "name": TEXT, "name_basis": "proposed", "min": None, **SOURCE}],
    }
    return rulebook_from_json(json.dumps(data))


XS = ("0.0999", "0.1", "0.1001", "0.15", "0.1999", "0.2", "0.2001")


@pytest.mark.parametrize(
    ("open_ends", "wanted"),
    [
        ((), ("-1", "1", "1", "2", "3", "3", "4")),
        (("left",), ("-1", "-1", "1", "2", "3", "3", "4")),
        (("right",), ("-1", "1", "1", "2", "3", "4", "4")),
        (("left", "right"), ("-1", "-1", "1", "2", "3", "4", "4")),
    ],
)
def test_an_open_end_gives_its_own_x_to_the_outside(open_ends: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    rulebook = book(*open_ends)
    cases = [ScoringInput(facts={"r": Decimal(x)}, bank={"category": "city"}) for x in XS]
    found = [evaluate(rulebook, case).indicators["I"].points for case in cases]
    assert [str(points.quantize(Decimal(1))) if points is not None else "" for points in found] == list(wanted)
    assert_equal(rulebook, cases, evaluate_many(rulebook, to_frame(cases)))


@pytest.mark.parametrize(
    ("x", "zh", "en"),
    [
        ("0.1", "10%，恰在起点，起点按低于起点计", "10% is the first point, which counts as below it"),
        ("0.2", "20%，恰在终点，终点按高于终点计", "20% is the last point, which counts as above it"),
        ("0.05", "5%，低于起点 10%", "5% is below the first point 10%"),
        ("0.25", "25%，高于终点 20%", "25% is above the last point 20%"),
    ],
)
def test_no_figure_is_said_to_lie_below_or_above_itself(x: str, zh: str, en: str) -> None:
    trace = evaluate(book("left", "right"), ScoringInput(facts={"r": Decimal(x)})).indicators["I"].trace
    assert trace is not None
    said = trace.children[0].text
    assert zh in said.zh and en in said.en


@pytest.mark.parametrize(("open_ends", "gain"), [((), "1"), (("right",), "2")])
def test_what_would_change_it_counts_what_an_open_end_gives(open_ends: tuple[str, ...], gain: str) -> None:
    """From 15 % (2 points) to 20 %: 3 points where the end is closed, 4 where it counts as above."""
    (improvement,) = evaluate(book(*open_ends), ScoringInput(facts={"r": Decimal("0.15")})).indicators["I"].improve
    assert (improvement.fact, str(improvement.then), str(improvement.gain)) == ("r", "0.2", gain)
