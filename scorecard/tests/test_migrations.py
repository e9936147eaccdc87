"""Migrations say what the models say, and stand on their own."""

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.migrations import AddField, CreateModel
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED, ManyToManyField

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path for top in ("scorecard", "banks", "assessments") for path in (ROOT / top).rglob("migrations/[0-9]*.py")
)


@pytest.mark.django_db
def test_no_model_changed_without_a_migration() -> None:
    out = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_a_migration_imports_nothing_that_moves_on(path: Path) -> None:
    """Only Django, the standard library and code kept for migrations: a migration must run years from now."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            if name.split(".")[0] in ("scorecard", "banks", "assessments"):
                assert name.endswith(".models") or ".models." in name, f"{path}: imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_a_migration_has_a_name(path: Path) -> None:
    assert "_auto_" not in path.stem


#: The last migration of each room before the rule of docs/operations.md; a room that is newer has none.
BEFORE = {"access": 1, "assessments": 14, "audit": 3, "banks": 6, "figures": 2, "jobs": 3}


def test_the_code_of_the_release_before_can_write_into_a_table_with_a_new_column() -> None:
    """Its INSERT does not name the column: it is nullable or has a default of the database."""
    wrong = []
    for (room, name), migration in MigrationLoader(None).disk_migrations.items():
        if not any(path.stem == name for path in FILES) or int(name[:4]) <= BEFORE.get(room, 0):
            continue
        made = {one.name.lower() for one in migration.operations if isinstance(one, CreateModel)}
        for one in migration.operations:
            if not isinstance(one, AddField) or one.model_name.lower() in made:
                continue
            if isinstance(one.field, ManyToManyField):
                continue
            if not one.field.null and one.field.db_default is NOT_PROVIDED:
                wrong.append(f"{room}.{name}: {one.model_name}.{one.name}")
    assert not wrong
