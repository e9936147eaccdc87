"""Every number is asked about when its size is unlikely, by one declaration for all rulebooks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from scorecard.engine import Rulebook, ScoringInput, run_checks
from scorecard.engine.explain.magnitude import FACTOR, magnitude_question


def asked(shanghai: Rulebook, case: ScoringInput) -> set[str]:
    """The figures that a finding names."""
    return {fact for f in run_checks(shanghai, case) for fact in f.facts}


def test_a_wrong_unit_on_any_figure_is_asked_about(shanghai: Rulebook, full: ScoringInput) -> None:
    """亿元 for 万元, and a fraction for a percentage, on every figure of the bank that has one of last year."""
    numbers = [id for id, spec in shanghai.facts.items() if spec.is_number and spec.supplied_by != "system"]
    last = {shanghai.facts[id].carries_from or id: full.facts[id] for id in sorted(numbers, reverse=True)}
    last |= {shanghai.facts[id].carries_from: full.facts[id] for id in numbers if shanghai.facts[id].carries_from}
    case = replace(full, history={-1: last})
    assert asked(shanghai, case) == set()
    for id in numbers:
        value = full.facts[id]
        assert isinstance(value, Decimal)
        if not value:
            continue
        wrong = value / (100 if shanghai.facts[id].unit == "%" else 10_000)
        found = asked(shanghai, replace(case, facts={**case.facts, id: wrong}))
        assert id in found, id


def test_without_a_figure_of_last_year_the_possible_range_speaks(shanghai: Rulebook, full: ScoringInput) -> None:
    shares = [id for id, spec in shanghai.facts.items() if spec.unit == "%" and spec.supplied_by == "bank"]
    assert len(shares) > 5
    for id in shares:
        facts = {k: v for k, v in full.facts.items() if k != "sme_rate_prev"} | {id: Decimal("0.0045")}
        assert id in asked(shanghai, replace(full, facts=facts)), id
    assert "due_bal" in asked(shanghai, replace(full, facts={**full.facts, "due_bal": Decimal(10) ** 10}))


@pytest.mark.parametrize(
    ("now", "before", "asks"),
    [
        (str(FACTOR), "1", True),
        (str(FACTOR - 1), "1", False),
        ("1", str(FACTOR), True),
        ("0", "1000", False),
        ("1000", "0", False),
        ("-25", "1", True),
    ],
)
def test_the_factor(shanghai: Rulebook, now: str, before: str, asks: bool) -> None:
    spec = shanghai.facts["sme_bal_end"]
    assert bool(magnitude_question(spec, Decimal(now), Decimal(before))) is asks


def test_the_question_names_both_figures_with_their_units(shanghai: Rulebook) -> None:
    question = magnitude_question(shanghai.facts["sme_bal_end"], Decimal("1.2"), Decimal(12000))
    assert question is not None
    assert question.zh == (
        "“小微企业贷款余额（期末）”为 1.2 万元，约为上年（12,000 万元）的 10,000 分之一，请核对单位和数字。"
    )
    assert "1/10,000 of last year's 12,000 × CNY 10,000" in question.en
