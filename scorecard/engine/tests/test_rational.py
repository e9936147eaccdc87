"""The rationals of the engine compute what the standard library's compute, exactly."""

from __future__ import annotations

import copy
import operator
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.engine.values.rational import Fraction as Fast

ints = st.integers(-(10**25), 10**25)
fractions = st.one_of(
    st.fractions(max_denominator=10**9),
    st.builds(Fraction, ints, st.integers(1, 10**25)),
    st.integers(-20, 20).map(Fraction),
)
ARITHMETIC = (operator.add, operator.sub, operator.mul, operator.truediv)
LEFT_TO_FRACTION = (operator.floordiv, operator.mod)
COMPARISONS = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)


def outcome(op: Callable[..., Any], *values: Any) -> Any:
    try:
        return op(*values)
    except (ZeroDivisionError, TypeError) as e:
        return type(e)


def assert_same(found: Any, wanted: Any) -> None:
    assert found == wanted
    assert hash(found) == hash(wanted)
    if isinstance(wanted, Fraction):
        assert isinstance(found, Fast | Fraction)
        assert (found.numerator, found.denominator) == (wanted.numerator, wanted.denominator)


@given(fractions, fractions, ints)
def test_arithmetic_and_comparisons_are_those_of_fractions(a: Fraction, b: Fraction, n: int) -> None:
    x, y = Fast(a), Fast(b)
    for op in ARITHMETIC + LEFT_TO_FRACTION + COMPARISONS:
        for left, right, plain in ((x, y, (a, b)), (x, b, (a, b)), (a, y, (a, b)), (x, n, (a, n)), (n, y, (n, b))):
            found = outcome(op, left, right)
            assert_same(found, outcome(op, *plain))
            if op in ARITHMETIC and Fraction not in (left.__class__, right.__class__):
                assert found is ZeroDivisionError or found.__class__ is Fast
    for one in (operator.neg, abs, bool, str):
        assert_same(outcome(one, x), outcome(one, a))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**14), max_value=10**14))
def test_a_decimal_is_taken_over_exactly(value: Decimal) -> None:
    assert_same(Fast(value), Fraction(value))


def test_only_finite_numbers_are_rational() -> None:
    for value in (Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises((ValueError, OverflowError)):
            Fast(value)
    with pytest.raises(TypeError):
        _ = Fast(1) < "1"  # type: ignore[operator]


def test_copies_are_equal() -> None:
    value = Fast(Decimal("2.5"))
    for other in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):  # noqa: S301  our own bytes
        assert_same(other, Fraction(5, 2))
