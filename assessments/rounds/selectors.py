"""Reads of rounds: the bank list with where each filing stands, counts by stage, ranks, the newest figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, NullIf

from assessments.access import visible_assessments, visible_rounds, visible_standings
from assessments.models import (
    Assessment,
    Filing,
    Measure,
    MeasureState,
    ParticipantChange,
    Ranking,
    Review,
    Round,
    RoundSnapshot,
    RoundState,
    RulebookVersion,
)
from assessments.models.assessments import CATEGORY, NAME_SORT, NAME_ZH, OFFICER_NAME, within_head
from assessments.rounds.ordering import grade_place, missed_count
from assessments.rulebooks.cache import engine_rulebooks
from banks.access import on_register_today, visible_banks
from banks.models import RoleGrant, User
from scorecard.access.roles import BANK_ROLES
from scorecard.engine import Rulebook

# Where a case stands, as one word for lists: the bank's state until it has submitted, then the supervisor's.
RETURNED = "returned"
TAKEN_OUT = "taken_out"
NOT_SUBMITTED = "not_submitted"  # what a closed round says of a filing that never came
NOT_AGAIN = "not_again"  # and of one that was returned and did not come again
STAGES: dict[str, Any] = {
    Filing.PREPARING.value: Filing.PREPARING.label,
    **dict.fromkeys((RETURNED, NOT_SUBMITTED, NOT_AGAIN)),  # ``stage_words`` has theirs and TAKEN_OUT's: no model has
    Filing.CHECKING.value: Filing.CHECKING.label,
    Filing.SIGNING.value: Filing.SIGNING.label,
    Filing.NOT_FILED.value: Filing.NOT_FILED.label,
    **{state.value: state.label for state in Review if state != Review.NONE},
    TAKEN_OUT: None,
}


# What the round says of a bank, for sorting and filtering, and the columns that ``Assessment`` says it from.
SAID = {"said_name": NAME_ZH, "said_sort": NAME_SORT, "said_category": CATEGORY, "said_officer": OFFICER_NAME}
SAID_COLUMNS = ("taken_out_at", "leaving", "kept_name_zh", "kept_name_en", "kept_category", "kept_kind", "kept_officer")


def stage() -> Case:
    """The stage as a column: ``STAGES`` gives its words. A returned filing that is being corrected is told apart."""
    return Case(
        When(taken_out_at__isnull=False, then=Value(TAKEN_OUT)),
        When(~Q(review_state=Review.NONE), then=F("review_state")),
        When(round__state=RoundState.CLOSED, version__isnull=True, then=Value(NOT_SUBMITTED)),
        When(round__state=RoundState.CLOSED, then=Value(NOT_AGAIN)),
        When(filing_state=Filing.PREPARING, version__isnull=False, then=Value(RETURNED)),
        default=F("filing_state"),
        output_field=CharField(),
    )


# What the list of the banks shows of an assessment; large columns stay unread.
STANDING_COLUMNS = (
    "round__state",
    *SAID_COLUMNS,
    "filing_state",
    "review_state",
    "correction_state",
    "due_at",
    "bank__code",
    "bank__name_zh",
    "bank__name_en",
    "bank__category",
    "bank__entity_kind",
    "officer__name",
    "officer__username",
    "version__number",
    "version__submitted_at",
)
# What the list of results shows beside it.
RESULT_COLUMNS = (
    *STANDING_COLUMNS,
    "version__self_total",
    "system_run__total",
    "system_run__array",
    "system_run__pending",
    "system_run__grade",
    "system_run__grade_before",
    "reviewed_run__total",
    "reviewed_run__array",
    "reviewed_run__pending",
    "reviewed_run__grade",
    "reviewed_run__grade_before",
    "rating__grade",
    "rating__decided_at",
)


def round_standings(actor: User, round_: Round) -> QuerySet[Assessment]:
    """The banks of a round with where each stands, and nothing else: no figure, no answer, no score."""
    return (
        visible_standings(actor)
        .filter(round=round_)
        .annotate(stage=stage(), within_head=within_head(), **SAID)
        .select_related("bank", "officer", "version", "round")
        .only(*STANDING_COLUMNS)
        .order_by("bank__code", "pk")
    )


def round_results(actor: User, round_: Round) -> QuerySet[Assessment]:
    """The banks of a round with stage, points, targets, grade and rank, in one query; large columns stay unread.

    ``counted`` is the run that counts: the reviewed one, else the system's. ``grade_now`` is the decided grade, else
    that run's, and none while that run awaits points. The rank is the newest frozen one; ``rank_run`` tells whether it
    depends on the run that counts now.
    """
    newest = Ranking.objects.filter(assessment=OuterRef("pk")).order_by("-id")
    points = DecimalField(max_digits=9, decimal_places=4)
    return (
        visible_assessments(actor)
        .filter(round=round_)
        .annotate(
            stage=stage(),
            within_head=within_head(),
            **SAID,
            self_sort=Cast(NullIf(F("version__self_total"), Value("")), points),
            counted=Coalesce("reviewed_run_id", "system_run_id"),
            counted_sort=Coalesce("reviewed_run__total_sort", "system_run__total_sort"),
            targets_now=Coalesce("reviewed_run__targets", "system_run__targets", Value("")),
            awaited_sort=Cast(Coalesce("reviewed_run__pending", "system_run__pending"), points),
            missed_sort=missed_count(F("targets_now")),
            grade_now=Case(
                When(rating__grade__gt="", then=F("rating__grade")),
                When(awaited_sort=0, then=Coalesce("reviewed_run__grade", "system_run__grade")),
                default=Value(""),
            ),
            grade_sort=grade_place([round_], F("grade_now")),
            declined=_required_declined(),
            rank=Subquery(newest.values("rank")[:1]),
            rank_of=Subquery(newest.values("of")[:1]),
            rank_run=Subquery(newest.values("run")[:1]),
            percentile=Subquery(newest.values("percentile")[:1]),
            percentile_sort=Cast(Subquery(newest.values("percentile")[:1]), points),
        )
        .select_related("round", "bank", "officer", "version", "system_run", "reviewed_run", "rating")
        .only(*RESULT_COLUMNS)
        .order_by("bank__code", "pk")
    )


def _required_declined() -> Any:
    """How many measures that the clause requires were declined (``decisions.measures.is_required``)."""
    declined = Measure.objects.filter(
        rating=OuterRef("rating"), state=MeasureState.DECLINED, proposal__case_by_case=False
    )
    counted = declined.order_by().values("rating").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


@dataclass(frozen=True)
class Progress:
    """How far a round is, in numbers of banks."""

    banks: int
    filing: int
    submitted: int
    review: int
    decided: int
    told: int
    without_officer: int


def round_progress(actor: User, round_: Round) -> Progress:
    """Counts by stage in one query."""
    counted = (
        visible_standings(actor)
        .taking_part()
        .filter(round=round_)
        .aggregate(
            banks=Count("pk"),
            filing=Count("pk", filter=Q(review_state=Review.NONE)),
            submitted=Count("pk", filter=Q(version__isnull=False)),
            review=Count(
                "pk", filter=Q(review_state__in=[Review.WAITING, Review.FIRST, Review.SECOND, Review.DECISION])
            ),
            decided=Count("pk", filter=Q(review_state=Review.DECIDED)),
            told=Count("pk", filter=Q(review_state__in=[Review.NOTIFIED, Review.ACKNOWLEDGED])),
            without_officer=Count("pk", filter=Q(officer__isnull=True)),
        )
    )
    return Progress(**counted)


def rounds_with_counts(actor: User) -> QuerySet[Round]:
    """The rounds that somebody may see, each with how many banks take part and how many have submitted."""
    here, told = Q(assessments__taken_out_at=None), [Review.NOTIFIED, Review.ACKNOWLEDGED]
    return (
        visible_rounds(actor)
        .select_related("rulebook")
        .annotate(
            banks=Count("assessments", filter=here),
            submitted=Count("assessments", filter=here & Q(assessments__version__isnull=False)),
            told=Count("assessments", filter=here & Q(assessments__review_state__in=told)),
        )
        .order_by("-year", "-pk")
    )


def participant_changes(actor: User, round_: Round) -> QuerySet[ParticipantChange]:
    """The banks taken out of the round and added to it after its opening, the newest first."""
    return (
        ParticipantChange.objects.filter(round=round_, assessment__in=visible_standings(actor))
        .select_related("assessment__bank__successor", "actor")
        .order_by("-pk")
    )


def newest_snapshot(round_: Round, kind: str = "") -> RoundSnapshot | None:
    """The newest figures of a round, for whoever may see the round's results; with ``kind`` those of the institutions
    of that kind alone, None where they were computed before kinds were told apart.
    """
    found = RoundSnapshot.objects.filter(round=round_).order_by("-id").first()
    if found is None or not kind:
        return found
    content = found.content.get("kinds", {}).get(kind)
    return None if content is None else RoundSnapshot(round=round_, made_at=found.made_at, content=content)


def published_rulebooks(actor: User) -> QuerySet[RulebookVersion]:
    """Every published version, without its content: rulebooks are for everybody who is signed in."""
    if not actor.roles:
        return RulebookVersion.objects.none()
    return RulebookVersion.objects.defer("content").select_related("published_by").annotate(used=Count("rounds"))


def without_schemes(versions: QuerySet[RulebookVersion]) -> QuerySet[RulebookVersion]:
    """Those of the versions that banks can be assessed under: a scheme estimates amounts and grades nobody's year."""
    rows = list(versions.defer("content"))
    books = engine_rulebooks(rows)
    return versions.exclude(pk__in=[row.pk for row in rows if books[row.hash].estimates])


def former_versions(versions: Iterable[RulebookVersion], books: Mapping[str, Rulebook]) -> dict[int, RulebookVersion]:
    """Version → the one that it follows: what it says it is a change of (``extends``), else the version of the same
    method that was published before it. ``books`` are their parsed rulebooks by hash."""
    newest: dict[str, RulebookVersion] = {}
    found: dict[int, RulebookVersion] = {}
    ordered = sorted(versions, key=lambda row: (row.published_at, row.pk))
    named = {row.name: row for row in ordered}
    for row in ordered:
        extends = books[row.hash].extends
        former = named.get(extends.rulebook) if extends is not None else None
        former = former or newest.get(row.code)
        if former is not None:
            found[row.pk] = former
        newest[row.code] = row
    return found


def former_round(actor: User, round_: Round) -> Round | None:
    """The newest round of an earlier year that the actor may see, None where there is none."""
    earlier = visible_rounds(actor).filter(year__lt=round_.year).exclude(pk=round_.pk)
    return earlier.select_related("rulebook").defer("rulebook__content").order_by("-year", "-pk").first()


@dataclass(frozen=True)
class RegisterCounts:
    """How many banks the register has; how many on it today have no case officer who could take their case; and how
    many of open rounds lack an active preparer, reviewer or signatory, so that they cannot submit.
    """

    banks: int
    without_officer: int
    without_people: int


def register_counts(actor: User) -> RegisterCounts:
    """The register in numbers. One query."""
    held = RoleGrant.objects.filter(user__is_active=True, user__bank=OuterRef("pk"))
    complete = Q()
    for role in sorted(BANK_ROLES):
        complete &= Q(Exists(held.filter(role=role)))
    taking_part = visible_standings(actor).taking_part().filter(round__state="open").values("bank")
    counted = visible_banks(actor).aggregate(
        banks=Count("pk"),
        without_officer=Count("pk", filter=on_register_today() & Q(case_officer__isnull=True)),
        without_people=Count("pk", filter=Q(pk__in=taking_part) & ~complete),
    )
    return RegisterCounts(**counted)


def points(text: str) -> Decimal | None:
    """Points as kept, exact text, as a number; None where there are none."""
    return Decimal(text) if text else None
