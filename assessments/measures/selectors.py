"""What the register reads. Whose entries somebody sees follows from whose cases they see."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import timezone

from assessments.access import get_assessment, visible_assessments
from assessments.models import (
    OWED,
    LiveMeasure,
    LiveState,
    Notice,
    Obligation,
    ObligationFiling,
    ObligationState,
    Round,
    binds_on,
)
from assessments.rulebooks.cache import engine_rulebooks
from banks.models import User
from scorecard.access.decisions import Hidden
from scorecard.access.row_security import unbound

OVERDUE = "overdue"


def visible_measures(actor: User, today: date | None = None) -> QuerySet[Any]:
    """The entries of the cases that the actor may see, the newest first, each with ``shown_state``, ``is_overdue`` and
    ``next_day``: the first day on which something is due while it binds.
    """
    day = today or timezone.localdate()
    owed = Obligation.objects.filter(live=OuterRef("pk"), state__in=OWED)
    first = owed.order_by().values("live").annotate(first=Min("due_on")).values("first")
    binding = binds_on(day)
    late = binding & (Q(Exists(owed.filter(due_on__lt=day))) | Q(state=LiveState.RUNNING, due_on__lt=day))
    return (
        LiveMeasure.objects.filter(assessment__in=visible_assessments(actor))
        .select_related("measure", "owner", "assessment__bank", "assessment__round__rulebook")
        .defer("assessment__round__rulebook__content")
        .annotate(
            shown_state=Case(
                When(Q(state__in=(LiveState.UNSET, LiveState.RUNNING)) & ~binding, then=Value(str(LiveState.ENDED))),
                default=F("state"),
            ),
            is_overdue=Case(When(late, then=Value(True)), default=Value(False), output_field=BooleanField()),
            next_day=Case(When(binding, then=Coalesce(Subquery(first), F("due_on"))), output_field=DateField()),
        )
        .order_by("-pk")
    )


def waiting_for_the_owner(rows: QuerySet[Any], today: date | None = None) -> QuerySet[Any]:
    """Of these, those on which the owner has something to do: days to be set, a filing to look at, or nothing owed any
    more, so that it can be found fulfilled; one under which nothing was owed waits from its due day on.
    """
    return rows.filter(_waits(today or timezone.localdate()))


def _waits(day: date) -> Q:
    mine = Obligation.objects.filter(live=OuterRef("pk"))
    waiting = (
        Q(state=LiveState.UNSET)
        | Q(Exists(mine.filter(state=ObligationState.FILED)))
        | (Q(Exists(mine)) & ~Q(Exists(mine.exclude(state=ObligationState.ACCEPTED))))
        | (~Q(Exists(mine)) & Q(due_on__lte=day))
    )
    return binds_on(day) & waiting


def get_live(actor: User, pk: int, *, lock: bool = False) -> LiveMeasure:
    """One entry, or 404: ``Hidden`` for another bank's. ``lock`` locks its case and itself for the transaction."""
    with unbound():  # whose it is decides ``get_assessment``, which records what another bank asked for
        case = LiveMeasure.objects.filter(pk=pk).values_list("assessment", flat=True).first()
    if case is None:
        raise Http404
    assessment = get_assessment(actor, case, lock=lock)
    rows = LiveMeasure.objects.select_related("measure__rating", "owner")
    if lock:
        rows = rows.select_for_update(of=("self",))
    live = rows.get(pk=pk)
    live.assessment = assessment
    return live


def get_obligation(live: LiveMeasure, pk: int) -> Obligation:
    """One obligation of an entry that an access function has given."""
    found = live.obligations.filter(pk=pk).first()
    if found is None:
        raise Hidden
    found.live = live
    return found


def visible_obligation(actor: User, pk: int, *, lock: bool = False) -> Obligation:
    """One obligation by its own id, or 404 for another bank's."""
    with unbound():
        live = Obligation.objects.filter(pk=pk).values_list("live", flat=True).first()
    if live is None:
        raise Http404
    return get_obligation(get_live(actor, live, lock=lock), pk)


def filing_in_hand(obligation: Obligation | None) -> ObligationFiling | None:
    """What the bank is writing for an obligation, or what it filed last; None where there is nothing, and where the
    last filing was returned and no new one is begun.
    """
    if obligation is None:
        return None
    last = obligation.filings.select_related("saved_by", "filed_by", "decided_by").order_by("-number").first()
    if last is not None and last.outcome and obligation.state in OWED:
        return None
    return last


def notice_of(live: LiveMeasure) -> Notice:
    """The notice under which an entry stands."""
    return Notice.objects.get(rating=live.measure.rating_id)


def due_obligations(until: date, today: date | None = None) -> QuerySet[Obligation]:
    """What banks still owe by a day, the oldest first, of measures that bind; reminders are built on it."""
    day = today or timezone.localdate()
    return (
        Obligation.objects.filter(binds_on(day, "live__"), state__in=OWED, due_on__lte=until)
        .select_related("live__measure", "live__assessment__bank", "live__assessment__round", "live__owner")
        .order_by("due_on", "pk")
    )


def owed_by_bank(actor: User, today: date | None = None) -> list[Obligation]:
    """What the actor's bank still owes, the oldest first, whatever the day."""
    rows = due_obligations(date.max, today).filter(live__assessment__in=visible_assessments(actor))
    return list(rows)


def home_counts(actor: User, today: date | None = None) -> tuple[int, int, int]:
    """Of the measures that the actor sees: own ones to act on, own ones overdue, all that are overdue. One query."""
    own, late = Q(owner=actor), Q(is_overdue=True)
    found = (
        visible_measures(actor, today)
        .order_by()
        .aggregate(
            act=Count("pk", filter=own & _waits(today or timezone.localdate())),
            late=Count("pk", filter=own & late),
            every=Count("pk", filter=late),
        )
    )
    return found["act"], found["late"], found["every"]


@dataclass(frozen=True)
class RoundCounts:
    """A round with how many of its entries are in each state, in all, and overdue."""

    round: Round
    states: dict[str, int]
    total: int
    overdue: int


def round_counts(rows: QuerySet[Any]) -> list[RoundCounts]:
    """How many entries of each round are in each state; the same rows as a filter of the register gives."""
    found: dict[int, Counter[str]] = {}
    for round_id, state, late in rows.order_by().values_list("assessment__round", "shown_state", "is_overdue"):
        counter = found.setdefault(round_id, Counter())
        counter[state] += 1
        counter[OVERDUE] += bool(late)
    rounds = Round.objects.filter(pk__in=found).order_by("-year", "-pk")
    return [
        RoundCounts(
            round_,
            {str(state): found[round_.pk][str(state)] for state in LiveState},
            sum(found[round_.pk][str(state)] for state in LiveState),
            found[round_.pk][OVERDUE],
        )
        for round_ in rounds
    ]


@dataclass
class Day:
    """One day of the calendar: what is due on it, and which measures end."""

    day: date
    obligations: list[Obligation] = field(default_factory=list)
    due: list[LiveMeasure] = field(default_factory=list)
    ends: list[LiveMeasure] = field(default_factory=list)


def calendar(actor: User, first: date, last: date) -> list[Day]:
    """The days from first to last on which anything is due or ends, of entries that bind or have ended by themselves.
    Two queries.
    """
    days: dict[date, Day] = {}

    def at(day: date) -> Day:
        return days.setdefault(day, Day(day))

    bound = (LiveState.UNSET, LiveState.RUNNING)
    within = (first, last)
    rows = visible_measures(actor).filter(Q(due_on__range=within) | Q(ends_on__range=within), state__in=bound)
    for live in rows.order_by("pk"):
        if live.due_on is not None and first <= live.due_on <= last:
            at(live.due_on).due.append(live)
        if live.ends_on is not None and first <= live.ends_on <= last:
            at(live.ends_on).ends.append(live)
    owed = Obligation.objects.filter(live__assessment__in=visible_assessments(actor), due_on__range=within)
    owed = owed.filter(live__state__in=bound)
    for row in owed.select_related("live__measure", "live__owner", "live__assessment__bank").order_by("pk"):
        at(row.due_on).obligations.append(row)
    return [days[day] for day in sorted(days)]


def tool_names(rows: QuerySet[Any]) -> dict[str, dict[str, str]]:
    """The kinds of measures of these entries, by id, with their names in both languages."""
    pairs = set(rows.order_by().values_list("measure__tool", "assessment__round__rulebook"))
    rounds = Round.objects.filter(rulebook__in={rulebook for _tool, rulebook in pairs}).select_related("rulebook")
    books = engine_rulebooks(_versions(rounds))
    named = {tool: book.tools[tool].name.to_json() for book in books.values() for tool in book.tools}
    return {tool: named.get(tool, {"zh": tool, "en": tool}) for tool in sorted({tool for tool, _book in pairs})}


def _versions(rounds: Iterable[Round]) -> list:  # type: ignore[type-arg]
    return list({round_.rulebook_id: round_.rulebook for round_ in rounds}.values())
