"""Every state of a meeting and of its follow-up × role × step, against ``expected.csv``, written apart from the
product's table. Whatever it does not list must be refused and must leave nothing behind.
"""

import csv
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils import timezone, translation

from assessments.meetings import machine
from assessments.meetings.steps import Later, Record, Said
from assessments.meetings.table import TABLE
from assessments.models import FollowUp, FollowUpState, Meeting, MeetingState, MeetingStep
from assessments.tests.reviews.world import person
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event

from .world import Meetings, build, in_state

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parent
with (HERE / "expected.csv").open(encoding="utf-8", newline="") as file:
    EXPECTED = {
        (row["state"], row["follow_up"], row["role"], row["step"]): (row["state_after"], row["follow_up_after"])
        for row in csv.DictReader(file)
    }


class _Undo(Exception):
    """Takes back what one step wrote."""


@pytest.fixture
def meetings() -> Iterator[Meetings]:
    with translation.override("en"):
        yield build()


@pytest.fixture
def people(meetings: Meetings) -> dict[str, User]:
    """One person for each role: the officer is the secretary, the decision maker has the chair."""
    world = meetings.world
    own = {
        Role.CASE_OFFICER: world.officer,
        Role.SECOND_REVIEWER: world.second,
        Role.DECISION_MAKER: meetings.chair,
    }
    bank = world.bank("B001")
    others = {
        role: person(f"{role}-x", role, bank=bank if role.startswith("bank_") else None)
        for role in Role.values
        if role not in own
    }
    return {str(role): one for role, one in (others | own).items()}


def test_table_and_expectations_name_the_same_steps() -> None:
    assert {key[3] for key in EXPECTED} == set(TABLE)
    assert {name: row.roles for name, row in TABLE.items()} == {
        name: frozenset(key[2] for key in EXPECTED if key[3] == name) for name in TABLE
    }


def test_the_page_of_documents_says_the_same() -> None:
    """The rows of ``docs/meetings.md``, read as text."""
    text = (Path(settings.BASE_DIR) / "docs" / "meetings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \| ([^|]+) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", text, re.M)
    said = {row[0]: row for row in rows}
    assert set(said) == set(TABLE)
    for name, row in TABLE.items():
        _name, roles, states, guards, reason, signature = (part.strip() for part in said[name])
        assert set(roles.split(", ")) == set(row.roles), name
        before, after = states.split(" → ")
        if row.follow_up is None:
            assert set(before.split(" / ")) == set(row.states), name
            assert after == (row.end or row.states[0]), name
        else:
            assert (before, after) == row.follow_up, name
        assert re.findall(r"`(\w+)`", guards) == [guard.__name__ for guard in row.guards], name
        assert (reason == "yes", signature == "yes") == (row.reason, row.signature), name


def _told(meetings: Meetings, meeting: Meeting, name: str) -> Any:
    if name == "arrange":
        return meetings.arrangement()
    if name == "write":
        members = [meetings.chair.pk, meetings.world.officer.pk]
        return Record(chair=meetings.chair, members=members, points={1: Said("put_off", reason="再议")})
    return Later(timezone.localdate() + timedelta(days=9)) if name == "postpone" else None


def _attempt(meetings: Meetings, meeting: Meeting, row: FollowUp, actor: User, name: str) -> tuple[str, str] | None:
    """The states after the step, or None where it was refused; what it wrote is taken back."""
    after = None
    about = TABLE[name].follow_up is not None
    try:
        with transaction.atomic():
            steps = MeetingStep.objects.count()
            try:
                machine.take(
                    name,
                    actor=actor,
                    meeting_id=meeting.pk,
                    follow_up_id=row.pk if about else None,
                    reason="理由",
                    told=_told(meetings, meeting, name),
                )
            except (Refused, Http404):
                raise _Undo from None
            again = Meeting.objects.get(pk=meeting.pk)
            after = (again.state, FollowUp.objects.get(pk=row.pk).state if about else "")
            assert MeetingStep.objects.count() == steps + 1
            event = Event.objects.latest("seq")
            assert (event.event, event.actor_id) == (TABLE[name].event, actor.pk)
            raise _Undo
    except _Undo:
        pass
    return after


@pytest.mark.parametrize("state", MeetingState.values)
def test_every_step_of_every_role(meetings: Meetings, people: dict[str, User], state: str) -> None:
    meeting, row = in_state(meetings, state)
    before = (Event.objects.count(), MeetingStep.objects.count())
    wrong = []
    for kept in FollowUpState.values if state == MeetingState.SIGNED else ["open"]:
        for role, actor in people.items():
            FollowUp.objects.filter(pk=row.pk).update(state=kept, owner=actor)
            for name, step in TABLE.items():
                key = (state, kept if step.follow_up is not None else "", role, name)
                found = _attempt(meetings, meeting, row, actor, name)
                if found != EXPECTED.get(key):
                    wrong.append(f"{key}: {found} where the table has {EXPECTED.get(key)}")
    assert not wrong, "\n".join(wrong)
    assert (Event.objects.count(), MeetingStep.objects.count()) == before


@pytest.mark.parametrize("name", sorted(name for name, row in TABLE.items() if row.reason))
def test_a_reason_is_asked(meetings: Meetings, people: dict[str, User], name: str) -> None:
    step = TABLE[name]
    meeting, row = in_state(meetings, step.states[0])
    FollowUp.objects.filter(pk=row.pk).update(owner=meetings.chair)
    with pytest.raises(Refused, match="reason"):
        machine.take(
            name,
            actor=meetings.chair,
            meeting_id=meeting.pk,
            follow_up_id=row.pk if step.follow_up is not None else None,
            reason=" ",
            told=_told(meetings, meeting, name),
        )
