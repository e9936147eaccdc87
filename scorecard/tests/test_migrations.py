"""Migrations say what the models say, and stand on their own."""

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

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
