"""Seals of events, kept subtrees; the triggers of ``0002`` give way to those that ``migrate`` puts in place."""

from django.db import migrations, models

POSTGRES_UP = [
    "DROP TRIGGER IF EXISTS audit_event_no_change ON audit_event",
    "DROP FUNCTION IF EXISTS audit_event_refuse()",
]
POSTGRES_DOWN = [
    """CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'audit events cannot be changed or deleted'; END $$""",
    """CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
       FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()""",
]


def forwards(apps, editor):
    if editor.connection.vendor == "postgresql":
        for statement in POSTGRES_UP:
            editor.execute(statement)


def backwards(apps, editor):
    if editor.connection.vendor == "postgresql":
        for statement in POSTGRES_DOWN:
            editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_refuse_changes")]
    operations = [
        migrations.AddField(
            model_name="event",
            name="seals",
            field=models.TextField(null=True),
        ),
        migrations.CreateModel(
            name="Subtree",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField()),
                ("place", models.BigIntegerField()),
                ("root", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "part of the trail's tree",
                "verbose_name_plural": "parts of the trail's tree",
                "constraints": [models.UniqueConstraint(fields=("level", "place"), name="audit_subtree_once")],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
