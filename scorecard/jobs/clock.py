"""The one clock that web, worker and beat share."""

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone

SAME = timedelta(seconds=1)


def database_now() -> datetime:
    """The database's own time. Machines whose clocks differ agree on it; on SQLite it is this machine's."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")
            return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def decisive_now() -> datetime:
    """The present for whatever is decided by it, such as a last day: this machine's time, put right by the database's
    where the two differ by more than the asking may take (``SAME``).

    A machine whose clock is wrong so takes no step too early or too late. Costs one query, so it is for writes.
    """
    wrong_by = database_now() - datetime.now(UTC)
    return timezone.now() + (wrong_by if abs(wrong_by) > SAME else timedelta())
