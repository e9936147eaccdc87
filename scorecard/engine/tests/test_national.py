"""The national 2020 rulebook: item 1.1.1 in every branch for both kinds of banks, grades in notches, parts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scorecard.engine import ScoringInput, evaluate, lint, load_rulebook
from scorecard.engine.arrays import evaluate_many
from scorecard.engine.cases.worked import differences, read_vectors
from scorecard.engine.exact.grading import band_of
from scorecard.engine.tests.conftest import RULEBOOKS
from scorecard.engine.tests.frames import assert_equal, to_frame
from scorecard.engine.tests.strategies import cases
from scorecard.tests.drawn import examples

FOLDER = RULEBOOKS / "national-2020" / "3"
BOOK = load_rulebook(FOLDER)
VECTORS = {v.id: v for v in read_vectors(BOOK, FOLDER)}


def test_lint_is_clean() -> None:
    assert [str(f) for f in lint(FOLDER)] == []


def test_every_worked_case_holds() -> None:
    for vector in VECTORS.values():
        assert differences(vector.expect, evaluate(BOOK, vector.case)) == [], vector.id


def test_both_kinds_of_banks_reach_every_outcome_of_1_1_1() -> None:
    """Full marks, the share of full marks, nought, -3 and -4, each for both kinds of banks (facts: item 1.1.1)."""
    found: dict[str, set[str]] = {"ordinary": set(), "differentiated": set()}
    for vector in VECTORS.values():
        kind = vector.id.partition("-")[0]
        if kind in found:
            found[kind].add(str(evaluate(BOOK, vector.case, explain=False).indicators["1.1.1"].points))
    assert found["ordinary"] >= {"8", "6.4", "7.99", "0", "-3", "-4"}
    assert found["differentiated"] >= {"8", "4", "0", "-3", "-4"}


@pytest.mark.parametrize(
    ("case", "zh", "en"),
    [
        ("ordinary-growth-met", "增速达到目标", "Growth reaches the target"),
        ("ordinary-plan-met", "完成信贷计划", "the plan is met"),
        ("ordinary-missed-two-years", "未达到增速目标", "growth target is missed two or more years"),
        ("ordinary-fell-two-years", "余额连续两年下降", "fell two years running"),
        ("differentiated-plan-met", "完成信贷计划", "The plan is met"),
        ("differentiated-plan-missed-but-up", "余额较年初增加", "the balance rose"),
        ("differentiated-plan-missed-two-years", "未完成信贷计划", "plan is missed two or more years"),
        ("differentiated-fell-two-years", "余额连续两年下降", "fell two years running"),
    ],
)
def test_the_reason_names_the_branch(case: str, zh: str, en: str) -> None:
    found = evaluate(BOOK, VECTORS[case].case).indicators["1.1.1"]
    assert found.trace is not None
    assert zh in found.trace.children[0].text.zh
    assert en in found.trace.children[0].text.en


def test_sourced_inferred_and_proposed_are_told_apart() -> None:
    assert BOOK.indicators["1.1.1"].basis == "sourced"
    assert all(i.basis == "proposed" for i in BOOK.indicators.values() if i.id != "1.1.1")
    assert {g.id: (g.basis, g.name_basis) for g in BOOK.grades} == {
        "g1": ("sourced", "sourced"),
        "g2a": ("reconstructed", "reconstructed"),
        "g2b": ("reconstructed", "reconstructed"),
        "g2c": ("sourced", "reconstructed"),  # the cut of 75 is sourced, the notch is inferred
        "g3a": ("reconstructed", "reconstructed"),
        "g3b": ("reconstructed", "reconstructed"),
        "g3c": ("sourced", "reconstructed"),
        "g4": ("sourced", "sourced"),
    }
    assert (BOOK.sections["1.R"].min, BOOK.sections["1.R"].max, BOOK.sections["1.R"].basis) == (-8, 38, "sourced")
    assert BOOK.caps[0].basis == "sourced"
    assert all(s.name_basis == "sourced" for s in BOOK.top_sections)


def test_four_grades_in_eight_notches_and_every_edge() -> None:
    assert len(BOOK.grades) == 8
    assert {g.notch_of for g in BOOK.grades} == {"g1", "g2", "g3", "g4"}
    edges = {v.id.removeprefix("grade-"): v for v in VECTORS.values() if v.id.startswith("grade-")}
    for total, vector in edges.items():
        result = evaluate(BOOK, vector.case, explain=False)
        assert (str(result.total), result.grade.after) == (total, band_of(BOOK, Decimal(total)))
    assert len(edges) == 14  # on each of the seven cuts, and one hundredth below it


def test_a_regular_score_under_60_is_grade_4_whatever_the_bonus_lifts_it_to() -> None:
    result = evaluate(BOOK, VECTORS["regular-under-60"].case)
    assert (result.parts["regular"], result.total, result.grade.after) == (59, 74, "g4")
    (cap,) = result.grade.applied
    assert "直接评为四级" in cap.because.zh


@settings(
    max_examples=examples(40),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(cases(BOOK), min_size=1, max_size=8))
def test_many_equals_one(found: list[ScoringInput]) -> None:
    assert_equal(BOOK, found, evaluate_many(BOOK, to_frame(found)))
