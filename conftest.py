"""Fixtures for every test."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection


def pytest_configure() -> None:
    """Compile the translations: they are not in the repository, and the tests read Chinese pages."""
    spec = importlib.util.spec_from_file_location("messages", Path(__file__).parent / "scripts" / "messages.py")
    if spec is None or spec.loader is None:
        raise ImportError("scripts/messages.py cannot be loaded; the translations are not compiled.")
    messages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(messages)
    messages.compile_all()


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_audit_triggers(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the test runner empty the audit table between transactional tests.

    On SQLite a flush is a DELETE, which the trigger refuses, as it should. Only the flush itself sets the trigger
    aside; TRUNCATE on PostgreSQL does not fire row triggers.
    """
    if connection.vendor != "sqlite":
        yield
        return
    operations: Any = type(connection.ops)  # the class: a browser test's thread has a connection of its own
    original = operations.execute_sql_flush

    def flush(self: Any, statements: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name='audit_event'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            try:
                original(self, statements)
            finally:
                for _, sql in triggers:
                    cursor.execute(sql)

    operations.execute_sql_flush = flush
    yield
    operations.execute_sql_flush = original
