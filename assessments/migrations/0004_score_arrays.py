"""Score runs keep an array beside their JSON, filings are kept packed, and peers' values are frozen."""

import django.db.models.deletion
from django.db import migrations, models


def leave_room(apps, schema_editor):
    """Leave room in the pages of the assessments, so that pointing one to its newest run touches no index."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE assessments_assessment SET (fillfactor = 70)")


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0003_round_parameters"),
        ("jobs", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PackedVersion",
            fields=[
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="packed",
                        serialize=False,
                        to="assessments.filingversion",
                    ),
                ),
                ("layout", models.CharField(max_length=16)),
                ("body", models.BinaryField()),
            ],
            options={"verbose_name": "packed version", "verbose_name_plural": "packed versions"},
        ),
        migrations.CreateModel(
            name="PeerSnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hash", models.CharField(db_index=True, max_length=64)),
                ("content", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="jobs.job"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="assessments.round"
                    ),
                ),
            ],
            options={"verbose_name": "peer values", "verbose_name_plural": "peer values", "ordering": ["-id"]},
        ),
        migrations.RenameField(model_name="scorerun", old_name="outcome", new_name="stored"),
        migrations.AlterField(model_name="scorerun", name="stored", field=models.JSONField(null=True)),
        migrations.AddField(model_name="scorerun", name="array", field=models.BinaryField(default=bytes)),
        migrations.AlterField(model_name="scorerun", name="key", field=models.CharField(max_length=64)),
        migrations.AddConstraint(
            model_name="scorerun",
            constraint=models.UniqueConstraint(fields=("key",), name="assessments_run_once"),
        ),
        migrations.AlterField(
            model_name="scorerun",
            name="assessment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="assessments.assessment",
            ),
        ),
        migrations.AlterField(
            model_name="scorerun",
            name="job",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="jobs.job",
            ),
        ),
        migrations.AlterField(
            model_name="assessment",
            name="system_run",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="assessments.scorerun",
            ),
        ),
        migrations.AlterField(
            model_name="assessment",
            name="reviewed_run",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="assessments.scorerun",
            ),
        ),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
    ]
