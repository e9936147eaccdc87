"""Fixtures for every test."""

import gc
import importlib.util
import os
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils.translation.reloader import translation_file_changed
from hypothesis import settings

# A short run draws the same examples each time, so that it fails for what was changed and for nothing else; a long one
# draws again. A tenth of a second is no measure on a machine that others use: no deadline in either.
settings.register_profile("short", max_examples=33, derandomize=True, deadline=None)
settings.register_profile("long", max_examples=1000, derandomize=False, deadline=None, print_blob=True)


def pytest_configure() -> None:
    """Choose how many examples are drawn, and compile the translations: the tests read Chinese pages."""
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))
    spec = importlib.util.spec_from_file_location("messages", Path(__file__).parent / "scripts" / "messages.py")
    if spec is None or spec.loader is None:
        raise ImportError("scripts/messages.py cannot be loaded; the translations are not compiled.")
    messages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(messages)
    if messages.compile_all():  # Django has read the old catalogues by now
        translation_file_changed(None, Path("django.mo"))


def pytest_collection_finish() -> None:
    """Let the search for circles of dead objects pass over what lives to the end: modules and ten thousand tests."""
    gc.collect()
    gc.freeze()


# --- What another run has shown already ------------------------------------------------------------------------------
def _on_a_database(item: pytest.Item) -> bool:
    """Whether the run's database or its servers have a part in a test."""
    marked = any(item.get_closest_marker(name) for name in ("django_db", "database", "worker", "browser"))
    return marked or bool({"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())))


def _passed(reports: Path) -> set[tuple[str, str]]:
    """The tests that passed by the JUnit reports of a folder: (path and classes with dots, name with parameters)."""
    return {
        (case.get("classname", ""), case.get("name", ""))
        for report in reports.glob("junit-*.xml")
        for case in ElementTree.parse(report).getroot().iter("testcase")
        if not len(case.findall("*"))  # a failure, an error and a skipped test have an element of their own
    }


def _address(item: pytest.Item) -> tuple[str, str]:
    """A test as the JUnit report names it."""
    path, rest = item.nodeid.split("::", 1)
    classes = rest.removesuffix(item.name).split("::")[:-1]
    return ".".join([path.removesuffix(".py").replace("/", "."), *classes]), item.name


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out each test without a database that has passed in the run whose reports ``SCORECARD_PASSED`` names."""
    if not (folder := os.environ.get("SCORECARD_PASSED")):
        return
    passed = _passed(Path(folder))
    again = [item for item in items if not _on_a_database(item) and _address(item) in passed]
    if again:
        config.hook.pytest_deselected(items=again)
        items[:] = [item for item in items if _on_a_database(item) or _address(item) not in passed]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Copy the migrated database that another process has made of the same code (``scorecard/tests/migrated.py``)."""
    from scorecard.tests.migrated import copy_what_is_migrated

    copy_what_is_migrated()


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_audit_triggers(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the test runner empty the append-only tables between transactional tests.

    A flush is a DELETE on SQLite and a TRUNCATE on PostgreSQL, which the triggers refuse, as they should. Only the
    flush itself sets them aside.
    """
    operations: Any = type(connection.ops)  # the class: a browser test's thread has a connection of its own
    original = operations.execute_sql_flush

    def flush(self: Any, statements: list[str]) -> None:
        if self.connection.vendor == "postgresql":
            original(
                self, ["SET session_replication_role = replica", *statements, "SET session_replication_role = DEFAULT"]
            )
            return
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger'")
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


@pytest.fixture(autouse=True, scope="session")
def _installed_rulebooks_are_checked_once() -> Iterator[None]:
    """Check each rulebook that ships once for a process, its worked cases with it: some 200 tests publish one.

    A test that brings rulebooks of its own names another folder (``RULEBOOK_DIR``) and is not concerned.
    """
    from django.conf import settings as django_settings

    from assessments.rulebooks import services

    shipped, original = django_settings.RULEBOOK_DIR, services.check_rulebook
    kept: dict[tuple[str, str], Any] = {}

    def check_rulebook(code: str, version: str) -> Any:
        if shipped != django_settings.RULEBOOK_DIR:
            return original(code, version)
        if (code, version) not in kept:
            kept[code, version] = original(code, version)
        rulebook, findings = kept[code, version]
        return rulebook, list(findings)

    services.check_rulebook = check_rulebook
    yield
    services.check_rulebook = original


@pytest.fixture
def past_the_triggers(db: None) -> Iterator[None]:
    """Let a test change rows of append-only tables, as who owns the database could."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
    yield
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = DEFAULT")
    else:
        from scorecard.audit.triggers import put_in_place

        put_in_place()
