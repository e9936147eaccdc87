from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.engine import FactError, Nothing, Rulebook, format_fact, input_text, parse_fact
from scorecard.engine.rulebook.typed import typed_units
from scorecard.engine.values.facts import FactValue
from scorecard.engine.values.numbers import exact
from scorecard.engine.values.rational import Fraction


@pytest.mark.parametrize(
    ("fact", "text", "expected"),
    [
        ("sme_bal_end", "１２３，４５６．７８", Decimal("123456.78")),
        ("sme_bal_end", "1,234,567.8", Decimal("1234567.8")),
        ("sme_bal_end", " 12 万元", Decimal(12)),
        ("sme_bal_end", "13270.79亿元", Decimal("132707900")),
        ("sme_bal_end", "50000元", Decimal(5)),
        ("sme_bal_end", "", Nothing.UNANSWERED),
        ("sme_bal_end", None, Nothing.UNANSWERED),
        ("sme_bal_end", "0", Decimal(0)),
        ("sme_bal_end", "不适用", Nothing.NOT_APPLICABLE),
        ("sme_bal_end", "N/A", Nothing.NOT_APPLICABLE),
        ("sme_hh_end", "34.2万户", Decimal(342000)),
        ("sme_rate", "5.11", Decimal("0.0511")),
        ("sme_rate", "5.11％", Decimal("0.0511")),
        ("sme_rate", 0.0511, Decimal("0.0511")),
        ("tolerance_pp", "－1.5", Decimal("-1.5")),
        ("a1_level", "3", "3"),
        ("a1_level", "仅有制度", "1"),
        ("a1_level", 3.0, "3"),
        ("c4_items", "promise，online", frozenset({"promise", "online"})),
        ("c4_items", "公开承诺办理时限、线上申请或审批", frozenset({"promise", "online"})),
        ("c4_items", "无", frozenset()),
        ("c4_items", "", Nothing.UNANSWERED),
    ],
)
def test_what_people_type(shanghai: Rulebook, fact: str, text: str | float | None, expected: FactValue) -> None:
    assert parse_fact(shanghai.facts[fact], text) == expected


def test_files_hold_fractions(shanghai: Rulebook) -> None:
    assert parse_fact(shanghai.facts["sme_rate"], "0.0511", percent=False) == Decimal("0.0511")
    assert parse_fact(shanghai.facts["sme_rate"], "5.11%", percent=False) == Decimal("0.0511")


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        ("sme_bal_end", "十二"),
        ("sme_bal_end", "1,23,4"),
        ("sme_bal_end", "-1"),
        ("sme_bal_end", "5%"),
        ("sme_bal_end", "nan"),
        ("sme_bal_end", "1e999"),
        ("sme_bal_end", "9" * 40),
        ("sme_hh_end", "1.5"),
        ("kpi_weight", "101"),
        ("a1_level", "9"),
        ("c4_items", "promise,magic"),
    ],
)
def test_what_is_refused_names_the_fact_in_both_languages(shanghai: Rulebook, fact: str, text: str) -> None:
    spec = shanghai.facts[fact]
    with pytest.raises(FactError) as error:
        parse_fact(spec, text)
    assert spec.label.zh in error.value.message.zh
    assert spec.label.en in error.value.message.en


@given(st.data())
def test_what_a_form_shows_is_read_back(shanghai: Rulebook, data: st.DataObject) -> None:
    spec = shanghai.facts[data.draw(st.sampled_from(sorted(shanghai.facts)))]
    value: FactValue
    if spec.is_number:
        low = float(spec.min) if spec.min is not None else -1000
        high = float(spec.max) if spec.max is not None else 10**12
        places = 0 if spec.kind == "count" else 6
        value = data.draw(st.decimals(low, high, places=places))
        if value == 0:
            value = Decimal(0)
    elif spec.kind == "level":
        value = data.draw(st.sampled_from(sorted(spec.options)))
    elif spec.kind == "bool":
        value = data.draw(st.booleans())
    else:
        value = frozenset(data.draw(st.sets(st.sampled_from(sorted(spec.options)))))
    assert parse_fact(spec, input_text(spec, value)) == value


@given(st.data())
def test_what_a_page_shows_with_its_unit_is_read_back(shanghai: Rulebook, data: st.DataObject) -> None:
    """Each unit that a page shows beside a figure is accepted, in both languages and at every scale."""
    numbers = sorted(fact for fact, spec in shanghai.facts.items() if spec.is_number)
    spec = shanghai.facts[data.draw(st.sampled_from(numbers))]
    low, high = float(spec.min or 0), float(spec.max) if spec.max is not None else 10**9
    value = data.draw(st.decimals(low, high, places=0 if spec.kind == "count" else 4)) or Decimal(0)
    for lang in ("zh", "en"):
        assert parse_fact(spec, format_fact(spec, value, lang)) == value
    for name, worth in typed_units(spec.unit):
        typed = str(exact(Fraction(value) / worth))
        assert parse_fact(spec, f"{typed} × {name}" if name[0].isdigit() else f"{typed}{name}") == value, name


@pytest.mark.parametrize(
    ("fact", "text", "value"),
    [
        ("sme_bal_end", "9.1 × CNY 10,000", "9.1"),
        ("sme_bal_end", "1.2 billion CNY", "120000"),
        ("sme_bal_end", "3 Million CNY", "300"),
        ("sme_bal_end", "2千万元", "2000"),
        ("sme_hh_end", "110,000 borrowers", "110000"),
        ("sme_hh_end", "3.42万户", "34200"),
        ("sme_hh_end", "1 borrower", "1"),
        ("tolerance_pp", "2 个百分点", "2"),
        ("tolerance_pp", "2 percentage points", "2"),
        ("ftp_discount_bp", "50 个基点", "50"),
        ("mean_days", "3 个工作日", "3"),
        ("mean_days", "1 working day", "1"),
    ],
)
def test_units_that_pages_show(shanghai: Rulebook, fact: str, text: str, value: str) -> None:
    assert parse_fact(shanghai.facts[fact], text) == Decimal(value)


def test_formats(shanghai: Rulebook) -> None:
    facts = shanghai.facts
    assert format_fact(facts["sme_bal_end"], Decimal("1234567.8"), "zh-hans") == "1,234,567.80 万元"
    assert format_fact(facts["sme_rate"], Decimal("0.0511"), "en") == "5.11%"
    assert format_fact(facts["sme_rate"], Decimal("0.05112345"), "en") == "5.112345%"
    assert format_fact(facts["a1_level"], "1", "zh") == "仅有制度"
    assert format_fact(facts["c4_items"], frozenset(), "zh") == "无"
    assert format_fact(facts["returns"], Nothing.NOT_SUPPLIED, "zh") == "待监管部门提供"
    assert format_fact(facts["returns"], None, "en") == "not answered"


def test_a_number_of_too_many_digits_is_told_as_such(shanghai: Rulebook) -> None:
    with pytest.raises(FactError) as refused:
        parse_fact(shanghai.facts["sme_bal_end"], "9" * 40)
    assert "位数过多：整数部分请不超过 18 位" in refused.value.message.zh and "应填数字" not in refused.value.message.zh
    assert parse_fact(shanghai.facts["sme_bal_end"], "9" * 18 + "." + "9" * 6)


@pytest.mark.parametrize("fact", ["sme_bal_end", "a1_level", "c4_items", "mean_days"])
def test_a_message_repeats_only_the_beginning_of_a_long_text(shanghai: Rulebook, fact: str) -> None:
    with pytest.raises(FactError) as refused:
        parse_fact(shanghai.facts[fact], "x" * 10_000)
    assert "x" * 40 + "…" in refused.value.message.zh and len(refused.value.message.en) < 400
