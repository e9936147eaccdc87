"""Differences in words: how far a target is exceeded or missed, and which section lost most."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from assessments.scoring.differences import margin_words
from assessments.scoring.results import section_chart
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text


@pytest.mark.parametrize(
    ("margin", "unit", "op", "zh", "en"),
    [
        ("0.0253", "%", ">=", "高于目标 2.53 个百分点", "2.53 pp above the target"),
        ("-0.033", "%", ">=", "距目标差 3.30 个百分点", "3.30 pp short of the target"),
        ("-1", "户", ">=", "距目标差 1 户", "1 borrower short of the target"),
        ("0", "户", ">=", "恰与目标持平", "exactly at the target"),
        ("0", "%", ">", "恰与目标持平", "exactly at the target"),
        ("-0.002", "%", "<=", "低于上限 0.20 个百分点", "0.20 pp below the limit"),
        ("0.00001", "%", "<", "超过上限 0.001 个百分点", "0.001 pp above the limit"),
    ],
)
def test_a_margin_says_which_side_of_the_target_it_is(margin: str, unit: str, op: str, zh: str, en: str) -> None:
    with translation.override("zh-hans"):
        assert margin_words(Fraction(margin), unit, op) == zh
    with translation.override("en"):
        assert margin_words(Fraction(margin), unit, op) == en
        assert margin_words(None, unit, op) == ""


@given(
    st.fractions(min_value=-(10**12), max_value=10**12, max_denominator=10**9),
    st.sampled_from(("%", "户", "万元")),
    st.sampled_from((">=", ">", "<=", "<")),
)
def test_the_side_stands_in_words_alone_and_no_difference_is_shown_as_none(
    margin: Fraction, unit: str, op: str
) -> None:
    with translation.override("zh-hans"):
        said = margin_words(margin, unit, op)
    assert not set(said) & set("+-\u2212")
    assert bool(re.search("[1-9]", said)) == bool(margin)
    above = margin > 0
    assert ("高于" in said or "超过" in said) == above


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"A": ("3", "10", "scored"), "B": ("1", "10", "pending")}, "A "),
        ({"A": ("10", "10", "scored"), "B": ("1", "10", "pending")}, "目前未扣分"),
        ({"A": ("3", "10", "pending"), "B": ("1", "10", "pending")}, "各板块得分均未齐全"),
        ({"A": ("10", "10", "scored"), "B": ("10", "10", "scored")}, "各板块均为满分"),
        ({"A": ("9", "10", "scored"), "B": ("7", "10", "scored")}, "B "),
    ],
)
def test_no_section_that_awaits_points_is_called_the_lowest(sections: Any, said: str) -> None:
    book: Any = SimpleNamespace(top_sections=[SimpleNamespace(id=id, name=Text("板块", "Section")) for id in sections])
    found = {id: {"points": p, "max": m, "state": state} for id, (p, m, state) in sections.items()}
    with translation.override("zh-hans"):
        finding = section_chart(book, {"sections": found}, source="").finding
    assert said in finding, finding
    assert said == "B " or "B " not in finding
