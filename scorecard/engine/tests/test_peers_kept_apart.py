"""No text of one bank tells the figure of another: a minimum group, and no number of a peer in any hint or reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.engine import Change, Rulebook, ScoringInput, evaluate, load_rulebook, rulebook_from_json
from scorecard.engine.arrays import evaluate_many
from scorecard.engine.arrays.frames import read_frame
from scorecard.engine.cases.worked import read_vectors
from scorecard.engine.exact.peergroup import group_of, peer_snapshot
from scorecard.engine.tests.frames import assert_equal, to_frame
from scorecard.engine.whatif.simulate import patched, still_needed
from scorecard.tests.drawn import examples

FOLDER = Path(__file__).resolve().parents[2] / "rulebooks" / "national-2020" / "3"
NATIONAL = load_rulebook(FOLDER)
WORKED = {v.id: v.case for v in read_vectors(NATIONAL, FOLDER)}
OWN = WORKED["peers-percentiles"] if "peers-percentiles" in WORKED else next(iter(WORKED.values()))


def with_rule(rule: Mapping[str, Any], **entries: Any) -> Rulebook:
    """The national rulebook with another rule for the days until a decision, and other entries."""
    changes = [Change("indicators.4.3.rule", dict(rule))]
    changes += [Change(path.replace("__", "."), value) for path, value in entries.items()]
    return patched(NATIONAL, tuple(changes))


SOURCE = {"source": "design § peers", "basis": "proposed"}
TEXT = {"zh": "同组", "en": "peers"}
OVER = {"label": TEXT, "unit": "天", "expr": "decision_days - median(decision_days)", **SOURCE}
BOOKS: dict[str, Rulebook] = {
    "percentile": NATIONAL,
    "rank": with_rule({"kind": "rank", "x": "decision_days", "unit": "天", "full": "3", "each": "1", "floor": "-1"}),
    "over the median": with_rule(
        {"kind": "curve", "x": "over", "unit": "天", "points": [["-9", "3"], ["9", "-1"]]}, definitions__over=OVER
    ),
    "steps over the median": with_rule(
        {
            "kind": "steps",
            "x": "decision_days - median(decision_days)",
            "unit": "天",
            "compare": "at_most",
            "steps": [["-2", "3"], ["2", "1"]],
            "otherwise": "-1",
        }
    ),
    "share of the median": with_rule(
        {"kind": "share", "x": "decision_days", "reference": "median(decision_days)", "unit": "天", "full": "3"}
    ),
    "deductions": with_rule(
        {
            "kind": "deductions",
            "start": "3",
            "floor": "-1",
            "per": [{"x": "decision_days - median(decision_days)", "unit": "天", "points": "1"}],
        }
    ),
    "target": with_rule(
        {"kind": "target", "target": "quick", "met": "3", "missed": "-1"},
        targets__quick={
            "name": TEXT,
            "short": TEXT,
            "left": "decision_days",
            "op": "<=",
            "right": "median(decision_days)",
            "unit": "天",
            "lever": "decision_days",
            **SOURCE,
        },
    ),
}


def banks(days: list[str], category: str = "city") -> list[ScoringInput]:
    return [
        replace(OWN.with_facts({"decision_days": Decimal(d)}), bank={**OWN.bank, "category": category}) for d in days
    ]


def told(rulebook: Rulebook, inputs: ScoringInput) -> str:
    """Everything that is said to the bank: its result with all reasons and hints, and what is still needed."""
    needed = still_needed(rulebook, inputs)
    return json.dumps([evaluate(rulebook, inputs).to_json(), repr(needed)], ensure_ascii=False)


def scored(rulebook: Rulebook, filed: list[ScoringInput], bank: int) -> ScoringInput:
    snapshot = peer_snapshot(rulebook, filed)
    return replace(filed[bank], peers=snapshot[group_of(filed[bank].bank)])


@pytest.mark.parametrize("name", BOOKS)
@settings(max_examples=examples(8), deadline=None)
@given(move=st.decimals("10.01", "28.99", places=2), other=st.decimals("10.01", "28.99", places=2))
def test_no_text_tells_how_far_a_peer_is(name: str, move: Decimal, other: Decimal) -> None:
    """A peer that passes nobody, and is not the one in the middle, may have any figure: no letter of another's texts
    differs."""
    book = BOOKS[name]
    days = ["1", "2", "3", "4", "30", "31"]
    one, two = (scored(book, banks([*days, str(d)]), 1) for d in (move, other))
    assert told(book, one) == told(book, two)


@pytest.mark.parametrize("name", [n for n in BOOKS if n not in ("percentile", "rank", "target")])
def test_the_median_is_nowhere_in_the_texts(name: str) -> None:
    book = BOOKS[name]
    text = told(book, scored(book, banks(["1", "2", "17.37", "30", "31"]), 1))
    assert "17.37" not in text and "15.37" not in text and "1737/100" not in text


def test_the_hint_of_a_place_names_no_figure_of_a_peer() -> None:
    inputs = scored(NATIONAL, banks(["6.15", "9", "6.15", "6.15", "6.15"]), 1)
    (hint,) = evaluate(NATIONAL, inputs).indicators["4.3"].improve
    assert (hint.fact, hint.now, hint.then) == ("", None, None)
    assert "6.15" not in hint.text.zh and "percentile" in hint.text.en


@pytest.mark.parametrize(("count", "state"), [(4, "pending"), (5, "scored")])
def test_a_group_of_fewer_than_five_is_not_compared(count: int, state: str) -> None:
    found = evaluate(NATIONAL, scored(NATIONAL, banks(["6.15", "9", "7", "8", "3"][:count]), 1)).indicators["4.3"]
    assert found.state == state
    if state == "pending":
        assert "不足 5 家" in found.reason.zh and "fewer than 5 banks" in found.reason.en


@pytest.mark.parametrize("count", [4, 5])
def test_a_whole_round_at_once_keeps_the_minimum_group_too(count: int) -> None:
    """A round is scored on arrays: there too nobody is compared with fewer than five."""
    filed = banks(["6.15", "9", "7", "8", "3"][:count])
    snapshot = peer_snapshot(NATIONAL, filed)
    inputs = [scored(NATIONAL, filed, bank) for bank in range(count)]
    many = evaluate_many(NATIONAL, read_frame(NATIONAL, to_frame(inputs), OWN.parameters, snapshot))
    assert_equal(NATIONAL, inputs, many)
    assert all(
        evaluate(NATIONAL, one).indicators["4.3"].state == ("pending" if count < 5 else "scored") for one in inputs
    )


def test_the_minimum_group_is_a_value_of_the_rulebook() -> None:
    assert NATIONAL.peer_minimum == 5
    book = patched(NATIONAL, (Change("rulebook.peer_minimum", "3"),))
    assert book.peer_minimum == 3 and rulebook_from_json(book.to_json()).peer_minimum == 3
    assert evaluate(book, scored(book, banks(["6.15", "9", "7"]), 1)).indicators["4.3"].state == "scored"
    assert evaluate(book, scored(book, banks(["6.15", "9"]), 1)).indicators["4.3"].state == "pending"


@pytest.mark.parametrize("name", BOOKS)
def test_the_group_its_size_and_the_own_place_are_said(name: str) -> None:
    inputs = scored(BOOKS[name], banks(["6", "9", "7", "5", "30"]), 1)
    trace = evaluate(BOOKS[name], inputs).indicators["4.3"].trace
    assert trace is not None
    (note,) = {node.text for node in trace.walk() if node.label.en == "Peer group"}
    assert "（城市商业银行）" in note.zh and note.zh.endswith("：共 5 家，本行第 2 名。")
    assert "(City commercial bank)" in note.en and note.en.endswith(": place 2 of 5.")
    few = scored(BOOKS[name], banks(["6", "9"]), 1)
    notes = [n.text.zh for n in evaluate(BOOKS[name], few).indicators["4.3"].trace.walk() if n.label.en == "Peer group"]  # type: ignore[union-attr]
    assert notes and all("同组不足 5 家" in zh for zh in notes)
