"""Triggers that refuse UPDATE and DELETE of events, on PostgreSQL and SQLite alike."""

from django.db import migrations

SQLITE_UP = [
    """CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
       BEGIN SELECT RAISE(ABORT, 'audit events cannot be changed'); END""",
    """CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
       BEGIN SELECT RAISE(ABORT, 'audit events cannot be deleted'); END""",
]
SQLITE_DOWN = ["DROP TRIGGER audit_event_no_update", "DROP TRIGGER audit_event_no_delete"]
POSTGRES_UP = [
    """CREATE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'audit events cannot be changed or deleted'; END $$""",
    """CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
       FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()""",
]
POSTGRES_DOWN = ["DROP TRIGGER audit_event_no_change ON audit_event", "DROP FUNCTION audit_event_refuse()"]


def forwards(apps, editor):
    for statement in POSTGRES_UP if editor.connection.vendor == "postgresql" else SQLITE_UP:
        editor.execute(statement)


def backwards(apps, editor):
    for statement in POSTGRES_DOWN if editor.connection.vendor == "postgresql" else SQLITE_DOWN:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
