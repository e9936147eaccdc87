"""The numbers of letters: one sequence a year for each kind, without a gap."""

from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

NOTICE = "普惠评通〔{year}〕{n}号"
RECEIPT = "普惠评异〔{year}〕{n}号"
REPLY = "普惠评复〔{year}〕{n}号"
LOCK = 72_042  # the class of the advisory lock that draws a number; its object is the year


def next_number(pattern: str, letters: QuerySet, now: datetime) -> str:  # type: ignore[type-arg]
    """The next number of the year in the sequence of ``letters``, without a gap; no two of them share one.

    The sequence of the year is locked until the transaction ends, and nothing else: on PostgreSQL by an advisory lock,
    on SQLite by the transaction itself, which is the only one that writes.
    """
    year = timezone.localtime(now).year
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, year])
    prefix, _n, suffix = pattern.format(year=year, n="\0").partition("\0")
    numbers = letters.filter(number__startswith=prefix).values_list("number", flat=True)
    highest = max((int(number.removeprefix(prefix).removesuffix(suffix)) for number in numbers), default=0)
    return pattern.format(year=year, n=highest + 1)
