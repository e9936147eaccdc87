"""Mistakes in worked cases: each is a finding that names file, line and case; none stops lint or passes unseen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scorecard.engine import lint
from scorecard.engine.tests.conftest import RULEBOOKS

NATIONAL = RULEBOOKS / "national-2020" / "3"


def findings(tmp_path: Path, text: str) -> list[tuple[str, int, str, str]]:
    """Lint national-2020 with this file of worked cases alone; return file, line, key and what is said."""
    folder = tmp_path / "national-2020" / "3"
    shutil.copytree(NATIONAL, folder, ignore=shutil.ignore_patterns("vectors"))
    (folder / "vectors").mkdir()
    (folder / "vectors" / "v.yaml").write_text(text, encoding="utf-8")
    return [(f.file, f.line, f.key, f.message.en) for f in lint(folder)]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("self_points: {1.1.1: abc}", "1.1.1: 'abc' is not a number"),
        ("judged: {1.1.1: NaN}", "1.1.1: 'NaN' is not a number"),
        ("judged: {9.9.9: 1}", "The rulebook has no “judged.9.9.9”."),
        ("not_applicable: [9.9.9]", "The rulebook has no “not_applicable.9.9.9”."),
        ("not_applicable: 1.1.1", "not_applicable must be a list"),
        ("facts: [1]", "facts must be a mapping"),
        ("facts: {zz: 1}", "The rulebook has no “facts.zz”."),
        ("facts: {incl_bal_end: [1]}", "incl_bal_end: one value is needed"),
        ("facts: {n32_items: [zz]}", "The rulebook has no “n32_items.zz”."),
        ("history: {-1: {growth: nearly}}", "growth: 'nearly' is none of met, true, missed, false"),
        ("history: {1: {growth: met}}", "years back are -1 to -6"),
        ("history: [1]", "history must be a mapping"),
        ("bank: {differentiated: maybe}", "differentiated: 'maybe' is none of true, false"),
        ("parameters: {high_share_line: abc}", "high_share_line: 'abc' is not a number"),
        ("peers: {rate_fall: [1/0]}", "rate_fall: '1/0' is not a number"),
        ("peers: {zz: [1]}", "The rulebook has no “peers.zz”."),
    ],
)
def test_data_that_mean_nothing_are_named(tmp_path: Path, setting: str, said: str) -> None:
    text = f"cases:\n  - id: one\n    {setting}\n    expect: {{pending: 0}}\n"
    ((file, line, key, message),) = findings(tmp_path, text)
    assert (file, line, key) == ("vectors/v.yaml", 2, "cases.one")
    assert said in message


@pytest.mark.parametrize("expected", ["{points: {9.9.9: 1}}", "{targets: {zz: met}}", "{points: [1]}"])
def test_an_expectation_of_what_is_not_there_is_named(tmp_path: Path, expected: str) -> None:
    ((file, line, key, _),) = findings(tmp_path, f"cases:\n  - id: one\n    expect: {expected}\n")
    assert (file, line) == ("vectors/v.yaml", 2)
    assert key.startswith("cases.one.expect.")


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("case:\n  - id: one\n", 1, "cases"),
        ("cases: {one: {expect: {total: 0}}}\n", 1, "cases"),
        ("bases:\n  b:\n    fact: {}\ncases: []\n", 3, "bases.b.fact"),
        ("cases: []\nbase: {}\n", 2, "base"),
    ],
)
def test_a_file_whose_cases_would_not_be_read_is_named(tmp_path: Path, text: str, line: int, key: str) -> None:
    assert [found[:3] for found in findings(tmp_path, text)] == [("vectors/v.yaml", line, key)]
