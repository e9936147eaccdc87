"""The frozen values of the peers: those of some figures alone, and made ready for look-ups."""

from pathlib import Path

from scorecard.engine import load_rulebook
from scorecard.engine.arrays.peers import KEPT, ready
from scorecard.engine.cases.worked import read_vectors
from scorecard.engine.exact.peergroup import peer_expressions, peer_snapshot
from scorecard.engine.values.rational import Fraction

FOLDER = Path(__file__).resolve().parents[2] / "rulebooks" / "national-2020" / "3"
NATIONAL = load_rulebook(FOLDER)


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
