"""One word for one thing: a filing as bytes of fixed layout is an encoded filing. Every row is kept."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0005_draft_keys")]

    operations = [
        migrations.RenameModel(old_name="PackedVersion", new_name="EncodedFiling"),
        migrations.AlterModelOptions(
            name="encodedfiling",
            options={"verbose_name": "encoded filing", "verbose_name_plural": "encoded filings"},
        ),
        migrations.AlterField(
            model_name="encodedfiling",
            name="version",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                primary_key=True,
                related_name="encoded",
                serialize=False,
                to="assessments.filingversion",
            ),
        ),
    ]
