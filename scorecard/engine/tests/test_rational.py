"""The rationals of the engine: only finite numbers, and reading one leaves the process as it was."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scorecard.engine.values.rational import Fraction


@pytest.mark.parametrize("text", [*"0123456789", "٣", "-3", "1/3", "0.5"])
def test_reading_a_number_leaves_the_shared_bytes_of_the_process_alone(text: str) -> None:
    zero = bytes(bytearray(1))
    assert Fraction(text) == Fraction(text)
    assert zero == bytes.fromhex("00")[:1] and zero[0] == 0
    assert b"\1".ljust(3, bytes(bytearray(1))).hex() == "010000"


def test_only_finite_numbers_are_rational() -> None:
    for value in (Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises((ValueError, OverflowError)):
            Fraction(value)
    with pytest.raises(TypeError):
        _ = Fraction(1) < "1"  # type: ignore[operator]
