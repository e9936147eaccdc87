"""The money schemes: standing and estimates at the edges of their bands, each with its clause and its year."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.commands.catalog import installed
from scorecard.engine import Rulebook, ScoringInput, evaluate, lint, load_rulebook
from scorecard.engine.arrays import evaluate_many
from scorecard.engine.cases.worked import differences, read_vectors
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.language.syntax import Expression
from scorecard.engine.lint.references import references
from scorecard.engine.reading.reader import read_with_fields
from scorecard.engine.rulebook.prepared import prepared
from scorecard.engine.tests.conftest import RULEBOOKS
from scorecard.engine.tests.frames import assert_equal, to_frame
from scorecard.engine.values.rational import Fraction
from scorecard.tests.drawn import examples

SCHEMES = {i.code: i.path for i in installed(RULEBOOKS) if i.code.startswith("money-")}
BOOKS: dict[str, Rulebook] = {code: load_rulebook(path) for code, path in SCHEMES.items()}
COMPENSATION = BOOKS["money-compensation-2016"]


def test_the_schemes_shipped() -> None:
    assert set(SCHEMES) == {
        "money-compensation-2011",
        "money-compensation-2016",
        "money-compensation-2020",
        "money-guarantee-2017",
        "money-reserve-2018",
        "money-reserve-2019",
        "money-reward-2016",
        "money-reward-2020",
        "money-rural-2010",
    }


@pytest.mark.parametrize("code", sorted(SCHEMES))
def test_each_scheme_lints_clean_and_its_worked_cases_hold(code: str) -> None:
    assert [str(f) for f in lint(SCHEMES[code])] == []
    vectors = read_vectors(BOOKS[code], SCHEMES[code])
    assert len(vectors) >= 2
    for vector in vectors:
        assert differences(vector.expect, evaluate(BOOKS[code], vector.case)) == [], vector.id
    cases = [v.case for v in vectors]
    assert_equal(BOOKS[code], cases, evaluate_many(BOOKS[code], to_frame(cases)))


@pytest.mark.parametrize("code", sorted(SCHEMES))
def test_each_estimate_shows_its_clause_and_its_year(code: str) -> None:
    book = BOOKS[code]
    assert book.estimates
    for vector in read_vectors(book, SCHEMES[code]):
        result = evaluate(book, vector.case)
        for id, found in result.estimates.items():
            spec = book.estimates[id]
            assert spec.source is not None
            for lang in ("zh", "en"):
                assert spec.source.clause.get(lang) in found.text.get(lang)
                assert spec.years in found.text.get(lang)
            assert "测算" in found.text.zh
            assert "estimate" in found.text.en
            assert found.trace is not None
            assert (found.trace.source, found.trace.basis) == (spec.source, spec.basis)
            assert result.to_json()["estimates"][id]["years"] == spec.years


def rests(book: Rulebook, expression: Expression) -> set[str]:
    """The basis of everything but filed figures that an amount is computed from, earlier estimates included."""
    found = set()
    for entry in prepared(book).dependencies_of_expression(expression.node):
        kind, _, id = entry.partition(".")
        if kind in ("definitions", "parameters", "targets", "sections", "indicators"):
            found.add(getattr(book, kind)[id].basis)
    for name in expression.names:
        if name in book.estimates:
            found |= {book.estimates[name].basis} | rests(book, book.estimates[name].expr)
    return found


@pytest.mark.parametrize("code", sorted(SCHEMES))
def test_no_amount_that_rests_on_our_reading_is_shown_as_sourced(code: str) -> None:
    """The rate may stand in the document: an amount by a formula of ours is none of the authority's own."""
    book = BOOKS[code]
    for spec in book.estimates.values():
        if spec.basis == "sourced":
            assert rests(book, spec.expr) <= {"sourced"}, spec.id


@pytest.mark.parametrize("code", sorted(SCHEMES))
def test_each_estimate_names_a_clause_of_its_document_and_years(code: str) -> None:
    for spec in BOOKS[code].estimates.values():
        assert spec.source is not None
        assert spec.source.article, spec.id
        assert re.fullmatch(r"20\d\d(—20\d\d)?", spec.years), spec.id


def amounts(bal: Decimal, npl: Decimal, loss: Decimal) -> dict[str, Decimal | None]:
    case = ScoringInput(facts={"comp_bal": bal, "comp_npl": npl, "comp_net_loss": loss})
    return {k: e.value for k, e in evaluate(COMPENSATION, case).estimates.items()}


money = st.decimals(Decimal("0.01"), Decimal(10**9), places=2)


@settings(max_examples=examples(200), deadline=None)
@given(money, money, money)
def test_compensation_is_the_formula_within_its_bounds_and_splits_to_the_last_unit(
    bal: Decimal, npl: Decimal, loss: Decimal
) -> None:
    found = amounts(bal, npl, loss)
    ratio = Fraction(npl) / Fraction(bal)
    first = Fraction(loss) * max(Fraction(0), min(ratio, Fraction(3, 100)) - Fraction(15, 1000)) / ratio / 5
    second = Fraction(loss) * max(Fraction(0), min(ratio, Fraction(5, 100)) - Fraction(3, 100)) / ratio / 2
    for id, exact in (("comp_tier_1", first), ("comp_tier_2", second)):
        value = found[id]
        assert value is not None
        assert abs(Fraction(value) - exact) <= Fraction(5, 1000)
    total, city, district = found["comp_total"], found["comp_city"], found["comp_district"]
    assert total is not None and city is not None and district is not None
    assert city + district == total
    assert 0 <= total <= loss * Decimal("0.26") + Decimal("0.01")  # most at 5 %: 0.3 × 20 % + 0.4 × 50 %


def test_the_clause_of_the_compensation_reads_so() -> None:
    case = ScoringInput(facts={"comp_bal": Decimal(10000), "comp_npl": Decimal(500), "comp_net_loss": Decimal(100)})
    text = evaluate(COMPENSATION, case).estimates["comp_city"].text
    assert text.zh == (
        "其中市级承担（35%）为 9.1 万元（测算，依据《上海市2016-2018年科技型中小企业和小型微型企业信贷风险补偿办法》"
        "市区分担（35：65），适用于2016—2018年）。"
    )


def test_nothing_but_estimates_may_use_an_estimate() -> None:
    data = dict(BOOKS["money-rural-2010"].document_data)
    data["definitions"] = {
        "wrong": {
            "label": {"zh": "误", "en": "Wrong"},
            "unit": "万元",
            "expr": "rural_ceiling",
            "source": "rules-2010",
            "basis": "proposed",
        }
    }
    book, fields = read_with_fields(from_plain(data))
    assert {(f.key, f.code) for f in references(book, fields)} == {("definitions.wrong.expr", "type")}


def test_an_estimate_without_its_years_or_in_a_circle_is_a_finding() -> None:
    data = dict(BOOKS["money-rural-2010"].document_data)
    first = {k: v for k, v in data["estimates"]["rural_ceiling"].items() if k != "years"}
    second = {**data["estimates"]["rural_ceiling"], "expr": "third"}
    data["estimates"] = {"rural_ceiling": first, "second": second, "third": {**second, "expr": "second"}}
    book, fields = read_with_fields(from_plain(data))
    assert [(f.key, f.code) for f in fields.findings] == [("estimates.rural_ceiling.years", "missing-key")]
    assert {(f.key, f.code) for f in references(book, fields)} == {
        ("estimates.second", "cycle"),
        ("estimates.third", "cycle"),
    }


def test_rulebooks_without_estimates_say_nothing_of_them(shanghai: Rulebook, full: ScoringInput) -> None:
    assert "estimates" not in evaluate(shanghai, full).to_json()
    assert "estimates" not in shanghai.document_data
