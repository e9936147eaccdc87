"""A decided rating is taken back before its notice: asked by one, confirmed by another, and nothing is lost of it."""

import json
import re

import pytest
from django.db import transaction
from django.urls import reverse

from assessments import workflow
from assessments.models import Assessment, MeasureState, Notice, Rating, Review
from assessments.reviews import queue
from assessments.tests.reviews.client import post, signed_in, text
from assessments.tests.reviews.world import PASSWORD, World, build, person
from assessments.workflow.payloads import DecisionPayload
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.models import Event
from scorecard.audit.services import verify

pytestmark = pytest.mark.django_db
MISSED = {"sme_bal_end": "1000000"}
FIRST_REASON, ASKED, CONFIRMED = "MARKFIRST decision", "MARKASKED wrong measure", "MARKCONFIRMED indeed"


@pytest.fixture
def world() -> World:
    return build()


@pytest.fixture
def other(world: World) -> User:
    return person("decider-2", "decision_maker")


def decided(world: World) -> Assessment:
    """Decided, with measures, under ``FIRST_REASON``."""
    assessment = world.for_decision("B001", None, **MISSED)
    world.decline_all(assessment)
    found = assessment.rating
    payload = DecisionPayload.read(found.grade_proposed, found.adjustment_proposed)
    perform(world.decider, "decide", assessment, FIRST_REASON, payload=payload)
    return world.again(assessment)


def perform(actor: User, name: str, assessment: Assessment, reason: str = "", **more: object) -> None:
    with transaction.atomic():
        workflow.perform(name, actor=actor, assessment_id=assessment.pk, reason=reason, **more)  # type: ignore[arg-type]


def taken_back(world: World, other: User) -> Assessment:
    assessment = decided(world)
    perform(world.decider, "ask_taking_back", assessment, ASKED)
    perform(other, "take_back", assessment, CONFIRMED)
    return world.again(assessment)


def test_it_stays_as_it_was_signed_and_the_same_score_is_decided_anew(world: World, other: User) -> None:
    first = decided(world).rating
    measures = list(first.measures.values_list("code", "state", "reason"))
    assert measures
    assessment = Assessment.objects.get()
    perform(world.decider, "ask_taking_back", assessment, ASKED)
    perform(other, "take_back", assessment, CONFIRMED)
    assessment = world.again(assessment)
    kept, held = Rating.objects.get(pk=first.pk), assessment.rating
    assert kept.taken_back_at is not None
    assert (kept.grade, kept.reason, kept.decided_by) == (first.grade, FIRST_REASON, world.decider)
    assert list(kept.measures.values_list("code", "state", "reason")) == measures
    assert (held.replaces, held.run, held.grade, held.decided_at) == (kept, kept.run, "", None)
    assert set(held.measures.values_list("state", flat=True)) == {MeasureState.PROPOSED}
    assert assessment.review_state == Review.DECISION
    said = json.loads(Event.objects.filter(event="assessments.review.take_back").get().data)
    assert said["taken_back"]["reason"] == FIRST_REASON and said["taken_back"]["measures"]
    assert (said["reason"], said["proposed"]["points"]) == (CONFIRMED, kept.points)
    assert list(verify()) == []
    # Decided and told: one notice, of the second decision.
    world.decline_all(assessment)
    perform(world.decider, "decide", assessment, "again", payload=DecisionPayload.read(held.grade_proposed, "-2"))
    perform(world.decider, "issue_notice", assessment)
    assert Notice.objects.get().rating == world.again(assessment).rating == held


def test_another_person_confirms_and_no_notice_goes_meanwhile(world: World, other: User) -> None:
    assessment = decided(world)
    perform(world.decider, "ask_taking_back", assessment, ASKED)
    with pytest.raises(Refused, match="他人"):
        perform(world.decider, "take_back", assessment, CONFIRMED)
    with pytest.raises(Refused):
        perform(world.decider, "issue_notice", assessment)
    perform(world.second, "keep_decision", assessment, "stands")
    perform(world.decider, "issue_notice", assessment)
    assert Notice.objects.get().rating.reason == FIRST_REASON
    with pytest.raises(Refused):
        perform(world.decider, "ask_taking_back", assessment, ASKED)


def test_a_proposal_after_another_review_still_names_what_was_taken_back(world: World, other: User) -> None:
    assessment = taken_back(world, other)
    first = Rating.objects.get(reason=FIRST_REASON)
    perform(world.decider, "send_back_undecided", assessment, "look at A1 again")
    assert Rating.objects.get() == first
    perform(world.officer, "pass_to_second", assessment, "seen")
    perform(world.second, "confirm", assessment)
    assert world.again(assessment).rating.replaces == first


@pytest.mark.usefixtures("past_the_triggers")
def test_what_is_confirmed_is_what_was_on_the_screen(world: World, other: User) -> None:
    assessment = decided(world)
    perform(world.decider, "ask_taking_back", assessment, ASKED)
    page = signed_in(other).get(reverse("review-step", args=[assessment.pk, "take_back"])).content.decode()
    assert ASKED in page and FIRST_REASON in page
    seal = re.search(r'name="seen" value="([^"]+)"', page)
    assert seal
    Rating.objects.filter(pk=assessment.rating.pk).update(reason="another reason")
    with pytest.raises(Stale):
        perform(other, "take_back", assessment, CONFIRMED, seen=seal.group(1))


def test_pages_offer_it_and_show_what_was_taken_back(world: World, other: User) -> None:
    assessment = decided(world)
    decider, confirms = signed_in(world.decider), signed_in(other)
    address = reverse("review-step", args=[assessment.pk, "ask_taking_back"])
    assert address in text(decider, "decision-detail", assessment.pk)
    assert assessment not in queue.own_work(world.second), "nobody waits to confirm what nobody asks for"
    form = {"reason": ASKED, "password": PASSWORD, "version": "1", "seen": seal(decider, assessment, "ask_taking_back")}
    post(decider, "review-step", [assessment.pk, "ask_taking_back"], form | {"password": "wrong"}, status=422)
    post(decider, "review-step", [assessment.pk, "ask_taking_back"], form)
    for reader in (other, world.second):
        assert assessment in queue.own_work(reader)
    assert ASKED in text(confirms, "decision-detail", assessment.pk)
    assert ASKED in text(signed_in(world.second), "review-second", assessment.pk)
    form = {"reason": CONFIRMED, "password": PASSWORD, "version": "1", "seen": seal(confirms, assessment, "take_back")}
    post(confirms, "review-step", [assessment.pk, "take_back"], form)
    page = text(decider, "decision-detail", assessment.pk)
    assert FIRST_REASON in page and 'id="earlier-decisions"' in page
    assert ASKED in text(decider, "assessment-history", assessment.pk)


def seal(client: object, assessment: Assessment, name: str) -> str:
    page = client.get(reverse("review-step", args=[assessment.pk, name])).content.decode()  # type: ignore[attr-defined]
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_the_bank_never_learns_of_it(world: World, other: User) -> None:
    assessment = taken_back(world, other)
    signatory = signed_in(world.people[assessment.bank_id]["signatory"])
    world.decline_all(assessment)
    perform(world.decider, "decide", assessment, "SECOND reason", payload=DecisionPayload.read("fail", "-2"))
    perform(world.decider, "issue_notice", assessment)
    for name in ("assessment-history", "notice-detail", "assessment-result", "filing-detail"):
        page = text(signatory, name, assessment.pk)
        for mark in (FIRST_REASON, ASKED, CONFIRMED):
            assert mark.split()[0] not in page, name
    assert "SECOND reason" in text(signatory, "assessment-history", assessment.pk)
