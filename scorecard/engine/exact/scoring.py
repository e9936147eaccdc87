"""Points of one indicator: rule, range, rounding, the reviewer's judgement and the kinds of nothing."""

from __future__ import annotations

from dataclasses import dataclass
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

_STATES = {
    Absence.UNANSWERED: "unanswered",
    Absence.NOT_APPLICABLE: "not_applicable",
    Absence.NOT_SUPPLIED: "pending",
    Absence.UNDEFINED: "undefined",
}


def within(value: Fraction, indicator: Indicator) -> Fraction:
    """Limit points to the declared range of the indicator."""
    return max(Fraction(indicator.min), min(Fraction(indicator.max), value))


def score_indicator(rulebook: Rulebook, inputs: ScoringInput, indicator: Indicator, found: Points) -> IndicatorResult:
    """Score one indicator of which the rule says `found`.

    A blank earns the lowest points of the range, so that a blank never beats an honest answer. A value that the
    supervisor or system has yet to supply, and a division by zero, leave the indicator without points until somebody
    judges it. What "not applicable" does is the rulebook's to say.
    """
    judged = inputs.judged.get(indicator.id)
    own = inputs.self_points.get(indicator.id)
    out = indicator.id in inputs.not_applicable
    if found.__class__ is not Missing and judged is None and not out:
        return _scored(rulebook, indicator, found, own)  # type: ignore[arg-type]
    rounding = rulebook.rounding
    points: Decimal | None
    system: Decimal | None
    if out:
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
        reason = _by_rule(points)
    if judged is not None:
        state = "judged"
        points = round_points(within(Fraction(judged), indicator), rounding.indicator, rounding.mode)
        was = (
            Text("系统未计分", "the system gave none")
            if system is None
            else Text(f"系统计分 {plain(system)}", f"the system gave {plain(system)}")
        )
        reason = Text(f"核评得 {plain(points)} 分（{was.zh}）。", f"The reviewer set {_en(points)} ({was.en}).")
    return IndicatorResult(
        indicator.id, indicator.section, state, points, system, own, judged, indicator.min, indicator.max, reason
    )


def _by_rule(points: Decimal) -> Text:
    return Text(f"按规则得 {plain(points)} 分。", f"The rule gives {_en(points)}.")


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
    rounding = rulebook.rounding
    digits, mode = rounding.indicator, rounding.mode
    kept = _kept_results(rulebook)[indicator.id]
    units = max(kept.low, min(kept.high, round_units(found, digits, mode)))
    key = units if own is None else (units, str(own))
    result = kept.results.get(key)
    if result is None:
        points = scaled(units, digits)
        result = IndicatorResult(
            indicator.id,
            indicator.section,
            "scored",
            points,
            points,
            own,
            None,
            indicator.min,
            indicator.max,
            _by_rule(points),
        )
        if len(kept.results) < KEPT_RESULTS:
            kept.results[key] = result
    return result


@dataclass(frozen=True, slots=True)
class _KeptResults:
    """Results of one indicator by their points (and the bank's own), within the range `low` to `high` in units."""

    low: int
    high: int
    results: dict[int | tuple[int, str], IndicatorResult]


@once
def _kept_results(rulebook: Rulebook) -> dict[str, _KeptResults]:
    digits, mode = rulebook.rounding.indicator, rulebook.rounding.mode

    def units(end: Decimal) -> int:
        return round_units(Fraction(end), digits, mode)

    return {i.id: _KeptResults(units(i.min), units(i.max), {}) for i in rulebook.indicators.values()}


def _without_points(indicator: Indicator, missing: Missing) -> tuple[Decimal | None, Text]:
    why = Text(missing.reason.zh, sentence(missing.reason.en))
    match missing.kind:
        case Absence.UNANSWERED:
            low = plain(indicator.min)
            return indicator.min, Text(
                f"{why.zh}，暂按最低 {low} 分计。", f"{why.en}: it counts the lowest, {_en(indicator.min)}, for now."
            )
        case Absence.NOT_APPLICABLE if indicator.not_applicable == "full":
            return indicator.max, Text(f"{why.zh}，按满分计。", f"{why.en}: it counts in full.")
        case Absence.NOT_APPLICABLE if indicator.not_applicable == "none":
            points = max(indicator.min, min(indicator.max, Decimal(0)))
            return points, Text(f"{why.zh}，按 {plain(points)} 分计。", f"{why.en}: it counts {_en(points)}.")
        case Absence.NOT_APPLICABLE:
            return None, Text(
                f"{why.zh}，分值由本板块其他指标分摊。", f"{why.en}: its points are shared out within the section."
            )
        case Absence.NOT_SUPPLIED:
            return None, Text(f"{why.zh}，暂不计分。", f"{why.en}: no points yet.")
    return None, Text(f"{why.zh}，须由监管部门评定。", f"{why.en}: the supervisor must judge it.")
