"""Stand-ins among the people of a bank: who may be one, in which roles they act, what names both, and when it ends."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from assessments import workflow
from assessments.filings.sections.assignments import assign_sections, assignment_digest
from assessments.filings.versions.receipts import PASSED, SUBMIT, times_of
from assessments.filings.views.tasks import holders
from assessments.messages.audience import bank_people, stand_ins_of_bank
from assessments.models import Assessment, Filing, StepRecord
from assessments.rulebooks.cache import forget
from assessments.tests.filings.world import COMPLETE, World, build, person, post_fields, signed_with
from assessments.workflow import duties
from banks.models import RoleGrant, StandIn, User
from banks.services.stand_ins import end_stand_in, name_stand_in
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.audit.services import record
from scorecard.inbox import services
from scorecard.inbox.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> Iterator[World]:
    settings.MEDIA_ROOT = tmp_path
    forget()
    found = build()
    found.facts(**COMPLETE)
    with override("zh-hans"):
        yield found


def name(absent: User, by: User, who: User | None = None, first: int = 0, last: int = 3) -> StandIn:
    today = timezone.localdate()
    since, until = today + timedelta(days=first), today + timedelta(days=last)
    return name_stand_in(
        actor=who or absent, absent_id=absent.pk, person_id=by.pk, since=since, until=until, reason="年假"
    )


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def against(absent: User, by: User, who: User | None = None, **days: int) -> str:
    with pytest.raises(Refused) as caught:
        name(absent, by, who, **days)
    return " ".join(str(reason) for reason in caught.value.reasons)


# --- Who may be one --------------------------------------------------------------------------------------------------


def test_the_person_or_a_signatory_names_a_stand_in_and_nobody_else(world: World) -> None:
    assert "签发人指定" in against(world.preparer, world.signatory, world.reviewer)
    made = name(world.preparer, world.reviewer, world.signatory)
    event = Event.objects.get(event="banks.stand_in.named")
    assert (event.actor, event.bank_id) == (world.signatory, world.bank.pk)
    assert "已有" in against(world.preparer, world.signatory) or "代办" in against(world.preparer, world.signatory)
    end_stand_in(actor=world.preparer, stand_in_id=made.pk)
    assert name(world.preparer, world.reviewer).named_by == world.preparer


def test_another_banks_people_are_no_stand_ins_and_end_none(world: World) -> None:
    other = build("B002")
    assert against(world.preparer, other.preparer)
    assert against(other.preparer, world.reviewer, world.signatory)
    assert against(world.preparer, world.officer)
    made = name(world.preparer, world.reviewer)
    for stranger in (other.signatory, world.officer, person("decider", None, "decision_maker")):
        with pytest.raises(Http404):
            end_stand_in(actor=stranger, stand_in_id=made.pk)
    with pytest.raises(Refused):
        end_stand_in(actor=fresh(world.reviewer), stand_in_id=made.pk)


def test_a_signatorys_stand_in_is_a_signatory(world: World) -> None:
    assert "签发人" in against(world.signatory, world.reviewer)
    second = person("sign-2", world.bank, "bank_signatory")
    assert name(world.signatory, second)
    assert fresh(second).absent_in({Role.BANK_SIGNATORY}) == world.signatory


def test_who_signs_and_prepares_lends_the_preparing_alone(world: World) -> None:
    RoleGrant.objects.create(user=world.signatory, role=Role.BANK_PREPARER)
    name(fresh(world.signatory), world.reviewer)
    assert fresh(world.reviewer).roles == {"bank_reviewer", "bank_preparer"}


def test_a_person_without_a_role_is_given_none_by_this(world: World) -> None:
    assert "没有任何角色" in against(world.preparer, person("nobody", world.bank))


def test_one_person_at_a_time_and_nobody_who_is_away(world: World) -> None:
    second = person("sign-2", world.bank, "bank_signatory")
    name(world.preparer, second)
    assert "代他人" in against(world.reviewer, second)
    assert against(second, world.preparer), "away in that time"
    assert name(world.reviewer, second, first=4, last=5), "another time is another matter"


def test_what_one_has_by_standing_in_is_not_passed_on(world: World) -> None:
    """The reviewer stands in for the preparer, then somebody for the reviewer: not for the preparer."""
    third = person("check-2", world.bank, "bank_reviewer")
    name(world.preparer, world.reviewer)
    name(fresh(world.reviewer), third)
    assert fresh(world.reviewer).roles == {"bank_reviewer", "bank_preparer"}
    assert fresh(third).roles == {"bank_reviewer"}


# --- What it gives, and until when -----------------------------------------------------------------------------------


def test_it_begins_and_ends_by_its_days(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    name(world.preparer, world.reviewer, first=1, last=2)
    today = timezone.localdate()
    for days, expected in ((0, False), (1, True), (2, True), (3, False)):
        monkeypatch.setattr(timezone, "localdate", lambda days=days: today + timedelta(days=days))
        assert fresh(world.reviewer).holds(Role.BANK_PREPARER) is expected, days
        people = set(bank_people([world.bank.pk], Role.BANK_PREPARER))
        assert (world.reviewer in people) is expected, days
        assert world.preparer in people


@pytest.mark.parametrize("how", ["ended", "inactive", "role", "bank"])
def test_it_ends_at_once_with_what_it_rests_on(world: World, how: str) -> None:
    made = name(world.preparer, world.reviewer)
    assert fresh(world.reviewer).holds(Role.BANK_PREPARER)
    if how == "ended":
        end_stand_in(actor=world.signatory, stand_in_id=made.pk)
    elif how == "inactive":
        User.objects.filter(pk=world.preparer.pk).update(is_active=False)
    elif how == "role":
        world.preparer.grants.all().delete()
    else:
        User.objects.filter(pk=world.preparer.pk).update(bank=build("B002").bank)
    assert fresh(world.reviewer).roles == {"bank_reviewer"}
    assert world.reviewer not in bank_people([world.bank.pk], Role.BANK_PREPARER)
    assert world.reviewer not in holders(world.again())


@pytest.mark.parametrize("how", ["role", "inactive"])
def test_a_stand_in_who_lost_every_role_of_their_own_acts_no_more(world: World, how: str) -> None:
    """What an administrator has taken away does not stay open through the absence of a colleague."""
    name(world.preparer, world.reviewer)
    assert fresh(world.reviewer).holds(Role.BANK_PREPARER)
    if how == "role":
        world.reviewer.grants.all().delete()
    else:
        User.objects.filter(pk=world.reviewer.pk).update(is_active=False)
    assert fresh(world.reviewer).roles == frozenset()
    assert fresh(world.reviewer).absent_id is None
    assert world.reviewer not in bank_people([world.bank.pk], Role.BANK_PREPARER)
    assert world.reviewer not in holders(world.again())
    assert world.reviewer.pk not in stand_ins_of_bank(world.preparer.pk)


def test_sections_of_the_absent_preparer_are_open_to_the_stand_in_alone(world: World) -> None:
    second = person("prep-2", world.bank, "bank_preparer")
    seen = assignment_digest(world.assessment)
    pages = {"figures": world.preparer.pk}
    assign_sections(actor=world.reviewer, assessment_id=world.assessment.pk, seen=seen, wanted=pages)
    assert post_fields(fresh(second), world.again(), 0, facts={"bal": "13000"}).errors
    name(world.preparer, second)
    assert post_fields(fresh(second), world.again(), 0, facts={"bal": "13000"}).written == ("f-bal",)
    event = Event.objects.filter(event="assessments.draft.saved").latest("seq")
    assert f'"stands_in_for":{world.preparer.pk}' in event.data.replace(" ", "")


def test_the_stand_in_is_told_and_sees_what_waits(world: World) -> None:
    name(world.preparer, world.reviewer)
    services.send_due(timezone.now())
    assert Message.objects.get(kind="banks.stand_in").person == world.reviewer
    assert set(holders(world.again())) == {world.preparer, world.reviewer}
    client = Client()
    client.force_login(fresh(world.reviewer))
    page = client.get(reverse("home")).content.decode()
    assert 'id="stands-in"' in page
    assert world.preparer.name in page


# --- Four eyes, and who is named -------------------------------------------------------------------------------------


def passed(world: World, who: User) -> Assessment:
    """The filing, passed to the reviewer."""
    return workflow.perform("pass_to_reviewer", actor=fresh(who), assessment_id=world.assessment.pk)


@pytest.fixture
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is filed is no matter here; who takes the steps is."""
    from dataclasses import replace

    from assessments.workflow import guards
    from assessments.workflow.machine import TRANSITIONS

    for step in ("pass_to_reviewer", "pass_to_signatory"):
        row = TRANSITIONS[step]
        kept = tuple(guard for guard in row.guards if guard is not guards.filing_complete)
        monkeypatch.setitem(TRANSITIONS, step, replace(row, guards=kept))


def test_a_step_and_its_event_name_both(world: World, easy: None) -> None:
    name(world.preparer, world.signatory)
    passed(world, world.signatory)
    step = StepRecord.objects.latest("id")
    assert (step.actor, step.stood_in_for) == (world.signatory, world.preparer)
    event = Event.objects.filter(event="assessments.filing.pass_to_reviewer").latest("seq")
    assert f'"stands_in_for":{world.preparer.pk}' in event.data.replace(" ", "")
    assert "bank_preparer" in event.roles
    client = Client()
    client.force_login(world.preparer)
    client.cookies["django_language"] = "zh-hans"
    history = client.get(reverse("assessment-history", args=[world.assessment.pk])).content.decode()
    assert f"{world.signatory.name}（代{world.preparer.name}）" in history


def test_who_prepared_for_another_neither_checks_nor_signs(world: World, easy: None) -> None:
    """The reviewer stands in for the preparer, and so does not check; the signatory does not sign what they checked."""
    name(world.preparer, world.reviewer)
    passed(world, world.reviewer)
    with pytest.raises(Refused) as caught:
        workflow.perform("pass_to_signatory", actor=fresh(world.reviewer), assessment_id=world.assessment.pk)
    assert any("填报" in str(reason) for reason in caught.value.reasons)
    name(world.reviewer, world.signatory, world.signatory)
    workflow.perform("pass_to_signatory", actor=fresh(world.signatory), assessment_id=world.assessment.pk)
    assert world.again().filing_state == Filing.SIGNING
    decision = workflow.check("submit", actor=fresh(world.signatory), assessment=world.assessment)
    assert not decision.allowed
    assert any("复核" in str(reason) for reason in decision.reasons)


def test_a_step_of_a_role_that_is_not_stood_in_for_names_nobody(world: World, easy: None) -> None:
    second = person("check-2", world.bank, "bank_reviewer")
    name(world.preparer, second)
    passed(world, world.preparer)
    workflow.perform("pass_to_signatory", actor=fresh(second), assessment_id=world.assessment.pk)
    assert StepRecord.objects.latest("id").stood_in_for is None
    assert duties.stands_for(fresh(second), world.assessment, (), {Role.BANK_PREPARER}) == world.preparer


def test_receipt_and_document_name_both(world: World) -> None:
    version = signed_with(world)
    made = {"assessment": world.assessment, "version": version, "actor": world.signatory}
    StepRecord.objects.create(transition=SUBMIT, stood_in_for=world.officer, **made)
    times = times_of(version)
    assert times.by(SUBMIT, version.signed_by) == f"{world.signatory}（代{world.officer}）"
    assert times.by(PASSED, version.prepared_by) == str(world.preparer)


# --- The page --------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_own_banks_stand_ins_alone(world: World) -> None:
    other = build("B002")
    name(other.preparer, other.reviewer)
    name(world.preparer, world.reviewer)
    client = Client()
    client.force_login(world.signatory)
    page = client.get(reverse("stand-ins"))
    assert [row.absent for row, *_rest in page.context["rows"]] == [world.preparer]
    assert set(page.context["form"].fields["person"].queryset) == {world.preparer, world.reviewer, world.signatory}
    day = str(timezone.localdate())
    sent = {"absent": other.preparer.pk, "person": world.reviewer.pk, "since": day, "until": day, "reason": "年假"}
    assert client.post(reverse("stand-ins"), sent).status_code == 422
    sent |= {"absent": world.signatory.pk, "person": world.reviewer.pk, "reason": "出差一日"}
    refused = client.post(reverse("stand-ins"), sent)
    assert refused.status_code == 422
    assert "出差一日" in refused.content.decode(), "nothing typed is lost"
    client.force_login(world.officer)
    assert list(client.get(reverse("stand-ins")).context["rows"]) == []


def test_a_second_reviewer_sees_the_stand_in_that_they_named(world: World) -> None:
    second, third = (person(f"second-{n}", None, "second_reviewer") for n in (1, 2))
    name(second, third)
    client = Client()
    client.force_login(second)
    assert [row.person for row, *_rest in client.get(reverse("stand-ins")).context["rows"]] == [third]


def test_supervisors_events_are_as_they_were(world: World) -> None:
    other = person("officer-2", None, "case_officer")
    name(world.officer, other)
    assert "stands_in_for" not in record("signout", actor=fresh(other)).data
