"""The roles of PostgreSQL: what the application and the auditor may do, tried with their rights."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from assessments import workflow
from assessments.models import Notice
from assessments.tests.reviews.world import build
from scorecard.audit.checkpoints import make_checkpoint
from scorecard.audit.comparison import compare
from scorecard.audit.database_roles import problems
from scorecard.audit.services import record
from scorecard.audit.verification import verify

from .attacks import sql

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no roles.")
APP, AUDITOR = "scorecard_test_app", "scorecard_test_auditor"


@pytest.fixture
def roles() -> None:
    """Both roles; the transaction of the test takes them back."""
    call_command("database_roles", "--application", APP, "--auditor", AUDITOR, verbosity=0)


def _become(role: str) -> None:
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql(f"SET LOCAL ROLE {role}")


def test_sqlite_has_no_roles() -> None:
    if connection.vendor == "postgresql":
        pytest.skip("This is PostgreSQL.")
    with pytest.raises(CommandError, match="SQLite"):
        call_command("database_roles")
    assert problems(connection) == []


@on_postgresql
def test_a_superuser_is_told() -> None:
    assert "superuser" in problems(connection)[0]
    found = [item for item in run_checks(databases=["default"]) if item.id == "scorecard.W001"]
    assert found and "superuser" in found[0].msg


@on_postgresql
def test_the_application_takes_a_case_to_its_end_and_is_told_nothing(roles: None, log: Any) -> None:
    _become(APP)
    assert problems(connection) == []
    call_command("database_roles", "--check", verbosity=0)
    world = build()
    case = world.notified("AAA")
    workflow.perform("acknowledge", actor=world.people[case.bank_id]["signatory"], assessment_id=case.pk)
    assert Notice.objects.get().acknowledged_at is not None
    for number in range(300):
        record("signout", actor=None, data={"n": number})
    assert make_checkpoint() is not None
    assert list(verify()) == []


@on_postgresql
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET data = '{}'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "DELETE FROM audit_subtree",
        "ALTER TABLE audit_event DISABLE TRIGGER USER",
        "DROP TRIGGER audit_event_no_update ON audit_event",
        "DROP TABLE audit_event",
        "CREATE TABLE another (id int)",
        "SET session_replication_role = replica",
        "UPDATE assessments_notice SET number = 'x'",
        "UPDATE assessments_filingversion SET facts = '{}'",
        "DELETE FROM banks_factentry",
        "UPDATE django_migrations SET name = 'x'",
        "CREATE ROLE another SUPERUSER",
    ],
)
def test_the_application_is_refused(roles: None, statement: str) -> None:
    record("signout", actor=None)
    _become(APP)
    with pytest.raises(DatabaseError, match=r"permission denied|must be"), transaction.atomic():
        sql(statement)


@on_postgresql
def test_the_auditor_reads_and_verifies_and_writes_nothing(roles: None) -> None:
    record("signout", actor=None)
    _become(AUDITOR)
    assert list(verify()) == []
    assert list(compare()) == []
    for statement in ("INSERT INTO banks_signinfailure (username) VALUES ('x')", "DELETE FROM banks_signinfailure"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            sql(statement)


@on_postgresql
def test_the_owner_of_the_tables_is_told() -> None:
    sql("CREATE ROLE scorecard_test_owner")
    sql("ALTER TABLE audit_event OWNER TO scorecard_test_owner")
    sql("GRANT USAGE, CREATE ON SCHEMA public TO scorecard_test_owner")
    _become("scorecard_test_owner")
    words = " ".join(problems(connection))
    assert "owns 1 of its tables" in words and "may create tables" in words and "rows of audit_event" in words
