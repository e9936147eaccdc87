"""Identifiers: GB 32100 check digit, formats, normalisation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banks.services.identifiers import (
    USCC_ALPHABET,
    licence_warnings,
    normalise_code,
    pboc_warnings,
    uscc_check_digit,
    uscc_warnings,
)

first_17 = st.text(alphabet=USCC_ALPHABET, min_size=17, max_size=17)


def test_worked_example_by_hand() -> None:
    """91350100M000100Y43, the example printed with GB 32100-2015: Σ cᵢ·wᵢ mod 31 = 28, 31 − 28 = 3."""
    assert uscc_check_digit("91350100M000100Y4") == "3"
    assert uscc_warnings("91350100M000100Y43") == []


@given(first_17)
def test_the_weighted_sum_of_a_sound_code_is_divisible(first: str) -> None:
    """The check digit has weight 1, and the whole sum is 0 modulo 31."""
    code = first + uscc_check_digit(first)
    weights = [pow(3, place, 31) for place in range(17)] + [1]
    assert sum(USCC_ALPHABET.index(char) * weight for char, weight in zip(code, weights, strict=True)) % 31 == 0
    assert uscc_warnings(code) == []


@given(first_17, st.integers(0, 17), st.sampled_from(USCC_ALPHABET))
def test_one_wrong_character_is_always_noticed(first: str, place: int, char: str) -> None:
    code = first + uscc_check_digit(first)
    changed = code[:place] + char + code[place + 1 :]
    assert bool(uscc_warnings(changed)) == (changed != code)


@given(first_17, st.integers(0, 15))
def test_two_swapped_neighbours_are_always_noticed(first: str, place: int) -> None:
    code = first + uscc_check_digit(first)
    changed = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert bool(uscc_warnings(changed)) == (changed != code)


def test_warnings_say_what_is_wrong() -> None:
    assert "17" in str(uscc_warnings("9" * 17)[0])
    assert "I, O" in str(uscc_warnings("91350100M000100OI3")[0])
    warning = str(uscc_warnings("91350100M000100Y44")[0])
    assert "3" in warning and "4" in warning
    assert uscc_warnings("") == licence_warnings("") == pboc_warnings("") == []


def test_normalise() -> None:
    assert normalise_code(" ９１350100-m000100y43 ") == "91350100M000100Y43"


@pytest.mark.parametrize("code", ["B0001H231000001", "X0006S231000012"])
def test_licence_formats_pass(code: str) -> None:
    assert licence_warnings(code) == []


@pytest.mark.parametrize("code", ["B0001H23100001", "0001H2310000012", "b0001h231000001"])
def test_licence_formats_warn(code: str) -> None:
    assert licence_warnings(code)


def test_pboc_format() -> None:
    assert pboc_warnings("C1010211000013") == []
    assert pboc_warnings("1010211000013")
    with pytest.raises(ValueError):
        uscc_check_digit("short")
