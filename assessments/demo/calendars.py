"""The calendar of the demonstration's rounds, told from the day on which it is built."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone


@dataclass(frozen=True)
class Calendar:
    """When a round of the story was opened, filed, reviewed and closed. ``closes`` is None for the one that runs."""

    year: int
    opens: datetime
    deadline: datetime
    review: datetime
    closes: datetime | None


def calendars(now: datetime) -> list[Calendar]:
    """Three rounds, a year apart; the last is open, its filing deadline twelve days ahead at 17:00 in Shanghai."""
    evening = timezone.localtime(now).replace(hour=17, minute=0, second=0, microsecond=0)

    def day(offset: int) -> datetime:
        return evening + timedelta(days=offset)

    found = [
        Calendar(2017 - back, day(-40 - 365 * back), day(12 - 365 * back), day(70 - 365 * back), day(140 - 365 * back))
        for back in (2, 1)
    ]
    return [*found, Calendar(2017, day(-40), day(12), day(70), None)]
