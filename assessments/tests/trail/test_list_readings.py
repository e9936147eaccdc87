"""Who reads a list with the points of banks on screen leaves one event for each list and hour."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Round
from assessments.models.trials import Trial
from assessments.scoring.statistics import take_snapshot
from assessments.tests.rounds.test_pages import a_round, person
from assessments.tests.trials import test_trials as trials
from banks.tests.factories import make_person
from scorecard.access.roles import Role
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db

LISTS: dict[str, Callable[[Round], str]] = {
    "review queue": lambda round_: reverse("review-queue"),
    "notices": lambda round_: reverse("notice-list"),
    "banks of a round": lambda round_: reverse("round-detail", args=[round_.pk]),
    "growth and bad loans of a round": lambda round_: reverse("round-quadrant", args=[round_.pk]),
    "movement between rounds": lambda round_: reverse("round-movement", args=[round_.pk]),
    "heat map of a round": lambda round_: reverse("round-heat", args=[round_.pk]),
    "figures of a round": lambda round_: reverse("round-aggregate", args=[round_.pk]),
}


def readings() -> list[Event]:
    return list(Event.objects.filter(event="assessments.list.read").order_by("seq"))


def read(client: Client, url: str, **asked: str) -> None:
    assert client.get(url, asked).status_code == 200


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_read_on_screen_is_one_event_however_it_is_sorted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    round_ = a_round(2)
    take_snapshot(round_=round_)
    url, client = LISTS[name](round_), person(Role.DECISION_MAKER)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    at(monkeypatch, hour + timedelta(minutes=10))
    read(client, url)
    read(client, url, sort="-bank")
    read(client, url, page="2")
    [event] = readings()
    assert (event.data, event.bank_id) == (f'{{"list":"{name}"}}', None)
    assert event.object_id == (str(round_.pk) if "round" in name else "")
    read(person(Role.AUDITOR), url)
    assert len({found.actor_id for found in readings()}) == len(readings()) == 2
    at(monkeypatch, hour + timedelta(minutes=61))
    read(client, url)
    assert len(readings()) == 3


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Let the trail's clock stand at a moment."""
    monkeypatch.setattr("scorecard.audit.services.timezone.now", lambda: moment)


def test_the_list_without_points_that_an_administrator_reads_leaves_none() -> None:
    round_ = a_round(1)
    read(person(Role.ADMINISTRATOR), LISTS["banks of a round"](round_))
    assert not readings()


def test_one_rounds_list_is_not_anothers() -> None:
    one, other = a_round(1), a_round(1, code="sh-2016", year=2016)
    client = person(Role.CASE_OFFICER)
    for round_ in (one, other, one):
        read(client, LISTS["banks of a round"](round_))
    assert [event.object_id for event in readings()] == [str(one.pk), str(other.pk)]


def test_the_results_of_a_trial_are_such_a_list_once_there_are_any() -> None:
    officer = make_person(Role.CASE_OFFICER)
    trial: Trial = trials.start(officer, trials.a_round())
    client = Client()
    client.force_login(officer)
    url = reverse("trial-detail", args=[trial.pk])
    read(client, url)
    assert not readings()
    trial = trials.finished(trial)
    read(client, url, only="grade")
    read(client, url)
    [event] = readings()
    assert (event.data, event.object_id) == ('{"list":"banks of a trial"}', str(trial.pk))
