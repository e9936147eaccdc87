from django.db import migrations, models


def of_closed_rounds(apps, schema_editor):
    """What the register says now is the best that is known of rounds that have closed."""
    Assessment = apps.get_model("assessments", "Assessment")
    heads = Assessment.objects.filter(taken_out_at=None, round=models.OuterRef("round"))
    inside = Assessment.objects.exclude(kept_name_zh="").filter(
        models.Exists(heads.filter(bank=models.OuterRef("bank__head_office")))
    )
    Assessment.objects.filter(pk__in=list(inside.values_list("pk", flat=True))).update(kept_within_head=True)


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0020_comments_inside_the_bank'),
    ]

    operations = [
        migrations.AddField(
            model_name='assessment',
            name='kept_within_head',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(of_closed_rounds, migrations.RunPython.noop),
    ]
