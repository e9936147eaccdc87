"""A reading is filled in by one person of the bank and confirmed by another; what was confirmed stays."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import PeriodKind, Reading, ReadingPeriod
from assessments.readings.figures import bases, reading_facts, target_facts
from assessments.readings.selectors import bank_of_period, visible_readings
from assessments.readings.services import (
    WrongPeriod,
    confirm_reading,
    open_period,
    reading_digest,
    save_reading,
    shown_reading,
)
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.services import publish_rulebook
from assessments.tests.readings.world import confirmed, figures, past, period_of
from assessments.tests.reviews.world import PASSWORD, World, build, person
from scorecard.access.decisions import Hidden, Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.inbox.models import Reminder

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build()


def _people(world: World, code: str = "B001") -> Any:
    bank = world.bank(code)
    return bank, world.people[bank.pk]


def _save(who: Any, period: ReadingPeriod, saves: int = 0, note: str = "", **changed: str) -> Any:
    return save_reading(actor=who, period_id=period.pk, typed=figures(period, **changed), note=note, saves=saves)


# --- Which figures ---------------------------------------------------------------------------------------------------


def test_the_figures_follow_from_the_targets(world: World) -> None:
    book = engine_rulebook(world.round.rulebook)
    assert list(target_facts(book)) == [
        "sme_bal_end", "sme_bal_prev", "all_bal_end", "all_bal_prev", "sme_hh_end", "sme_hh_prev", "applied",
        "approved", "applied_prev", "approved_prev",
    ]  # fmt: skip
    assert bases(book)["sme_bal_prev"] == "sme_bal_end" and len(bases(book)) == 5
    assert list(reading_facts(book))[-2:] == ["plan_increment", "plan_done"]


def test_another_rulebook_asks_for_other_figures() -> None:
    book = engine_rulebook(publish_rulebook(actor=None, code="targets-increase-2021", version="1"))
    assert set(target_facts(book)) and set(target_facts(book)) <= set(book.facts)
    assert set(target_facts(book)) != set(target_facts(engine_rulebook(build().round.rulebook)))


# --- Opening ---------------------------------------------------------------------------------------------------------


def test_opening_tells_every_bank_on_the_register_then(world: World) -> None:
    bank = _people(world)[0]
    later = world.bank("LATER")
    later.active_from = "2020-01-01"
    later.save()
    due = timezone.localdate() + timedelta(days=7)
    period = open_period(
        actor=world.officer, year=2017, month=6, kind="quarter", rulebook=world.round.rulebook, due_on=due
    )
    told = Reminder.objects.filter(kind="assessments.reading_opened").values_list("bank_id", flat=True)
    assert list(told) == [bank.pk]
    assert Event.objects.filter(event="assessments.reading.opened", object_id=str(period.pk)).exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"month": 5}, "kind"),
        ({"month": 13}, "month"),
        ({"year": 2200, "month": 12}, "month"),
        ({"due_on": "past"}, "due_on"),
        ({"actor": "preparer"}, ""),
        ({"again": True}, "month"),
    ],
)
def test_what_a_period_cannot_be(world: World, changed: dict[str, Any], field: str) -> None:
    _bank, people = _people(world)
    given: dict[str, Any] = {"actor": world.officer, "year": 2017, "month": 6, "kind": PeriodKind.QUARTER}
    given |= {"rulebook": world.round.rulebook, "due_on": timezone.localdate()} | changed
    if given.pop("again", False):
        period_of(world)
    if given["due_on"] == "past":
        given["due_on"] = past()
    if given["actor"] == "preparer":
        given["actor"] = people["preparer"]
    before = ReadingPeriod.objects.count()
    with pytest.raises(WrongPeriod) as found:
        open_period(**given)
    assert field in found.value.fields
    assert ReadingPeriod.objects.count() == before


# --- Saving ----------------------------------------------------------------------------------------------------------


def test_typed_as_people_type(world: World) -> None:
    _bank, people = _people(world)
    period = period_of(world)
    draft, errors = _save(people["preparer"], period, sme_bal_end="１２０，０００．５ 万元", all_bal_end="55亿元")
    assert not errors
    assert draft.facts["sme_bal_end"]["value"] == "120000.5"
    assert draft.facts["all_bal_end"]["value"] == "550000"


def test_what_cannot_be_read_stays_as_typed_and_the_rest_is_saved(world: World) -> None:
    _bank, people = _people(world)
    period = period_of(world)
    draft, errors = _save(people["preparer"], period, sme_bal_end="十二亿", sme_hh_end="5000.5", applied="不适用")
    assert set(errors) == {"sme_bal_end", "sme_hh_end", "applied"}
    assert draft.typed["sme_bal_end"] == "十二亿" and "sme_bal_end" not in draft.facts
    assert draft.facts["approved"]["value"] == "5500"
    draft, errors = _save(people["preparer"], period, saves=1)
    assert not errors and draft.typed == {}


def test_a_slower_save_changes_nothing(world: World) -> None:
    _bank, people = _people(world)
    period = period_of(world)
    _save(people["preparer"], period)
    with pytest.raises(Stale) as found:
        _save(people["preparer"], period, sme_hh_end="1")
    assert found.value.current.saves == 1
    assert Reading.objects.get().facts["sme_hh_end"]["value"] == "5000"


@pytest.mark.parametrize("role", ["reviewer", "signatory"])
def test_only_the_preparer_fills_in(world: World, role: str) -> None:
    _bank, people = _people(world)
    with pytest.raises(Refused):
        _save(people[role], period_of(world))
    assert not Reading.objects.exists()


def test_last_year_of_the_same_day_stands_there_already(world: World) -> None:
    bank, people = _people(world)
    confirmed(period_of(world, year=2016), bank, sme_bal_end="1000000", applied="5000")
    draft, _errors = save_reading(
        actor=people["preparer"], period_id=period_of(world).pk, typed={"sme_bal_end": "1"}, note="", saves=0
    )
    assert draft.facts["sme_bal_prev"]["value"] == "1000000"
    assert draft.facts["applied_prev"]["value"] == "5000"


# --- Confirming ------------------------------------------------------------------------------------------------------


def test_confirmed_by_another_person_and_unchanged_from_then_on(world: World) -> None:
    bank, people = _people(world)
    period = period_of(world)
    draft, _errors = _save(people["preparer"], period)
    row = confirm_reading(actor=people["reviewer"], period_id=period.pk, seen=shown_reading(period, draft))
    row.refresh_from_db()
    assert row.digest == reading_digest(row) and row.confirmed_by == people["reviewer"]
    event = Event.objects.get(event="assessments.reading.confirmed")
    assert event.bank_id == bank.pk
    with pytest.raises(DatabaseError), transaction.atomic():
        Reading.objects.filter(pk=row.pk).update(note="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        Reading.objects.filter(pk=row.pk).delete()


def test_nobody_confirms_what_they_filled_in(world: World) -> None:
    bank, people = _people(world)
    both = person("both", Role.BANK_PREPARER, Role.BANK_SIGNATORY, bank=bank)
    period = period_of(world)
    _save(both, period)
    _save(people["preparer"], period, saves=1, sme_hh_end="5001")
    with pytest.raises(Refused, match="另一人"):
        confirm_reading(actor=both, period_id=period.pk)
    with pytest.raises(Refused):
        confirm_reading(actor=people["preparer"], period_id=period.pk)
    assert confirm_reading(actor=people["signatory"], period_id=period.pk).confirmed_at


@pytest.mark.parametrize(
    ("changed", "note", "taken"),
    [
        ({}, "", True),
        ({"applied": ""}, "", False),  # missing
        ({"approved": "7000"}, "", False),  # more approved than applied: an error of the rulebook
        ({"sme_bal_end": "1e99"}, "", False),  # cannot be read
        ({"sme_hh_end": "2000"}, "", False),  # fell by more than half: to be explained
        ({"sme_hh_end": "2000"}, "户数口径调整", True),
        ({"plan_done": "99999999999"}, "", False),  # more than any bank can have
        ({"plan_done": "-100"}, "", True),
    ],
)
def test_what_is_confirmed(world: World, changed: Any, note: str, taken: bool) -> None:
    _bank, people = _people(world)
    period = period_of(world)
    _save(people["preparer"], period, note=note, **changed)
    if taken:
        assert confirm_reading(actor=people["reviewer"], period_id=period.pk).digest
    else:
        with pytest.raises(Refused):
            confirm_reading(actor=people["reviewer"], period_id=period.pk)
        assert Reading.objects.get().confirmed_at is None


def test_a_figure_of_another_size_than_last_years_is_asked_about(world: World) -> None:
    bank, people = _people(world)
    confirmed(period_of(world, year=2016), bank, plan_increment="180000")
    period = period_of(world)
    _save(people["preparer"], period, plan_increment="18")
    with pytest.raises(Refused):
        confirm_reading(actor=people["reviewer"], period_id=period.pk)


def test_a_base_that_differs_from_last_years_reading_is_asked_about(world: World) -> None:
    bank, people = _people(world)
    confirmed(period_of(world, year=2016), bank, sme_hh_end="4400")
    period = period_of(world)
    _save(people["preparer"], period, sme_hh_prev="4500")
    with pytest.raises(Refused, match="上年"):
        confirm_reading(actor=people["reviewer"], period_id=period.pk)


def test_what_changed_on_the_screen_is_stale(world: World) -> None:
    _bank, people = _people(world)
    period = period_of(world)
    draft, _errors = _save(people["preparer"], period)
    seen = shown_reading(period, draft)
    _save(people["preparer"], period, saves=1, sme_hh_end="5001")
    with pytest.raises(Stale):
        confirm_reading(actor=people["reviewer"], period_id=period.pk, seen=seen)


def test_a_correction_is_a_new_revision(world: World) -> None:
    bank, people = _people(world)
    period = period_of(world)
    first = confirmed(period, bank)
    draft, _errors = save_reading(
        actor=people["preparer"], period_id=period.pk, typed={"sme_hh_end": "5100"}, note="更正户数", saves=0
    )
    assert draft.revision == 2 and draft.facts["applied"] == first.facts["applied"]
    second = confirm_reading(actor=people["reviewer"], period_id=period.pk)
    first.refresh_from_db()
    assert first.facts["sme_hh_end"]["value"] == "5000"
    assert (second.revision, second.facts["sme_hh_end"]["value"]) == (2, "5100")
    save_reading(actor=people["preparer"], period_id=period.pk, typed={}, note="更正户数", saves=0)
    with pytest.raises(Refused, match="没有"):
        confirm_reading(actor=people["reviewer"], period_id=period.pk)


# --- Whose it is -----------------------------------------------------------------------------------------------------


def test_a_draft_and_another_bank_stay_closed(world: World) -> None:
    bank, people = _people(world)
    other, others = _people(world, "B002")
    period = period_of(world)
    _save(people["preparer"], period)
    confirmed(period, other)
    assert [row.bank_id for row in visible_readings(world.officer)] == [other.pk], "no draft"
    assert [row.bank_id for row in visible_readings(others["preparer"])] == [other.pk]
    assert not visible_readings(person("admin-1", Role.ADMINISTRATOR)).exists()
    with pytest.raises(Hidden):
        bank_of_period(others["preparer"], period, bank.pk)
    with pytest.raises(Http404):
        bank_of_period(world.officer, period, 10**9)


def test_the_year_of_one_reading_on_the_screen(world: World, client: Client) -> None:
    bank, people = _people(world)
    period = period_of(world)
    client.force_login(people["preparer"])
    fill = reverse("reading-fill", args=[period.pk])
    body = {f"f-{id}": text for id, text in figures(period, applied="ab c").items()} | {"saves": "0", "note": ""}
    answer = client.post(fill, body)
    assert answer.status_code == 422 and b"ab c" in answer.content
    assert client.post(fill, body | {"saves": "0"}).status_code == 409, "nothing typed is lost, and nothing written"
    assert client.post(fill, body | {"saves": "1", "f-applied": "6000"}).status_code == 302
    client.force_login(people["signatory"])
    page = client.get(reverse("reading-confirm", args=[period.pk]))
    seen = page.context["seen"]
    wrong = client.post(reverse("reading-confirm", args=[period.pk]), {"seen": seen, "password": "no"})
    assert wrong.status_code == 422 and Reading.objects.get().confirmed_at is None
    done = client.post(reverse("reading-confirm", args=[period.pk]), {"seen": seen, "password": PASSWORD}, follow=True)
    assert done.status_code == 200 and "1,200,000" in done.content.decode()
    client.force_login(world.officer)
    assert "1,200,000" in client.get(reverse("reading-bank", args=[period.pk, bank.pk])).content.decode()
    listed = client.get(reverse("reading-period", args=[period.pk])).content.decode()
    assert bank.name_zh in listed and "已报送" in listed
