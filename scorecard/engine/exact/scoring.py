"""Points of one indicator: rule, range, rounding, the reviewer's judgement and the kinds of nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from scorecard.engine.rulebook.model import Indicator
from scorecard.engine.rulebook.prepared import once
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rules.base import Points
from scorecard.engine.rules.words import sentence
from scorecard.engine.values.facts import Absence, Missing
from scorecard.engine.values.numbers import plain, round_points, round_units, scaled
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import IndicatorResult
from scorecard.engine.values.scoring_input import ScoringInput
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import after

#: The state of an indicator whose rule gives no value, by the kind of what is absent.
STATE_OF = {
    Absence.UNANSWERED: "unanswered",
    Absence.NOT_APPLICABLE: "not_applicable",
    Absence.NOT_SUPPLIED: "pending",
    Absence.UNDEFINED: "undefined",
}


def score_indicator(rulebook: Rulebook, inputs: ScoringInput, indicator: Indicator, found: Points) -> IndicatorResult:
    """Score one indicator of which the rule says `found`.

    A blank earns the lowest points of the range, so that a blank never beats an honest answer. A value that the
    supervisor or system has yet to supply, and a division by zero, leave the indicator without points until somebody
    judges it. What "not applicable" does is the rulebook's to say.
    """
    judged, own = inputs.judged.get(indicator.id), inputs.self_points.get(indicator.id)
    if indicator.id in inputs.not_applicable:
        accepted = Text("监管部门已认定不适用", "the supervisor accepted it as not applicable")
        found = Missing(Absence.NOT_APPLICABLE, accepted)
    if isinstance(found, Missing):
        points = points_without(indicator, found.kind)
        result = _result(indicator, STATE_OF[found.kind], points, own, _why_without(indicator, found, points))
    else:
        result = _scored(rulebook, indicator, found, own)
    if judged is None:
        return result
    system = result.points
    was = Text("系统未计分", "the system gave none")
    if system is not None:
        was = Text(f"系统计分 {plain(system)}", f"the system gave {plain(system)}")
    limited = max(indicator.min, min(indicator.max, judged))
    points = round_points(Fraction(limited), rulebook.rounding.indicator, rulebook.rounding.mode)
    reason = Text(f"核评得 {plain(points)} 分（{was.zh}）。", f"The reviewer set {_en(points)} ({was.en}).")
    return replace(result, state="judged", points=points, judged_points=judged, reason=reason)


def _result(spec: Indicator, state: str, points: Decimal | None, own: Decimal | None, reason: Text) -> IndicatorResult:
    return IndicatorResult(spec.id, spec.section, state, points, points, own, None, spec.min, spec.max, reason)


def _en(points: Decimal) -> str:
    """Points with their unit in English."""
    return f"{plain(points)}{after('分', 'en', abs(points) == 1)}"


#: How many results of one indicator are kept for the next bank with the same points.
KEPT_RESULTS = 1000


def _scored(rulebook: Rulebook, indicator: Indicator, found: Fraction, own: Decimal | None) -> IndicatorResult:
    """Return the result of an indicator whose points the rule gives.

    Rounding keeps order, so limiting the rounded points to the rounded range is the same as rounding what is within
    the range. Results never change and few points are possible, so equal ones are the same object.
    """
    digits, mode = rulebook.rounding.indicator, rulebook.rounding.mode
    low, high, kept = _kept_results(rulebook)[indicator.id]
    units = max(low, min(high, round_units(found, digits, mode)))
    key = units, "" if own is None else str(own)
    result = kept.get(key)
    if result is None:
        points = scaled(units, digits)
        reason = Text(f"按规则得 {plain(points)} 分。", f"{_en(points)[:1].upper()}{_en(points)[1:]} under the rule.")
        result = _result(indicator, "scored", points, own, reason)
        if len(kept) < KEPT_RESULTS:
            kept[key] = result
    return result


@once
def _kept_results(rulebook: Rulebook) -> dict[str, tuple[int, int, dict[tuple[int, str], IndicatorResult]]]:
    """Return of each indicator the ends of its range in units, and its results by their points and the bank's own."""
    digits, mode = rulebook.rounding.indicator, rulebook.rounding.mode
    indicators = rulebook.indicators.values()
    return {i.id: (round_units(i.min, digits, mode), round_units(i.max, digits, mode), {}) for i in indicators}


def points_without(indicator: Indicator, kind: Absence) -> Decimal | None:
    """Return the points where there is no value: the lowest for a blank, what the rulebook says for not applicable."""
    if kind is Absence.UNANSWERED:
        return indicator.min
    if kind is not Absence.NOT_APPLICABLE or indicator.not_applicable == "share_out":
        return None
    return indicator.max if indicator.not_applicable == "full" else max(indicator.min, min(indicator.max, Decimal(0)))


def _why_without(indicator: Indicator, missing: Missing, points: Decimal | None) -> Text:
    zh, en = missing.reason.zh, sentence(missing.reason.en)
    shown, shown_en = ("", "") if points is None else (plain(points), _en(points))
    match missing.kind:
        case Absence.UNANSWERED:
            return Text(f"{zh}，暂按最低 {shown} 分计。", f"{en}: it counts the lowest, {shown_en}, for now.")
        case Absence.NOT_APPLICABLE if points is None:
            return Text(f"{zh}，分值由本板块其他指标分摊。", f"{en}: its points are shared out within the section.")
        case Absence.NOT_APPLICABLE if indicator.not_applicable == "full":
            return Text(f"{zh}，按满分计。", f"{en}: it counts in full.")
        case Absence.NOT_APPLICABLE:
            return Text(f"{zh}，按 {shown} 分计。", f"{en}: it counts {shown_en}.")
        case Absence.NOT_SUPPLIED:
            return Text(f"{zh}，暂不计分。", f"{en}: no points yet.")
    return Text(f"{zh}，须由监管部门评定。", f"{en}: the supervisor must judge it.")
