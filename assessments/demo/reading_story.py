"""The demonstration's readings: three years of quarters behind, and the running year with banks that have not filed, a
draft that waits, warnings, and a circular on the first quarter.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from assessments.demo import words
from assessments.demo.banks import LEFT, VISITOR, DemoBank
from assessments.demo.calendars import Calendar
from assessments.demo.clock import Clock
from assessments.demo.people import People
from assessments.demo.readings import MONTHS, WATCHED, reading_of
from assessments.demo.tech import on_day, year_ends
from assessments.models import PeriodKind, Reading, ReadingPeriod, ReadingSource, ReadingStanding, RulebookVersion
from assessments.readings.circulars import issue_circular, open_copy
from assessments.readings.computing import stand
from assessments.readings.services import confirm_reading, freeze, open_period, save_reading
from banks.models import Bank
from scorecard.audit.seals import Rows
from scorecard.audit.services import record

WAITS, SILENT = "DC04", ("DV06", "DF06")  # a draft that nobody has confirmed; banks that have not filed
NOTE = "户数按新口径统计，已核对。"
QUARTER = timedelta(days=50)  # between two periods of a year that was told before its round opened
APART = timedelta(days=10)  # at least so long after what was told before


def tell_year(
    people: People,
    banks: Sequence[DemoBank],
    rows: Mapping[str, Bank],
    rulebook: RulebookVersion,
    calendar: Calendar,
    clock: Clock,
) -> None:
    """The quarters of a year that is assessed afterwards: each was opened in its turn before the round of that year."""
    for left, month in zip(range(len(MONTHS), 0, -1), MONTHS, strict=True):
        clock.reach(max(calendar.opens - left * QUARTER, clock.moment + APART))
        period = _open(people, rulebook, calendar.year, month)
        _on_file(people, period, banks, rows)


def tell_readings(
    people: People, banks: Sequence[DemoBank], rows: Mapping[str, Bank], rulebook: RulebookVersion
) -> None:
    """The readings of the year that runs."""
    first = _open(people, rulebook, WATCHED, 3)
    _on_file(people, first, banks, rows, stands=True)
    letter = issue_circular(actor=people.supervisors["decider"], period_id=first.pk, text=words.CIRCULAR_TEXT)
    open_copy(actor=people.bank["DC02"]["signatory"], pk=letter.copies.get(bank__code="DC02").pk)
    second = _open(people, rulebook, WATCHED, 6)
    _on_file(people, second, banks, rows, but=(VISITOR, "DC02", WAITS, *SILENT), stands=True)
    for bank in banks:  # the visitor's own is for the visitor to fill in
        if bank.code in ("DC02", WAITS):
            _typed(people, second, banks, bank, confirm=bank.code != WAITS)


def _open(people: People, rulebook: RulebookVersion, year: int, month: int) -> ReadingPeriod:
    due = timezone.localdate() + timedelta(days=9)
    return open_period(
        actor=people.officers[0], year=year, month=month, kind=PeriodKind.QUARTER, rulebook=rulebook, due_on=due
    )


def _on_file(
    people: People,
    period: ReadingPeriod,
    banks: Sequence[DemoBank],
    rows: Mapping[str, Bank],
    *,
    but: Sequence[str] = (),
    stands: bool = False,
) -> None:
    """Readings as demonstration data, sealed in one event."""
    now: datetime = timezone.now()
    made, ends = [], year_ends(banks)
    for bank in banks:
        found = reading_of(bank, period.year, period.month)
        if found is None or bank.code in (*but, LEFT) or not rows[bank.code].is_active_on(period.ends_on):
            continue
        found |= on_day(ends, bank.code, period.year, period.month)
        facts = {fact: {"state": "value", "value": text} for fact, text in found.items()}
        row = Reading(
            period=period, bank=rows[bank.code], revision=1, source=ReadingSource.DEMO, facts=facts, saved_at=now
        )
        freeze(row, None)
        made.append(row)
    kept = Reading.objects.bulk_create(made, batch_size=500)
    standings = stand(period, kept) if stands else []
    data = {"period": period.pk, "banks": len(kept), "note": "demonstration data"}
    seals = [Rows(Reading, [row.pk for row in kept]), Rows(ReadingStanding, [row.pk for row in standings])]
    record("assessments.reading.given", actor=people.admin, target=period, data=data, seals=seals)


def _typed(people: People, period: ReadingPeriod, banks: Sequence[DemoBank], bank: DemoBank, *, confirm: bool) -> None:
    """One bank's own people fill in and confirm."""
    ends = year_ends(banks)
    found = (reading_of(bank, period.year, period.month) or {}) | on_day(ends, bank.code, period.year, period.month)
    who = people.bank[bank.code]
    save_reading(actor=who["preparer"], period_id=period.pk, typed=found, note=NOTE, saves=0)
    if confirm:
        confirm_reading(actor=who["signatory"], period_id=period.pk)
