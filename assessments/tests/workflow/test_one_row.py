"""One row is enough: a transition that only this file knows is taken, refused, kept, read and offered everywhere."""

import importlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypedDict

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

import assessments.events
from assessments import workflow
from assessments.models import Assessment, Filing, Review, StepRecord
from assessments.tests.reviews.client import post, signed_in, text
from assessments.tests.reviews.world import World, build
from assessments.workflow import duties, machine
from assessments.workflow.reading import readable_steps
from assessments.workflow.step import AnyStep, BankReads, Payload, Step, Transition
from assessments.workflow.table import CAPABILITIES, ROWS
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit import registry
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class PausePayload(Payload):
    """For how many days the case is laid aside."""

    days: int = 1

    def __post_init__(self) -> None:
        if self.days < 1:
            raise Refused(["A pause takes a day at least."])


class PauseData(TypedDict):
    """How long the pause takes."""

    days: int


def not_flagged(step: AnyStep) -> Iterator[Any]:
    """A case with a reason of return is not laid aside."""
    if step.assessment.return_reason == "flagged":
        yield "This case is flagged."


def pause(step: Step[PausePayload]) -> PauseData:
    """The case goes back to the queue, and waits."""
    step.assessment.officer = None
    return {"days": step.payload.days}


PAUSE = Transition(
    name="pause",
    title=gettext_noop("Lay aside"),
    consequence=gettext_noop("The case goes back to the queue."),
    roles=frozenset({Role.CASE_OFFICER}),
    filing=(Filing.SUBMITTED, Filing.SUBMITTED),
    review=(Review.FIRST, Review.WAITING),
    event="assessments.review.pause",
    guards=(duties.round_is_open, duties.the_assigned_officer, not_flagged),
    effects=(pause,),
    payload=PausePayload,
    reason=True,
    back=True,
    step_read=BankReads.AT_ONCE,
)
REASON = "awaiting the branch office"
Declare = Callable[[Transition], None]


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    """Hand the machine the table with one row more, as the start does, and let the events register themselves."""
    known = dict(registry.all_events())

    def give(row: Transition) -> None:
        machine.give_table((*ROWS, row), CAPABILITIES)
        monkeypatch.setattr(registry, "_events", {})
        importlib.reload(assessments.events)
        monkeypatch.setattr(registry, "_events", known | registry._events)

    yield give
    machine.give_table(ROWS, CAPABILITIES)


@pytest.fixture
def world() -> World:
    return build()


def take(world: World, assessment: Assessment, actor: User, **more: Any) -> Assessment:
    told: dict[str, Any] = {"reason": REASON, "payload": PausePayload(3)} | more
    with transaction.atomic():
        return workflow.perform("pause", actor=actor, assessment_id=assessment.pk, **told)


def test_the_row_says_who_takes_it_from_where_and_under_which_guard(world: World, declare: Declare) -> None:
    declare(PAUSE)
    waiting = world.submitted("B002")
    assessment = world.accepted()
    steps, events = StepRecord.objects.count(), Event.objects.count()
    for actor in (world.second, world.decider, world.officer_2):
        with pytest.raises(Refused):
            take(world, assessment, actor)
    with pytest.raises(Refused, match="stage"):
        take(world, waiting, world.officer)
    with pytest.raises(Refused, match="reason"):
        take(world, assessment, world.officer, reason=" ")
    with pytest.raises(TypeError, match="PausePayload"):
        take(world, assessment, world.officer, payload=Payload())
    with pytest.raises(Refused, match="a day at least"):
        PausePayload(0)
    Assessment.objects.filter(pk=assessment.pk).update(return_reason="flagged")
    assert workflow.check("pause", actor=world.officer, assessment=world.again(assessment)).reasons == (
        "This case is flagged.",
    )
    with pytest.raises(Refused, match="flagged"):
        take(world, assessment, world.officer)
    assert (StepRecord.objects.count(), Event.objects.count()) == (steps, events), "a refusal leaves nothing"


def test_states_effect_and_event_are_written_together(
    world: World, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(PAUSE)
    assessment = world.accepted()
    take(world, assessment, world.officer)
    after = world.again(assessment)
    assert (after.filing_state, after.review_state, after.officer) == (Filing.SUBMITTED, Review.WAITING, None)
    event = Event.objects.latest("seq")
    assert (event.event, event.actor_id, event.bank_id) == (PAUSE.event, world.officer.pk, assessment.bank_id)
    assert json.loads(event.data)["days"] == 3
    assert json.loads(event.data)["reason"] == REASON
    assert registry.title(PAUSE.event) == "Lay aside"
    # Where the event cannot be written, nothing of the step is.
    other = world.accepted("B002")
    monkeypatch.setattr(machine, "record", lambda *_args, **_data: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take(world, other, world.officer)
    assert world.again(other).review_state == Review.FIRST
    assert not StepRecord.objects.filter(assessment=other, transition="pause").exists()


@pytest.mark.parametrize(
    ("row", "step_read", "reason_read"),
    [
        (replace(PAUSE, step_read=BankReads.NEVER), False, False),
        (PAUSE, True, False),
        (replace(PAUSE, reason_read=BankReads.WITH_NOTICE), True, False),
        (replace(PAUSE, reason_read=BankReads.AT_ONCE), True, True),
    ],
)
def test_the_history_gives_each_reader_what_the_row_says(
    world: World, declare: Declare, row: Transition, step_read: bool, reason_read: bool
) -> None:
    declare(row)
    assessment = world.accepted()
    take(world, assessment, world.officer)
    preparer = User.objects.filter(bank=assessment.bank, grants__role=Role.BANK_PREPARER).first()
    assert preparer is not None
    here = world.again(assessment)
    read = [(step.record.transition, step.reason) for step in readable_steps(world.officer, here)]
    assert read[0] == ("pause", REASON)
    told = {step.record.transition: step.reason for step in readable_steps(preparer, here)}
    assert ("pause" in told, told.get("pause") == REASON) == (step_read, reason_read)
    page = text(signed_in(preparer), "assessment-history", assessment.pk)
    assert ("Lay aside" in page, REASON in page) == (step_read, reason_read)
    assert REASON in text(signed_in(world.officer), "assessment-history", assessment.pk)


def test_its_button_stands_where_its_role_works_and_its_page_takes_it(world: World, declare: Declare) -> None:
    declare(PAUSE)
    assessment = world.accepted()
    address = reverse("review-step", args=[assessment.pk, "pause"])
    assert address in text(signed_in(world.officer), "review-detail", assessment.pk)
    for reader in (world.second, world.decider):
        assert address not in text(signed_in(reader), "review-detail", assessment.pk)
    client = signed_in(world.officer)
    page = client.get(address).content.decode()
    assert "The case goes back to the queue." in page
    post(client, "review-step", [assessment.pk, "pause"], {"reason": ""}, status=422)
    assert world.again(assessment).review_state == Review.FIRST
    post(client, "review-step", [assessment.pk, "pause"], {"reason": REASON, "version": "1"})
    assert world.again(assessment).review_state == Review.WAITING
    assert json.loads(Event.objects.latest("seq").data)["days"] == 1
