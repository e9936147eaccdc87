"""A bank's machine files the figures of a period, and reads what stands: the services of the pages, nothing beside."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.api.scopes import Scope, scopes_for
from assessments.models import Reading, ReadingPeriod, ReadingSource, ReadingStanding
from assessments.readings.computing import stand
from assessments.readings.figures import reading_facts
from assessments.readings.services import save_reading
from assessments.rulebooks.cache import engine_rulebook, forget
from assessments.tests.api.world import Machine, machine, problem
from assessments.tests.readings.world import confirmed, figures, past, period_of
from assessments.tests.reviews.world import PASSWORD, World, build
from banks.models import Bank, RoleGrant, User
from scorecard.access.roles import Role
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    forget()
    return build()


@pytest.fixture
def people(world: World) -> dict[str, User]:
    return world.people[world.bank("B001").pk]


def push(system: Machine, period: ReadingPeriod, saves: int = 0, note: str | None = None, **changed: str | None) -> Any:
    body: dict[str, Any] = {"saves": saves, "facts": dict(figures(period)) | changed}
    return system.patch(f"/readings/{period.pk}/draft", body | ({} if note is None else {"note": note}))


def test_a_bank_files_a_reading_by_the_api_alone(world: World, people: dict[str, User]) -> None:
    period = period_of(world)
    here, writer = f"/readings/{period.pk}", machine(people["preparer"])
    (listed,) = writer.get("/readings").json()["items"]
    assert (listed["id"], listed["own"]) == (period.pk, {"state": "none", "confirmed": 0, "late": False})
    asked = writer.get(here).json()
    names = [one["id"] for one in asked["facts"]]
    assert names == list(reading_facts(engine_rulebook(period.rulebook)))
    assert next(one for one in asked["facts"] if one["id"] == "sme_bal_prev")["base_of"] == "sme_bal_end"
    asked_for = [one["id"] for one in asked["facts"] if one["required"]]
    assert set(names) - set(asked_for) == {"tech_bal_end", "tech_bal_prev"}
    empty = writer.get(f"{here}/draft").json()
    assert (empty["saves"], set(empty["facts"].values()), empty["missing"]) == (0, {None}, asked_for)
    saved = push(writer, period, sme_bal_end="120000.5")
    assert saved.status_code == 200, saved.content.decode()
    assert saved.json()["saves"] == 1 and saved.json()["missing"] == []
    draft = Reading.objects.get()
    assert (draft.source, draft.saved_by, draft.writers) == (
        ReadingSource.API,
        people["preparer"],
        [people["preparer"].pk],
    )
    assert draft.facts["sme_bal_end"] == {"state": "value", "value": "120000.5"}
    note = writer.patch(f"{here}/draft", {"saves": 1, "note": "核对过。"})
    assert note.status_code == 200 and Reading.objects.get().facts == draft.facts

    signer = machine(people["reviewer"], "readings.read", "readings.confirm")
    look = signer.get(f"{here}/confirmation").json()
    assert look["reasons"] == [] and {"period", "fact sme_bal_end", "note"} <= {one["key"] for one in look["content"]}
    wrong = signer.post(f"{here}/confirmation", {"digest": look["digest"], "password": "no"})
    assert problem(wrong, 422, "password")["errors"][0]["field"] == "/password"
    stale = signer.post(f"{here}/confirmation", {"digest": "0" * 64, "password": PASSWORD})
    assert problem(stale, 409, "conflict")["errors"][0]["field"] == "/digest"
    body = {"digest": look["digest"], "password": PASSWORD}
    done = signer.post(f"{here}/confirmation", body, Idempotency_Key="c-1")
    assert done.status_code == 200, done.content.decode()
    again = signer.post(f"{here}/confirmation", body, Idempotency_Key="c-1")
    assert again.json() == done.json() and again["Idempotency-Replayed"] == "true"
    row = Reading.objects.get()
    assert (row.digest, row.confirmed_by) == (done.json()["digest"], people["reviewer"])
    assert ReadingStanding.objects.filter(reading=row).count() == 1
    event = Event.objects.get(event="assessments.reading.confirmed")
    data = json.loads(event.data)
    assert data["api_token"] and not data["late"]


def test_what_stands_is_what_the_page_shows(world: World, people: dict[str, User]) -> None:
    period = period_of(world, due_on=past() - timedelta(days=3))
    row = confirmed(period, Bank.objects.get(code="B001"), sme_bal_end="100", plan_done="10")
    stand(period, [row])
    system = machine(people["signatory"])
    found = system.get(f"/readings/{period.pk}/banks/B001").json()
    assert (found["digest"], found["revision"], found["late"]) == (row.digest, 1, True)
    assert found["facts"]["sme_bal_end"] == "100"
    kept = ReadingStanding.objects.get().content
    assert {one["id"]: one["state"] for one in found["targets"]} == {
        id: one["day"]["state"] for id, one in kept["targets"].items()
    }
    told = [one["message"] for one in found["warnings"]]
    assert told and len(told) == sum(one["bank_reads"] for one in kept["warnings"])
    assert "forecast" not in str(found)
    client = Client()
    client.force_login(people["signatory"])
    client.cookies["django_language"] = "en"
    page = client.get(reverse("reading-bank", args=[period.pk, row.bank_id])).content.decode()
    assert all(text in page for text in told)
    viewed = Event.objects.filter(event="assessments.reading.viewed")
    assert ["api_token" in json.loads(one.data) for one in viewed.order_by("seq")] == [True, False]
    officer = machine(world.officer)
    assert officer.get(f"/readings/{period.pk}/banks/B001").json()["digest"] == row.digest
    assert officer.get("/readings").json()["items"][0]["own"] is None


def test_another_bank_is_not_there(world: World, people: dict[str, User]) -> None:
    period = period_of(world)
    other = world.bank("B002")
    confirmed(period, other)
    system = machine(people["preparer"])
    for code in ("B002", "NONE"):
        problem(system.get(f"/readings/{period.pk}/banks/{code}"), 404, "not-found")
    problem(system.get(f"/readings/{period.pk}/banks/B001"), 404, "not-found")  # nothing is on file yet
    problem(system.get("/readings/999/draft"), 404, "not-found")


def test_all_or_nothing_and_every_field_by_its_name(world: World, people: dict[str, User]) -> None:
    period, system = period_of(world), machine(people["preparer"])
    answer = push(system, period, sme_bal_end="viele", applied="not_applicable", other="1")
    assert {one["field"] for one in problem(answer, 422, "invalid")["errors"]} == {
        "/facts/sme_bal_end",
        "/facts/applied",
        "/facts/other",
    }
    assert not Reading.objects.exists()
    number = system.patch(f"/readings/{period.pk}/draft", {"saves": 0, "facts": {"sme_bal_end": 5}})
    assert problem(number, 422, "invalid")["errors"][0]["field"] == "/facts/sme_bal_end"


def test_two_writers_lose_nothing(world: World, people: dict[str, User]) -> None:
    """A machine that has not read the newest save writes nothing, and what a person typed and nobody can read stays
    in its field while the machine fills in others."""
    period, system = period_of(world), machine(people["preparer"])
    who = people["preparer"]
    save_reading(actor=who, period_id=period.pk, typed={"sme_hh_end": "约五千"}, note="见附注", saves=0)
    conflict = problem(push(system, period), 409, "conflict")["errors"][0]
    assert (conflict["field"], conflict["theirs"]) == ("/saves", 1)
    path = f"/readings/{period.pk}/draft"
    assert system.patch(path, {"saves": 1, "facts": {"sme_bal_end": "7"}}).status_code == 200
    draft = system.get(path).json()
    assert draft["unreadable"] == {"sme_hh_end": "约五千"} and draft["note"] == "见附注"
    assert draft["facts"]["sme_bal_end"] == "7"
    assert system.patch(path, {"saves": 2, "facts": {"sme_hh_end": "5000", "sme_bal_end": None}}).status_code == 200
    draft = system.get(path).json()
    assert draft["unreadable"] == {} and draft["facts"]["sme_hh_end"] == "5000"
    assert draft["facts"]["sme_bal_end"] is None and "sme_bal_end" in draft["missing"]


def test_a_save_is_repeated_under_its_key_once(world: World, people: dict[str, User]) -> None:
    period, system = period_of(world), machine(people["preparer"])
    body = {"saves": 0, "facts": {"sme_bal_end": "7"}}
    first = system.patch(f"/readings/{period.pk}/draft", body, Idempotency_Key="k")
    again = system.patch(f"/readings/{period.pk}/draft", body, Idempotency_Key="k")
    assert first.json() == again.json() and again["Idempotency-Replayed"] == "true"
    assert Reading.objects.get().saves == 1
    other = system.patch(f"/readings/{period.pk}/draft", {"saves": 1}, Idempotency_Key="k")
    problem(other, 422, "idempotency-key")


def test_who_pushed_the_figures_does_not_confirm_them(world: World, people: dict[str, User]) -> None:
    period, both = period_of(world), people["preparer"]
    RoleGrant.objects.create(user=both, role=Role.BANK_REVIEWER)
    both = User.objects.get(pk=both.pk)
    system = machine(both, *Scope.values)
    assert push(system, period).status_code == 200
    look = system.get(f"/readings/{period.pk}/confirmation").json()
    body = {"digest": look["digest"], "password": PASSWORD}
    refused = problem(system.post(f"/readings/{period.pk}/confirmation", body), 409, "refused")
    assert [one["message"] for one in refused["errors"]] == look["reasons"] != []
    assert Reading.objects.get().confirmed_at is None


def test_scopes_open_what_they_say(world: World, people: dict[str, User]) -> None:
    period = period_of(world)
    reader = machine(people["preparer"], "readings.read")
    problem(push(reader, period), 403, "forbidden")
    problem(machine(people["preparer"], "draft.write").get("/readings"), 403, "forbidden")
    assert Scope.READINGS_CONFIRM not in scopes_for(people["preparer"].roles)
    assert Scope.READINGS_WRITE not in scopes_for(world.officer.roles)
    assert not Reading.objects.exists()


def test_an_error_of_the_checks_blocks_and_a_question_asks_for_a_note(world: World, people: dict[str, User]) -> None:
    period, system = period_of(world), machine(people["preparer"])
    found = push(system, period, approved="900", applied="100").json()["findings"]
    assert found[0]["blocks"] and all(one["message"] for one in found)
    assert machine(people["reviewer"]).get(f"/readings/{period.pk}/confirmation").json()["reasons"]
