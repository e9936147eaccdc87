"""The national 2020 rulebook: item 1.1.1 in every branch for both kinds of banks, grades in notches, parts."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scorecard.engine import Case, evaluate, lint, load_rulebook
from scorecard.engine.many import evaluate_many
from scorecard.engine.tests.conftest import RULEBOOKS
from scorecard.engine.tests.frames import assert_equal, to_frame
from scorecard.engine.tests.strategies import cases
from scorecard.engine.vectors import differences, read_vectors

FOLDER = RULEBOOKS / "national-2020" / "1"
BOOK = load_rulebook(FOLDER)
VECTORS = {v.id: v for v in read_vectors(BOOK, FOLDER)}


def test_lint_is_clean() -> None:
    assert [str(f) for f in lint(FOLDER)] == []


def test_every_worked_case_holds() -> None:
    for vector in VECTORS.values():
        assert differences(vector.expect, evaluate(BOOK, vector.case)) == [], vector.id


def test_both_kinds_of_banks_reach_every_outcome_of_1_1_1() -> None:
    ordinary = {
        evaluate(BOOK, v.case, explain=False).indicators["1.1.1"].points for v in VECTORS.values() if "ordinary" in v.id
    }
    differentiated = {
        evaluate(BOOK, v.case, explain=False).indicators["1.1.1"].points
        for v in VECTORS.values()
        if "differentiated" in v.id
    }
    assert {str(p) for p in ordinary} == {"8", "6.4", "0", "-3", "-4"}
    assert {str(p) for p in differentiated} == {"8", "4", "0", "-3", "-4"}


def test_the_reason_names_the_branch() -> None:
    found = evaluate(BOOK, VECTORS["ordinary-fell-two-years"].case).indicators["1.1.1"]
    assert found.trace is not None
    assert "余额连续两年下降" in found.trace.children[0].text.zh
    assert "two years running" in found.trace.children[0].text.en


def test_sourced_and_proposed_are_told_apart() -> None:
    assert BOOK.indicators["1.1.1"].basis == "sourced"
    assert all(i.basis == "proposed" for i in BOOK.indicators.values() if i.id != "1.1.1")
    assert [g.id for g in BOOK.grades if g.basis == "sourced"] == ["g1", "g4"]
    assert BOOK.sections["1.R"].basis == "sourced"


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(cases(BOOK), min_size=1, max_size=8))
def test_many_equals_one(found: list[Case]) -> None:
    assert_equal(BOOK, found, evaluate_many(BOOK, to_frame(found)))
