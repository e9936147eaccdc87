"""``Assessment.touched`` names what was saved by kind and id (``fact:bal``), no longer by the field of the form."""

from typing import Any

from django.db import migrations

KINDS = {"f": "fact", "n": "narrative", "s": "self_points", "x": "not_applicable"}


def by_kind(apps: Any, schema_editor: Any) -> None:
    """``f-bal`` becomes ``fact:bal``; revisions stay."""
    _rename(apps, "-", KINDS, ":")


def by_letter(apps: Any, schema_editor: Any) -> None:
    """The way back."""
    _rename(apps, ":", {kind: letter for letter, kind in KINDS.items()}, "-")


def _rename(apps: Any, old: str, words: dict[str, str], new: str) -> None:
    rows = apps.get_model("assessments", "Assessment").objects.exclude(touched={}).only("pk", "touched")
    for row in rows.iterator(chunk_size=500):
        parts = {name: name.partition(old) for name in row.touched}
        row.touched = {
            f"{words[kind]}{new}{known}" if kind in words else name: row.touched[name]
            for name, (kind, _dash, known) in parts.items()
        }
        row.save(update_fields=["touched"])


class Migration(migrations.Migration):
    dependencies = [("assessments", "0004_score_arrays")]
    operations = [migrations.RunPython(by_kind, by_letter)]
