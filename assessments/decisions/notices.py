"""The letter that tells the bank its rating: numbered and frozen when it is sent, acknowledged by the bank.

``issue_notice`` and ``acknowledge_notice`` are effects of the workflow: they run inside its transaction, with the
assessment locked, and return what goes into the event of the step.
"""

from datetime import datetime, time, timedelta
from typing import Any, TypedDict

from django.conf import settings
from django.db import connection
from django.utils import timezone

from assessments.decisions.letters import letter
from assessments.models import Notice, Rating
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow.step import AnyStep
from scorecard.audit.checkpoints import last_checkpoint
from scorecard.audit.models import Event
from scorecard.audit.services import GENESIS

# The letters are numbered 普惠评通〔year of issue〕n号, in one sequence a year without a gap.
NUMBER = "普惠评通〔{year}〕{n}号"
LOCK = 72_042  # the class of the advisory lock that draws a number; its object is the year


class NoticeData(TypedDict):
    """What the event names of a notice: its number and, when it is sent, the last instant for an appeal."""

    notice: dict[str, Any]


def issue_notice(step: AnyStep) -> NoticeData:
    """Freeze the letter to the bank: number, outcome with clauses, measures, last day for an appeal, and the trail's
    head.

    The last day for an appeal is the round's number of days after the day of issue, until the end of that day in
    Shanghai. What the letter says never changes afterwards, whatever is renamed or republished.
    """
    here = step.assessment
    rating = Rating.objects.select_related("run__version").get(pk=here.rating_id)
    head = Event.objects.order_by("-seq").first()
    until = appeal_until(step.now, here.round.appeal_days)
    body = letter(rating, engine_rulebook(here.round.rulebook))
    body["authority"] = {"zh": settings.AUTHORITY_NAME.strip(), "en": settings.AUTHORITY_NAME_EN.strip()}
    body["trail"] = {"seq": head.seq if head else 0, "hash": head.hash if head else GENESIS}
    if (known := last_checkpoint()) is not None:
        body["trail"]["checkpoint"] = {"size": known.size, "root": known.root.hex()}
    notice = Notice.objects.create(
        rating=rating,
        number=_next_number(step.now),
        body=body,
        issued_by=step.actor,
        issued_at=step.now,
        appeal_until=until,
    )
    return {"notice": {"number": notice.number, "appeal_until": until}}


def preview_notice(rating: Rating, now: datetime) -> Notice:
    """The letter as it would be sent at this moment; nothing is written, and number and trail come with the sending."""
    here = rating.assessment
    body = letter(rating, engine_rulebook(here.round.rulebook))
    return Notice(rating=rating, body=body, issued_at=now, appeal_until=appeal_until(now, here.round.appeal_days))


def acknowledge_notice(step: AnyStep) -> NoticeData:
    """The bank's signatory confirms that the notice has been received; the right to appeal stays."""
    notice = Notice.objects.get(rating=step.assessment.rating_id)
    notice.acknowledged_by, notice.acknowledged_at = step.actor, step.now
    notice.save(update_fields=["acknowledged_by", "acknowledged_at"])
    return {"notice": {"number": notice.number}}


def appeal_until(issued: datetime, days: int) -> datetime:
    """The last instant for an appeal: ``days`` days after the day of issue, its last second in the product's time
    zone.
    """
    day = timezone.localtime(issued).date() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


def _next_number(now: datetime) -> str:
    """The next number of the year in the sequence of notices, without a gap; no two letters share one.

    The sequence of the year is locked until the transaction ends, and nothing else: on PostgreSQL by an advisory lock,
    on SQLite by the transaction itself, which is the only one that writes.
    """
    year = timezone.localtime(now).year
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, year])
    prefix, _n, suffix = NUMBER.format(year=year, n="\0").partition("\0")
    numbers = Notice.objects.filter(number__startswith=prefix).values_list("number", flat=True)
    highest = max((int(number.removeprefix(prefix).removesuffix(suffix)) for number in numbers), default=0)
    return NUMBER.format(year=year, n=highest + 1)
