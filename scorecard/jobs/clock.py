"""The one clock that web, worker and beat share."""

from datetime import UTC, datetime

from django.db import connection


def database_now() -> datetime:
    """The database's own time. Machines whose clocks differ agree on it; on SQLite it is this machine's."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")
            return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment
