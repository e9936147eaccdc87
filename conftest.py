"""Fixtures for every test."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_audit_triggers(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the test runner empty the audit table between transactional tests.

    On SQLite a flush is a DELETE, which the trigger refuses, as it should. Only the flush itself sets the trigger
    aside; TRUNCATE on PostgreSQL does not fire row triggers.
    """
    if connection.vendor != "sqlite":
        yield
        return
    original = connection.ops.execute_sql_flush

    def flush(statements: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name='audit_event'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            try:
                original(statements)
            finally:
                for _, sql in triggers:
                    cursor.execute(sql)

    connection.ops.execute_sql_flush = flush  # type: ignore[method-assign]
    yield
    connection.ops.execute_sql_flush = original  # type: ignore[method-assign]
