from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.engine.values.numbers import exact, plain, round_points, show, show_pair, to_decimal
from scorecard.engine.values.rational import Fraction


@pytest.mark.parametrize(
    ("value", "mode", "expected"),
    [
        ("0.125", "half_up", "0.13"),
        ("0.135", "half_up", "0.14"),
        ("-0.125", "half_up", "-0.13"),
        ("0.125", "half_even", "0.12"),
        ("0.135", "half_even", "0.14"),
        ("0.129", "down", "0.12"),
        ("-0.129", "down", "-0.12"),
        ("0.121", "up", "0.13"),
        ("0.12", "up", "0.12"),
    ],
)
def test_rounding_modes(value: str, mode: str, expected: str) -> None:
    assert plain(round_points(Fraction(value), 2, mode)) == expected


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="rounding mode"):
        round_points(Fraction(1), 2, "nearest")


@given(st.fractions(), st.integers(0, 6))
def test_rounding_moves_at_most_half_a_unit(value: Fraction, digits: int) -> None:
    rounded = Fraction(round_points(value, digits))
    assert abs(rounded - value) <= Fraction(1, 2 * 10**digits)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_exact_writes_a_decimal_that_reads_back(value: Decimal) -> None:
    text = exact(Fraction(value))
    assert isinstance(text, str)
    assert "e" not in text.lower()
    assert Decimal(text) == value


def test_exact_writes_what_never_ends_as_a_quotient() -> None:
    assert exact(Fraction(1, 3)) == "1/3"
    assert exact(Fraction(1, 8)) == "0.125"
    with pytest.raises(ValueError, match="finite"):
        to_decimal(Fraction(1, 3))


@given(st.fractions(max_denominator=10**9), st.fractions(max_denominator=10**9), st.integers(0, 4))
def test_unequal_figures_never_look_equal(a: Fraction, b: Fraction, digits: int) -> None:
    x, y = show_pair(a, b, digits)
    assert (x == y) == (a == b)


def test_a_pair_beyond_all_digits_is_written_exactly() -> None:
    a, b = Fraction(1, 3), Fraction(1, 3) + Fraction(1, 10**80)
    assert show_pair(a, b)[0] != show_pair(a, b)[1]


def test_show_groups_and_keeps_no_negative_zero() -> None:
    assert show(Decimal("1234567.891"), 2, grouping=True) == "1,234,567.89"
    assert show(Decimal("-0.001"), 2) == "0.00"
    assert show(Fraction(5), 0) == "5"
