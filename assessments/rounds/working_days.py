"""Working days in mainland China: Monday to Friday without the holidays, with the days that are worked instead.

The State Council announces each year's holidays late in the year before. ``chinese_calendar`` holds the years that are
announced; for the others, and where it errs, the administrator keeps days with their source (``CalendarDay``), which go
before it.
A year that neither knows is counted by weekends alone, and ``known`` says so.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import CalendarDay, Notice
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.words.formats import day as day_words

SOURCE_LENGTH = 200


def kept_days(first: date, last: date) -> dict[date, bool]:
    """The days that the administrator keeps, from first to last: the newest row of each counts. One query."""
    rows = CalendarDay.objects.filter(day__range=(first, last)).order_by("id")
    return dict(rows.values_list("day", "working"))


@lru_cache(maxsize=4096)
def _announced(day: date) -> bool | None:
    """What the library knows of a day; None where it does not know the year."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


def is_working(day: date, kept: Mapping[date, bool]) -> bool:
    """Whether a day is worked: as the administrator keeps it, else as announced, else Monday to Friday."""
    if day in kept:
        return kept[day]
    announced = _announced(day)
    return day.weekday() < 5 if announced is None else announced


def known(year: int) -> bool:
    """Whether the holidays of a year are known: announced in the library, or kept by the administrator."""
    return _announced(date(year, 1, 1)) is not None or CalendarDay.objects.filter(day__year=year).exists()


def working_day_after(start: date, days: int) -> date:
    """The last of so many working days after a day; the day itself is not counted."""
    kept = kept_days(start, start + timedelta(days=days * 3 + 60))
    found = start
    while days:
        found += timedelta(days=1)
        days -= is_working(found, kept)
    return found


def working_day_before(end: date, days: int) -> date:
    """The first of so many working days before a day; the day itself is not counted, and is the answer to none."""
    kept = kept_days(end - timedelta(days=days * 3 + 60), end)
    found = end
    while days:
        found -= timedelta(days=1)
        days -= is_working(found, kept)
    return found


def working_days_left(today: date, last: date) -> int:
    """How many working days there are after a day, up to and including a last one."""
    if last <= today:
        return 0
    kept = kept_days(today, last)
    return sum(is_working(today + timedelta(days=n), kept) for n in range(1, (last - today).days + 1))


def at_hour(day: date, hour: int) -> datetime:
    """This hour of a day in Shanghai."""
    return timezone.make_aware(datetime.combine(day, time(hour)))


def last_instant(issued: datetime, days: int) -> datetime:
    """The last instant for an objection: the last second, in Shanghai, of the last of so many working days after the
    day of the notice.
    """
    day = working_day_after(timezone.localtime(issued).date(), days)
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


def objection_words(until: datetime, now: datetime | None = None) -> str:
    """Until when a bank may object, in the same words wherever it is said; that it is over, once it is.

    ``now`` is None in a letter, which is read at any time.
    """
    words = {"day": day_words(until)}
    if now is not None and now > until:
        return _("The last day for an objection was %(day)s; it is over.") % words
    return _("An objection is possible until the end of %(day)s, the last day for it.") % words


def days_kept() -> QuerySet[CalendarDay]:
    """Every day that was entered, the latest first."""
    return CalendarDay.objects.select_related("set_by").order_by("-day", "-id")


@transaction.atomic
def set_day(*, actor: User, day: date, working: bool, source: str) -> CalendarDay:
    """Keep a day as a working day or as none, with where that is announced. A notice that has been sent keeps its day.

    Raises ``Refused`` for anybody but an administrator, without a source, and where the day is that already.
    """
    source = source.strip()
    reasons = []
    if not actor.holds(Role.ADMINISTRATOR):
        reasons.append(_("Only an administrator keeps the calendar."))
    if not source:
        reasons.append(_("Say where the day is announced: the notice of the State Council with its number."))
    if len(source) > SOURCE_LENGTH:
        reasons.append(_("Use at most %(most)d characters for the source.") % {"most": SOURCE_LENGTH})
    if is_working(day, kept_days(day, day)) == working:
        words = _("%(day)s counts as a working day already.") if working else _("%(day)s is no working day already.")
        reasons.append(words % {"day": day})
    if reasons:
        raise Refused(reasons)
    row = CalendarDay.objects.create(day=day, working=working, source=source, set_by=actor)
    running = Notice.objects.filter(appeal_until__gte=timezone.now()).count()
    data = {"day": day.isoformat(), "working": working, "source": source, "notices_out": running}
    record("assessments.calendar.day", actor=actor, target=row, data=data, seals=[row])
    return row
