import django.db.models.deletion
from django.db import migrations, models


def point_to_ratings(apps, schema_editor):
    """Each assessment had one rating at most: it is the one that holds."""
    Assessment = apps.get_model("assessments", "Assessment")
    Rating = apps.get_model("assessments", "Rating")
    own = Rating.objects.filter(assessment=models.OuterRef("pk")).values("pk")[:1]
    Assessment.objects.filter(pk__in=Rating.objects.values("assessment")).update(rating=models.Subquery(own))


class Migration(migrations.Migration):

    dependencies = [
        ("assessments", "0010_evidence_members"),
    ]

    operations = [
        migrations.AlterField(
            model_name="rating",
            name="assessment",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="ratings", to="assessments.assessment"),
        ),
        migrations.AddField(
            model_name="rating",
            name="replaces",
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="replaced_by", to="assessments.rating"),
        ),
        migrations.AddField(
            model_name="rating",
            name="taken_back_at",
            field=models.DateTimeField(null=True, verbose_name="taken back"),
        ),
        migrations.AddField(
            model_name="assessment",
            name="rating",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="assessments.rating", verbose_name="rating"),
        ),
        migrations.AddField(
            model_name="assessment",
            name="correction_state",
            field=models.CharField(choices=[("none", "Nothing to put right"), ("asked", "To be confirmed by another person")], default="none", max_length=12, verbose_name="correction"),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.CheckConstraint(condition=models.Q(("taken_back_at__isnull", True), ("decided_at__isnull", False), _connector="OR"), name="assessments_only_a_decision_is_taken_back"),
        ),
        migrations.RunPython(point_to_ratings, migrations.RunPython.noop),
    ]
