"""What a printed number stands for."""

from fractions import Fraction as Frac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.figures.codes import number, unit_of
from scorecard.figures.intervals import Interval, interval


def of(value: str, unit: str, qualifier: str = "", normalised_unit: str = "CNY", *, average: bool = False) -> Interval:
    scale, _ = unit_of(unit)
    return interval(value, unit, qualifier, number(value) * scale, normalised_unit, average=average)


@pytest.mark.parametrize(
    ("value", "unit", "qualifier", "normalised_unit", "low", "high"),
    [
        ("388.08", "万元", "", "CNY", Frac(3880750), Frac(3880850)),
        ("15.76", "%", "", "ratio", Frac("0.15755"), Frac("0.15765")),
        ("9.72", "个百分点", "", "pp", Frac("0.09715"), Frac("0.09725")),
        ("4116", "个", "", "count", Frac(4116), Frac(4116)),
        ("34.20", "万户", "", "household", Frac(341950), Frac(342050)),
        ("8600", "万元", "近", "CNY", Frac(85_000_000), Frac(86_000_000)),
        ("250", "家", "余", "institution", Frac(250), Frac(260)),
        ("50", "万人", "约", "person", Frac(450000), Frac(550000)),
        ("294", "亿元", "约", "CNY", Frac(29_350_000_000), Frac(29_450_000_000)),
        ("100", "亿元", "超", "CNY", Frac(10_000_000_000), None),
        ("80", "%", "不超过", "ratio", None, Frac("0.8")),
        ("1/4", "", "约", "ratio", Frac(2, 9), Frac(2, 7)),
        ("五", "家", "", "institution", Frac(5), Frac(5)),
    ],
)
def test_intervals(
    value: str, unit: str, qualifier: str, normalised_unit: str, low: Frac | None, high: Frac | None
) -> None:
    found = of(value, unit, qualifier, normalised_unit)
    assert (found.low, found.high) == (low, high)


def test_an_average_of_counted_things_is_rounded() -> None:
    assert of("31", "人", "", "person", average=True) == Interval(Frac("30.5"), Frac(31), Frac("31.5"))


def test_a_fall_turns_its_interval_around() -> None:
    found = interval("0.4", "个百分点", "", Frac("-0.4"), "pp")
    assert (found.low, found.middle, found.high) == (Frac("-0.0045"), Frac("-0.004"), Frac("-0.0035"))
    at_least = interval("40", "%", "超过", Frac("-0.4"), "ratio")
    assert (at_least.low, at_least.high) == (None, Frac("-0.4"))


@given(st.decimals(min_value=0, max_value=99999, places=2, allow_nan=False), st.sampled_from(["亿元", "万元", "%"]))
def test_the_printed_value_lies_in_its_own_interval(value: object, unit: str) -> None:
    found = of(str(value), unit, "", "CNY" if unit != "%" else "ratio")
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.middle < found.high
    assert found.meets(found)


def test_intervals_that_touch_meet_and_others_do_not() -> None:
    one, two = Interval(Frac(1), Frac(2), Frac(3)), Interval(Frac(3), Frac(4), Frac(5))
    assert one.meets(two)
    assert two.meets(one)
    assert not one.meets(Interval(Frac(4), Frac(4), Frac(4)))
    assert one.meets(Interval(None, Frac(0), Frac(1)))
    assert not one.meets(Interval(Frac(4), Frac(9), None))


@pytest.mark.parametrize(
    ("text", "value"), [("两", 2), ("十", 10), ("十五", 15), ("二十三", 23), ("百", 100), ("1,234.5", Frac("1234.5"))]
)
def test_printed_numbers(text: str, value: Frac | int) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "1,23", "abc", "1/0", "一二", "1.2.3", "-4"])
def test_what_is_no_printed_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"^" + text.replace(".", r"\.") + "$"):
        number(text)
