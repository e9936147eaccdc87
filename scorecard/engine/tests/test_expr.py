"""The closed language: what it reads, what it refuses, how absence spreads."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scorecard.engine import ExpressionError, Nothing, Rulebook, ScoringInput
from scorecard.engine.exact.context import Scoring
from scorecard.engine.language.exact import compute
from scorecard.engine.language.syntax import MAX_LENGTH, Num, parse_expression
from scorecard.engine.language.types import Checker
from scorecard.engine.language.words import render
from scorecard.engine.lint.references import types_of
from scorecard.engine.values.facts import Absence, Missing, Value
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text


def run(rulebook: Rulebook, text: str, facts: dict[str, object] | None = None) -> Value:
    return compute(parse_expression(text), Scoring(rulebook, ScoringInput(facts=facts or {})))  # type: ignore[arg-type]


def test_numbers_are_exact() -> None:
    node = parse_expression("0.1").node
    assert isinstance(node, Num)
    assert node.value == Fraction(1, 10)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "a.b",
        "a[0]",
        "(lambda: 1)()",
        "f(x)",
        "2 ** 8",
        "a // b",
        "a % b",
        "a if b",
        "[x for x in y]",
        "a := 1",
        "True",
        "1e9",
        "0x10",
        "1_000",
        "a is b",
        "x in y",
        "min(1)",
        "min(a=1, b=2)",
        "last(1 + 2)",
        "last(a, 9)",
        "last(a, b)",
        "missed(1 + 1)",
        "has(a, b)",
        "f'{a}'",
        "",
        "a +",
        "a" * (MAX_LENGTH + 1),
        "(" * 60 + "1" + ")" * 60 + " + " + "-" * 40 + "1",
        "1" * 40,
        " + ".join(["a"] * 150),
    ],
)
def test_everything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ExpressionError) as error:
        parse_expression(text)
    assert error.value.message.zh
    assert error.value.message.en.endswith((".", ")."))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("1 / 3 * 3", 1),
        ("-2 + 5", 3),
        ("min(3, 1, 2)", 1),
        ("max(3, 1, 2)", 3),
        ("abs(-4)", 4),
        ("clip(7, 0, 5)", 5),
        ("clip(-7, 0, 5)", 0),
        ("pp(0.015)", Fraction(3, 2)),
        ("bp(0.0025)", 25),
        ("1 if 2 > 1 else 3", 1),
        ("0.1 + 0.2 == 0.3", True),
        ("1 < 2 <= 2", True),
        ("not 1 > 2", True),
        ("1 > 2 or 3 > 2 and 2 > 1", True),
        ("'a' in ('a', 'b')", True),
        ("'c' not in ('a', 'b')", True),
    ],
)
def test_values(shanghai: Rulebook, text: str, expected: object) -> None:
    assert run(shanghai, text) == expected


def test_division_by_zero_is_an_outcome_with_a_reason(shanghai: Rulebook) -> None:
    value = run(shanghai, "1 / (2 - 2)")
    assert isinstance(value, Missing)
    assert value.kind is Absence.UNDEFINED
    assert value.reason.zh


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mean_days > 3 and 1 > 2", False),
        ("mean_days > 3 or 2 > 1", True),
        ("answered(mean_days)", False),
    ],
)
def test_three_valued_logic(shanghai: Rulebook, text: str, expected: bool) -> None:
    assert run(shanghai, text) is expected


def test_a_blank_is_the_strongest_absence(shanghai: Rulebook) -> None:
    facts = {"sme_bal_end": Nothing.NOT_APPLICABLE, "returns": Nothing.NOT_SUPPLIED}
    value = run(shanghai, "sme_bal_end / all_bal_end + returns + 1 / (1 - 1)", facts)
    assert isinstance(value, Missing)
    assert value.kind is Absence.UNANSWERED
    assert value.facts == ("all_bal_end",)


def test_zero_is_not_nothing(shanghai: Rulebook) -> None:
    assert run(shanghai, "sme_bal_end + 1", {"sme_bal_end": Decimal(0)}) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("sme_bal_end + sme_hh_end", "units do not agree"),
        ("sme_bal_end > sme_hh_end", "units do not agree"),
        ("min(sme_bal_end, mean_days)", "units do not agree"),
        ("pp(sme_bal_end)", "plain fraction"),
        ("no_such_fact + 1", "no fact"),
        ("missed(T9)", "no target"),
        ("points(Z1) > 1", "no indicator"),
        ("grade_at_least(superb)", "no grade"),
        ("category + 1", "number is needed"),
        ("a1_level > 2", "sides of"),
        ("c4_items == c4_items", "has or count"),
        ("level(sme_bal_end)", "does not work"),
        ("1 and 2 > 1", "condition is needed"),
        ("unit(5, 斤)", "no unit"),
    ],
)
def test_types_and_units_are_checked(shanghai: Rulebook, text: str, problem: str) -> None:
    ids = {
        "target": frozenset(shanghai.targets),
        "points": frozenset(shanghai.indicators),
        "grade": frozenset(shanghai.grade_order),
    }
    with pytest.raises(ExpressionError, match=problem):
        Checker(lambda name: types_of(shanghai, name), ids).type(parse_expression(text).node)


def test_units_multiply(shanghai: Rulebook) -> None:
    found = Checker(lambda n: types_of(shanghai, n), {}).type(
        parse_expression("sme_bal_end / sme_hh_end * sme_hh_prev").node
    )
    assert found.words.zh == "万元"


def test_rendering_keeps_the_order_of_operations() -> None:
    text = render(parse_expression("a - (b - c) * (d + e) / 2").node, lambda i: Text(i.upper(), i))
    assert text.en == "a − (b − c) × (d + e) ÷ 2"
    assert text.zh == "A － （B － C） × （D ＋ E） ÷ 2"
