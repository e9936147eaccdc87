"""The head's view of the open rounds: how much time is left, who has how many cases where, and which wait longest."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils import timezone

from assessments.access import visible_assessments
from assessments.models import Assessment, Correction, Review, Round, RoundState
from assessments.models.assessments import NAME_SORT
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


@dataclass
class Load:
    """What one person has, or nobody: cases by where they stand. ``late`` are those of the person's own part whose
    review deadline is over; ``oldest`` is the one that waits longest for this person.
    """

    officer: User | None
    states: Counter[str] = field(default_factory=Counter)
    late: int = 0
    oldest: Waiting | None = None

    @property
    def waiting(self) -> int:
        """How many wait for the officer."""
        return sum(self.states[state] for state in OFFICERS)


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
    """The open rounds as the actor may see them. One query for the cases, and one for each round's calendar."""
    now = timezone.now()
    rows = (
        visible_assessments(actor)
        .taking_part()
        .filter(round__state=RoundState.OPEN)
        .select_related("bank", "round", "officer", "version")
        .defer(*(f"version__{name}" for name in ("facts", "history", "answers", "report", "explanations")))
        .annotate(last_step=Coalesce(Max("steps__at"), Max("version__submitted_at")), said_sort=NAME_SORT)
        .order_by("round__review_deadline", "said_sort", "pk")
    )
    cases = list(rows)
    waiting = sorted(_waiting(cases, now), key=lambda one: one.since)
    return Workload(
        rounds=list(_rounds(cases, now)),
        people=_people(cases, waiting),
        oldest=waiting[:OLDEST],
    )


def _waiting(cases: Iterable[Assessment], now: datetime) -> Iterable[Waiting]:
    for case in cases:
        put_right = case.correction_state != Correction.NONE
        since: datetime | None = case.last_step  # type: ignore[attr-defined]
        if since is None or not (case.review_state in WAITING or put_right):
            continue
        late = now > case.round.review_deadline and case.review_state != Review.DECIDED
        yield Waiting(case, since, (timezone.localdate(now) - timezone.localdate(since)).days, late)


def _rounds(cases: Sequence[Assessment], now: datetime) -> Iterable[RoundLeft]:
    undecided = Counter(case.round_id for case in cases if case.review_state not in _DECIDED)
    rounds = {case.round_id: case.round for case in cases}
    for pk, round_ in rounds.items():
        last = round_.review_deadline
        days = working_days_left(timezone.localdate(now), timezone.localdate(last))
        yield RoundLeft(round_, days, now > last, undecided[pk])


_DECIDED = (Review.DECIDED, Review.NOTIFIED, Review.ACKNOWLEDGED)


def _people(cases: Sequence[Assessment], waiting: Sequence[Waiting]) -> list[Load]:
    """Who is behind first: overdue cases, then waiting ones. Nobody's cases come last."""
    found: dict[int | None, Load] = {}
    for case in cases:
        load = found.setdefault(case.officer_id, Load(case.officer))
        load.states[case.review_state] += 1
    mine: dict[int | None, list[Waiting]] = defaultdict(list)
    for one in waiting:
        if one.case.review_state in OFFICERS:
            mine[one.case.officer_id].append(one)
    for pk, load in found.items():
        load.late = sum(one.late for one in mine[pk])
        load.oldest = mine[pk][0] if mine[pk] else None
    return sorted(found.values(), key=lambda load: (load.officer is None, -load.late, -load.waiting, str(load.officer)))
