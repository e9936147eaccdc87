"""Every list makes the same number of queries for few rows and for many, and no more than was agreed.

``query_counts.json`` is the agreed number; a review sees every change of it.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.tests.reviews.world import World, build, person
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.jobs.models import Job
from scorecard.tests.queries import holds

pytestmark = pytest.mark.django_db


def _more_cases(world: World) -> None:
    for number in range(6):
        world.submitted(f"MORE{number}")


def _more_people(world: World) -> None:
    for number in range(8):
        person(f"more-{number}", Role.CASE_OFFICER, Role.AUDITOR)


def _more_events(world: World) -> None:
    for number in range(12):
        record("assessments.assessment.viewed", actor=world.officer, data={"number": number})


def _more_jobs(world: World) -> None:
    for number in range(10):
        Job.objects.create(kind="assessments.score_version", key=f"q{number}", created_by=world.officer, state="done")


LISTS: dict[str, tuple[str, Callable[[World], None]]] = {
    "bank-list": (Role.ADMINISTRATOR, _more_cases),
    "person-list": (Role.ADMINISTRATOR, _more_people),
    "job-list": (Role.ADMINISTRATOR, _more_jobs),
    "review-queue": (Role.CASE_OFFICER, _more_cases),
    "round-list": (Role.DECISION_MAKER, _more_cases),
    "round-detail": (Role.DECISION_MAKER, _more_cases),
    "audit-list": (Role.AUDITOR, _more_events),
    "home": (Role.CASE_OFFICER, _more_cases),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_makes_a_constant_number_of_queries(name: str, client: Client) -> None:
    world = build()
    world.submitted("FIRST")
    world.submitted("SECOND")
    _more_events(world)
    _more_jobs(world)
    role, grow = LISTS[name]
    client.force_login(person("looker", role))
    args: list[Any] = [world.round.pk] if name == "round-detail" else []
    holds(name, client, reverse(name, args=args), lambda: grow(world))
