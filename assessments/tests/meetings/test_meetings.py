"""What a meeting decides of a case, who signs it, who reads it, and what comes after it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone, translation

from assessments import workflow
from assessments.decisions.measures import decide_measure
from assessments.meetings import machine
from assessments.meetings.selectors import get_meeting, of_case, visible_meetings
from assessments.meetings.steps import Guest, Record, Said, ToDo
from assessments.models import Assessment, FollowUp, MeetingKind, Minutes
from assessments.tests.reviews.client import signed_in, text
from assessments.verification.selectors import is_genuine
from assessments.workflow.payloads import DecisionPayload
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.models import Event
from scorecard.audit.verification import verify
from scorecard.inbox.models import Message, Reminder
from scorecard.inbox.services import send_due

from .world import Meetings, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def meetings() -> Iterator[Meetings]:
    with translation.override("en"):
        yield build()


def decide(meetings: Meetings, case: Assessment, grade: str = "", reason: str = "同意。") -> Assessment:
    rating = meetings.world.again(case).rating_in_hand
    assert rating is not None
    payload = DecisionPayload.read(grade or rating.grade_proposed, rating.adjustment_proposed)
    with transaction.atomic():
        return workflow.perform(
            "decide", actor=signer(meetings, case), assessment_id=case.pk, reason=reason, payload=payload
        )


def signer(meetings: Meetings, case: Assessment) -> User:
    """The decision maker who is assigned."""
    return meetings.world.again(case).decision_maker or meetings.world.decider


def measures(meetings: Meetings, case: Assessment, outcome: str) -> None:
    rating = meetings.world.again(case).rating_in_hand
    assert rating is not None
    for measure in rating.measures.all():
        reason = "情节轻微，且已按要求完成整改，本次不采取该措施。"
        options = list(measure.proposal.get("options") or {})[:1] if outcome == "accept" else []
        decide_measure(
            actor=signer(meetings, case), measure_id=measure.pk, outcome=outcome, reason=reason, options=options
        )


def lower(case: Assessment) -> str:
    from assessments.decisions.ratings import grades_allowed
    from assessments.rulebooks.cache import engine_rulebook

    rating = case.rating_in_hand
    assert rating is not None
    return grades_allowed(rating, engine_rulebook(case.round.rulebook))[-1]


def test_a_case_on_an_agenda_waits_for_the_minutes(meetings: Meetings) -> None:
    case = meetings.world.for_decision("M001")
    measures(meetings, case, "accept")
    meeting = meetings.called(case)
    with pytest.raises(Refused, match="agenda"):
        decide(meetings, case)
    assert meeting.title in text(signed_in(signer(meetings, case)), "decision-detail", case.pk)
    meetings.take("cancel", meeting, reason="改期")
    assert decide(meetings, case).review_state == "decided"


def test_the_decision_maker_signs_what_the_meeting_decided(meetings: Meetings) -> None:
    case = meetings.world.for_decision("M001")
    measures(meetings, case, "accept")
    meeting = meetings.signed(case)
    number = meeting.minutes.number
    assert number.startswith("普惠评会〔") and number.endswith("〕1号")
    assert number in text(signed_in(signer(meetings, case)), "decision-detail", case.pk)
    decide(meetings, case)
    event = Event.objects.filter(event="assessments.review.decide").latest("seq")
    assert f'"minutes":"{number}"' in event.data
    assert '"departs":false' in event.data
    assert not list(verify())


def test_deciding_otherwise_asks_for_a_reason_that_names_the_minutes(meetings: Meetings) -> None:
    case = meetings.world.for_decision("M001")
    measures(meetings, case, "accept")
    number = meetings.signed(case).minutes.number
    other = lower(meetings.world.again(case))
    with pytest.raises(Refused, match="otherwise"):
        decide(meetings, case, other, "我认为应当更低。")
    decide(meetings, case, other, f"与{number}不同，因另查明事实。")
    event = Event.objects.filter(event="assessments.review.decide").latest("seq")
    assert '"departs":true' in event.data


def test_the_meeting_decides_another_grade(meetings: Meetings) -> None:
    case = meetings.world.for_decision("M001")
    measures(meetings, case, "decline")
    other = lower(case)
    meeting = meetings.signed(case, said=Said("other", other, "暂缓新设机构", "情节较重"))
    assert of_case(meetings.world.again(case)).decided is not None
    with pytest.raises(Refused, match="otherwise"):
        decide(meetings, case)  # the proposal is what the meeting did not take
    decide(meetings, case, other)
    assert meeting.minutes.body["points"][0]["grade"] == other


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said("other", "", "", "理由"), "grade"),
        (Said("put_off"), "reason"),
        (Said("noted"), "results"),
        (Said("other", "none-such", "", "理由"), "grade"),
    ],
)
def test_what_is_wrong_with_a_result_is_said(meetings: Meetings, said: Said, words: str) -> None:
    case = meetings.world.for_decision("M001")
    with pytest.raises(Refused, match=words):
        meetings.held(case, said=said)


def test_what_was_put_off_stands_on_the_next_agenda(meetings: Meetings) -> None:
    case = meetings.world.for_decision("M001")
    measures(meetings, case, "accept")
    called = meetings.called(case)
    with pytest.raises(Refused, match="another agenda"), transaction.atomic():
        meetings.take("arrange", meetings.plan(), told=meetings.arrangement(case))
    meetings.take("cancel", called, reason="改期")
    meetings.signed(case, said=Said("put_off", reason="补充材料"))
    found = of_case(meetings.world.again(case))
    assert (found.sitting, found.decided) == (None, None)
    assert meetings.signed(case).minutes.number.endswith("〕2号")


def test_a_case_that_has_changed_cannot_be_signed_in_the_minutes(meetings: Meetings) -> None:
    case = meetings.world.for_decision("M001")
    meeting = meetings.held(case)
    workflow.perform("send_back_undecided", actor=signer(meetings, case), assessment_id=case.pk, reason="补充核实")
    with pytest.raises(Refused, match="changed since"), transaction.atomic():
        meetings.take("sign", meeting, meetings.chair)
    told = Record(
        chair=meetings.chair,
        members=[meetings.chair.pk, meetings.world.officer.pk],
        points={1: Said("put_off", reason="退回核实"), 2: Said("noted")},
    )
    meetings.take("sign", meetings.take("write", meeting, told=told), meetings.chair)


def test_dissent_is_kept_by_name_and_only_of_who_was_there(meetings: Meetings) -> None:
    case = meetings.world.for_decision("M001")
    officer, second = meetings.world.officer, meetings.world.second
    with pytest.raises(Refused, match="not there"), transaction.atomic():
        meetings.held(case, said=Said("agree", dissents=[(second, "依据不足")]))
    for meeting in list(visible_meetings(officer).exclude(state__in=("held", "signed", "cancelled"))):
        meetings.take("cancel", meeting, reason="重新安排")
    meeting = meetings.signed(case, said=Said("agree", dissents=[(officer, "依据不足")]))
    assert meeting.minutes.body["points"][0]["dissents"] == [[str(officer), "依据不足"]]
    assert "依据不足" in text(signed_in(meetings.world.auditor), "meeting-detail", meeting.pk)
    assert "依据不足" in text(signed_in(signer(meetings, case)), "decision-detail", case.pk)


def test_what_is_signed_is_what_was_on_the_screen(meetings: Meetings) -> None:
    case = meetings.world.for_decision("M001")
    meeting = meetings.held(case)
    seen = machine.shown("sign", meeting)
    told = Record(
        chair=meetings.chair,
        members=[meetings.chair.pk, meetings.world.officer.pk],
        points={1: Said("put_off", reason="再议"), 2: Said("noted")},
    )
    meetings.take("write", meeting, told=told)
    with pytest.raises(Stale):
        meetings.take("sign", meeting, meetings.chair, seen=seen)
    assert not Minutes.objects.exists()
    with pytest.raises(Stale):
        meetings.take("write", meeting, told=told, revision=meeting.revision)


def test_only_the_secretary_or_a_head_arranges_and_only_the_chair_signs(meetings: Meetings) -> None:
    case = meetings.world.for_decision("M001")
    meeting = meetings.held(case)
    with pytest.raises(Refused, match="secretary"), transaction.atomic():
        told = Record(chair=meetings.chair)
        meetings.take("write", meeting, meetings.world.officer_2, told=told)
    with pytest.raises(Refused, match="chair"):
        meetings.take("sign", meeting, meetings.world.decider)
    with pytest.raises(Refused, match="secretary"):
        meetings.plan(secretary=meetings.chair)


# --- What a bank reads ------------------------------------------------------------------------------------------------
def bank_person(meetings: Meetings, case: Assessment) -> User:
    found = User.objects.filter(bank=case.bank, grants__role="bank_preparer").first()
    assert found is not None
    return found


def test_a_bank_reads_nothing_of_the_committee_and_the_minutes_of_its_regular_meeting(meetings: Meetings) -> None:
    case, other = meetings.world.for_decision("M001"), meetings.world.submitted("M002")
    reader, stranger = bank_person(meetings, case), bank_person(meetings, other)
    committee = meetings.signed(case)
    for person in (reader, stranger):
        with pytest.raises(Http404):
            get_meeting(person, committee.pk)
        assert signed_in(person).get(reverse("meeting-detail", args=[committee.pk])).status_code == 404
    regular = meetings.regular(Guest(case.bank.name_zh, "王行长", case.bank))
    page = text(signed_in(reader), "meeting-detail", regular.pk)
    assert "已通报" in page and "王行长" in page
    assert signed_in(stranger).get(reverse("meeting-detail", args=[regular.pk])).status_code == 404
    for what, form in (("agenda", "pdf"), ("minutes", "docx")):
        url = reverse("meeting-paper", args=[regular.pk, what, form])
        assert signed_in(reader).get(url).status_code == 404
    assert list(visible_meetings(stranger)) == []


def test_a_regular_meeting_is_read_only_once_it_is_signed(meetings: Meetings) -> None:
    case = meetings.world.for_decision("M001")
    meeting = meetings.plan(MeetingKind.REGULAR)
    told = meetings.arrangement(guests=[Guest(case.bank.name_zh, "王行长", case.bank)])
    meetings.take("call", meetings.take("arrange", meeting, told=told))
    with pytest.raises(Http404):
        get_meeting(bank_person(meetings, case), meeting.pk)
    with pytest.raises(Refused, match="decides no case"):
        meetings.take("arrange", meetings.plan(MeetingKind.REGULAR), told=meetings.arrangement(case))
    with pytest.raises(Refused, match="no guests"):
        told = meetings.arrangement(guests=[Guest("市金融办", "李处长")])
        meetings.take("arrange", meetings.plan(), told=told)


def test_minutes_are_frozen_and_genuine(meetings: Meetings) -> None:
    minutes = meetings.signed(meetings.world.for_decision("M001")).minutes
    assert is_genuine(minutes.number, minutes.digest)
    assert not is_genuine(minutes.number, "0" * 64)
    from assessments.meetings.paper import agenda_document, minutes_document
    from scorecard.documents.typesetting import to_pdf

    for document in (minutes_document(minutes), agenda_document(minutes.meeting)):
        assert to_pdf(document).startswith(b"%PDF")
    assert "督促整改" in str(minutes_document(minutes).to_json())


# --- Follow-ups -------------------------------------------------------------------------------------------------------
def test_a_follow_up_is_reminded_while_it_is_open(meetings: Meetings) -> None:
    meetings.signed(meetings.world.for_decision("M001"))
    row = FollowUp.objects.get()
    now = timezone.now() + timedelta(days=2)
    send_due(now)
    kinds = list(Message.objects.filter(person=row.owner, kind="assessments.follow_up_due").order_by("at"))
    assert [one.data["late"] for one in kinds] == [False, True]
    page = text(signed_in(row.owner), "home")
    assert "督促整改" in page
    machine.take("finish", actor=row.owner, meeting_id=row.meeting_id, follow_up_id=row.pk, reason="已督促")
    assert "督促整改" not in text(signed_in(row.owner), "home")


def test_a_later_day_has_reminders_of_its_own_and_the_earlier_ones_fall_away(meetings: Meetings) -> None:
    from assessments.meetings.steps import Later

    meetings.signed(meetings.world.for_decision("M001"))
    row = FollowUp.objects.get()
    later = timezone.localdate() + timedelta(days=30)
    given: dict[str, Any] = {"meeting_id": row.meeting_id, "follow_up_id": row.pk, "reason": "银行申请"}
    with pytest.raises(Refused, match="later"), transaction.atomic():
        machine.take("postpone", actor=meetings.world.officer, told=Later(row.due_on), **given)
    machine.take("postpone", actor=meetings.world.officer, told=Later(later), **given)
    send_due(timezone.now() + timedelta(days=3))
    assert not Message.objects.filter(kind="assessments.follow_up_due").exists()
    assert Reminder.objects.filter(kind="assessments.follow_up_due", sent_at=None).count() == 2


def test_a_follow_up_needs_somebody_and_a_day_after_the_meeting(meetings: Meetings) -> None:
    meeting = meetings.take("open", meetings.called(meetings.world.for_decision("M001")))
    early = timezone.localdate() - timedelta(days=9)
    for todo in (ToDo("督促", meetings.world.officer, early), ToDo(" ", meetings.world.officer, timezone.localdate())):
        told = Record(chair=meetings.chair, follow_ups=[todo])
        with pytest.raises(Refused), transaction.atomic():
            meetings.take("write", meeting, told=told)


# --- Pages ------------------------------------------------------------------------------------------------------------
def test_a_meeting_from_plan_to_signature_by_its_pages(meetings: Meetings) -> None:
    world, case = meetings.world, meetings.world.for_decision("M001")
    client = signed_in(world.officer)
    when = timezone.localtime() - timedelta(hours=1)
    plan = {"kind": "committee", "title": "评审会", "place": "三楼", "starts_at": f"{when:%Y-%m-%dT%H:%M}"}
    assert client.post(reverse("meeting-plan"), plan | {"chair": ""}).status_code == 422
    answer = client.post(reverse("meeting-plan"), plan | {"chair": meetings.chair.pk})
    assert answer.status_code == 302
    meeting = visible_meetings(world.officer).get()
    url = reverse("meeting-arrange", args=[meeting.pk])
    page = client.get(url).content.decode()
    assert f'value="{case.pk}"' in page
    sent = plan | {
        "chair": meetings.chair.pk,
        "members": [meetings.chair.pk, world.officer.pk],
        "cases": [case.pk],
        "points": "通报情况｜见附表",
        "revision": meeting.revision,
    }
    assert client.post(url, sent).status_code == 302
    assert client.post(url, sent).status_code == 409, "the page was of before"
    detail = text(client, "meeting-detail", meeting.pk)
    assert reverse("decision-detail", args=[case.pk]) in detail and "通报情况" in detail
    for name in ("call", "open"):
        step = reverse("meeting-step", args=[meeting.pk, name])
        assert client.get(step).status_code == 200
        seen = machine.shown(name, visible_meetings(world.officer).get())
        assert client.post(step, {"seen": seen}).status_code == 302
    url = reverse("meeting-write", args=[meeting.pk])
    form = client.get(url).context["form"]
    sent = {
        "chair": meetings.chair.pk,
        "members": [meetings.chair.pk, world.officer.pk],
        "course": "发言",
        "revision": form["revision"].value(),
        "point1-result": "agree",
        f"point1-why{world.officer.pk}": "仍有疑问",
        "point2-result": "noted",
        "todo0-text": "跟进整改",
        "todo0-owner": world.officer.pk,
        "todo0-due_on": timezone.localdate().isoformat(),
        "todo0-place": "1",
    }
    assert client.post(url, sent | {"todo0-owner": ""}).status_code == 422
    assert client.post(url, sent).status_code == 302
    chair = signed_in(meetings.chair)
    step = reverse("meeting-step", args=[meeting.pk, "sign"])
    assert "仍有疑问" in chair.get(step).content.decode()
    assert chair.post(step, {"seen": chair.get(step).context["seen"], "password": "wrong"}).status_code == 422
    meetings.chair.set_password("sign-4711-x")
    meetings.chair.save()
    chair = signed_in(meetings.chair)
    seen = chair.get(step).context["seen"]
    assert chair.post(step, {"seen": seen, "password": "sign-4711-x"}).status_code == 302
    row = FollowUp.objects.get()
    assert "跟进整改" in text(client, "follow-up-list")
    done = reverse("follow-up-step", args=[row.pk, "finish"])
    assert client.post(done, {"reason": "已完成"}).status_code == 302
    assert FollowUp.objects.get().state == "done"
    assert client.get(reverse("meeting-paper", args=[meeting.pk, "minutes", "pdf"])).status_code == 302
