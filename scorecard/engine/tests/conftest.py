"""Fixtures of the engine's tests: the shipped rulebooks, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from scorecard.engine import Rulebook, ScoringInput, load_rulebook
from scorecard.engine.cases.worked import Vector, read_vectors

RULEBOOKS = Path(__file__).resolve().parents[2] / "rulebooks"
SHANGHAI = RULEBOOKS / "shanghai-2017" / "3"
NATIONAL = RULEBOOKS / "national-2020" / "3"


@pytest.fixture(scope="session")
def shanghai() -> Rulebook:
    return load_rulebook(SHANGHAI)


@pytest.fixture(scope="session")
def vectors(shanghai: Rulebook) -> dict[str, Vector]:
    return {v.id: v for v in read_vectors(shanghai, SHANGHAI)}


@pytest.fixture(scope="session")
def full(vectors: dict[str, Vector]) -> ScoringInput:
    """A bank with every figure filed and every indicator at its best."""
    return vectors["all-full"].case
