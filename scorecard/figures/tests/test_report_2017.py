"""The committed fixture: complete against the scan of the report, valid, and its relations as we know them."""

import csv
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from scorecard.figures import codes, scanner
from scorecard.figures.files import read_directory
from scorecard.figures.fixture import parse
from scorecard.figures.problems import Fixture

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "fixtures" / "report_2017"
# The text of the report is not part of the repository; where it lies beside the clone, the scan itself is repeated.
TEXT = ROOT.parent / "shared" / "domain" / "report-2017.txt"

# What does not hold in the report itself, by whether the report states the relation or it is implied.
STATED = {
    "tech-focus-branches-growth",
    "village-bank-credit-change",
    "village-bank-new-farm-share",
    "futures-branches-share",
    "private-fund-managers",
    "equity-fund-managers",
    "pawn-outlets",
    "pawn-personal-goods-share-2016",
    "pawn-capital-share-count",
    "bank-tax-banks",
    "bank-tax-multiple",
}
IMPLIED = {
    "micro-cover-income-limit",
    "older-people-insured-a-year",
    "village-bank-mean-credit-before",
    "village-bank-cooperatives-served",
    "village-bank-cooperative-lending",
    "village-bank-cooperative-loans-within-credit",
    "surety-firms-of-the-series",
    "surety-loans-of-the-series",
    "fund-mean-firm",
    "start-up-loans-within-city",
    "angel-guidance-fund",
    "micro-surety-loans",
    "micro-surety-number",
}


@pytest.fixture(scope="module")
def fixture() -> Fixture:
    return parse(read_directory(FOLDER))


def _table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _counts(name: str) -> Counter[tuple[str, str, str]]:
    return Counter({(row["section"], row["value"], row["unit"]): int(row["count"]) for row in _table(name)})


def test_the_fixture_is_valid(fixture: Fixture) -> None:
    assert fixture.problems == []
    assert len(fixture.rows) >= 700
    assert len(fixture.relations) >= 200
    assert {row.chapter for row in fixture.rows} == {str(chapter) for chapter in codes.CHAPTERS}


def test_every_printed_quantity_is_a_record_or_is_accounted_for(fixture: Fixture) -> None:
    printed = _counts("coverage.csv")
    recorded = Counter((row.section, row.value, row.unit) for row in fixture.rows)
    assert recorded + _counts("not_figures.csv") == printed
    assert sum(printed.values()) >= 740


def test_what_is_left_out_is_only_names_in_chinese_numerals() -> None:
    """No printed Arabic number with a unit is left out of the records."""
    for row in _table("not_figures.csv"):
        assert row["reason"] == "name"
        assert not re.search(r"\d", row["value"]), row


def test_the_scan_of_the_text_gives_the_committed_counts() -> None:
    """Where the text is at hand, scan it; elsewhere prove that the committed counts are whole in themselves."""
    if TEXT.exists():
        assert scanner.coverage(scanner.scan(TEXT.read_text(encoding="utf-8"))) == _counts("coverage.csv")
    else:
        chapters = {row["section"].partition("-")[0] for row in _table("coverage.csv")}
        assert chapters == set("012345678")
        assert len(_table("coverage.csv")) >= 700


def test_ids_count_up_within_their_section_and_follow_the_report(fixture: Fixture) -> None:
    last: dict[str, int] = {}
    for row in fixture.rows:
        prefix, _, ordinal = row.id.rpartition("-")
        assert prefix == f"r2017-{row.section}"
        assert int(ordinal) == last.get(prefix, 0) + 1
        last[prefix] = int(ordinal)


@pytest.mark.parametrize(
    ("ident", "value", "unit", "normalised"),
    [
        ("r2017-1-2-1-1-001", "13270.79", "亿元", "1327079000000"),
        ("r2017-1-2-1-1-002", "1807.14", "亿元", "180714000000"),
        ("r2017-1-2-1-1-003", "15.76", "%", "0.1576"),
        ("r2017-1-2-1-1-005", "34.20", "万户", "342000"),
        ("r2017-1-2-1-1-007", "91.78", "%", "0.9178"),
        ("r2017-1-2-1-1-008", "9.72", "个百分点", "9.72"),
        ("r2017-1-2-1-1-011", "0.4", "个百分点", "-0.4"),
        ("r2017-1-2-5-2-009", "12,201", "元", "12201"),
        ("r2017-2-3-3-007", "1/4", "", "0.25"),
        ("r2017-6-3-2-008", "35", "比例", "0.35"),
        ("r2017-7-1-4-003", "1", "分", "1"),
        ("r2017-8-4-1-004", "3269.281", "万元", "32692810"),
    ],
)
def test_known_figures_are_as_printed(fixture: Fixture, ident: str, value: str, unit: str, normalised: str) -> None:
    row = next(row for row in fixture.rows if row.id == ident)
    assert (row.value, row.unit, Decimal(row.normalised_value)) == (value, unit, Decimal(normalised))


def test_the_report_disagrees_with_itself_where_we_know_it_does(fixture: Fixture) -> None:
    failing = {outcome.relation.id: outcome.relation.strength for outcome in fixture.outcomes if not outcome.holds}
    assert {ident for ident, strength in failing.items() if strength == "stated"} == STATED
    assert {ident for ident, strength in failing.items() if strength == "implied"} == IMPLIED


def test_every_disagreement_says_in_both_languages_what_it_is(fixture: Fixture) -> None:
    for outcome in fixture.outcomes:
        if not outcome.holds:
            assert outcome.relation.note_zh
            assert outcome.relation.note_en


def test_the_mean_balance_and_the_mediation_rate_hold_within_rounding(fixture: Fixture) -> None:
    """388.08 is not 13270.79 / 34.20 = 388.03, yet within what rounding the borrowers to 34.20 leaves open."""
    holding = {outcome.relation.id for outcome in fixture.outcomes if outcome.holds}
    assert {"sme-mean-balance", "mediation-success-rate", "sme-balance-growth", "tech-npl-ratio"} <= holding


def test_no_sentence_of_the_report_is_copied(fixture: Fixture) -> None:
    """Facts only: names are short and hold no punctuation of a sentence."""
    for row in fixture.rows:
        assert len(row.indicator_zh) <= 40, row.id
        assert not set("。；，") & set(row.indicator_zh), row.id


def test_a_figure_printed_twice_has_one_dimension_and_one_institution(fixture: Fixture) -> None:
    """What is printed in two places and means the same is told in one way."""
    found: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
    for row in fixture.rows:
        key = (row.indicator_zh, str(row.normalised_value), row.unit)
        found.setdefault(key, set()).add((row.dimension, row.institution))
    assert {key: sorted(told) for key, told in found.items() if len(told) > 1} == {}


@pytest.mark.parametrize(
    ("ident", "column", "value"),
    [
        ("r2017-6-4-z-2-006", "unit", "方面"),
        ("r2017-5-4-001", "as_of", "2017-12-31"),
        ("r2017-6-4-1-001", "as_of", "2016/2018"),
        ("r2017-7-4-1-002", "as_of", "2015"),
        ("r2017-2-3-2-030", "as_of", "2016"),
        ("r2017-2-3-2-031", "compared_with", "2015"),
        ("r2017-2-2-4-001", "as_of", "2017-12-31"),
        ("r2017-2-2-4-002", "as_of", "2017-12-31"),
        ("r2017-5-3-4-001", "dimension", "none"),
    ],
)
def test_dates_units_and_dimensions_are_what_the_sentence_says(
    fixture: Fixture, ident: str, column: str, value: str
) -> None:
    row = next(row for row in fixture.rows if row.id == ident)
    assert getattr(row, column) == value
