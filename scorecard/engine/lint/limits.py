"""Lint of sizes: what the whole numbers of a result would not hold."""

from __future__ import annotations

from scorecard.engine.lint.reporter import Reporter
from scorecard.engine.lowering.limits import ADJUSTMENT, too_wide
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.text import Text


def limits(rulebook: Rulebook, r: Reporter) -> None:
    """Points, limits, measures and items must fit what results hold; adjustments have at most four decimals."""
    for path, found, most in too_wide(rulebook):
        r.report(
            path,
            "too-wide",
            Text(f"此处需要 {found}，系统最多容纳 {most}。", f"This comes to {found}, and at most {most} can be held."),
            Text("请减少取整位数、分值或条目。", "Round to fewer digits, give fewer points, or list fewer entries."),
        )
    for rule in rulebook.adjustments:
        for number, case in enumerate(rule.cases):
            if case.points * ADJUSTMENT != int(case.points * ADJUSTMENT):
                said = Text(
                    f"{plain(case.points)} 的小数位多于 4 位。", f"{plain(case.points)} has more than 4 decimals."
                )
                remedy = Text("请减少小数位。", "Use fewer decimals.")
                r.report(f"adjustments.{rule.id}.cases.{number}.points", "digits", said, remedy)
