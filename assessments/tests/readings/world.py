"""A period with the figures of banks, for tests of readings."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from assessments.models import PeriodKind, Reading, ReadingPeriod, ReadingSource
from assessments.readings.figures import reading_facts
from assessments.readings.services import freeze
from assessments.rulebooks.cache import engine_rulebook
from assessments.tests.filings.world import World as Filing
from assessments.tests.reviews.world import BEST, World
from banks.models import Bank

PLAN = {"plan_increment": "180000", "plan_done": "90000"}


def period_of(world: World | Filing, year: int = 2017, month: int = 6, **more: Any) -> ReadingPeriod:
    """A quarter that is open for another fortnight."""
    given = {
        "kind": PeriodKind.QUARTER,
        "rulebook": world.round.rulebook,
        "due_on": timezone.localdate() + timedelta(days=14),
        "opened_by": world.officer,
        "opened_at": timezone.now(),
    }
    return ReadingPeriod.objects.create(year=year, month=month, **given | more)


def figures(period: ReadingPeriod, **changed: str) -> dict[str, str]:
    """Figures as they are typed: every target met, half of the plan done."""
    found = {id: BEST.get(id, "") for id in reading_facts(engine_rulebook(period.rulebook))}
    return found | PLAN | changed


def stored(period: ReadingPeriod, **changed: str) -> dict[str, dict[str, str]]:
    """The same as they are kept."""
    return {id: {"state": "value", "value": text} for id, text in figures(period, **changed).items() if text}


def confirmed(period: ReadingPeriod, bank: Bank, revision: int = 1, **changed: str) -> Reading:
    """A reading that is on file."""
    row = Reading(
        period=period,
        bank=bank,
        revision=revision,
        source=ReadingSource.DEMO,
        facts=stored(period, **changed),
        saved_at=timezone.now(),
    )
    freeze(row, None)
    row.save()
    return row


def past() -> date:
    """A day that is over."""
    return timezone.localdate() - timedelta(days=1)
