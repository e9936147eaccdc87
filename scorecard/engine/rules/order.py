"""Points that must go one way with their figure."""

from __future__ import annotations

from itertools import pairwise

from scorecard.engine.rules.base import Checker
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text


def monotone(r: Checker, path: str, direction: str, values: list[Fraction]) -> None:
    """Report points that do not rise (`up`) or fall (`down`) as declared; nothing where nothing is declared."""
    if direction and any((a > b) if direction == "up" else (a < b) for a, b in pairwise(values)):
        word, word_en = ("递增", "rise") if direction == "up" else ("递减", "fall")
        r.report(
            path,
            "monotone",
            Text(f"声明为{word}，但分值并不{word}。", f"It is declared to {word_en}, but its points do not."),
            Text("请改正分值，或改正“direction”。", "Correct the points, or “direction”."),
        )
