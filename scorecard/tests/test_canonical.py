"""The engine still gives what it gave: worked cases, drawn filings, content hashes and lint, to the last letter.

The stored results were made by ``scripts/canonical.py``, which runs a hundred times as many filings and says which
values of which filing differ.
"""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

import canonical_compare as compare
import canonical_engine as engine
import canonical_runs as runs

STORED = compare.read(Path(__file__).with_name("canonical") / "engine.json")
NAMES = list(engine.rulebook_folders())


def _same(found: dict[str, Any], stored: dict[str, Any]) -> None:
    expected = {key: stored[key] for key in found}
    assert list(compare.differences(expected, found)) == []


def test_every_rulebook_is_compared() -> None:
    assert set(STORED["rulebooks"]) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_content_words_and_typed_texts(name: str) -> None:
    _same(runs.content(name), STORED["rulebooks"][name])


@pytest.mark.parametrize("name", NAMES)
def test_worked_cases(name: str) -> None:
    _same(runs.worked(name), STORED["rulebooks"][name])


@pytest.mark.parametrize("name", NAMES)
def test_drawn_filings(name: str) -> None:
    """The first filings of the first block, exactly and as arrays give them."""
    book, cases, snapshot = runs.drawn(name, 0)
    found = {
        "exact": compare.digest_lines(runs.exact(book, cases[: runs.FIRST])),
        "arrays": compare.digest_lines(runs.arrays(book, cases, snapshot)[: runs.FIRST]),
    }
    assert found == STORED["rulebooks"][name]["drawn"]["first"]


def test_what_lint_says_of_rulebooks_with_mistakes() -> None:
    _same(runs.broken(), STORED["broken"])


def test_schema_and_differences_of_rulebooks() -> None:
    _same({"schema": compare.digest(engine.schema()), "differences": runs.versions()}, STORED)
