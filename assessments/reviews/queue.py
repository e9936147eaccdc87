"""The supervisors' queue: what is open, whose part it is, and what is overdue or returned."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Case, Count, DecimalField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import timezone

from assessments.access import visible_assessments, visible_rounds
from assessments.models import (
    Assessment,
    Comment,
    Correction,
    Review,
    Round,
    RoundState,
)
from assessments.models.assessments import CATEGORY, FILES_UNTIL, NAME_SORT, OFFICER_NAME
from assessments.rounds.ordering import grade_place, missed_count
from assessments.workflow import TRANSITIONS, Transition
from assessments.workflow.duties import ASSIGNED, GUARD_OF
from banks.models import User
from banks.services.stand_ins import stands_in_for
from scorecard.access.roles import BANK_ROLES, Role

SUPERVISORS = frozenset(Role) - BANK_ROLES
# For whom a case waits: the second reviewer or the decision maker who is assigned while it is theirs, else the officer.
HOLDER = Case(
    When(review_state=Review.SECOND, then=F("second_reviewer")),
    When(review_state__in=(Review.DECISION, Review.DECIDED), then=F("decision_maker")),
    When(correction_state__in=(Correction.LODGED, Correction.DECISION, Correction.DECIDED), then=F("decision_maker")),
    default=F("officer"),
)


def waits_for(roles: Iterable[str]) -> Q:
    """Where one of these roles has a step to take for the supervisor: its own part of the queue.

    Read from the workflow table, so that a change of the table changes the queue. Nobody waits for a step that is taken
    of one's own motion.
    """
    return _where(frozenset(roles), lambda row: Q())


def _where(held: frozenset[str], whose: Callable[[Transition], Q]) -> Q:
    found = Q(pk__in=[])
    for row in TRANSITIONS.values():
        # A filing that never came is no part of the queue: ``not_filed``.
        if not (row.by_bank() or row.own_motion or row.review[0] == Review.NONE or row.roles.isdisjoint(held)):
            found |= row.where() & whose(row)
    return found


def own_or_nobodys(role: str, mine: Collection[int]) -> Q:
    """Where one of these people is assigned in this role, or nobody is."""
    field = ASSIGNED[role]
    return Q(**{f"{field}__in": mine}) | Q(**{field: None})


def in_hand(actor: User) -> QuerySet[Assessment]:
    """Every submitted assessment that the actor may see and that some supervisor's step leads on from: what is to be
    decided by the nearest deadline first, then what is decided and waits to be sent.

    One query with all that a list shows; whoever sorts by points sorts by numbers.
    """
    number = DecimalField(max_digits=12, decimal_places=4)
    return (
        visible_assessments(actor)
        .taking_part()
        .filter(waits_for(SUPERVISORS))
        .select_related("bank", "round", "round__rulebook", "officer", "version", "system_run", "reviewed_run")
        .select_related("second_reviewer", "decision_maker")
        .defer(
            "system_run__stored",
            "system_run__array",
            "system_run__inputs",
            "reviewed_run__stored",
            "reviewed_run__array",
            "reviewed_run__inputs",
            "version__facts",
            "version__history",
            "version__answers",
            "version__report",
            "version__explanations",
            "round__rulebook__content",
        )
        .annotate(
            said_category=CATEGORY,
            said_sort=NAME_SORT,
            said_officer=OFFICER_NAME,
            self_sort=Cast(NullIf(F("version__self_total"), Value("")), number),
            system_sort=F("system_run__total_sort"),
            reviewed_sort=F("reviewed_run__total_sort"),
            awaited_sort=Cast(Coalesce("reviewed_run__pending", "system_run__pending"), number),
            targets_now=Coalesce("reviewed_run__targets", "system_run__targets", Value("")),
        )
        .annotate(missed_sort=missed_count(F("targets_now")))
        .annotate(settled=Case(When(_settled(), correction_state=Correction.NONE, then=Value(1)), default=Value(0)))
        .order_by("settled", "round__review_deadline", "version__submitted_at", "pk")
    )


def by_grade(queue: QuerySet[Assessment], actor: User) -> QuerySet[Assessment]:
    """The same with the place of the grade, for a list that sorts by it: this reads the rounds."""
    rounds = visible_rounds(actor).select_related("rulebook").defer("rulebook__content")
    return queue.annotate(grade_sort=grade_place(rounds, Coalesce("reviewed_run__grade", "system_run__grade")))


def _settled() -> Q:
    """Where the rating is decided."""
    names = ("decide", "issue_notice", "acknowledge")
    return Q(review_state__in=[str(row.review[1]) for row in TRANSITIONS.values() if row.name in names])


def own_work(actor: User) -> QuerySet[Assessment]:
    """The part of the queue that waits for one of the actor's roles, without the cases in which the actor may not act.

    The cases to which the actor is assigned, those of people for whom the actor stands in today, and those nobody has;
    a second reviewer's and a decision maker's without those in which they took an earlier part (docs/workflow.md,
    Roles).
    """
    mine_first = Case(When(officer=actor, then=Value(0)), default=Value(1))
    rows = own_part(in_hand(actor), actor).annotate(mine_first=mine_first)
    order = ("settled", "round__review_deadline", "mine_first", "version__submitted_at", "pk")  # of in_hand()
    return rows.order_by(*order)


def own_part(queue: QuerySet[Assessment], actor: User) -> QuerySet[Assessment]:
    """Of these assessments, the ones that wait for the actor; see ``own_work``."""
    condition = Q(pk__in=[])
    mine = [actor.pk, *stands_in_for(actor, timezone.localdate())]
    for role in sorted(actor.roles & set(ASSIGNED)):

        def whose(row: Transition, role: str = role) -> Q:
            return own_or_nobodys(role, mine) if GUARD_OF[role] in row.guards else Q()

        part = _where(frozenset({role}), whose)
        if role == Role.CASE_OFFICER:
            condition |= part
        elif role == Role.SECOND_REVIEWER:
            condition |= part & ~Q(officer=actor) & ~Q(reviewed_by=actor)
        elif role == Role.DECISION_MAKER:
            condition |= part & ~Q(officer=actor) & ~Q(reviewed_by=actor) & ~Q(second_by=actor)
    # NULL officers: a negated comparison with NULL excludes nothing here, Django adds the IS NOT NULL itself.
    return queue.filter(condition)


def overdue(queue: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """Of these, the ones whose review deadline is over and that are not decided yet, in open rounds."""
    return queue.filter(_overdue())


def _overdue() -> Q:
    return Q(round__review_deadline__lt=timezone.now(), round__state=RoundState.OPEN) & ~_settled()


@dataclass(frozen=True)
class StageCounts:
    """How many assessments of open rounds stand in each state of the review and of the correction, and how many of the
    queue are ``overdue``.
    """

    reviews: Counter[str] = field(default_factory=Counter)
    corrections: Counter[str] = field(default_factory=Counter)
    overdue: int = 0


def stage_counts(actor: User) -> StageCounts:
    """The open rounds in numbers. One query."""
    rows = visible_assessments(actor).taking_part().filter(round__state=RoundState.OPEN).order_by()
    late = Count("pk", filter=waits_for(SUPERVISORS) & _overdue())
    reviews, corrections, overdue_ones = Counter[str](), Counter[str](), 0
    for review, correction, count, behind in rows.values_list("review_state", "correction_state").annotate(
        n=Count("pk"), late=late
    ):
        reviews[review] += count
        corrections[correction] += count
        overdue_ones += behind
    return StageCounts(reviews, corrections, overdue_ones)


def open_rounds(actor: User) -> list[Round]:
    """The rounds that are open, the one with the nearest review deadline first."""
    return list(visible_rounds(actor).filter(state=RoundState.OPEN).order_by("review_deadline"))


def returned(actor: User) -> QuerySet[Assessment]:
    """Filings of the actor that are back with the bank for correction, the nearest day for the resubmission first."""
    rows = (
        visible_assessments(actor)
        .taking_part()
        .filter(officer=actor, returned_at__isnull=False, review_state=Review.NONE)
    )
    return (
        rows.filter(round__state=RoundState.OPEN)
        .select_related("bank", "round", "version")
        .annotate(until=FILES_UNTIL)
        .order_by("until", "pk")
    )


def not_filed(actor: User) -> QuerySet[Assessment]:
    """Cases of the actor in which nothing came until the bank's day: to be rated as such, or given a later day."""
    rows = visible_assessments(actor).taking_part().filter(officer=actor, review_state=Review.NONE, version=None)
    return (
        rows.filter(round__state=RoundState.OPEN)
        .annotate(until=FILES_UNTIL)
        .filter(until__lt=timezone.now())
        .select_related("bank", "round")
        .order_by("until", "pk")
    )


def unread_answers(actor: User) -> QuerySet[Comment]:
    """The banks' answers and questions in the actor's cases to which no supervisor has answered since, the newest
    first."""
    later = Comment.objects.filter(assessment=OuterRef("assessment"), pk__gt=OuterRef("pk"), author__bank=None)
    return (
        Comment.objects.filter(
            assessment__in=visible_assessments(actor).taking_part().filter(officer=actor), author__bank__isnull=False
        )
        .filter(~Exists(later), assessment__round__state=RoundState.OPEN, inside=False)
        .select_related("assessment__bank", "author")
        .order_by("-id")
    )
