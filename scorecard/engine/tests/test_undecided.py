"""A target that the figures cannot decide: it limits the grade as if missed until an officer decides it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.commands.catalog import installed
from scorecard.engine import ScoringInput, evaluate, load_rulebook, run_checks
from scorecard.engine.arrays.frames import frame_of
from scorecard.engine.arrays.run import evaluate_many
from scorecard.engine.cases.worked import read_vectors
from scorecard.engine.tests.strategies import cases
from scorecard.engine.values.scoring_input import TARGET_OUTCOMES, TargetDecision
from scorecard.tests.drawn import examples

ROOT = Path(__file__).resolve().parents[2] / "rulebooks"
SHANGHAI = load_rulebook(ROOT / "shanghai-2017" / "3")
FULL = next(v.case for v in read_vectors(SHANGHAI, ROOT / "shanghai-2017" / "3") if v.id == "all-full")
#: Full marks with a base of zero: nobody applied, no loans a year ago, nobody applied a year ago.
ZERO_BASES: dict[str, dict[str, Any]] = {
    "T3": {"applied": 0, "approved": 0},
    "T1": {"sme_bal_prev": 0, "all_bal_prev": 0},
    "T3 last year": {"applied_prev": 0, "approved_prev": 0},
}
BOOKS = {f"{i.code}/{i.version}": load_rulebook(i.path) for i in installed(ROOT)}
WITH_CAPS = sorted(name for name, book in BOOKS.items() if book.caps and book.targets)


def zero_base(name: str) -> ScoringInput:

    return FULL.with_facts({k: Decimal(v) for k, v in ZERO_BASES[name].items()})


@pytest.mark.parametrize("name", ZERO_BASES)
def test_a_base_of_zero_does_not_escape_the_cap(name: str) -> None:
    inputs, target = zero_base(name), name[:2]
    result = evaluate(SHANGHAI, inputs)
    assert result.targets[target].state == "unknown" and not result.targets[target].counts_as_missed
    assert result.grade.before == "excellent" and result.grade.after == "pass"
    assert [cap.id for cap in result.grade.applied] == ["three-targets"]
    assert result.adjustment is None or result.adjustment.points < 0
    assert all(m.tool != "reward" for m in result.measures)
    said = result.grade.applied[0].because
    assert "无法判断" in said.zh and SHANGHAI.targets[target].short.zh in said.zh and "cannot be decided" in said.en
    assert result.trace is not None and said.zh in result.trace.text.zh
    assert "Until the supervisor decides" in result.targets[target].reason.en
    (finding,) = [f for f in run_checks(SHANGHAI, inputs) if f.id == f"undecided:{target}"]
    assert finding.severity == "warning" and set(ZERO_BASES[name]) <= set(finding.facts)


@pytest.mark.parametrize("name", ZERO_BASES)
@pytest.mark.parametrize("outcome", TARGET_OUTCOMES)
def test_an_officer_decides_with_a_reason(name: str, outcome: str) -> None:
    inputs, target = zero_base(name), name[:2]
    decided = replace(inputs, decisions={target: TargetDecision(outcome, "核对贷款台账")})
    result = evaluate(SHANGHAI, decided)
    assert result.targets[target].state == outcome
    assert "核对贷款台账" in result.targets[target].reason.zh
    assert result.grade.after == ("pass" if outcome == "missed" else "excellent")
    assert not any(f.id.startswith("undecided:") for f in run_checks(SHANGHAI, decided))


def test_a_decision_changes_nothing_that_the_figures_decide() -> None:
    inputs = FULL
    plain = evaluate(SHANGHAI, inputs)
    assert {t.state for t in plain.targets.values()} == {"met"}
    for outcome in TARGET_OUTCOMES:
        decisions = {t: TargetDecision(outcome, "…") for t in SHANGHAI.targets}
        assert evaluate(SHANGHAI, replace(inputs, decisions=decisions)) == plain


def test_a_decision_is_one_of_three() -> None:
    with pytest.raises(ValueError, match="maybe"):
        TargetDecision("maybe", "")


@settings(max_examples=examples(20), deadline=None)
@given(st.data())
def test_no_way_of_filing_lifts_a_grade_above_what_a_missed_target_gives(data: st.DataObject) -> None:
    """Whatever is filed, the grade is never better than with each undecided target decided as missed."""
    book = BOOKS[data.draw(st.sampled_from(WITH_CAPS))]
    inputs = data.draw(cases(book))
    result = evaluate(book, inputs, explain=False)
    undecided = [t.id for t in result.targets.values() if t.state == "unknown" and not t.counts_as_missed]
    missed = {t: TargetDecision("missed", "") for t in undecided}
    decided = evaluate(book, replace(inputs, decisions=missed), explain=False)
    order = book.grade_order
    # Points of an indicator that asks for the target come only with the decision; grades are compared from one total.
    if decided.total == result.total:
        assert order[result.grade.after] >= order[decided.grade.after]
    many = evaluate_many(book, frame_of(book, [inputs]), parameters=inputs.parameters)
    again = evaluate(book, many.columns.case(0), explain=False)
    assert many.grade_of(0) == (again.grade.before, again.grade.after)
    assert many.caps_of(0) == [c.id for c in again.grade.applied]
    assert many.measures_of(0) == [m.id for m in again.measures]
