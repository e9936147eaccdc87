"""Points of one indicator: rule, range, rounding, the reviewer's judgement and the kinds of nothing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from scorecard.engine.model import Indicator
from scorecard.engine.numbers import plain, round_points
from scorecard.engine.results import IndicatorResult
from scorecard.engine.rules.base import sentence
from scorecard.engine.text import Text
from scorecard.engine.values import Absence, Missing

if TYPE_CHECKING:
    from scorecard.engine.context import Scoring

_STATES = {
    Absence.UNANSWERED: "unanswered",
    Absence.NOT_APPLICABLE: "not_applicable",
    Absence.NOT_SUPPLIED: "pending",
    Absence.UNDEFINED: "undefined",
}


def within(value: Fraction, indicator: Indicator) -> Fraction:
    """Limit points to the declared range of the indicator."""
    return max(Fraction(indicator.min), min(Fraction(indicator.max), value))


def score_indicator(c: Scoring, indicator: Indicator) -> IndicatorResult:
    """Score one indicator.

    A blank earns the lowest points of the range, so that a blank never beats an honest answer. A value that the
    supervisor or system has yet to supply, and a division by zero, leave the indicator without points until somebody
    judges it. What "not applicable" does is the rulebook's to say.
    """
    rounding = c.rulebook.rounding
    found = indicator.rule.evaluate(c)
    judged = c.case.judged.get(indicator.id)
    own = c.case.self_points.get(indicator.id)
    points: Decimal | None
    system: Decimal | None
    if indicator.id in c.case.not_applicable:
        found = Missing(
            Absence.NOT_APPLICABLE, Text("监管部门已认定不适用", "the supervisor accepted it as not applicable")
        )
    if isinstance(found, Missing):
        state = _STATES[found.kind]
        points, reason = _without_points(indicator, found)
        system = points
    else:
        state = "scored"
        system = points = round_points(within(found, indicator), rounding.indicator, rounding.mode)
        reason = Text(f"按规则得 {plain(points)} 分。", f"The rule gives {plain(points)} points.")
    if judged is not None:
        state = "judged"
        points = round_points(within(Fraction(judged), indicator), rounding.indicator, rounding.mode)
        was = (
            Text("系统未计分", "the system gave none")
            if system is None
            else Text(f"系统计分 {plain(system)}", f"the system gave {plain(system)}")
        )
        reason = Text(
            f"核评得 {plain(points)} 分（{was.zh}）。", f"The reviewer set {plain(points)} points ({was.en})."
        )
    return IndicatorResult(
        indicator.id, indicator.section, state, points, system, own, judged, indicator.min, indicator.max, reason
    )


def _without_points(indicator: Indicator, missing: Missing) -> tuple[Decimal | None, Text]:
    why = Text(missing.reason.zh, sentence(missing.reason.en))
    match missing.kind:
        case Absence.UNANSWERED:
            low = plain(indicator.min)
            return indicator.min, Text(
                f"{why.zh}，暂按最低 {low} 分计。", f"{why.en}: it counts the lowest, {low} points, for now."
            )
        case Absence.NOT_APPLICABLE if indicator.not_applicable == "full":
            return indicator.max, Text(f"{why.zh}，按满分计。", f"{why.en}: it counts in full.")
        case Absence.NOT_APPLICABLE if indicator.not_applicable == "none":
            points = max(indicator.min, min(indicator.max, Decimal(0)))
            return points, Text(f"{why.zh}，按 {plain(points)} 分计。", f"{why.en}: it counts {plain(points)} points.")
        case Absence.NOT_APPLICABLE:
            return None, Text(
                f"{why.zh}，分值由本板块其他指标分摊。", f"{why.en}: its points are shared out within the section."
            )
        case Absence.NOT_SUPPLIED:
            return None, Text(f"{why.zh}，暂不计分。", f"{why.en}: no points yet.")
    return None, Text(f"{why.zh}，须由监管部门评定。", f"{why.en}: the supervisor must judge it.")
