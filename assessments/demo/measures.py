"""The story of the measures after their round has closed: fulfilled, running, overdue, ended by themselves, lifted."""

from datetime import date, datetime, timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from assessments.demo import words
from assessments.demo.calendars import Calendar
from assessments.demo.corrections import PuttingRight
from assessments.demo.pdf import pdf
from assessments.measures import machine
from assessments.measures.filings import add_document, save_filing
from assessments.measures.steps import Days
from assessments.models import LiveMeasure, Obligation
from banks.models import User

HELD_FOR = 365  # days that most measures of the demonstration bind, from the closing of their round


class LivingOn(PuttingRight):
    """Officers set the days of a closed round's measures; some banks file under them, one does not."""

    def live_on(self, calendar: Calendar, until: datetime) -> None:
        """Everything that happens under the measures of a round between its closing and the next round's opening."""
        closed = calendar.closes
        if closed is None:
            return
        end, now = timezone.localdate(closed), timezone.localdate(self.now())
        rows = LiveMeasure.objects.filter(assessment__round=self.round).order_by("assessment__bank__code", "pk")
        every = list(rows.select_related("measure", "assessment__bank", "owner"))
        last = calendar.year == self.rounds[-2].year
        told = self._chosen(every, end, now) if last else {}
        for live in every:
            self._set(live, told.get(live.pk) or self._plain(live, end))
        if told:
            self._file(list(told), now, until)

    @staticmethod
    def _plain(live: LiveMeasure, end: date) -> Days:
        day = end + timedelta(days=HELD_FOR)
        asks = live.measure.proposal.get("needs_filing")
        return Days(day, day, {"proposal": day - timedelta(days=60), "report": day} if asks else {})

    @staticmethod
    def _chosen(every: list[LiveMeasure], end: date, now: date) -> dict[int, Days]:
        """The measures that the story follows: fulfilled, overdue and running in this order, one that ends by itself
        and one that is lifted.
        """

        def day(number: int) -> date:
            return end + timedelta(days=number)

        accountable = [live.pk for live in every if live.measure.code == "accountability"]
        others = [live.pk for live in every if live.measure.code in ("access", "capital", "inspection")]
        later = now + timedelta(days=60)
        days = [
            Days(day(90), later, {"plan": day(10), "proposal": day(30), "report": day(80)}),
            Days(day(120), later, {"proposal": day(60), "report": day(110)}),
            Days(day(100), later, {"plan": day(20), "proposal": day(60), "report": day(90)}),
        ]
        found = dict(zip(accountable, days, strict=False))
        return found | dict(zip(others, [Days(day(30), day(120)), Days(day(60), later)], strict=False))

    def _set(self, live: LiveMeasure, told: Days) -> None:
        self._take("set_days", self._owner(live), live, "", told=told)

    def _file(self, chosen: list[int], now: date, until: datetime) -> None:
        """The first is fulfilled, the second stays overdue, the third is extended and runs, the last is lifted."""
        done, _late, runs, _ends, lifted = [LiveMeasure.objects.get(pk=pk) for pk in chosen]
        first, second, third, fourth = self.moments(timezone.localtime(self.clock.moment), until, 5)[1:]
        self.clock.reach(first)
        self._owed(runs, "plan")
        self._owed(done, "plan")
        self._owed(done, "proposal", back=True)
        self.clock.reach(second)
        kept = {row.kind: row.due_on for row in runs.obligations.all()}
        day = now + timedelta(days=30)
        told = Days(day + timedelta(days=15), day + timedelta(days=60), {**kept, "proposal": day, "report": day})
        self._take("extend", self._owner(runs), runs, words.MEASURE_EXTENDED, told=told)
        self.clock.reach(third)
        self._owed(done, "report")
        self._take("fulfil", self._owner(done), done, words.MEASURE_FULFILLED)
        self.clock.reach(fourth)
        self._take("lift", self.people.supervisors["decider"], lifted, words.MEASURE_LIFTED)

    def _owed(self, live: LiveMeasure, kind: str, *, back: bool = False) -> None:
        """A bank files what it owes; it is accepted, or returned once and filed again."""
        owed = live.obligations.get(kind=kind)
        self._write(live, owed)
        if back:
            self._take("return_obligation", self._owner(live), live, words.OBLIGATION_RETURNED, owed)
            self._write(live, owed)
        self._take("accept_obligation", self._owner(live), live, words.OBLIGATION_ACCEPTED, owed)

    def _write(self, live: LiveMeasure, owed: Obligation) -> None:
        """The preparer writes and adds a file, the signatory files."""
        people = self.people.bank[live.assessment.bank.code]
        text = words.OBLIGATION_TEXTS[owed.kind]
        draft = save_filing(actor=people["preparer"], obligation_id=owed.pk, text=text, revision=0)
        name = f"{owed.get_kind_display()}.pdf"
        content = ContentFile(pdf(f"{live.assessment.bank.code} {owed.kind} {draft.number}"), name=name)
        add_document(actor=people["preparer"], obligation_id=owed.pk, upload=content)
        self._take("file_obligation", people["signatory"], live, "", owed)

    @staticmethod
    def _take(
        name: str,
        actor: User,
        live: LiveMeasure,
        reason: str,
        owed: Obligation | None = None,
        told: Days | None = None,
    ) -> None:
        number = owed.pk if owed is not None else None
        machine.take(name, actor=actor, live_id=live.pk, obligation_id=number, reason=reason, told=told)

    def _owner(self, live: LiveMeasure) -> User:
        return live.owner or self.people.officers[0]
