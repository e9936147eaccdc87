"""The Shanghai 2017 rulebook: what the issue and the report demand of it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from scorecard.engine import Nothing, Rulebook, ScoringInput, evaluate, lint, rulebook_from_json, show
from scorecard.engine.cases.worked import Vector, differences
from scorecard.engine.tests.conftest import SHANGHAI
from scorecard.engine.values.rational import Fraction


def test_lint_is_clean() -> None:
    assert [str(f) for f in lint(SHANGHAI)] == []


def test_every_worked_case_holds(shanghai: Rulebook, vectors: dict[str, Vector]) -> None:
    assert len(vectors) >= 25
    for vector in vectors.values():
        assert differences(vector.expect, evaluate(shanghai, vector.case)) == [], vector.id


def test_the_worked_cases_reach_every_indicator_and_grade(shanghai: Rulebook, vectors: dict[str, Vector]) -> None:
    results = [evaluate(shanghai, v.case, explain=False) for v in vectors.values()]
    for indicator in shanghai.indicators:
        assert len({r.indicators[indicator].points for r in results}) >= 2, indicator
    assert {r.grade.after for r in results} == set(shanghai.grade_order)


def test_all_32_items_in_their_places(shanghai: Rulebook) -> None:
    count = Counter(i.section for i in shanghai.indicators.values())
    assert count == {"A": 3, "B": 3, "C": 4, "D": 4, "E": 2, "F": 3, "G": 8, "H": 5}
    assert sum(count[s] for s in "ABCDEF") == 19
    assert [i for i, spec in shanghai.indicators.items() if spec.name_basis == "sourced"] == ["G1", "G5", "G6"]


def test_what_the_report_states_is_sourced_and_the_rest_is_not(shanghai: Rulebook) -> None:
    assert shanghai.caps[0].basis == "sourced"
    assert [(g.name.zh, g.name_basis) for g in shanghai.grades] == [
        ("优秀", "sourced"),
        ("良好", "sourced"),
        ("合格", "reconstructed"),
        ("不合格", "reconstructed"),
    ]
    assert all(g.basis == "reconstructed" for g in shanghai.grades)
    assert all(i.basis in ("reconstructed", "proposed") for i in shanghai.indicators.values())
    assert all(i.source is not None for i in shanghai.indicators.values())


def test_93_points_and_a_missed_target_is_a_pass_with_the_cap_named(
    shanghai: Rulebook, vectors: dict[str, Vector]
) -> None:
    result = evaluate(shanghai, vectors["miss-93"].case)
    assert result.total == 93
    assert result.grade.before == "excellent"
    assert shanghai.grade(result.grade.after).name.zh == "合格"
    (cap,) = result.grade.applied
    assert cap.id == "three-targets"
    assert "贷款增速" in cap.because.zh
    assert "loan growth" in cap.because.en
    assert cap.source is not None
    assert cap.source.article == "7-1-4"
    assert cap.basis == "sourced"
    assert result.adjustment is not None
    assert result.adjustment.points == -1
    assert result.adjustment.range == (Decimal(-3), Decimal(-1))


@pytest.mark.parametrize("target", ["T1", "T2", "T3"])
def test_equality_passes_and_one_unit_less_does_not(shanghai: Rulebook, full: ScoringInput, target: str) -> None:
    equal = {
        "T1": {"sme_bal_end": Decimal(110)},
        "T2": {"sme_hh_end": Decimal(50)},
        "T3": {"applied": Decimal(200), "approved": Decimal(180)},
    }[target]
    less = {
        "T1": {"sme_bal_end": Decimal("109.99")},
        "T2": {"sme_hh_end": Decimal(49)},
        "T3": {"applied": Decimal(200), "approved": Decimal(179)},
    }[target]
    met = evaluate(shanghai, full.with_facts(equal)).targets[target]
    assert (met.state, met.margin) == ("met", 0)
    missed = evaluate(shanghai, full.with_facts(less)).targets[target]
    assert missed.state == "missed"
    assert missed.margin is not None
    assert missed.margin < 0
    assert missed.needed is not None
    again = evaluate(shanghai, full.with_facts({**less, missed.needed.fact: missed.needed.then})).targets[target]
    assert again.state == "met"


def test_the_city_as_the_report_prints_it(shanghai: Rulebook, vectors: dict[str, Vector]) -> None:
    result = evaluate(shanghai, vectors["city"].case)
    growth, rate = result.values["sme_growth"], result.values["approval_rate"]
    assert isinstance(growth, Fraction)
    assert isinstance(rate, Fraction)
    assert show(growth * 100, 2) == "15.76"
    margin = result.targets["T1"].margin
    assert margin is not None
    assert show(margin * 100, 2) == "4.12"  # 高于各项贷款增速 4.12 个百分点
    gain = result.targets["T3"].margin
    assert gain is not None
    assert show(gain * 100, 2) == "9.72"
    mean = result.values["mean_balance"]
    assert isinstance(mean, Fraction)
    assert show(mean, 2) == "388.03"  # the report prints 388.08, from unrounded figures


def test_the_four_kinds_of_nothing_stay_four(shanghai: Rulebook, full: ScoringInput) -> None:
    def state(value: object) -> str:
        facts = {"due_bal": value, "renewed_bal": Decimal(0)}
        return evaluate(shanghai, full.with_facts(facts)).indicators["G5"].state  # type: ignore[arg-type]

    assert state(Nothing.UNANSWERED) == "unanswered"
    assert state(Nothing.NOT_APPLICABLE) == "not_applicable"
    assert state(Nothing.NOT_SUPPLIED) == "pending"
    assert state(Decimal(0)) == "undefined"
    assert state(Decimal(1)) == "scored"


def test_what_only_the_supervisor_supplies_is_pending(shanghai: Rulebook, full: ScoringInput) -> None:
    facts = {k: v for k, v in full.facts.items() if shanghai.facts[k].supplied_by == "bank"}
    result = evaluate(shanghai, ScoringInput(facts=facts))
    assert [i for i, r in result.indicators.items() if r.state == "pending"] == ["H1", "H2", "H4", "H5"]
    assert result.pending == 12
    assert result.grade.provisional
    assert result.total + result.pending == 100


def test_json_is_the_same_bytes_and_reads_back(shanghai: Rulebook) -> None:
    again = rulebook_from_json(shanghai.to_json())
    assert again == shanghai
    assert again.to_json() == shanghai.to_json()
    assert again.hash == shanghai.hash
