"""Finding a bank by name, code and pinyin, and its dossier: what is on it, for whom, and what it asks
of the database.
"""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.dossier.selectors import dossier_of, find_banks
from assessments.models import LiveMeasure, Measure, Notice
from assessments.tests.reviews.client import signed_in, text
from assessments.tests.reviews.world import World, another_round, build, person
from banks.models import Bank
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build()


def named(world: World, code: str, zh: str, en: str, short: str = "") -> Bank:
    bank = world.bank(code)
    bank.name_zh, bank.name_en, bank.short_name = zh, en, short
    bank.save()
    return bank


@pytest.mark.parametrize("typed", ["浦江", "pjyh", "PJYH", "pujiang", "P77", "浦银", "bank pujiang"])
def test_a_bank_is_found_by_name_short_name_code_and_initials(world: World, typed: str) -> None:
    wanted = named(world, "P77", "浦江银行", "Pujiang Bank", "浦银")
    named(world, "Q78", "临港银行", "Lingang Bank", "临行")
    assert [hit.bank for hit in find_banks(world.officer, typed)] == [wanted]
    answer = signed_in(world.officer).get(reverse("search"), {"q": typed})
    assert answer["Location"] == reverse("bank-dossier", args=[wanted.pk]), "a single one is opened at once"


def test_those_that_begin_with_it_come_first_and_open_cases_are_named(world: World) -> None:
    later = named(world, "A01", "大浦银行", "Dapu Bank")
    first = world.submitted("P01").bank
    first.name_zh = "浦江银行"
    first.save()
    assert [hit.bank for hit in find_banks(world.officer, "浦")] == [first, later]
    page = signed_in(world.officer).get(reverse("search"), {"q": "浦"}).content.decode()
    assert "Round of 2017" in page
    assert "Waiting for acceptance" in page
    assert "No bank is found" in text(signed_in(world.officer), "search", QUERY_STRING="q=zzz")
    assert "No bank is found" not in text(signed_in(world.officer), "search")


def test_the_administrator_finds_the_entry_and_no_case(world: World) -> None:
    admin = person("admin-1", "administrator")
    case = world.submitted("P01")
    answer = signed_in(admin).get(reverse("search"), {"q": "P01"})
    assert answer["Location"] == reverse("bank-detail", args=[case.bank_id])
    assert find_banks(admin, "P01")[0].cases == []
    assert signed_in(admin).get(reverse("bank-dossier", args=[case.bank_id])).status_code == 403


def test_a_dossier_holds_years_measures_letters_and_people(world: World) -> None:
    case = world.notified("P01")
    other = world.notified("P02")
    page = text(signed_in(world.second), "bank-dossier", case.bank_id)
    notice = Notice.objects.get(rating__assessment=case)
    assert notice.number in page
    assert Notice.objects.get(rating__assessment=other).number not in page
    assert "Round of 2017" in page
    assert "P01-signatory" in page
    assert "P02-signatory" not in page
    event = Event.objects.filter(event="assessments.dossier.read").latest("seq")
    assert (event.bank_id, event.actor) == (case.bank_id, world.second)
    found = dossier_of(world.second, case.bank)
    assert [(year.points, year.decided) for year in found.years] == [(case.rating.points, True)]  # type: ignore[union-attr]


def test_a_dossier_asks_the_database_alike_for_few_and_many(world: World) -> None:
    case = world.notified("P01", sme_bal_end="900000")
    client, url = signed_in(world.officer), reverse("bank-dossier", args=[case.bank_id])

    def asked() -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as found:
            assert client.get(url).status_code == 200
        return len(found)

    before = asked()
    for year in (2016, 2015, 2014):
        more = type(case).objects.get(pk=case.pk)
        more.pk, more.round, more.rating = None, another_round(f"sh-{year}", year), None
        more.save()
        _measure(case, more)
    assert asked() == before
    assert before <= 30


def _measure(case: Any, more: Any) -> None:
    """Another entry of the register, in another year."""
    measure = Measure.objects.filter(rating=case.rating).earliest("pk")
    measure.pk, measure.code = None, f"{measure.code}-{more.round.year}"
    measure.save()
    LiveMeasure.objects.create(assessment=more, measure=measure, owner=case.officer, from_day="2017-01-01")


def test_the_rail_names_the_key_and_the_queue_opens_on_own_cases(world: World) -> None:
    page = text(signed_in(world.officer), "home")
    assert 'data-key="/"' in page
    assert f'href="{reverse("review-queue")}?scope=own"' in page
    bank_page = text(signed_in(world.people[world.submitted("P01").bank_id]["preparer"]), "home")
    assert 'data-key="/"' in bank_page, "a bank's people find their own pages and filings"
