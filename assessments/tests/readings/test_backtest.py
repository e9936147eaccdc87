"""The forecast held against the demonstration's history: the stated spread covers nine of ten."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from assessments.demo.banks import YEARS
from assessments.demo.generator import generate
from assessments.demo.readings import BASES, FLOWS, MONTHS, STOCKS, reading_of
from assessments.readings.backtest import Coverage, cases_of, coverage
from assessments.readings.forecast import FEWEST, Course, forecast
from assessments.tests.reviews.world import rulebook

#: Months and targets whose spread covered less than nine tenths: how many of how many. ``docs/readings.md`` says so.
SHORT = {(9, "T1"): (114, 128)}


def _courses(month: int) -> list[Course]:
    found = []
    for number, bank in enumerate(generate(), start=1):
        for year in YEARS:
            day = reading_of(bank, year, month)
            if day is None or str(year) not in bank.facts:
                continue
            end = {fact: Decimal(bank.facts[str(year)][fact][1]) for fact in (*STOCKS, *FLOWS, *BASES)}
            values = {fact: Decimal(text) for fact, text in day.items()}
            found.append(Course(number, bank.kind.category, year, values, end))
    return sorted(found, key=lambda course: course.year)


@pytest.fixture(scope="module")
def tested() -> Mapping[int, Mapping[str, Coverage]]:
    return {month: coverage(rulebook(), month, _courses(month)) for month in MONTHS}


def test_the_spread_covers_nine_of_ten_of_what_came_in(tested: Mapping[int, Mapping[str, Coverage]]) -> None:
    for target in rulebook().targets:
        covered = sum(found[target].covered for found in tested.values())
        cases = sum(found[target].cases for found in tested.values())
        assert cases > 300, "the history is long enough to say so"
        assert 10 * covered >= 9 * cases, f"{target}: {covered} of {cases}"


def test_where_a_month_falls_short_it_is_said(tested: Mapping[int, Mapping[str, Coverage]]) -> None:
    short = {
        (month, target): (one.covered, one.cases)
        for month, found in tested.items()
        for target, one in found.items()
        if 10 * one.covered < 9 * one.cases
    }
    assert short == SHORT


def test_it_looks_at_earlier_years_alone() -> None:
    courses = [course for course in _courses(6) if course.category == "city"]
    last = max(course.year for course in courses)
    first = [case for case in cases_of(rulebook(), "T1", 6, courses) if case and case.year == last]
    doubled = [
        Course(c.bank, c.category, c.year, c.day, c.end | {"sme_bal_end": c.end["sme_bal_end"] * 2})  # type: ignore[operator]
        if c.year == last
        else c
        for c in courses
    ]
    again = [case for case in cases_of(rulebook(), "T1", 6, doubled) if case and case.year == last]
    assert first and [(one.low, one.high) for one in first] == [(one.low, one.high) for one in again]
    assert [one.came for one in first] != [one.came for one in again]


def test_too_few_to_say_is_said() -> None:
    courses = _courses(6)
    own = courses[0]
    base = {fact: own.end[fact] for fact in BASES}
    few = forecast(rulebook(), "T1", 6, own.day, base, own.category, courses[1:FEWEST])
    assert few is not None and few.cases == FEWEST - 1
    assert (few.low, few.middle, few.high, few.met_share) == (None, None, None, None)
    nine = forecast(rulebook(), "T1", 6, own.day, base, own.category, courses[1 : FEWEST + 1])
    assert nine is not None and nine.low is not None and nine.covers is not None
    assert nine.low <= nine.middle <= nine.high and float(nine.covers) == 0.8  # type: ignore[operator]
