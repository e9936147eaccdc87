"""The statements as data: each figure has a query; each record of the chapters is drafted, or left out by name."""

from dataclasses import dataclass

import pytest

from assessments.reporting.chapters import chapters, pieces, record_names
from assessments.reporting.listed import TABLES
from assessments.reporting.printing import as_printed, in_unit, numeral
from assessments.reporting.queries import QUERIES
from scorecard.engine.values.rational import Fraction

from .fixture import rows

TWICE = "printed before in the same words"
EXAMPLE = "one institution's example, which an author chooses"
WORDING = "a number of the wording, no figure"
#: What the report's chapters state and the draft does not, with the reason; ``docs/report-draft.md`` says so.
LEFT_OUT: dict[str, str] = {
    **{f"1-2-4-2-{n:03d}": TWICE for n in range(1, 12)},
    **dict.fromkeys(["5-4-002", "5-4-003", "7-1-6-002", "7-1-6-003"], TWICE),
    **{f"1-2-3-1-{n:03d}": EXAMPLE for n in range(1, 4)},
    **{f"1-2-5-2-{n:03d}": EXAMPLE for n in range(27, 32)},
    **{f"5-4-z-4-{n:03d}": EXAMPLE for n in range(1, 5)},
    **dict.fromkeys(["1-2-1-3-001", "1-2-3-1-004", "1-2-5-2-001", "1-2-5-2-024"], WORDING),
    **dict.fromkeys(["5-4-z-2-001", "5-4-z-5-001", "7-1-5-001", "7-1-5-002"], WORDING),
}


def test_the_chapters_are_those_that_were_asked_for() -> None:
    assert list(chapters()) == ["1", "5-4", "7-1"]


def test_every_figure_has_a_query_and_every_table_is_there() -> None:
    for chapter in chapters().values():
        for token in chapter.tokens():
            assert token.query in (record_names() if token.is_record else QUERIES), token
            assert bool(token.up) == bool(token.down), token
        for part in chapter.parts:
            assert set(part.tables) <= set(TABLES), part.section


def test_no_query_is_without_a_sentence() -> None:
    used = {token.query for chapter in chapters().values() for token in chapter.tokens()}
    assert set(QUERIES) <= used


def test_the_names_of_records_are_those_of_the_fixture() -> None:
    assert {name: rows()[name]["indicator_zh"] for name in record_names()} == record_names()


def test_every_figure_of_the_reports_chapters_is_drafted_or_left_out_by_name() -> None:
    tokens = [token for chapter in chapters().values() for token in chapter.tokens()]
    drafted = {token.query for token in tokens if token.is_record} | {token.record for token in tokens} - {""}
    stated = {name for name in rows() if name.startswith(("1-", "5-4-", "7-1-"))}
    assert drafted <= stated
    assert stated - drafted == set(LEFT_OUT)


def test_words_for_a_rise_stand_where_the_report_states_a_change() -> None:
    for chapter in chapters().values():
        for token in chapter.tokens():
            record = rows().get(token.record or token.query)
            if record is not None and record["kind"] in ("change", "growth", "difference"):
                assert token.up or "倍" in record["unit"], token


def test_a_brace_that_is_no_figure_is_refused() -> None:
    with pytest.raises(ValueError, match="余额"):
        pieces("贷款{余额}")
    with pytest.raises(ValueError, match="drafted"):
        pieces("增长{增长:1-1-1-001}")


@dataclass
class Record:
    """A figure as it is recorded."""

    value: str
    unit: str
    qualifier: str = ""


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (Record("75", "%"), "75%"),
        (Record("34.20", "万户"), "34.20万户"),
        (Record("516", "万元", "约"), "约516万元"),
        (Record("250", "家", "余"), "250余家"),
        (Record("1400", "件", "多"), "1400多件"),
        (Record("35", "%", "以上"), "35%以上"),
        (Record("1", "天", "起"), "1"),
        (Record("3", "天", "至"), "3天"),
    ],
)
def test_a_record_is_printed_as_the_report_prints_it(record: Record, text: str) -> None:
    assert as_printed(record) == text


def test_sums_are_rounded_half_up_without_groups_and_without_sign() -> None:
    assert in_unit(Fraction(1_327_079_000_000), "亿元", 2) == "13270.79亿元"
    assert in_unit(Fraction("-0.00405"), "个百分点", 2) == "0.41个百分点"
    assert in_unit(Fraction(1, 3), "%", 2) == "33.33%"
    assert in_unit(Fraction(341_960), "万户", 2) == "34.20万户"


def test_small_counts_are_written_in_words() -> None:
    assert [numeral(n, "项") for n in (0, 1, 2, 6, 10, 11)] == ["零项", "一项", "两项", "六项", "十项", "11项"]
