"""Where a bank stands at a reading: each target on the day, what the year-end still asks, the forecast, warnings.

Pure: it asks no database (``history.py`` reads, ``services.py`` writes).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from assessments.readings.figures import Values, bases
from assessments.readings.forecast import Course, Spread, forecast
from assessments.readings.goals import goals
from assessments.readings.rules import watching
from assessments.readings.warnings import of_bank, of_target
from scorecard.engine import Rulebook, ScoringInput, Text, evaluate
from scorecard.engine.rulebook.dependencies import facts_of
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import Need, TargetResult
from scorecard.engine.values.units import quantities

EMPTY = Text("", "")


@dataclass(frozen=True)
class Known:
    """What the standing of one bank is worked out from.

    ``base`` are the base figures of this year's 31 December; ``before`` maps targets to whether they were missed at the
    last reading before in the same year. ``goal_base`` and ``goal_courses`` are the same for the goal beside the
    targets.
    """

    month: int
    category: str
    now: Values
    base: Values
    last_year: Values = field(default_factory=dict)
    before: dict[str, bool] = field(default_factory=dict)
    courses: Sequence[Course] = ()
    goal_base: Values = field(default_factory=dict)
    goal_courses: Sequence[Course] = ()


def targets_on(rulebook: Rulebook, facts: Values, last_year: Values) -> dict[str, TargetResult]:
    """Every target by the engine's own result."""
    known = {id: value for id, value in facts.items() if id in rulebook.facts}
    history = {-1: {id: value for id, value in last_year.items() if id in rulebook.facts}} if last_year else {}
    return dict(evaluate(rulebook, ScoringInput(facts=known, history=history)).targets)


def at_year_end(rulebook: Rulebook, known: Known) -> dict[str, TargetResult]:
    """The condition of 31 December with everything else as on the day."""
    return targets_on(rulebook, {**known.now, **known.base}, {})


def standing_of(rulebook: Rulebook, known: Known) -> dict[str, Any]:
    """The standing as it is kept: exact numbers as text, sentences in both languages."""
    day = targets_on(rulebook, known.now, known.last_year)
    end = at_year_end(rulebook, known)
    targets: dict[str, Any] = {}
    warned: list[dict[str, Any]] = []
    for id, result in day.items():
        spread = None
        if known.month < 12:
            spread = forecast(rulebook, id, known.month, known.now, known.base, known.category, known.courses)
        sides = rulebook.targets[id]
        at_end = end[id] if _base_known(rulebook, id, known.base) else None
        targets[id] = {
            "day": _plain(result),
            "end": _plain(at_end) if at_end is not None else None,
            "forecast": spread.to_json() if spread is not None else None,
        }
        values = {
            "missed": result.counts_as_missed,
            "missed_before": known.before.get(id, False),
            "need_share": _need_share(at_end, known.now.get(sides.lever)),
            "met_share": spread.met_share if spread is not None else None,
            "months": known.month,
        }
        warned += of_target(id, values, _words(sides.short, result, at_end, spread))
    plan = _plan(known)
    warned += of_bank(
        {
            "missed_targets": sum(result.counts_as_missed for result in day.values()),
            "plan_increment": known.now.get("plan_increment"),
            "plan_share": plan,
            "year_share": Fraction(known.month, 12),
            "months": known.month,
        },
        {"plan": _percent(plan), "year": _percent(Fraction(known.month, 12))},
    )
    return {
        "rules": watching().version,
        "targets": targets,
        "goals": goals_of(known),
        "plan": {"share": None if plan is None else str(plan)},
        "warnings": warned,
    }


def _plain(result: TargetResult) -> dict[str, Any]:
    found: dict[str, Any] = result.to_json()
    found.pop("trace", None)
    return found


def goals_of(known: Known) -> dict[str, Any]:
    """The goal as the targets are kept, with no outcome that counts; nothing where the bank gave no figure."""
    book, found = goals(), {}
    end = targets_on(book, {**known.now, **known.goal_base}, {})
    for id, result in targets_on(book, known.now, {}).items():
        if not isinstance(known.now.get(book.targets[id].lever), Decimal):
            continue
        spread = None
        if known.month < 12:
            spread = forecast(book, id, known.month, known.now, known.goal_base, known.category, known.goal_courses)
        found[id] = {
            "day": _plain(result),
            "end": _plain(end[id]) if _base_known(book, id, known.goal_base) else None,
            "forecast": spread.to_json() if spread is not None else None,
        }
    return found


def _base_known(rulebook: Rulebook, target: str, base: Values) -> bool:
    sides = rulebook.targets[target]
    behind = facts_of(rulebook, (sides.left, sides.right))
    return all(fact in base for fact in behind if fact in bases(rulebook))


def _need_share(end: TargetResult | None, lever: Any) -> Fraction | None:
    """What is still needed as a part of what there is; 0 where nothing is, None where it is not known."""
    if end is None or end.state == "unknown":
        return None
    need: Need | None = end.needed
    if need is None:
        return Fraction(0) if not end.counts_as_missed else None
    return Fraction(need.increase) / Fraction(lever) if isinstance(lever, Decimal) and lever else None


def _plan(known: Known) -> Fraction | None:
    planned, done = known.now.get("plan_increment"), known.now.get("plan_done")
    if not isinstance(planned, Decimal) or not isinstance(done, Decimal) or not planned:
        return None
    return Fraction(done) / Fraction(planned)


def _percent(value: Fraction | None) -> Text:
    return EMPTY if value is None else quantities(value.limit_denominator(10**6), "%")


def _words(short: Text, day: TargetResult, end: TargetResult | None, spread: Spread | None) -> dict[str, Text]:
    """What a message may say of one target."""
    need = end.needed.text if end is not None and end.needed is not None else EMPTY
    cases, met = (spread.cases, spread.met) if spread is not None else (0, 0)
    margin = EMPTY
    if day.margin is not None:
        gap = day.margin * 100 if day.unit == "%" else day.margin
        rounded = Fraction(round(gap * 100), 100)
        shown = quantities(rounded or gap, "pp" if day.unit == "%" else day.unit)
        margin = Text(f"差额 {shown.zh}", f"margin {shown.en}")
    elif day.reason is not None:
        margin = day.reason
    return {
        "target": short,
        "margin": margin,
        "need": need,
        "met": Text(str(met), str(met)),
        "cases": Text(str(cases), str(cases)),
    }
