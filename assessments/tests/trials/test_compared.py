"""What a changed rulebook compares with peers in its own way."""

from pathlib import Path
from typing import Any

import pytest

from assessments.trials.compared import changed_peers
from scorecard.engine import Change, load_rulebook
from scorecard.engine.exact.peergroup import peer_expressions
from scorecard.engine.whatif.simulate import patched

NATIONAL = load_rulebook(Path(__file__).resolve().parents[3] / "scorecard" / "rulebooks" / "national-2020" / "3")


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
