"""People who leave or are away: what is open is shown, handed over in one step, asked for until done; stand-ins."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments import workflow
from assessments.models import HANDED, Assessment, Filing, Review, StepRecord
from assessments.reviews import queue
from assessments.reviews.selectors import all_officers
from assessments.reviews.services.handover import hand_over
from assessments.reviews.services.officers import reassign_officer
from assessments.reviews.services.points import set_points
from assessments.reviews.staff import left_work, open_work
from banks.forms.banks import BankForm, initial
from banks.models import Bank, StandIn, User
from banks.services.errors import Invalid
from banks.services.open_work import token
from banks.services.people import revise_person
from banks.services.stand_ins import end_stand_in, name_stand_in
from banks.tests.factories import make_person
from scorecard.access.decisions import Refused
from scorecard.access.roles import BANK_ROLES, Role
from scorecard.audit.models import Event

from . import world as worlds
from .world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = "zh-hans"
    return client


def revise(person: User, **more: Any) -> User:
    roles = set(person.grants.values_list("role", flat=True))
    given = {"roles": roles, "name": person.name, "is_active": True} | more
    return revise_person(actor=make_person(Role.ADMINISTRATOR), person=person, **given)


# --- Open work --------------------------------------------------------------------------------------------------------


def test_an_officer_with_open_work_is_not_made_inactive_without_a_word(world: World) -> None:
    case = world.accepted()
    Bank.objects.filter(pk=case.bank_id).update(case_officer=world.officer)
    for change in ({"is_active": False}, {"roles": set()}):
        with pytest.raises(Invalid) as caught:
            revise(world.officer, **change)
        told = caught.value.fields["open_work"]
        assert len(told) == 1
        assert "1" in str(told[0])
        assert User.objects.get(pk=world.officer.pk).is_active
        assert world.officer.grants.exists()
    revise(world.officer, is_active=False, agreed=token(told))
    assert not User.objects.get(pk=world.officer.pk).is_active
    assert [(left.person, left.cases, left.banks) for left in left_work()] == [(world.officer, 1, 1)]


def test_the_page_shows_open_work_and_no_conflict_that_nobody_made(world: World) -> None:
    """The page sends what it showed (``seen``); the change that open work holds up is not somebody else's."""
    world.accepted()
    client, url = client_of(make_person(Role.ADMINISTRATOR)), reverse("person-edit", args=[world.officer.pk])
    given = {
        "name": world.officer.name,
        "roles": [Role.CASE_OFFICER],
        "seen": client.get(url).context["form"]["seen"].value(),
    }
    answer = client.post(url, given)
    assert answer.status_code == 422
    assert "转办" in answer.content.decode()
    assert User.objects.get(pk=world.officer.pk).is_active
    agreed = answer.context["form"]["agreed"].value()
    assert client.post(url, given | {"agreed": agreed}).status_code == 302
    assert not User.objects.get(pk=world.officer.pk).is_active


@pytest.mark.parametrize(
    ("role", "filing", "review"),
    [
        (Role.SECOND_REVIEWER, Filing.SUBMITTED, Review.SECOND),
        (Role.DECISION_MAKER, Filing.SUBMITTED, Review.DECISION),
        (Role.DECISION_MAKER, Filing.SUBMITTED, Review.DECIDED),
        (Role.BANK_PREPARER, Filing.PREPARING, Review.NONE),
        (Role.BANK_REVIEWER, Filing.CHECKING, Review.NONE),
        (Role.BANK_SIGNATORY, Filing.SIGNING, Review.NONE),
        (Role.BANK_SIGNATORY, Filing.SUBMITTED, Review.NOTIFIED),
    ],
)
def test_what_waits_for_a_role_is_shown_and_handed_over(world: World, role: Role, filing: str, review: str) -> None:
    case = world.accepted()
    Assessment.objects.filter(pk=case.pk).update(filing_state=filing, review_state=review)
    bank = case.bank if role in BANK_ROLES else None
    User.objects.filter(grants__role=role).update(is_active=False)
    leaver, other = make_person(role, bank=bank), make_person(bank=bank)
    found = open_work(leaver, {role})
    assert [(work.role, work.cases, work.others) for work in found] == [(role, 1, 0)]
    with pytest.raises(Invalid) as caught:
        revise(leaver, is_active=False)
    assert "open_work" in caught.value.fields
    admin = make_person(Role.ADMINISTRATOR)
    hand_over(actor=admin, person_id=leaver.pk, successors={role: other.pk}, reason="离任")
    takes = set(other.grants.values_list("role", flat=True)) | set(other.role_requests.values_list("role", flat=True))
    assert takes == {role}, "granted, or asked for where it takes two administrators"
    Assessment.objects.filter(pk=case.pk).update(taken_out_at=timezone.now())
    assert open_work(leaver, {role}) == []


def test_one_step_hands_everything_over_with_an_event_for_each(world: World) -> None:
    first, second = world.accepted(), world.submitted("B002")
    Assessment.objects.filter(pk=second.pk).update(officer=world.officer)
    Bank.objects.filter(pk__in=[first.bank_id, second.bank_id]).update(case_officer=world.officer)
    User.objects.filter(pk=world.officer.pk).update(is_active=False)
    before = Event.objects.count()
    hand_over(
        actor=world.decider,
        person_id=world.officer.pk,
        successors={Role.CASE_OFFICER: world.officer_2.pk},
        reason="离任交接",
    )
    assert set(Assessment.objects.values_list("officer", flat=True)) == {world.officer_2.pk}
    assert set(Bank.objects.values_list("case_officer", flat=True)) == {world.officer_2.pk}
    names = list(Event.objects.filter(seq__gt=before).values_list("event", flat=True))
    assert sorted(names) == sorted(
        ["assessments.review.reassigned"] * 2 + ["banks.bank.changed"] * 2 + ["assessments.work.handed_over"]
    )
    assert StepRecord.objects.filter(transition=HANDED, reason="离任交接", handed_to=world.officer_2).count() == 2
    assert left_work() == []


@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.SECOND_REVIEWER, Role.AUDITOR])
def test_who_hands_over(world: World, role: str) -> None:
    world.accepted()
    with pytest.raises(Refused):
        hand_over(
            actor=make_person(role),
            person_id=world.officer.pk,
            successors={Role.CASE_OFFICER: world.officer_2.pk},
            reason="x",
        )


def test_the_pages_show_ask_and_hand_over(world: World) -> None:
    case = world.accepted()
    Bank.objects.filter(pk=case.bank_id).update(case_officer=world.officer)
    admin = make_person(Role.ADMINISTRATOR)
    client = client_of(admin)
    page = reverse("person-edit", args=[world.officer.pk])
    sent = {"name": world.officer.name, "roles": ["case_officer"]}
    shown = client.post(page, sent)
    assert shown.status_code == 422
    assert 'id="open-work"' in shown.content.decode()
    assert world.officer.name in shown.content.decode()
    assert "转办" in shown.content.decode()
    agreed = shown.context["form"]["agreed"].value()
    assert client.post(page, sent | {"agreed": agreed}).status_code == 302
    target = reverse("handover", args=[world.officer.pk])
    assert target in client.get(reverse("home")).content.decode(), "a task until it is done"
    assert target in client_of(world.decider).get(reverse("home")).content.decode()
    assert client.post(target, {"case_officer": world.officer_2.pk, "reason": "离任"}).status_code == 302
    assert Assessment.objects.get(pk=case.pk).officer == world.officer_2
    assert target not in client.get(reverse("home")).content.decode()


# --- A take-over is on record -----------------------------------------------------------------------------------------


def test_a_take_over_stands_among_the_steps_and_hides_nothing_that_was_sent_back(world: World) -> None:
    case = world.second_review()
    workflow.perform("send_back_to_officer", actor=world.second, assessment_id=case.pk, reason="户数口径不清")
    reassign_officer(
        actor=world.officer_2,
        assessment_id=case.pk,
        officer_id=world.officer_2.pk,
        seen_officer=world.officer.pk,
        reason="原主监管员出差",
    )
    last = StepRecord.objects.order_by("-pk")[0]
    assert (last.transition, last.actor, last.handed_to, last.reason) == (
        HANDED,
        world.officer_2,
        world.officer_2,
        "原主监管员出差",
    )
    for person in (world.officer_2, world.auditor):
        assert "原主监管员出差" in client_of(person).get(reverse("assessment-history", args=[case.pk])).content.decode()
    page = client_of(world.officer_2).get(reverse("review-detail", args=[case.pk])).content.decode()
    assert "户数口径不清" in page
    assert "原主监管员出差" in page
    assert "原主监管员出差" in client_of(world.officer_2).get(reverse("home")).content.decode()
    bank = User.objects.filter(bank=case.bank, grants__role=Role.BANK_PREPARER).first()
    assert bank is not None
    assert "原主监管员出差" not in client_of(bank).get(reverse("assessment-history", args=[case.pk])).content.decode()


# --- Stand-ins --------------------------------------------------------------------------------------------------------


def away(world: World, actor: User | None = None, **more: Any) -> StandIn:
    today = timezone.localdate()
    given = {"since": today, "until": today + timedelta(days=7), "reason": "休假"} | more
    return name_stand_in(
        actor=actor or world.officer, absent_id=world.officer.pk, person_id=world.officer_2.pk, **given
    )


def test_a_stand_in_acts_and_every_record_says_for_whom(world: World) -> None:
    case = world.submitted()
    Assessment.objects.filter(pk=case.pk).update(officer=world.officer)
    with pytest.raises(Refused):
        workflow.perform("accept", actor=world.officer_2, assessment_id=case.pk)
    made = away(world)
    assert Event.objects.filter(event="banks.stand_in.named", actor=world.officer).count() == 1
    assert case.pk in queue.own_work(world.officer_2).values_list("pk", flat=True)
    workflow.perform("accept", actor=world.officer_2, assessment_id=case.pk)
    here = world.again(case)
    assert here.officer == world.officer, "the case stays with the officer who is away"
    step = StepRecord.objects.order_by("-pk")[0]
    assert (step.actor, step.stood_in_for) == (world.officer_2, world.officer)
    said = f'"stands_in_for":{world.officer.pk}'
    assert said in Event.objects.filter(event="assessments.review.accept").get().data
    set_points(actor=world.officer_2, assessment_id=case.pk, version=1, indicator="B2", revision=0, points=None)
    assert said in Event.objects.filter(event="assessments.review.points").latest("seq").data
    shown = client_of(world.auditor).get(reverse("assessment-history", args=[case.pk])).content.decode()
    assert f"（代{world.officer}）" in shown
    end_stand_in(actor=world.decider, stand_in_id=made.pk)
    with pytest.raises(Refused):
        set_points(actor=world.officer_2, assessment_id=case.pk, version=1, indicator="B2", revision=1, points=None)


def test_a_stand_in_takes_no_second_review_of_the_case(world: World) -> None:
    both = worlds.person("both", "case_officer", "second_reviewer")
    case = world.accepted()
    today = timezone.localdate()
    name_stand_in(
        actor=world.decider, absent_id=world.officer.pk, person_id=both.pk, since=today, until=today, reason="病假"
    )
    set_points(actor=both, assessment_id=case.pk, version=1, indicator="B2", revision=0, points=None)
    Assessment.objects.filter(pk=case.pk).update(review_state=Review.SECOND)
    with pytest.raises(Refused):
        workflow.perform("confirm", actor=both, assessment_id=case.pk)


@pytest.mark.parametrize("shift", [-30, 1])
def test_only_on_the_days_named(world: World, shift: int) -> None:
    case = world.submitted()
    Assessment.objects.filter(pk=case.pk).update(officer=world.officer)
    made = away(world)
    StandIn.objects.filter(pk=made.pk).update(
        since=made.since + timedelta(days=shift), until=made.since + timedelta(days=shift + 1 if shift > 0 else -1)
    )
    with pytest.raises(Refused):
        workflow.perform("accept", actor=world.officer_2, assessment_id=case.pk)


def test_who_names_and_what_is_refused(world: World) -> None:
    today = timezone.localdate()
    with pytest.raises(Refused):
        away(world, actor=world.officer_2)
    with pytest.raises(Refused):
        away(world, actor=world.auditor)
    for more in (
        {"until": today - timedelta(days=1)},
        {"until": today + timedelta(days=900)},
        {"reason": " "},
    ):
        with pytest.raises(Refused):
            away(world, **more)
    away(world, actor=world.decider)
    with pytest.raises(Refused):
        away(world)
    assert StandIn.objects.count() == 1


def test_the_page_of_stand_ins(world: World) -> None:
    client, today = client_of(world.officer), timezone.localdate()
    sent = {"absent": world.officer.pk, "person": world.officer_2.pk, "since": today, "until": today, "reason": "休假"}
    assert client.post(reverse("stand-ins"), sent | {"reason": ""}).status_code == 422
    assert client.post(reverse("stand-ins"), sent).status_code == 302
    made = StandIn.objects.get()
    assert "休假" in client.get(reverse("stand-ins")).content.decode()
    assert client.post(reverse("stand-in-end", args=[made.pk])).status_code == 302
    assert StandIn.objects.get().ended_by == world.officer


# --- The value in use stays among the choices -------------------------------------------------------------------------


def test_every_filtered_choice_keeps_the_value_in_use(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each form that shows an existing object's value out of a filtered list, with a value that is offered no more."""
    from assessments.rounds import forms as round_forms

    head, bank = (
        Bank.objects.create(code="H", name_zh="总行", category="city", entity_kind="branch", active_from="2000-01-01"),
        Bank.objects.create(code="Z", name_zh="支行", category="city", entity_kind="branch", active_from="2000-01-01"),
    )
    gone = worlds.person("gone", "case_officer")
    Bank.objects.filter(pk=bank.pk).update(
        head_office=head, case_officer=gone, successor=head, succeeded_on="2020-01-01"
    )
    gone.grants.all().delete()
    User.objects.filter(pk=gone.pk).update(is_active=False)
    bank = Bank.objects.get(pk=bank.pk)
    form = BankForm(bank=bank, initial=initial(bank))
    for name in ("head_office", "case_officer", "successor"):  # what the page shows is what it sends back
        field: Any = form.fields[name]
        assert field.clean(field.prepare_value(form[name].value())) == getattr(bank, name), name
    assert str(gone.pk) in [str(one[0]) for one in form.fields["case_officer"].choices]  # type: ignore[attr-defined]

    monkeypatch.setattr(round_forms, "without_schemes", lambda versions: versions.none())
    shown = round_forms.RoundForm(user=make_person(Role.ADMINISTRATOR), round_=world.round)
    versions = [str(one[0]) for one in shown.fields["rulebook"].choices]  # type: ignore[attr-defined]
    assert versions == [str(world.round.rulebook_id)]

    case = world.accepted()
    world.officer.grants.all().delete()
    User.objects.filter(pk=world.officer.pk).update(is_active=False)
    assert world.officer in all_officers(), "the queue can be filtered by whoever has a case"
    page = client_of(world.auditor).get(reverse("review-queue") + f"?officer={world.officer.pk}")
    assert [row.record.pk for row in page.context["table"].rows] == [case.pk]
