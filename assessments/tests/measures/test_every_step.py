"""Every state of a measure × of its obligation × role × step, against ``expected.csv``, which is written apart from the
product's table. Whatever it does not list must be refused and must leave nothing behind.
"""

import csv
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from assessments.measures import machine
from assessments.measures.steps import Days, Handing
from assessments.measures.table import TABLE
from assessments.models import LiveMeasure, LiveState, MeasureStep, Obligation, ObligationState
from assessments.tests.reviews.world import person
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event

from .world import Register, build, later

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parent
with (HERE / "expected.csv").open(encoding="utf-8", newline="") as file:
    EXPECTED = {
        (row["measure"], row["obligation"], row["role"], row["step"]): (row["measure_after"], row["obligation_after"])
        for row in csv.DictReader(file)
    }
KEPT = [state for state in LiveState.values if state != LiveState.ENDED]


class _Undo(Exception):
    """Takes back what one step wrote."""


@pytest.fixture
def world() -> Register:
    return build()


@pytest.fixture
def people(world: Register) -> dict[str, User]:
    """One person for each role, none of whom wrote the draft; the case officer is the owner."""
    bank = world.base.world.bank("B001")
    own = world.base.world.people[bank.pk]
    found = {
        role: person(f"{role}-x", role, bank=bank if role.startswith("bank_") else None)
        for role in Role.values
        if role != Role.CASE_OFFICER
    }
    assert own
    return found | {Role.CASE_OFFICER: world.base.world.officer}


def test_table_and_expectations_name_the_same_steps() -> None:
    assert {key[3] for key in EXPECTED} == set(TABLE)
    assert {key[2] for key in EXPECTED} <= set(Role.values)
    assert {row.roles for row in TABLE.values()} == {
        frozenset(key[2] for key in EXPECTED if key[3] == name) for name in TABLE
    }


def test_the_page_of_documents_says_the_same() -> None:
    """The rows of ``docs/measures.md``, read as text."""
    text = (Path(settings.BASE_DIR) / "docs" / "measures.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `(\w+)` \| ([\w, ]+) \| ([^|]+) \| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", text, re.M
    )
    said = {row[0]: row for row in rows if row[0] in TABLE}
    assert set(said) == set(TABLE)
    for name, row in TABLE.items():
        _name, roles, measure, obligation, guards, reason, signature = (part.strip() for part in said[name])
        assert set(roles.split(", ")) == set(row.roles)
        after = str(row.end) if row.end else "as before"
        assert measure == f"{' / '.join(map(str, row.states))} → {after}"
        assert obligation == (f"{' / '.join(map(str, row.obligation))} → {row.moved}" if row.obligation else "")
        assert re.findall(r"`(\w+)`", guards) == [guard.__name__ for guard in row.guards]
        assert (reason == "yes", signature == "yes") == (row.reason, row.signature)


def _told(name: str, live: LiveMeasure, other: User) -> Days | Handing | None:
    if TABLE[name].told is Days:
        return Days(later(40), later(80), {row.kind: row.due_on for row in live.obligations.all()} or {})
    return Handing(other) if TABLE[name].told is Handing else None


def _attempts(owed: Obligation) -> Iterator[tuple[str, str]]:
    for state in KEPT:
        for obligation in ("", *ObligationState.values):
            yield state, obligation


def test_every_step(world: Register, people: dict[str, User]) -> None:
    """Owner, file, order and days are right, so that the state and the role alone decide."""
    assessment = world.told(taken=("access",))
    live = world.running(world.live(assessment, "access"), plan=10)
    owed = world.drafted(world.owed(live, "plan"))
    other = world.base.world.officer_2
    tried = wrong = 0
    for measure, obligation in _attempts(owed):
        for name, row in TABLE.items():
            for role, actor in people.items():
                with_obligation = obligation if row.obligation else ""
                if bool(with_obligation) != bool(obligation):
                    continue
                tried += 1
                found = _attempt(world, live, owed, name, actor, measure, obligation, other)
                if found != EXPECTED.get((measure, obligation, role, name)):
                    wrong += 1
                    print(measure, obligation, role, name, found)
    assert wrong == 0
    assert tried > 400


def _attempt(
    world: Register, live: LiveMeasure, owed: Obligation, name: str, actor: User, measure: str, state: str, other: User
) -> tuple[str, str] | None:
    found: tuple[str, str] | None = None
    try:
        with transaction.atomic():
            LiveMeasure.objects.filter(pk=live.pk).update(state=measure)
            if name == "fulfil":  # nothing is owed any more
                Obligation.objects.filter(pk=owed.pk).update(state=ObligationState.ACCEPTED)
            elif name == "set_days":
                Obligation.objects.filter(pk=owed.pk).update(kind="report")
            if state:
                Obligation.objects.filter(pk=owed.pk).update(state=state)
            if state in ("filed", "returned"):
                draft = owed.filings.get()
                draft.digest, draft.filed_by, draft.filed_at = "0" * 64, other, timezone.now()
                draft.save()
                if state == "returned":
                    draft.outcome, draft.reason, draft.decided_by = "returned", "补", other
                    draft.decided_at = draft.filed_at
                    draft.save(update_fields=["outcome", "reason", "decided_by", "decided_at"])
                    again(owed)
            steps, events = MeasureStep.objects.count(), Event.objects.count()
            fresh = LiveMeasure.objects.get(pk=live.pk)
            told = Days(later(40), later(80), {"plan": later(12)}) if name == "set_days" else _told(name, fresh, other)
            try:
                machine.take(
                    name,
                    actor=actor,
                    live_id=live.pk,
                    obligation_id=owed.pk if state else None,
                    reason="理由",
                    told=told,
                )
            except (Refused, Http404):
                assert (MeasureStep.objects.count(), Event.objects.count()) == (steps, events)
            else:
                assert MeasureStep.objects.count() == steps + 1
                last = Event.objects.latest("seq")
                assert (last.event, last.actor_id) == (TABLE[name].event, actor.pk)
                fresh.refresh_from_db()
                found = fresh.state, Obligation.objects.get(pk=owed.pk).state if state else ""
            raise _Undo
    except _Undo:
        pass
    return found


def again(owed: Obligation) -> None:
    """A second draft with a file, after the first was returned."""
    first = owed.filings.get(number=1)
    second = owed.filings.create(number=2, text="再报。", revision=1, saved_by=first.saved_by, saved_at=first.saved_at)
    file = first.documents.get()
    file.pk, file._state.adding, file.obligation_filing = None, True, second
    file.save()


def test_after_the_last_day_nothing_moves(world: Register, people: dict[str, User]) -> None:
    """Ended by the day alone: every step that was possible on the last day is refused on the next."""
    assessment = world.told(taken=("access",))
    live = world.running(world.live(assessment, "access"), plan=10)
    owed = world.drafted(world.owed(live, "plan"))
    other = world.base.world.officer_2
    possible = [(key, after) for key, after in EXPECTED.items() if key[0] in ("unset", "running")]
    LiveMeasure.objects.filter(pk=live.pk).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert LiveMeasure.objects.get(pk=live.pk).state_on(timezone.localdate()) == LiveState.ENDED
    for (measure, obligation, role, name), _after in possible:
        found = _attempt(world, live, owed, name, people[role], measure, obligation, other)
        assert found is None, (measure, role, name)
    LiveMeasure.objects.filter(pk=live.pk).update(ends_on=timezone.localdate())
    held = _attempt(world, live, owed, "lift", people["decision_maker"], "running", "", other)
    assert held == ("lifted", "")
