"""Whose readings somebody sees, and what stands of a bank for a period. Every read of a reading starts here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Coalesce
from django.http import Http404

from assessments.models import Reading, ReadingPeriod, ReadingStanding
from banks.models import Bank, User
from scorecard.access.decisions import Hidden
from scorecard.access.roles import READ_ROLES, Role


def visible_readings(actor: User) -> QuerySet[Reading]:
    """A bank's people see their own bank's; reviewers, decision makers and auditors see what was confirmed."""
    if actor.bank_id is not None:
        return Reading.objects.filter(bank=actor.bank_id)
    rows = Reading.objects.filter(confirmed_at__isnull=False)
    return rows if actor.holds(*READ_ROLES) else rows.none()


def visible_periods(actor: User) -> QuerySet[ReadingPeriod]:
    """Every period, for everybody with a role: what is asked for is no secret."""
    if not actor.roles:
        return ReadingPeriod.objects.none()
    return ReadingPeriod.objects.select_related("rulebook", "opened_by").defer("rulebook__content")


def get_period(actor: User, pk: int) -> ReadingPeriod:
    """One period with its rulebook, or 404."""
    rows = ReadingPeriod.objects.select_related("rulebook") if actor.roles else ReadingPeriod.objects.none()
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def expected_on(day: date, prefix: str = "") -> Q:
    """The condition that a bank is expected to file: it is on the register on the last day of the period."""
    last = Q(**{f"{prefix}active_to__isnull": True}) | Q(**{f"{prefix}active_to__gte": day})
    return Q(**{f"{prefix}active_from__lte": day}) & last


def bank_of_period(actor: User, period: ReadingPeriod, pk: int) -> Bank:
    """A bank whose reading the actor may look at: ``Hidden`` for another bank's people, 404 for one that is not
    expected and has filed nothing.
    """
    bank = Bank.objects.filter(pk=pk).select_related("case_officer").first()
    if bank is None:
        raise Http404
    if actor.bank_id is not None and actor.bank_id != bank.pk:
        raise Hidden(bank_id=bank.pk)
    expected = Bank.objects.filter(expected_on(period.ends_on), pk=pk).exists()
    if not expected and not visible_readings(actor).filter(period=period, bank=bank).exists():
        raise Http404
    return bank


def bank_by_code(actor: User, period: ReadingPeriod, code: str) -> Bank:
    """The same by the bank's code."""
    return bank_of_period(actor, period, Bank.objects.filter(code=code).values_list("pk", flat=True).first() or 0)


def latest(rows: QuerySet[Reading]) -> QuerySet[Reading]:
    """Of these readings, the newest confirmed one of each bank and period. Still one query."""
    newest = Window(Max("revision"), partition_by=[F("bank_id"), F("period_id")])
    return rows.filter(confirmed_at__isnull=False).annotate(newest=newest).filter(revision=F("newest"))


def current(period: ReadingPeriod, bank_id: int) -> Reading | None:
    """The newest confirmed reading of a bank. For callers that have found the bank through an access function."""
    rows = Reading.objects.filter(period=period, bank=bank_id, confirmed_at__isnull=False)
    return rows.order_by("-revision").first()


def draft_of(period: ReadingPeriod, bank_id: int) -> Reading | None:
    """The draft of a bank. For callers that have found the bank through an access function."""
    return Reading.objects.filter(period=period, bank=bank_id, confirmed_at=None).first()


def year_before(period: ReadingPeriod, bank_ids: Iterable[int]) -> dict[int, Reading]:
    """By bank, the confirmed reading of the same day a year before. One query."""
    rows = Reading.objects.filter(period__year=period.year - 1, period__month=period.month, bank__in=list(bank_ids))
    return {row.bank_id: row for row in latest(rows)}


def newest_standing(reading: Reading) -> ReadingStanding | None:
    """The standing that counts of a reading that a selector has given."""
    return reading.standings.order_by("-number").first()


NONE, DRAFT, FILED, CORRECTING = "none", "draft", "filed", "correcting"


def state_of(has_draft: bool, confirmed: int) -> str:
    """Where a bank stands: ``confirmed`` is the number of its confirmed revisions."""
    if confirmed:
        return CORRECTING if has_draft else FILED
    return DRAFT if has_draft else NONE


def banks_of(actor: User, period: ReadingPeriod) -> QuerySet[Any]:
    """The banks that are expected, each with ``confirmed`` (how many revisions), ``first_at`` (when the first was
    confirmed) and ``has_draft``. For those who follow every bank: reviewers, decision makers, auditors, administrator.
    """
    if actor.bank_id is not None or not actor.holds(*READ_ROLES, Role.ADMINISTRATOR):
        return Bank.objects.none()
    rows = Reading.objects.filter(period=period, bank=OuterRef("pk"))
    done = rows.filter(confirmed_at__isnull=False)
    counted = done.order_by().values("bank").annotate(n=Count("pk")).values("n")
    stood = ReadingStanding.objects.filter(
        reading__period=period, reading__bank=OuterRef("pk"), reading__confirmed_at__isnull=False
    ).order_by("-reading__revision", "-number")
    if not actor.holds(*READ_ROLES):  # the administrator follows who has filed, and reads no figure
        stood = stood.none()
    return (
        Bank.objects.filter(Q(expected_on(period.ends_on)) | Exists(done))
        .select_related("case_officer")
        .annotate(
            confirmed=Coalesce(Subquery(counted, output_field=IntegerField()), Value(0)),
            first_at=Subquery(done.order_by("revision").values("confirmed_at")[:1]),
            has_draft=Exists(rows.filter(confirmed_at=None)),
            standing=Subquery(stood.values("content")[:1]),
            missed=Subquery(stood.values("missed")[:1]),
            warned=Subquery(stood.values("warnings")[:1]),
            serious=Subquery(stood.values("serious")[:1]),
        )
        .order_by("code")
    )


def periods_with_counts(actor: User) -> QuerySet[Any]:
    """The periods, each with how many banks are expected and have filed (supervisors), or how far the own bank is."""
    rows = visible_periods(actor)
    mine = Reading.objects.filter(period=OuterRef("pk"))
    done = mine.filter(confirmed_at__isnull=False)
    if actor.bank_id is not None:
        own = done.filter(bank=actor.bank_id)
        counted = own.order_by().values("period").annotate(n=Count("pk")).values("n")
        return rows.annotate(
            confirmed=Coalesce(Subquery(counted, output_field=IntegerField()), Value(0)),
            has_draft=Exists(mine.filter(bank=actor.bank_id, confirmed_at=None)),
            first_at=Subquery(own.order_by("revision").values("confirmed_at")[:1]),
        )
    banks = done.order_by().values("period").annotate(n=Count("bank", distinct=True)).values("n")
    return rows.annotate(filed=Coalesce(Subquery(banks, output_field=IntegerField()), Value(0)))


@dataclass(frozen=True)
class Watched:
    """The newest period for which something has come, in numbers: each is that of the rows of its list."""

    period: ReadingPeriod
    mine: int
    mine_serious: int
    warned: int
    serious: int
    not_filed: int


def watched(actor: User) -> Watched | None:
    """How many banks have warnings at the newest period with a confirmed reading, those of the officer's own banks
    beside all; None where nothing has come. Two queries.
    """
    filed = Reading.objects.filter(period=OuterRef("pk"), confirmed_at__isnull=False)
    period = visible_periods(actor).filter(Exists(filed)).order_by("-year", "-month").first()
    if period is None:
        return None
    own = Q(case_officer=actor)
    counts = (
        banks_of(actor, period)
        .order_by()
        .aggregate(
            mine=Count("pk", filter=own & Q(warned__gt=0)),
            mine_serious=Count("pk", filter=own & Q(serious__gt=0)),
            warned_banks=Count("pk", filter=Q(warned__gt=0)),
            serious_banks=Count("pk", filter=Q(serious__gt=0)),
            not_filed=Count("pk", filter=Q(confirmed=0)),
        )
    )
    return Watched(
        period,
        counts["mine"],
        counts["mine_serious"],
        counts["warned_banks"],
        counts["serious_banks"],
        counts["not_filed"],
    )
