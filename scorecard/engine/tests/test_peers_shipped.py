"""Over the rulebooks that ship: what a bank is told depends on its peers by place alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.commands.catalog import installed
from scorecard.engine import ScoringInput, evaluate, lint, load_rulebook
from scorecard.engine.cases.worked import read_vectors
from scorecard.engine.exact.context import Scoring
from scorecard.engine.exact.peergroup import peer_expressions
from scorecard.engine.language.exact import compiled
from scorecard.engine.tests.conftest import RULEBOOKS
from scorecard.engine.values.rational import Fraction
from scorecard.engine.whatif.simulate import still_needed
from scorecard.tests.drawn import examples

NAMES = sorted(f"{each.code}/{each.version}" for each in installed(RULEBOOKS))
BOOKS = {name: load_rulebook(RULEBOOKS / name) for name in NAMES}
COMPARING = [name for name, book in BOOKS.items() if peer_expressions(book)]


def told(name: str, inputs: ScoringInput) -> str:
    """Everything that is said to the bank: its result with all reasons and hints, and what is still needed."""
    book = BOOKS[name]
    return json.dumps([evaluate(book, inputs).to_json(), repr(still_needed(book, inputs))], ensure_ascii=False)


def own_figures(name: str, inputs: ScoringInput) -> dict[str, Fraction]:
    """What the bank itself has of each compared figure."""
    c = Scoring(BOOKS[name], inputs)
    values = {key: compiled(node)(c) for key, node in peer_expressions(BOOKS[name]).items()}
    return {key: value for key, value in values.items() if isinstance(value, Fraction)}


def test_there_are_rulebooks_that_compare() -> None:
    assert any(name.startswith("national-2020/") for name in COMPARING)


@pytest.mark.parametrize("name", COMPARING)
@settings(max_examples=examples(60), deadline=None)
@given(data=st.data())
def test_moving_one_peer_on_its_side_changes_no_letter(name: str, data: Any) -> None:
    """The peer may be the one in the middle, the next one or the last: with the same place, percentile and side of the
    median every text and every number is the same. So a bank learns of its peers how many lie on which side of it.
    """
    vectors = read_vectors(BOOKS[name], RULEBOOKS / name)
    inputs = data.draw(st.sampled_from([v for v in vectors if own_figures(name, v.case)])).case
    steps = st.fractions(min_value=-1, max_value=1, max_denominator=10_000)
    before, after = {}, {}
    for key, own in own_figures(name, inputs).items():
        others = data.draw(st.lists(steps, min_size=4, max_size=7))
        which, times = data.draw(st.integers(0, len(others) - 1)), data.draw(st.fractions("1/100", 100))
        moved = [step * times if place == which else step for place, step in enumerate(others)]
        before[key] = tuple(sorted([own, *(own + step for step in others)]))
        after[key] = tuple(sorted([own, *(own + step for step in moved)]))
        if len(before[key]) % 2 == 0:  # the middle of two may move to the other side of the bank: not the same side
            half = len(before[key]) // 2
            sides = [(peers[half - 1] + peers[half] > 2 * own) for peers in (before[key], after[key])]
            equal = [(peers[half - 1] + peers[half] == 2 * own) for peers in (before[key], after[key])]
            if sides[0] != sides[1] or equal[0] != equal[1]:
                after[key] = before[key]
    assert told(name, replace(inputs, peers=before)) == told(name, replace(inputs, peers=after))


@pytest.mark.parametrize("name", NAMES)
def test_no_rulebook_that_ships_gives_points_that_move_with_a_figure_of_a_peer(name: str) -> None:
    assert [f for f in lint(RULEBOOKS / name, vectors=False) if f.code in ("peers", "instrument")] == []
