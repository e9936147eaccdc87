"""Two meetings of the demonstration's running round: the rating committee, by whose minutes two decisions are signed,
and the regular meeting with the city and a bank (``docs/meetings.md``).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils import timezone

from assessments.demo import words
from assessments.demo.measures import LivingOn
from assessments.demo.stages import NAMED, SENT_BACK, Stage
from assessments.meetings import machine
from assessments.meetings.steps import Arrangement, Guest, Record, Said, ToDo
from assessments.models import Assessment, FollowUp, Meeting, MeetingKind, Minutes
from banks.models import User

AT_THE_TABLE = ("decider", "decider2", "officer1", "officer2", "second1", "second2")
AWAY = "second2"
INVITED = "DC02"  # the bank that is a guest of the regular meeting
DECIDED_THERE = 2  # cases that the committee decides


class SittingDown(LivingOn):
    """Cases wait until the committee has met; the decision maker then signs by its minutes."""

    on_agenda: tuple[str, ...] = ()
    put_off = ""

    def choose(self, where: Mapping[str, Stage]) -> None:
        """The cases of the committee, of those that nobody is led to and that take no other way."""
        super().choose(where)
        free = [code for code in sorted(where) if code not in (*NAMED, *SENT_BACK, *self.ways)]
        decided = [code for code in free if where[code] == Stage.DECIDED][:DECIDED_THERE]
        self.put_off = next(code for code in free if where[code] == Stage.DECISION)
        self.on_agenda = (*decided, self.put_off)

    def decision(self, case: Assessment, reason: str = words.DECIDE_REASON) -> None:
        """A case of the committee waits for its meeting."""
        if case.bank.code not in self.on_agenda:
            super().decision(case, reason)

    def meet(self, code: str, cases: Mapping[str, Assessment]) -> None:
        """Hold both meetings once the last case of the agenda waits for its decision."""
        if code != self.put_off:
            return
        named, self.on_agenda = self.on_agenda, ()
        number = self._committee({name: cases[name] for name in named})
        for name in named:
            if name != self.put_off:  # a measure may have been declined, so the reason names the minutes
                self.decision(cases[name], words.BY_MINUTES.format(number=number))
        self._regular()

    def _committee(self, cases: Mapping[str, Assessment]) -> str:
        """Agenda, attendance, a result for each case with one dissent, minutes, follow-ups of which one is overdue; the
        number of the minutes.
        """
        who = self.people.supervisors
        ids = {name: case.pk for name, case in cases.items()}
        meeting = self._called(
            MeetingKind.COMMITTEE, words.COMMITTEE, who["officer1"], who["decider"], ids=list(ids.values())
        )
        results = {place: Said("agree") for place in range(1, len(ids))}
        results[1] = Said("agree", dissents=[(who["second1"], words.DISSENT)])
        results[len(ids)] = Said("put_off", reason=words.PUT_OFF)
        results[len(ids) + 1] = Said("noted", reason=words.NOTED)
        day = timezone.localdate(self.now())
        todo = [
            ToDo(words.TODO_PUT_OFF, who["officer1"], day + timedelta(days=20), len(ids)),
            ToDo(words.TODO_LATE, who["officer3"], day - timedelta(days=1), len(ids) + 1),
        ]
        self._held(meeting, who["decider"], results, todo)
        return Minutes.objects.get(meeting=meeting).number

    def _regular(self) -> None:
        """With a guest of the city and one of a bank, which reads the minutes; a follow-up that is done by now."""
        who, bank = self.people.supervisors, self.rows[INVITED]
        guests = [Guest(words.CITY_OFFICE, words.CITY_GUEST), Guest(bank.name_zh, words.BANK_GUEST, bank)]
        meeting = self._called(MeetingKind.REGULAR, words.REGULAR, who["officer2"], who["decider2"], guests=guests)
        day = timezone.localdate(self.now())
        todo = [
            ToDo(words.TODO_DONE, who["officer2"], day, 1),
            ToDo(words.TODO_PLAN, who["officer2"], day + timedelta(days=30), 2),
        ]
        results = {1: Said("noted", reason=words.NOTED), 2: Said("noted", reason=words.PLAN_NOTED)}
        self._held(meeting, who["decider2"], results, todo)
        done = FollowUp.objects.filter(meeting=meeting).earliest("pk")
        machine.take(
            "finish", actor=who["officer2"], meeting_id=meeting.pk, follow_up_id=done.pk, reason=words.DONE_REASON
        )

    def _called(
        self,
        kind: MeetingKind,
        said: words.Agenda,
        secretary: User,
        chair: User,
        *,
        ids: list[int] | None = None,
        guests: list[Guest] | None = None,
    ) -> Meeting:
        """Planned, arranged, and the agenda handed out, for the morning of the next day."""
        at = self._next_morning()
        told = Arrangement(
            title=said.title,
            place=said.place,
            starts_at=at,
            chair=chair,
            members=[self.people.supervisors[name] for name in AT_THE_TABLE],
            guests=guests or (),
            cases=ids or (),
            points=said.points,
        )
        meeting = machine.plan_meeting(
            actor=secretary, kind=kind, title=said.title, place=said.place, starts_at=at, chair=chair
        )
        machine.take("arrange", actor=secretary, meeting_id=meeting.pk, told=told)
        return machine.take("call", actor=secretary, meeting_id=meeting.pk)

    def _held(self, meeting: Meeting, chair: User, results: Mapping[int, Said], todo: list[ToDo]) -> None:
        """Opened at its hour, written, signed by the chair."""
        secretary = meeting.secretary
        self.clock.reach(meeting.starts_at)
        machine.take("open", actor=secretary, meeting_id=meeting.pk)
        record = Record(
            chair=chair,
            members=[self.people.supervisors[name].pk for name in AT_THE_TABLE if name != AWAY],
            guests=list(meeting.guests.values_list("pk", flat=True)),
            points=results,
            course=words.COURSE,
            follow_ups=todo,
        )
        machine.take("write", actor=secretary, meeting_id=meeting.pk, told=record)
        machine.take("sign", actor=chair, meeting_id=meeting.pk)

    def _next_morning(self) -> datetime:
        here = timezone.localtime(self.clock.moment) + timedelta(days=1)
        return here.replace(hour=9, minute=30, second=0, microsecond=0)
