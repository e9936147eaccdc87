"""A case that waits for its decision, and a meeting in any of its states."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from assessments.meetings import machine
from assessments.meetings.steps import Arrangement, Guest, Record, Said, ToDo
from assessments.models import Assessment, FollowUp, Meeting, MeetingKind, MeetingState
from assessments.tests.reviews.world import World, person
from assessments.tests.reviews.world import build as build_reviews
from banks.models import User


@dataclass
class Meetings:
    """The world of the reviews, whose decision maker signs, with another one who takes the chair."""

    world: World
    chair: User

    def plan(self, kind: str = MeetingKind.COMMITTEE, secretary: User | None = None) -> Meeting:
        """Planned by an officer, for an hour ago."""
        return machine.plan_meeting(
            actor=secretary or self.world.officer,
            kind=kind,
            title="评价委员会第一次会议",
            place="三楼会议室",
            starts_at=timezone.now() - timedelta(hours=1),
            chair=self.chair,
        )

    def arrangement(self, *cases: Assessment, **more: Any) -> Arrangement:
        given: dict[str, Any] = {
            "title": "评价委员会第一次会议",
            "place": "三楼会议室",
            "starts_at": timezone.now() - timedelta(hours=1),
            "chair": self.chair,
            "members": [self.chair, self.world.officer, self.world.second],
            "cases": [case.pk for case in cases],
            "points": [("通报季度监测情况", "见附表")],
        }
        return Arrangement(**given | more)

    def take(self, name: str, meeting: Meeting, actor: User | None = None, **more: Any) -> Meeting:
        machine.take(name, actor=actor or self.world.officer, meeting_id=meeting.pk, **more)
        return Meeting.objects.select_related("secretary", "chair", "minutes").get(pk=meeting.pk)

    def called(self, *cases: Assessment) -> Meeting:
        meeting = self.take("arrange", self.plan(), told=self.arrangement(*cases))
        return self.take("call", meeting)

    def held(self, *cases: Assessment, said: Said | None = None, follow_up: User | None = None) -> Meeting:
        meeting = self.take("open", self.called(*cases))
        results = {number: said or Said("agree") for number in range(1, len(cases) + 1)}
        record = Record(
            chair=self.chair,
            members=[self.chair.pk, self.world.officer.pk],
            points={**results, len(cases) + 1: Said("noted", reason="已通报")},
            course="各委员发言。",
            follow_ups=[ToDo("督促整改", follow_up or self.world.officer, timezone.localdate(), 1)],
        )
        return self.take("write", meeting, told=record)

    def signed(self, *cases: Assessment, said: Said | None = None, follow_up: User | None = None) -> Meeting:
        return self.take("sign", self.held(*cases, said=said, follow_up=follow_up), self.chair)

    def regular(self, guest: Guest) -> Meeting:
        """A regular meeting with a guest, signed."""
        meeting = self.plan(MeetingKind.REGULAR)
        told = self.arrangement(guests=[guest], title="小微企业金融服务例会")
        meeting = self.take("open", self.take("call", self.take("arrange", meeting, told=told)))
        record = Record(
            chair=self.chair,
            members=[self.chair.pk, self.world.officer.pk],
            guests=[one.pk for one in meeting.guests.all()],
            points={1: Said("noted", reason="已通报")},
        )
        return self.take("sign", self.take("write", meeting, told=record), self.chair)


def in_state(meetings: Meetings, state: str) -> tuple[Meeting, FollowUp]:
    """A meeting that stands there with everything that its guards ask for, and its follow-up."""
    case = meetings.world.for_decision("M001")
    meeting = meetings.held(case)
    if state in (MeetingState.SIGNED,):
        meeting = meetings.take("sign", meeting, meetings.chair)
    Meeting.objects.filter(pk=meeting.pk).update(state=state)
    return Meeting.objects.get(pk=meeting.pk), FollowUp.objects.get(meeting=meeting)


def build() -> Meetings:
    """An open round with a second decision maker, who takes the chair."""
    return Meetings(build_reviews(), person("chair", "decision_maker"))
