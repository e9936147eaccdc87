"""Hurried and hostile people on the pages of meetings: sent twice, another meeting's, at the end of the calendar."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import Http404
from django.urls import reverse
from django.utils import timezone, translation

from assessments.meetings import machine
from assessments.meetings.steps import Later, Record, Said, ToDo
from assessments.models import FollowUp, FollowUpState, Meeting, MeetingState
from assessments.tests.reviews.client import signed_in

from .world import Meetings, build

pytestmark = pytest.mark.django_db
LAST = date.max


@pytest.fixture
def meetings() -> Iterator[Meetings]:
    with translation.override("en"):
        yield build()


def free(meetings: Meetings) -> Meeting:
    """A meeting that is held, about no case."""
    meeting = meetings.take("arrange", meetings.plan(), told=meetings.arrangement())
    return meetings.take("open", meetings.take("call", meeting))


def signed(meetings: Meetings) -> Meeting:
    """The same, signed, with a follow-up of the officer's."""
    record = Record(
        chair=meetings.chair,
        members=[meetings.chair.pk, meetings.world.officer.pk],
        points={1: Said("noted", reason="已通报")},
        follow_ups=[ToDo("督促整改", meetings.world.officer, timezone.localdate(), 1)],
    )
    return meetings.take("sign", meetings.take("write", free(meetings), told=record), meetings.chair)


def test_a_follow_up_is_not_reached_through_another_meeting(meetings: Meetings) -> None:
    one, other = signed(meetings), signed(meetings)
    row = FollowUp.objects.get(meeting=one)
    with pytest.raises(Http404):
        machine.take(
            "finish", actor=meetings.world.officer, meeting_id=other.pk, follow_up_id=row.pk, reason="已完成。"
        )
    row.refresh_from_db()
    assert row.state == FollowUpState.OPEN
    assert not other.steps.filter(name="finish").exists()


def sent(meetings: Meetings, **more: Any) -> dict[str, Any]:
    told = meetings.arrangement()
    return {
        "title": told.title,
        "place": told.place,
        "starts_at": "2017-06-01T09:00",
        "chair": meetings.chair.pk,
        "members": [meetings.chair.pk, meetings.world.officer.pk],
        "points": "通报情况|见附表",
        "revision": "0",
    } | more


def test_a_person_or_a_case_that_is_sent_twice_is_there_once(meetings: Meetings) -> None:
    case = meetings.world.for_decision("M001")
    meeting = meetings.plan()
    client = signed_in(meetings.world.officer)
    twice = [meetings.chair.pk, meetings.chair.pk, meetings.world.officer.pk]
    data = sent(meetings, members=twice, cases=[case.pk, case.pk])
    answer = client.post(reverse("meeting-arrange", args=[meeting.pk]), data)
    assert answer.status_code == 302
    assert meeting.members.count() == 2
    assert meeting.points.filter(assessment=case).count() == 1


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_meeting_at_the_end_of_the_calendar(meetings: Meetings, at: str) -> None:
    client = signed_in(meetings.world.officer)
    data = sent(meetings, kind="regular", starts_at=at)
    answer = client.post(reverse("meeting-plan"), data)
    assert answer.status_code == 422
    assert not Meeting.objects.exists()
    meeting = meetings.plan()
    answer = client.post(reverse("meeting-arrange", args=[meeting.pk]), sent(meetings, starts_at=at))
    assert answer.status_code == 422


def test_a_follow_up_due_on_the_last_day_of_the_calendar(meetings: Meetings) -> None:
    client = signed_in(meetings.world.officer)
    meeting = free(meetings)
    data = {
        "chair": meetings.chair.pk,
        "members": [meetings.chair.pk, meetings.world.officer.pk],
        "point1-result": "noted",
        "todo0-text": "督促整改",
        "todo0-owner": meetings.world.officer.pk,
        "todo0-due_on": LAST.isoformat(),
        "revision": meeting.revision,
    }
    answer = client.post(reverse("meeting-write", args=[meeting.pk]), data)
    assert answer.status_code in (409, 422) and "督促整改" in answer.content.decode()
    assert not meeting.follow_ups.exists()


def test_a_follow_up_put_off_to_the_last_day_of_the_calendar(meetings: Meetings) -> None:
    client = signed_in(meetings.world.officer)
    row = FollowUp.objects.get(meeting=signed(meetings))
    url = reverse("follow-up-step", args=[row.pk, "postpone"])
    answer = client.post(url, {"due_on": LAST.isoformat(), "reason": "来不及。"})
    assert answer.status_code in (409, 422) and "来不及" in answer.content.decode()
    row.refresh_from_db()
    assert row.due_on == timezone.localdate()
    machine.take(
        "postpone",
        actor=meetings.world.officer,
        meeting_id=row.meeting_id,
        follow_up_id=row.pk,
        reason="来不及。",
        told=Later(timezone.localdate() + timedelta(days=7)),
    )


def test_minutes_typed_in_two_windows_can_be_sent_again_after_a_look(meetings: Meetings) -> None:
    """The second window is told that the minutes have changed; what was typed stays, and goes through once it is sent
    again in the knowledge of that."""
    client = signed_in(meetings.world.officer)
    meeting = free(meetings)
    url = reverse("meeting-write", args=[meeting.pk])
    data = {"chair": meetings.chair.pk, "members": [meetings.chair.pk], "revision": meeting.revision}
    assert client.post(url, data | {"course": "甲说了话。"}).status_code == 302
    answer = client.post(url, data | {"course": "乙说了话。"})
    assert answer.status_code == 409 and "乙说了话" in answer.content.decode()
    revision = answer.context["form"]["revision"].value()
    again = client.post(url, data | {"course": "乙说了话。", "revision": revision})
    assert again.status_code == 302
    now = Meeting.objects.get(pk=meeting.pk)
    assert (now.course, now.state) == ("乙说了话。", MeetingState.HELD)
