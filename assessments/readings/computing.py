"""Working out standings of confirmed readings, and telling people of warnings."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Reading, ReadingPeriod, ReadingStanding
from assessments.readings.figures import values_of
from assessments.readings.goals import goals, in_force
from assessments.readings.history import bases_at_year_end, courses_of, year_ends
from assessments.readings.selectors import get_period, latest, year_before
from assessments.readings.standing import Known, standing_of
from assessments.rulebooks.cache import engine_rulebook
from banks.models import Bank, User
from scorecard.access.decisions import Refused
from scorecard.access.roles import REVIEW_ROLES
from scorecard.access.row_security import unbound
from scorecard.audit.seals import Rows
from scorecard.audit.services import record
from scorecard.inbox.services import tell_many

WARNED = "assessments.reading_warned"


def stand(period: ReadingPeriod, readings: Sequence[Reading]) -> list[ReadingStanding]:
    """Work out and write the standings of these confirmed readings of one period, and write that their banks and case
    officers are to be told of warnings. The caller seals the rows in its event.

    The history is read past the bond of a bank's session: nothing of it but the bank's own standing is kept.
    """
    if not readings:
        return []
    rulebook = engine_rulebook(period.rulebook)
    ids = [row.bank_id for row in readings]
    with unbound():
        courses = courses_of(period)
        followed = in_force(period.year)
        goal_courses = courses_of(period, goals()) if followed else []
        goal_ends = year_ends(goals(), ids, [period.year - 1]) if followed else {}
        ends = year_ends(rulebook, ids, [period.year - 1])
        before = year_before(period, ids)
        missed = _missed_before(period, ids)
        banks = {bank.pk: bank for bank in Bank.objects.filter(pk__in=ids)}
        numbers = dict(
            ReadingStanding.objects.filter(reading__in=[row.pk for row in readings])
            .order_by("number")
            .values_list("reading", "number")
        )
    made = []
    for row in readings:
        now = values_of(rulebook, row.facts)
        last = before.get(row.bank_id)
        known = Known(
            month=period.month,
            category=banks[row.bank_id].category,
            now=now,
            base=bases_at_year_end(rulebook, ends.get((row.bank_id, period.year - 1), {}), now),
            last_year=values_of(rulebook, last.facts) if last is not None else {},
            before=missed.get(row.bank_id, {}),
            courses=courses,
            goal_base=bases_at_year_end(goals(), goal_ends.get((row.bank_id, period.year - 1), {}), now),
            goal_courses=goal_courses,
        )
        content = standing_of(rulebook, known)
        warned = content["warnings"]
        made.append(
            ReadingStanding(
                reading=row,
                number=numbers.get(row.pk, 0) + 1,
                content=content,
                missed=sum(one["day"]["counts_as_missed"] for one in content["targets"].values()),
                warnings=len(warned),
                serious=sum(one["severity"] == "error" for one in warned),
                computed_at=timezone.now(),
            )
        )
    kept = ReadingStanding.objects.bulk_create(made, batch_size=500)
    _tell(period, kept, banks)
    return kept


def _missed_before(period: ReadingPeriod, bank_ids: Sequence[int]) -> dict[int, dict[str, bool]]:
    """By bank, whether each target was missed at the last reading before in the same year. Two queries."""
    rows = Reading.objects.filter(period__year=period.year, period__month__lt=period.month, bank__in=bank_ids)
    newest: dict[int, int] = {}
    for row in latest(rows.select_related("period")).order_by("period__month"):
        newest[row.bank_id] = row.pk
    found: dict[int, dict[str, bool]] = {}
    standings = ReadingStanding.objects.filter(reading__in=newest.values()).select_related("reading")
    for one in standings.order_by("number"):
        targets = one.content["targets"]
        found[one.reading.bank_id] = {id: each["day"]["counts_as_missed"] for id, each in targets.items()}
    return found


def _tell(period: ReadingPeriod, standings: Sequence[ReadingStanding], banks: dict[int, Bank]) -> None:
    """One reminder for each reading with warnings: the bank is told of those that it reads, the officer of all."""
    rows: list[Any] = []
    for one in standings:
        if not one.warnings:
            continue
        bank = banks[one.reading.bank_id]
        data = {
            "period": period.pk,
            "year": period.year,
            "month": period.month,
            "kind": period.kind,
            "bank_id": bank.pk,
            "bank": {"zh": bank.name_zh, "en": bank.name_en},
            "own": sum(each["bank_reads"] for each in one.content["warnings"]),
            "all": one.warnings,
        }
        rows.append((WARNED, f"reading_warned:{one.reading_id}", one.computed_at, bank.pk, data))
    tell_many(rows)


@transaction.atomic
def compute_again(*, actor: User, period_id: int) -> int:
    """Work out the standings of every reading of a period once more: a filing of last year may have been signed since.
    Returns how many.
    """
    period = get_period(actor, period_id)
    if not actor.holds(*REVIEW_ROLES):
        raise Refused([_("Only a supervisor has standings computed again.")])
    list(ReadingPeriod.objects.select_for_update().filter(pk=period.pk))
    readings = list(latest(Reading.objects.filter(period=period)))
    made = stand(period, readings)
    data = {"period": period.pk, "readings": len(made)}
    seals = [Rows(ReadingStanding, [row.pk for row in made])]
    record("assessments.reading.computed", actor=actor, target=period, data=data, seals=seals)
    return len(made)
