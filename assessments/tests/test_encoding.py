"""Filings encoded and read back: what arrays score is what the exact engine scores, whatever the figures are."""

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from assessments.scoring.bulk.encoding import EXACT, exact_rows, layout_of, looked_back
from assessments.scoring.outcome_codec import array_of, arrays_of, read_array, section_points
from scorecard.engine import Nothing, Rulebook, ScoringInput, evaluate, load_rulebook
from scorecard.engine.arrays import evaluate_many
from scorecard.tests.drawn import examples

NAMES = ("shanghai-2017/3", "national-2020/3", "money-reward-2016/2")


@lru_cache
def book(name: str = NAMES[0]) -> Rulebook:
    return load_rulebook(Path(settings.RULEBOOK_DIR) / name)


NOTHINGS = st.sampled_from(list(Nothing))
FIGURES = st.one_of(
    st.decimals(0, 10**9, places=2),
    st.decimals(0, 1, places=4),
    st.decimals(-1000, 1000, places=1),
    st.sampled_from([Decimal(0), Decimal("0.00"), Decimal("123456789012345.6789"), Decimal("1E+3")]),
)


def values(spec: Any) -> st.SearchStrategy[Any]:
    if spec.is_number:
        return FIGURES | NOTHINGS
    if spec.kind == "bool":
        return st.booleans() | NOTHINGS
    if spec.kind == "level":
        return st.sampled_from(list(spec.options)) | NOTHINGS
    if spec.kind == "checklist":
        return st.frozensets(st.sampled_from(list(spec.options))) | NOTHINGS
    return st.text(max_size=5)


@st.composite
def cases(draw: st.DrawFn, name: str) -> ScoringInput:
    rulebook = book(name)

    def some(facts: Any) -> dict[str, Any]:
        return {f: draw(values(rulebook.facts[f])) for f in facts if draw(st.integers(0, 9))}

    past, targets = looked_back(rulebook)
    history: dict[int, dict[str, Any]] = {}
    for years in draw(st.sets(st.integers(1, 3))):
        history[-years] = some(past) | {t: draw(st.booleans()) for t in targets if draw(st.booleans())}
    points = {i: draw(st.decimals(0, 5, places=1)) for i in rulebook.indicators if draw(st.integers(0, 2))}
    claims = [i for i, spec in rulebook.indicators.items() if spec.not_applicable != "none"]
    return ScoringInput(
        facts=some(rulebook.facts),
        bank={"category": draw(st.sampled_from(["city", "外资银行", "rural"])), "differentiated": draw(st.booleans())},
        history=history,
        self_points=points,
        not_applicable=frozenset(draw(st.sets(st.sampled_from(claims)))) if claims else frozenset(),
    )


@pytest.mark.parametrize("name", NAMES)
def test_encoded_filings_score_as_the_exact_engine_scores(name: str) -> None:
    rulebook = book(name)
    layout = layout_of(rulebook)

    @hypothesis_settings(max_examples=examples(25), deadline=None)
    @given(st.lists(cases(name), min_size=1, max_size=6))
    def holds(drawn: list[ScoringInput]) -> None:
        records = layout.records([layout.encode(case) for case in drawn])
        marked = set(exact_rows(records))
        rows = arrays_of(evaluate_many(rulebook, layout.columns(records)))
        for place, case in enumerate(drawn):
            result = evaluate(rulebook, case, explain=False)
            alone = array_of(rulebook, result).tobytes()
            if place not in marked:
                assert rows[place].tobytes() == alone
            points = section_points(rulebook, alone)
            assert points == {s: each.points for s, each in result.sections.items()}

    holds()


@pytest.mark.parametrize(
    "value", [Decimal("1234567890123456.7"), Decimal("1E+400"), Decimal("0.1234567890123456"), Decimal("Infinity")]
)
def test_a_figure_that_a_double_does_not_hold_marks_the_filing(value: Decimal) -> None:
    layout = layout_of(book())
    body = layout.encode(ScoringInput(facts={"sme_bal_end": value}))
    assert layout.records([body])["flags"][0] == EXACT


@pytest.mark.parametrize(
    ("fact", "value"),
    [("sme_bal_end", True), ("sme_bal_end", "12"), ("category", "行" * 20)],
)
def test_what_is_none_of_its_kind_marks_the_filing(fact: str, value: Any) -> None:
    layout = layout_of(book())
    case = ScoringInput(bank={fact: value}) if fact == "category" else ScoringInput(facts={fact: value})
    assert exact_rows(layout.records([layout.encode(case)])) == [0]


def test_the_layout_follows_what_is_stored_and_nothing_else() -> None:
    assert layout_of(book()).hash == layout_of(load_rulebook(Path(settings.RULEBOOK_DIR) / NAMES[0])).hash
    assert len({layout_of(book(name)).hash for name in NAMES}) == len(NAMES)


def test_bytes_of_another_rulebook_or_format_are_refused() -> None:
    body = array_of(book(), evaluate(book(), ScoringInput(), explain=False)).tobytes()
    assert read_array(book(), body).tobytes() == body
    for wrong in (body[:-1], b"\x07" + body[1:], b""):
        with pytest.raises(ValueError, match="no run of shanghai-2017"):
            read_array(book(), wrong)
