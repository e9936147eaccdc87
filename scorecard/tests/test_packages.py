"""The licences of what is installed with the application."""

import importlib
from email.message import Message
from pathlib import Path
from types import ModuleType

import pytest

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
