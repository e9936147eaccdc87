"""How much is done to score one bank: counted in calls, which no busy machine changes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import pytest

from scorecard.engine import Rulebook, ScoringInput, evaluate


def calls(work: Callable[[], Any]) -> int:
    """Return how many functions are called, once all that is worked out once is there."""
    work()
    count = 0

    def seen(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.skipif("SLIPCOVER_ENABLED" in os.environ, reason="the marks of the coverage are calls themselves")
def test_one_bank_takes_few_calls(shanghai: Rulebook, full: ScoringInput) -> None:
    """Python 3.11 counts 4,200 and 14,200 (8,900 and 37,900 before results were kept and rationals quick)."""
    assert calls(lambda: evaluate(shanghai, full, explain=False)) < 5_000
    assert calls(lambda: evaluate(shanghai, full)) < 15_000
