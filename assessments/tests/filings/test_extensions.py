"""Until when one bank may file: one date everywhere, and who gives a later one."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from assessments.filings.counts import late_days
from assessments.filings.extensions import extend_filing
from assessments.models import Assessment, Round
from assessments.models.assessments import FILES_UNTIL
from assessments.rulebooks.cache import forget
from assessments.tests.filings.world import PASSWORD, World, build, person
from assessments.workflow import capabilities
from assessments.workflow.duties import filing_window
from assessments.workflow.step import Step
from banks.models import User
from scorecard.access.decisions import Hidden, Refused
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    forget()
    return build()


def ahead(**delta: int) -> datetime:
    return timezone.now() + timedelta(**delta)


def over(world: World, **own: int) -> Assessment:
    """The round's deadline was an hour ago; the bank's own day may be another one."""
    Round.objects.update(filing_deadline=ahead(hours=-1))
    if own:
        Assessment.objects.update(due_at=ahead(**own))
    return world.again()


def may_edit(world: World) -> bool:
    return "edit_draft" in capabilities(actor=world.preparer, assessment=world.again())


@pytest.mark.parametrize(
    ("own", "calendar", "holds"), [(None, 5, 5), (3, 5, 5), (7, 5, 7), (-3, 5, 5), (-3, -1, -1), (4, -1, 4)]
)
def test_the_later_date_holds(world: World, own: int | None, calendar: int, holds: int) -> None:
    now = timezone.now()
    Round.objects.update(filing_deadline=now + timedelta(days=calendar))
    Assessment.objects.update(due_at=now + timedelta(days=own) if own is not None else None)
    here = world.again()
    assert here.files_until == now + timedelta(days=holds)
    assert Assessment.objects.annotate(until=FILES_UNTIL).get().until == here.files_until
    assert may_edit(world) is (holds > 0)


def test_a_bank_whose_own_day_is_over_gets_in_again_when_the_round_is_extended(world: World) -> None:
    over(world, minutes=-5)
    assert not may_edit(world)
    Round.objects.update(filing_deadline=ahead(days=20))
    assert may_edit(world)


@pytest.mark.parametrize("role", ["case_officer", "administrator"])
def test_one_bank_gets_a_later_day_before_its_first_submission(world: World, role: str) -> None:
    over(world)
    actor = person("giver", None, role)
    until = ahead(days=3)
    extend_filing(actor=actor, assessment_id=world.assessment.pk, until=until, reason="系统故障")
    assert world.again().files_until == until and may_edit(world)
    event = Event.objects.get(event="assessments.filing.extended")
    assert event.bank_id == world.bank.pk and "系统故障" in str(event.data)
    # The door is open again; the bank is late all the same.
    assert late_days(world.again(), timezone.now()) == 1


def test_what_an_extension_is_not(world: World) -> None:
    here = over(world, days=2)
    pk, officer = here.pk, world.officer
    for until, reason in (
        (ahead(days=1), "早于现有期限"),
        (here.round.review_deadline + timedelta(minutes=1), "晚于评审期限"),
        (ahead(days=4), "  "),
    ):
        with pytest.raises(Refused):
            extend_filing(actor=officer, assessment_id=pk, until=until, reason=reason)
    for actor in (person("second", None, "second_reviewer"), world.signatory):
        with pytest.raises(Refused):
            extend_filing(actor=actor, assessment_id=pk, until=ahead(days=4), reason="理由")
    with pytest.raises(Hidden):
        extend_filing(actor=build("B002").signatory, assessment_id=pk, until=ahead(days=4), reason="理由")
    Assessment.objects.filter(pk=pk).update(review_state="first")
    with pytest.raises(Refused):
        extend_filing(actor=officer, assessment_id=pk, until=ahead(days=4), reason="理由")
    assert not Event.objects.filter(event="assessments.filing.extended").exists()


def test_the_bank_is_sent_to_somebody_who_can_act(world: World) -> None:
    with translation.override("en"):
        (words,) = filing_window(Step(world.preparer, over(world), timezone.now()))
        assert "case officer" in str(words)
        User.objects.filter(pk=world.officer.pk).update(is_active=False)
        (words,) = filing_window(Step(world.preparer, world.again(), timezone.now()))
        assert "administrator" in str(words)


@pytest.mark.parametrize("role", ["case_officer", "administrator"])
def test_the_page_is_reached_from_the_case_and_from_the_round(world: World, role: str) -> None:
    over(world)
    actor = person("giver", None, role)
    client = Client()
    assert client.login(username=actor.username, password=PASSWORD)
    url = reverse("filing-extend", args=[world.assessment.pk])
    page = ("review-detail", world.assessment.pk) if role == "case_officer" else ("round-detail", world.round.pk)
    assert url in client.get(reverse(page[0], args=[page[1]])).content.decode()
    assert client.get(url).status_code == 200
    until = timezone.localtime(ahead(days=3)).strftime("%Y-%m-%dT%H:%M")
    assert client.post(url, {"until": until, "reason": ""}).status_code == 422
    assert client.post(url, {"until": until, "reason": "系统故障"}).status_code == 302
    assert timezone.localtime(world.again().files_until).strftime("%Y-%m-%dT%H:%M") == until
