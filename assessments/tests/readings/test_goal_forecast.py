"""The forecast of the goal: its spread in drawn histories, from filed figures, and in words where years are too few."""

from decimal import Decimal

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import ReadingPeriod
from assessments.readings.city_goal import at_end, city_goal, growths_of, spread
from assessments.readings.computing import stand
from assessments.readings.forecast import FEWEST
from assessments.readings.present import spread_words
from assessments.tests.readings.world import confirmed, period_of
from assessments.tests.reviews.world import World, build
from banks.models import Bank, FactEntry
from scorecard.engine import FactValue
from scorecard.engine.values.rational import Fraction

HISTORIES = 400


def history(seed: int, years: int, keeps: float) -> list[float]:
    """Yearly growths of a city: 15 % on average, spread 8 points; each keeps so much of the last one's departure."""
    draw = np.random.default_rng(seed)
    off, found = 0.08 * draw.normal(), []
    for _year in range(years):
        off = keeps * off + (1 - keeps**2) ** 0.5 * 0.08 * draw.normal()
        found.append(0.15 + off)
    return found


def covered(years: int, keeps: float, left: int) -> tuple[Fraction, Fraction]:
    """The share of histories in which the balance after so many years lies in the spread; and what is promised."""
    hits, promised = 0, Fraction(0)
    for seed in range(HISTORIES):
        growths = [Fraction(round(one * 10**6), 10**6) for one in history(seed, years + left, keeps)]
        known, to_come = dict(enumerate(growths[:years])), growths[years:]
        begin = [(year, Fraction(1000)) for year in known]
        found = spread(at_end(begin, known, left), Fraction(2000))
        assert found.low is not None and found.high is not None and found.covers is not None
        came = Fraction(1000)
        for one in to_come:
            came *= 1 + one
        hits, promised = hits + (found.low <= came <= found.high), found.covers
    return Fraction(hits, HISTORIES), promised


# Years that are independent, and years that keep half of the last one's departure; as docs/readings.md prints them.
TABLE = {
    (9, 0.0): ("0.8", [324, 356, 369]),
    (19, 0.0): ("0.9", [356, 381, 394]),
    (9, 0.5): ("0.8", [316, 321, 322]),
    (19, 0.5): ("0.9", [351, 365, 374]),
}


@pytest.mark.parametrize(("years", "keeps"), list(TABLE))
def test_what_the_spread_covers_of_what_it_promises(years: int, keeps: float) -> None:
    promised, hits = TABLE[years, keeps]
    for left, expected in enumerate(hits, start=1):
        share, said = covered(years, keeps, left)
        assert said == Fraction(promised)
        assert share * HISTORIES == expected


def test_below_nine_years_nothing_is_said() -> None:
    few = [(year, Fraction(year)) for year in range(FEWEST - 1)]
    found = spread(few, Fraction(5))
    assert (found.cases, found.low, found.high, found.middle, found.met_share) == (8, None, None, None, None)
    assert spread([*few, (9, Fraction(9))], Fraction(5)).low == 0


def test_a_years_growth_is_of_banks_known_on_both_days() -> None:
    balances: list[dict[int, FactValue | None]] = [
        {2015: Decimal(100), 2016: Decimal(120), 2017: Decimal(150)},
        {2016: Decimal(1000), 2017: Decimal(1050)},
        {2017: Decimal(7), 2018: None},
    ]
    assert growths_of(balances) == {2016: Fraction("0.2"), 2017: Fraction(1200, 1120) - 1}
    assert growths_of([]) == {} and growths_of([{2016: Decimal(0), 2017: Decimal(5)}]) == {}


def test_the_years_left_go_on_as_the_year() -> None:
    growths = {2016: Fraction("0.1"), 2017: Fraction("0.2")}
    begin = [(2015, Fraction(100)), (2016, Fraction(100)), (2017, Fraction(110))]
    assert at_end(begin, growths, 2) == [(2016, Fraction(121)), (2017, Fraction("158.4"))]
    assert at_end(begin, growths, 0) == begin, "in the goal's own year this year-end is the end"


# --- From what is filed ---


@pytest.fixture
def world(db: None) -> World:
    return build()


def year_end(bank: Bank, year: int, value: str) -> None:
    FactEntry.objects.create(
        bank=bank, period=str(year), fact="tech_bal_end", revision=1, state="value", value=value, source="supervisor"
    )


def city(world: World, month: int, years: int) -> ReadingPeriod:
    """A city of one bank whose balance grew by 20 % in each of so many years, read in 2018."""
    bank, balance = world.bank("B001"), Decimal(10_000_000)
    year_end(bank, 2017 - years, f"{balance}")
    for year in range(2018 - years, 2018):
        balance = round(balance * Decimal("1.2"), 2)
        year_end(bank, year, f"{balance}")
    period = period_of(world, year=2018, month=month)
    row = confirmed(period, bank, tech_bal_end=f"{balance}", tech_bal_prev=f"{balance}")
    stand(period, [row])
    return period


def test_from_nine_years_on_a_spread_is_said(world: World) -> None:
    period = city(world, 12, 9)
    found = city_goal(world.officer, period)
    assert found is not None and found.this_end is None and found.at_goal.cases == 9
    assert found.at_goal.low is not None and found.at_goal.high is not None
    exact = found.total * Fraction("1.44")
    assert abs(found.at_goal.low - exact) < 1 and abs(found.at_goal.high - exact) < 1
    assert found.at_goal.covers == Fraction("0.8")
    words = spread_words(found.at_goal)
    assert "至" in words and "涵盖80.00 %的情形" in words


@pytest.mark.parametrize(("month", "years"), [(12, 8), (6, 3), (12, 0)])
def test_too_few_are_said_in_words_and_no_bare_line(world: World, month: int, years: int) -> None:
    period = city(world, month, years)
    found = city_goal(world.officer, period)
    assert found is not None and found.at_goal.low is None
    client = Client()
    client.force_login(world.officer)
    text = client.get(reverse("reading-city", args=[period.pk])).content.decode()
    row = text.split("2020年末预测")[1].split("</tr>")[0]
    said = years if month == 12 else 0  # no reading of an earlier June
    assert f"年度数据过少，无法给出预测区间：现有{said}年，至少需9年" in row
    assert "亿元" not in row and "万元" not in row
