"""Movement between two rounds: from grade to grade, who entered and left; and how the sections went over the rounds.

Only decided grades count: a proposed one is no grade yet. Counts are made in the database; names are read as far as a
page shows them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet

from assessments.access import visible_assessments, visible_rounds
from assessments.models import Assessment, Round, RoundSnapshot, RoundState
from assessments.models.assessments import NAME_SORT, TakingPart
from assessments.rounds.selectors import SAID_COLUMNS
from assessments.rulebooks.cache import engine_rulebook
from banks.models import User
from scorecard.engine.values.rational import Fraction
from scorecard.words.language import in_language

# So many names a page has of a list; the file has all of them.
NAMED = 25
# So many rounds back a trend goes.
ROUNDS = 10
PAIR = ("grade_before", "grade_now")
DECIDED = {"rating__grade__gt": ""}


def earlier_rounds(actor: User, round_: Round) -> Sequence[Round]:
    """The rounds that a round can be compared with, the newest first: those of earlier years that were opened."""
    rows = visible_rounds(actor).filter(year__lt=round_.year).exclude(state=RoundState.PLANNED)
    return list(rows.select_related("rulebook").defer("rulebook__content").order_by("-year", "-pk")[:ROUNDS])


def _rated(actor: User, now: Round, before: Round) -> TakingPart:
    """The banks with a decided grade in both rounds, each with both: one join, which the database hashes, and no
    question for each bank.
    """
    earlier = visible_assessments(actor).taking_part().filter(round=before, **DECIDED)
    both = visible_assessments(actor).taking_part().filter(round=now, **DECIDED).filter(bank__assessments__in=earlier)
    return both.annotate(grade_now=F("rating__grade"), grade_before=F("bank__assessments__rating__grade"))


def matrix(actor: User, now: Round, before: Round) -> dict[tuple[str, str], int]:
    """(grade before, grade now) → banks rated in both. One query, one row for each pair."""
    rows = _rated(actor, now, before).order_by().values(*PAIR)
    return {(row["grade_before"], row["grade_now"]): row["banks"] for row in rows.annotate(banks=Count("pk"))}


def _others(actor: User, of: Round, other: Round) -> Exists:
    return Exists(visible_assessments(actor).taking_part().filter(round=other, bank=OuterRef("bank")))


def one_sided(actor: User, of: Round, other: Round) -> QuerySet[Assessment]:
    """The banks that take part in one round and not in the other, by name."""
    return _named(visible_assessments(actor).taking_part().filter(~_others(actor, of, other), round=of))


def unrated(actor: User, now: Round, before: Round, rated: int) -> int:
    """How many banks take part in both rounds and have no decided grade in one of them; ``rated`` have one in both."""
    both = visible_assessments(actor).taking_part().filter(_others(actor, now, before), round=now).count()
    return both - rated


def moved(actor: User, now: Round, before: Round, pair: tuple[str, str]) -> QuerySet[Assessment]:
    """The banks that went from one grade to another, by name."""
    return _named(_rated(actor, now, before).filter(**dict(zip(PAIR, pair, strict=True))))


def _named(rows: TakingPart) -> QuerySet[Assessment]:
    columns = ("bank__code", "bank__name_zh", "bank__name_en", "bank__category", "bank__entity_kind")
    return (
        rows.select_related("bank")
        .only("round_id", *SAID_COLUMNS, *columns)
        .annotate(by_name=NAME_SORT)
        .order_by(*("by_name", "pk"))
    )


@dataclass(frozen=True)
class Course:
    """A section over the rounds: share of its most points, None where a round has none. The oldest round first."""

    id: str
    name: str
    basis: str
    low: Sequence[Fraction | None]
    median: Sequence[Fraction | None]
    high: Sequence[Fraction | None]


def courses(actor: User, round_: Round) -> tuple[Sequence[Round], Sequence[Course]]:
    """The rounds up to this one that have kept figures, and the top sections of this round's rulebook over them.

    A section of an earlier round is the same where id and name are; the figures are those of finished totals, kept when
    the round was last scored or closed. Three queries, whatever the number of banks.
    """
    rounds = [*reversed(earlier_rounds(actor, round_)), round_]
    newest = RoundSnapshot.objects.filter(round__in=rounds).order_by().values("round").annotate(newest=Max("pk"))
    rows = RoundSnapshot.objects.filter(pk__in=[row["newest"] for row in newest])
    kept: dict[int, dict[str, Any]] = {
        pk: found for pk, found in rows.values_list("round_id", "content__sections") if found
    }
    shown = [one for one in rounds if one.pk in kept]
    found = []
    for section in engine_rulebook(round_.rulebook).top_sections:
        values = [
            kept[one.pk].get(section.id, {})
            if (spec := engine_rulebook(one.rulebook).sections.get(section.id)) is not None
            and spec.name == section.name
            else {}
            for one in shown
        ]
        if any(values) and section.max > 0:
            parts = [[_share(one, key) for one in values] for key in ("low_quarter", "median", "high_quarter")]
            found.append(Course(section.id, in_language(section.name), section.basis, *parts))
    return shown, found


def _share(kept: dict[str, str], key: str) -> Fraction | None:
    return Fraction(kept[key]) / Fraction(kept["max"]) if key in kept and Fraction(kept["max"]) else None
