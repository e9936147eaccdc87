"""The licences of what is installed with the application."""

import ast
import importlib
import sys
from collections.abc import Iterator
from email.message import Message
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

import pytest
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return importlib.import_module("packages")


def test_each_package_of_the_application_has_a_licence_that_may_be_used(packages: ModuleType) -> None:
    assert len(packages.pinned()) > 60
    assert packages.strangers(packages.pinned()) == []


@pytest.mark.parametrize(
    ("head", "bad"),
    [
        ([("License-Expression", "MIT AND GPL-3.0-or-later")], ["GPL-3.0-or-later"]),
        (
            [("Classifier", "License :: OSI Approved :: GNU Affero General Public License v3")],
            ["GNU Affero General Public License v3"],
        ),
        ([("License", "Proprietary\nAll rights reserved")], ["Proprietary"]),
        ([("Name", "silent")], ["says nothing of its licence"]),
        ([("License-Expression", "(Apache-2.0 OR BSD-3-Clause)")], []),
    ],
)
def test_a_licence_that_may_not_be_used_is_named(
    packages: ModuleType, monkeypatch: pytest.MonkeyPatch, head: list[tuple[str, str]], bad: list[str]
) -> None:
    about = Message()
    for name, value in head:
        about[name] = value
    monkeypatch.setattr(packages, "distribution", lambda name: type("Found", (), {"metadata": about})())
    assert packages.strangers({"it": "1"}) == [f"it: {', '.join(bad)}"] * bool(bad)


def _imported(path: Path) -> Iterator[str]:
    """The packages that a file imports, at its top or within a function; not those for the eyes of the type checker."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body.clear()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.partition(".")[0]


def test_the_product_imports_only_what_is_installed_with_it(packages: ModuleType) -> None:
    """A package of the tests alone is there on every developer's machine, and on no newcomer's."""
    installed = {canonicalize_name(name) for name in packages.pinned()}
    own = {"scorecard", "banks", "assessments", "manage", "conftest"} | set(sys.stdlib_module_names)
    homes, wrong = packages_distributions(), set()
    for folder in ("scorecard", "banks", "assessments"):
        for path in (ROOT / folder).rglob("*.py"):
            if "tests" in path.relative_to(ROOT).parts:
                continue
            for name in set(_imported(path)) - own:
                if not installed & {canonicalize_name(home) for home in homes.get(name, ())}:
                    wrong.add((path.relative_to(ROOT).as_posix(), name))
    assert sorted(wrong) == []
