"""The goal of sci-tech finance: of a bank it says where it stands, of the city how far the goal is."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from assessments.models import Reading, ReadingPeriod
from assessments.readings.city_goal import a_year, city_goal
from assessments.readings.computing import stand
from assessments.readings.figures import goal_facts, missing, reading_facts, values_of
from assessments.readings.goals import goals, in_force, number
from assessments.readings.services import confirm_reading, save_reading
from assessments.readings.tables import BankTable
from assessments.rulebooks.cache import engine_rulebook
from assessments.tests.readings.world import confirmed, figures, period_of, stored
from assessments.tests.reviews.world import World, build
from banks.models import Bank, FactEntry
from scorecard.engine.values.rational import Fraction

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build()


def _filed(period: ReadingPeriod, bank: Bank, now: str, before: str) -> Reading:
    row = confirmed(period, bank, tech_bal_end=now, tech_bal_prev=before)
    stand(period, [row])
    return row


def _year_end(bank: Bank, year: int, value: str) -> None:
    FactEntry.objects.create(
        bank=bank, period=str(year), fact="tech_bal_end", revision=1, state="value", value=value, source="supervisor"
    )


def test_the_numbers_are_those_of_the_report() -> None:
    """Report, 6-1-3: about 2,700 亿元 at the end of 2020, 80 % above 2016, more than 15 % a year on average."""
    assert number("goal") == 2700 * 10_000
    assert round(number("goal") / number("goal_base"), 2) == Fraction("1.8")
    assert [number(name) for name in ("goal_from", "goal_until", "growth_line")] == [2016, 2020, Fraction("0.15")]
    assert [year for year in range(2014, 2023) if in_force(year)] == [2017, 2018, 2019, 2020]
    marks = {name: one.basis for name, one in goals().parameters.items()}
    assert marks == {
        "goal": "sourced", "goal_base": "reconstructed", "goal_from": "sourced", "goal_until": "sourced",
        "growth_line": "sourced",
    }  # fmt: skip
    assert {one.basis for name, one in goals().facts.items() if name.endswith("_level")} == {"proposed"}
    assert {one.basis for name, one in goals().indicators.items()} == {"proposed"}


def test_its_figure_is_asked_beside_the_targets_and_may_stay_blank(world: World) -> None:
    period = period_of(world)
    book = engine_rulebook(period.rulebook)
    assert list(goal_facts(book)) == ["tech_bal_end", "tech_bal_prev"]
    assert set(goal_facts(book)) <= set(reading_facts(book))
    assert missing(book, values_of(book, stored(period))) == []
    bank = world.bank("B001")
    people = world.people[bank.pk]
    given = figures(period) | {"tech_bal_end": "120", "tech_bal_prev": "100"}
    save_reading(actor=people["preparer"], period_id=period.pk, typed=given, note="", saves=0)
    row = confirm_reading(actor=people["signatory"], period_id=period.pk)
    assert row.facts["tech_bal_end"]["value"] == "120"


def test_a_bank_without_the_figure_has_no_line_and_no_warning_follows(world: World) -> None:
    period = period_of(world)
    blank = confirmed(period, world.bank("B001"))
    slow = confirmed(period, world.bank("B002"), tech_bal_end="90", tech_bal_prev="100")
    first, second = stand(period, [blank, slow])
    assert first.content["goals"] == {}
    assert second.content["goals"]["growth"]["day"]["state"] == "missed"
    assert (second.missed, second.warnings) == (first.missed, first.warnings) == (0, 0)


def test_exactly_the_line_is_not_above_it(world: World) -> None:
    period = period_of(world)
    for code, now, state in (("B001", "115", "missed"), ("B002", "115.01", "met")):
        row = _filed(period, world.bank(code), now, "100")
        assert row.standings.get().content["goals"]["growth"]["day"]["state"] == state


def test_what_this_year_still_asks_of_a_bank(world: World) -> None:
    period, bank = period_of(world), world.bank("B001")
    _year_end(bank, 2016, "1000")
    row = _filed(period, bank, "1100", "900")
    end = row.standings.get().content["goals"]["growth"]["end"]
    assert end["needed"]["increase"] == "50.01", "1,150 are 15 %, and more than 15 % is asked"


def test_the_city_is_summed_and_held_against_goal_and_path(world: World) -> None:
    period = period_of(world, year=2018, month=6)
    for code, now, end in (("B001", "20000000", "19000000"), ("B002", "1600000", "1000000")):
        bank = world.bank(code)
        _year_end(bank, 2017, end)
        _filed(period, bank, now, end)
    confirmed(period, world.bank("B003"))
    found = city_goal(world.officer, period)
    assert found is not None and (found.filed, found.banks) == (3, 2)
    assert [found.total, found.needed] == [21_600_000, 5_400_000]
    assert found.share == Fraction("0.8")
    assert found.asked == number("goal_base") * Fraction("1.15") ** 2 and found.needed_this_year == 0
    assert found.average is not None and found.still is not None
    assert abs((1 + float(found.average)) ** 1.5 - 21_600_000 / 15_003_600) < 1e-3
    assert abs((1 + float(found.still)) ** 2.5 - 27_000_000 / 21_600_000) < 1e-3


def test_each_earlier_year_leads_to_a_balance(world: World) -> None:
    """In 2017 the half after June added 105 to 1,050, where the half before had added 50: so it left its own pace by
    55 of 1,050. This year adds 115.50 until June, and as much again at its pace."""
    bank = world.bank("B001")
    for year, value in ((2016, "1000"), (2017, "1155")):
        _year_end(bank, year, value)
    FactEntry.objects.create(
        bank=bank, period="2017", fact="tech_bal_prev", revision=1, state="value", value="1000", source="supervisor"
    )
    confirmed(period_of(world, year=2017), bank, tech_bal_end="1050", tech_bal_prev="900")
    period = period_of(world, year=2018)
    _filed(period, bank, "1270.50", "1050")
    found = city_goal(world.officer, period)
    assert found is not None and [year for year, _value in found.years] == [2017]
    pace, left = Fraction("115.5") / Fraction("1270.5"), Fraction(105, 1050) - Fraction(50, 1050)
    assert round(found.years[0][1], 2) == round(Fraction("1270.5") * (1 + pace + left), 2)


def test_growth_a_year() -> None:
    assert a_year(Fraction("1.3225"), Fraction(2)) == Fraction("0.15")
    assert a_year(Fraction("1.1"), Fraction(0)) is None and a_year(Fraction(0), Fraction(2)) is None


def test_who_reads_it(world: World) -> None:
    period = period_of(world)
    row = _filed(period, world.bank("B001"), "120", "100")
    people = world.people[row.bank_id]
    assert city_goal(people["preparer"], period) is None
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(world.officer)
    city = client.get(reverse("reading-city", args=[period.pk])).content.decode()
    assert "Sci-tech finance: the goal for the end of 2020" in city and "270,000" not in city
    assert "thousand CNY" not in city
    client.force_login(people["preparer"])
    own = client.get(reverse("reading-bank", args=[period.pk, row.bank_id])).content.decode()
    assert 'id="goal"' in own and "Forecast to 31 December" not in own
    assert Decimal(row.facts["tech_bal_end"]["value"]) == 120


def test_outside_its_years_nothing_is_said(world: World) -> None:
    period = period_of(world, year=2021)
    row = _filed(period, world.bank("B001"), "120", "100")
    assert city_goal(world.officer, period) is None
    client = Client()
    client.force_login(world.people[row.bank_id]["preparer"])
    assert "tech_bal_end" not in client.get(reverse("reading-fill", args=[period.pk])).content.decode()


def test_the_forecasts_of_a_row_are_parted_as_the_language_parts() -> None:
    one = {"forecast": {"met": 7, "cases": 33, "low": "0"}}
    row: Any = SimpleNamespace(_short=str)
    with override("en"):
        assert BankTable.render_forecast(row, {"targets": {"a": one, "b": one}}) == "a 7/33; b 7/33"
    with override("zh-hans"):
        assert BankTable.render_forecast(row, {"targets": {"a": one, "b": one}}) == "a 7/33；b 7/33"
