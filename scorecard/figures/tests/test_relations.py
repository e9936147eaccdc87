"""Relations: how they are read, checked, and refused."""

from fractions import Fraction as Frac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.figures.intervals import Interval
from scorecard.figures.relations import RelationError, check, compile_expression, relation_from_mapping


def exact(value: int | str) -> Interval:
    return Interval(Frac(value), Frac(value), Frac(value))


def around(value: str, half: str) -> Interval:
    return Interval(Frac(value) - Frac(half), Frac(value), Frac(value) + Frac(half))


def outcome(entry: dict[str, Any], **intervals: Interval) -> Any:
    return check(relation_from_mapping({"id": "r", **entry}, 1), intervals)


def test_growth_holds_within_rounding_and_fails_beyond() -> None:
    entry = {"kind": "growth", "figures": {"level": "l", "change": "c", "rate": "r"}}
    assert outcome(entry, l=exact(89), c=exact(12), r=around("0.1558", "0.00005")).holds
    found = outcome(entry, l=exact(89), c=exact(12), r=around("0.1559", "0.00005"))
    assert not found.holds
    assert found.left.middle == Frac(12, 77)
    assert found.main == "r"
    assert found.difference == Frac("0.1559") - Frac(12, 77)


def test_each_kind() -> None:
    assert outcome(
        {"kind": "level_change", "figures": {"before": "a", "change": "b", "now": "c"}},
        a=exact(1),
        b=exact(2),
        c=exact(3),
    ).holds
    assert outcome(
        {"kind": "share", "figures": {"part": "a", "whole": "b", "rate": "c"}}, a=exact(1), b=exact(4), c=exact("0.25")
    ).holds
    assert outcome(
        {"kind": "average", "figures": {"total": "a", "count": "b", "average": "c"}}, a=exact(9), b=exact(3), c=exact(3)
    ).holds
    assert outcome(
        {"kind": "sum", "figures": {"parts": ["a", "b"], "total": "c"}}, a=exact(1), b=exact(2), c=exact(3)
    ).holds
    assert not outcome(
        {"kind": "sum", "figures": {"parts": ["a", "b"]}, "constant": 1}, a=exact("0.5"), b=exact("0.4")
    ).holds
    assert outcome({"kind": "at_most", "figures": {"part": "a", "whole": "b"}}, a=exact(3), b=exact(3)).holds
    assert not outcome({"kind": "at_most", "figures": {"part": "a", "whole": "b"}}, a=exact(4), b=exact(3)).holds
    assert outcome(
        {"kind": "formula", "figures": {"x": "a", "y": "b"}, "left": "x * 2 - 1.5", "op": "=", "right": "y"},
        a=exact(2),
        b=exact("2.5"),
    ).holds


def test_same_needs_all_to_agree_and_shows_the_furthest() -> None:
    entry = {"kind": "same", "figures": ["a", "b", "c"]}
    assert outcome(entry, a=exact(45), b=exact(45), c=exact(45)).holds
    found = outcome(entry, a=exact(45), b=exact(45), c=exact(46))
    assert not found.holds
    assert found.main == "c"
    assert found.difference == 1


def test_a_share_of_counted_things_must_be_a_whole_number_of_them() -> None:
    entry = {"kind": "whole_count", "figures": {"share": "s", "whole": "w"}}
    assert outcome(entry, s=around("0.8735", "0.00005"), w=exact(245)).holds
    found = outcome(entry, s=around("0.8725", "0.00005"), w=exact(245))
    assert not found.holds
    assert found.left.middle == Frac(214, 245)


def test_open_intervals_are_compared_but_not_calculated_with() -> None:
    at_least = Interval(Frac(100), Frac(100), None)
    assert outcome({"kind": "at_most", "figures": {"part": "a", "whole": "b"}}, a=exact(150), b=at_least).holds
    with pytest.raises(RelationError) as error:
        outcome(
            {"kind": "share", "figures": {"part": "a", "whole": "b", "rate": "c"}}, a=exact(1), b=at_least, c=exact(1)
        )
    assert "at least" in error.value.message.msgid


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"kind": "same", "figures": ["a", "b"], "id": ""}, "id"),
        ({"kind": "same", "figures": ["a", "b"], "id": "Ü"}, "id"),
        ({"kind": "magic", "figures": ["a", "b"]}, "kind"),
        ({"kind": "same", "figures": ["a"]}, "figures"),
        ({"kind": "same", "figures": {"a": "b"}}, "figures"),
        ({"kind": "growth", "figures": {"level": "a", "change": "b"}}, "figures"),
        ({"kind": "growth", "figures": ["a", "b", "c"]}, "figures"),
        ({"kind": "sum", "figures": {"parts": []}}, "figures"),
        ({"kind": "sum", "figures": {"parts": ["a"]}}, "figures"),
        ({"kind": "sum", "figures": {"parts": ["a"]}, "constant": 1.5}, "constant"),
        ({"kind": "formula", "figures": {"a": "b"}, "left": "a", "op": "==", "right": "a"}, "op"),
        ({"kind": "formula", "figures": {"a": "b"}, "left": "", "op": "=", "right": "a"}, "left"),
        ({"kind": "formula", "figures": {"a": "b"}, "left": "a + c", "op": "=", "right": "a"}, "left"),
        ({"kind": "formula", "figures": {"a": "b"}, "left": "a", "op": "=", "right": "a("}, "right"),
        ({"kind": "formula", "figures": {"A1": "b"}, "left": "A1", "op": "=", "right": "A1"}, "figures"),
        ({"kind": "same", "figures": ["a", "b"], "strength": "sure"}, "strength"),
        ({"kind": "same", "figures": ["a", "b"], "strength": "implied"}, "note_zh"),
        ({"kind": "same", "figures": ["a", "b"], "note_en": "x" * 301}, "note_en"),
        ({"kind": "same", "figures": ["a", "b"], "colour": "red"}, "colour"),
        ({"kind": "same", "figures": [f"f{n}" for n in range(9)]}, "figures"),
    ],
)
def test_malformed_relations_name_the_key(entry: dict[str, Any], field: str) -> None:
    with pytest.raises(RelationError) as error:
        relation_from_mapping({"id": "r", **entry}, 3)
    assert error.value.field == field
    assert str(error.value.message)


def test_an_unknown_figure_and_a_division_by_zero_are_errors_with_a_reason() -> None:
    entry = {"kind": "share", "figures": {"part": "a", "whole": "b", "rate": "c"}}
    with pytest.raises(RelationError, match="No figure has the id"):
        outcome(entry, a=exact(1))
    with pytest.raises(RelationError, match="divides by zero"):
        outcome(entry, a=exact(1), b=exact(0), c=exact(1))


@pytest.mark.parametrize(
    "text", ["__import__('os')", "a.b", "a ** 2", "a if a else 1", "[a]", "a < 1", "'x'", "a[0]", "True", "a" * 201]
)
def test_the_language_of_formulas_is_closed(text: str) -> None:
    with pytest.raises(RelationError):
        compile_expression(text, "left")


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 100)), min_size=2, max_size=5))
def test_a_true_sum_always_holds_however_its_parts_are_rounded(parts: list[tuple[int, int]]) -> None:
    """Whatever true values lie in the printed intervals, their true total is never called a disagreement."""
    values = {f"p{i}": Interval(Frac(v - h), Frac(v), Frac(v + h)) for i, (v, h) in enumerate(parts)}
    true = Frac(sum(v + h for v, h in parts))
    entry = {"kind": "sum", "figures": {"parts": list(values), "total": "t"}}
    assert outcome(entry, **values, t=Interval(true, true, true)).holds
    assert not outcome(entry, **values, t=Interval(true + 1, true + 1, true + 1)).holds
