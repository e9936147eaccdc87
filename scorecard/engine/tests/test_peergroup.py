"""Which figures must be collected again from the peers when a rulebook changes."""

from pathlib import Path
from typing import Any

import pytest

from scorecard.engine import Change, load_rulebook
from scorecard.engine.arrays.peers import KEPT, ready
from scorecard.engine.cases.worked import read_vectors
from scorecard.engine.exact.peergroup import changed_peers, peer_expressions, peer_snapshot
from scorecard.engine.values.rational import Fraction
from scorecard.engine.whatif.simulate import patched

FOLDER = Path(__file__).resolve().parents[2] / "rulebooks" / "national-2020" / "1"
NATIONAL = load_rulebook(FOLDER)


@pytest.mark.parametrize(
    ("path", "value", "changed"),
    [
        ("definitions.incl_rate.expr", "incl_lent_interest / incl_lent_year / 2", {"rate_fall"}),
        ("definitions.rate_fall.expr", "incl_rate - rate_prev_year", {"rate_fall"}),
        ("indicators.4.3.rule.x", "percentile(decision_days / unit(2, 天))", {"(decision_days / unit(2, 天))"}),
        ("facts.decision_days.max", "30", {"decision_days"}),
        ("definitions.rate_fall.label.en", "Fall of the rate", set()),
        ("facts.decision_days.help", {"zh": "含补件时间", "en": "Waiting included"}, set()),
        ("definitions.credit_share.expr", "credit_loan_bal / all_bal_end", set()),
        ("parameters.high_share_line.default", "0.6", set()),
        ("indicators.4.3.max", "4", set()),
    ],
)
def test_only_what_peers_are_compared_on_and_rests_on_counts(path: str, value: Any, changed: set[str]) -> None:
    after = patched(NATIONAL, (Change(path, value),))
    assert changed_peers(NATIONAL, after) == changed
    assert changed_peers(after, after) == changed_peers(NATIONAL, NATIONAL) == frozenset()


def test_a_value_of_the_year_that_is_tried_counts_even_where_the_rulebooks_agree() -> None:
    above = (Change("indicators.4.3.rule.x", "percentile(decision_days / unit(2, 天) * high_share_line)"),)
    book = patched(NATIONAL, above)
    (key,) = set(peer_expressions(book)) - set(peer_expressions(NATIONAL))
    assert changed_peers(book, book) == frozenset()
    assert changed_peers(book, book, tried={"high_share_line"}) == {key}


def test_a_snapshot_can_be_limited_to_some_figures() -> None:
    cases = [vector.case for vector in read_vectors(NATIONAL, FOLDER)]
    whole = peer_snapshot(NATIONAL, cases)
    part = peer_snapshot(NATIONAL, cases, keys={"rate_fall"})
    assert set(peer_expressions(NATIONAL)) == {"incl_share", "rate_fall", "decision_days"}
    assert part == {group: {"rate_fall": figures["rate_fall"]} for group, figures in whole.items()}
    assert any(figures["rate_fall"] for figures in part.values())


def test_frozen_values_are_made_ready_once_and_keep_their_ties() -> None:
    values = tuple(Fraction(n, 6) for n in (-3, 1, 1, 2, 2, 2, 5))
    made = ready(values)
    assert ready(values) is made and ready(tuple(values[:3])) is not made
    assert made.distinct.tolist() == [-0.5, 1 / 6, 1 / 3, 5 / 6] and made.divisors.tolist() == [2, 6, 3, 6]
    assert made.below.tolist() == [0, 1, 3, 6, 7] and made.count == 7 and made.median == Fraction(1, 3)
    nothing = ready(())
    assert (nothing.count, nothing.median, nothing.below.tolist()) == (0, None, [0])
    for number in range(2 * KEPT):
        assert ready((Fraction(number),)).distinct.tolist() == [number]
