"""The head's view of the open rounds: how much time is left, for whom how many cases wait, and which wait longest."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from assessments.access import visible_assessments
from assessments.models import Assessment, Correction, Review, Round, RoundState, StepRecord
from assessments.reviews.queue import HOLDER
from assessments.rounds.working_days import working_days_left
from banks.models import User

OLDEST = 12
# Where a case waits for its officer; a correction that is examined again does so too.
OFFICERS = (Review.WAITING, Review.FIRST)
WAITING = (*OFFICERS, Review.SECOND, Review.DECISION, Review.DECIDED)


@dataclass(frozen=True)
class Waiting:
    """A case that waits for a supervisor, and since when: its newest step, before the first one its submission."""

    case: Assessment
    since: datetime
    days: int
    late: bool
    holder: int | None = None

    @property
    def holder_name(self) -> str:
        """For whom it waits; blank where nobody is assigned."""
        case = self.case
        if case.review_state == Review.SECOND:
            return str(case.second_reviewer or "")
        if case.review_state in (Review.DECISION, Review.DECIDED):
            return str(case.decision_maker or "")
        return case.officer_name


@dataclass
class Load:
    """What one person has, or nobody: cases by where they stand, each with the person for whom it waits. ``late`` are
    those of them whose review deadline is over; ``oldest`` is the one that waits longest for this person.
    """

    person: User | None
    states: Counter[str] = field(default_factory=Counter)
    late: int = 0
    oldest: Waiting | None = None

    @property
    def waiting(self) -> int:
        """How many wait for the person."""
        return sum(self.states[state] for state in WAITING)


@dataclass(frozen=True)
class RoundLeft:
    """An open round with the working days that are left until its review deadline, and how many cases are not decided
    by then or yet."""

    round: Round
    days: int
    over: bool
    undecided: int


@dataclass(frozen=True)
class Workload:
    """All of it."""

    rounds: Sequence[RoundLeft]
    people: Sequence[Load]
    oldest: Sequence[Waiting]


def workload(actor: User) -> Workload:
    """The open rounds as the actor may see them. The database counts; what is read are the cases that are shown."""
    now = timezone.now()
    newest = StepRecord.objects.filter(assessment=OuterRef("pk")).order_by("-at").values("at")[:1]
    cases = (
        visible_assessments(actor)
        .taking_part()
        .filter(round__state=RoundState.OPEN)
        .annotate(since=Coalesce(Subquery(newest), "version__submitted_at"))
        .order_by()
    )
    return Workload(
        rounds=_rounds(cases, now),
        people=_people(cases, now),
        oldest=_waiting(cases.filter(_IN_HAND).order_by("since", "pk")[:OLDEST], now),
    )


_DECIDED = (Review.DECIDED, Review.NOTIFIED, Review.ACKNOWLEDGED)
_IN_HAND = (Q(review_state__in=WAITING) | ~Q(correction_state=Correction.NONE)) & Q(since__isnull=False)


def _waiting(cases: QuerySet[Any], now: datetime) -> list[Waiting]:
    rows = cases.select_related("bank", "round", "officer", "second_reviewer", "decision_maker")
    return [
        Waiting(
            case,
            case.since,
            (timezone.localdate(now) - timezone.localdate(case.since)).days,
            now > case.round.review_deadline and case.review_state != Review.DECIDED,
            getattr(case, "holder", None),
        )
        for case in rows
    ]


def _rounds(cases: QuerySet[Any], now: datetime) -> list[RoundLeft]:
    """The nearest review deadline first."""
    undecided = dict(
        cases.values_list("round")
        .annotate(n=Count("pk", filter=~Q(review_state__in=_DECIDED)))
        .values_list("round", "n")
    )
    today = timezone.localdate(now)
    return [
        RoundLeft(
            round_,
            working_days_left(today, timezone.localdate(round_.review_deadline)),
            now > round_.review_deadline,
            undecided[round_.pk],
        )
        for round_ in Round.objects.filter(pk__in=undecided).order_by("review_deadline", "pk")
    ]


def _people(cases: QuerySet[Any], now: datetime) -> list[Load]:
    """Who is behind first: overdue cases, then waiting ones. Nobody's cases come last."""
    cases = cases.annotate(holder=HOLDER)
    own = Q(review_state__in=WAITING)
    late = own & ~Q(review_state=Review.DECIDED) & Q(round__review_deadline__lt=now)
    rows = list(cases.values("holder", "review_state").annotate(n=Count("pk"), late=Count("pk", filter=late)))
    people = User.objects.in_bulk({row["holder"] for row in rows} - {None})
    found: dict[int | None, Load] = {}
    for row in rows:
        load = found.setdefault(row["holder"], Load(people.get(row["holder"])))
        load.states[row["review_state"]] += row["n"]
        load.late += row["late"]
    place = Window(RowNumber(), partition_by="holder", order_by=["since", "pk"])
    first = cases.filter(own, since__isnull=False).annotate(place=place).filter(place=1)
    for one in _waiting(first, now):
        found[one.holder].oldest = one
    return sorted(found.values(), key=lambda load: (load.person is None, -load.late, -load.waiting, str(load.person)))
