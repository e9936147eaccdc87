"""Hold the forecast of readings against what came in: ``manage.py backtest_readings``."""

from typing import Any

from django.core.management.base import BaseCommand

from assessments.models import ReadingPeriod
from assessments.readings.backtest import coverage
from assessments.readings.history import courses_of
from assessments.rulebooks.cache import engine_rulebook


class Command(BaseCommand):
    """Prints, by month and target, how often the stated spread covered what came in, and by how much not: from the
    years before each case, then from all years but its own.
    """

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """The newest period of each month gives the rulebook; every year before it with a known end is a case."""
        newest: dict[int, ReadingPeriod] = {}
        for period in ReadingPeriod.objects.select_related("rulebook").order_by("year"):
            newest[period.month] = period
        said = False
        for month, period in sorted(newest.items()):
            rulebook = engine_rulebook(period.rulebook)
            courses = courses_of(period)
            for way, left_out in (("years before", False), ("year left out", True)):
                for target, found in coverage(rulebook, month, courses, left_out=left_out).items():
                    said = True
                    self.stdout.write(f"{month:02d} {target} {way}: {_words(found)}")
        if not said:
            self.stdout.write("There are no earlier readings to test the forecast on.")


def _words(found: Any) -> str:
    if found.share is None:
        return f"no case to test; too few to say in {found.too_few}"
    text = (
        f"{found.covered} of {found.cases} covered ({float(found.share):.1%}), stated {float(found.stated):.1%}, "
        f"too few to say in {found.too_few}"
    )
    short = found.stated - found.share
    return f"{text}; SHORT by {float(short) * 100:.1f} points" if short > 0 else text
