"""One bank under two rulebooks, exactly: what the trial's arrays must give row by row."""

from typing import Any

from assessments.filings.scoring_input import version_input
from assessments.trials.entries import Entry
from scorecard.engine import Result, Rulebook, evaluate
from scorecard.engine.values.numbers import exact, plain


def exact_row(entry: Entry, before: Rulebook, after: Rulebook) -> dict[str, Any]:
    """The row of ``Trial.result`` by ``evaluate`` alone."""
    version, bank = entry.assessment.version, entry.assessment.bank
    assert version is not None

    def score(rulebook: Rulebook) -> Result:
        judged = {k: v for k, v in entry.inputs["judged"].items() if k in rulebook.indicators}
        case = version_input(
            version,
            supervisor_facts=entry.inputs["facts"],
            judged=judged,
            rulebook=rulebook,
            parameters=entry.inputs.get("parameters"),
        )
        return evaluate(rulebook, case, explain=False)

    old, new = score(before), score(after)
    ids = dict.fromkeys((*old.indicators, *new.indicators))
    sections = dict.fromkeys((*old.sections, *new.sections))
    shared = {s: [plain(r.sections[s].shared_out) if s in r.sections else "0" for r in (old, new)] for s in sections}
    return {
        "assessment": entry.assessment.pk,
        "bank": bank.pk,
        "code": bank.code,
        "zh": bank.name_zh,
        "en": bank.name_en,
        "category": bank.category,
        "version": version.number,
        "kind": str(entry.kind),
        "before": _side(old),
        "after": _side(new),
        "indicators": {i: [_points(old, i), _points(new, i)] for i in ids if _points(old, i) != _points(new, i)},
        "shared": {s: pair for s, pair in shared.items() if pair[0] != pair[1]},
        "targets": {t: states for t in old.targets if t in new.targets and (states := _states(old, new, t))},
    }


def _states(old: Result, new: Result, target: str) -> list[str]:
    """Both states of a target where they differ."""
    states = [result.targets[target].state for result in (old, new)]
    return states if states[0] != states[1] else []


def _points(result: Result, indicator: str) -> str | None:
    found = result.indicators.get(indicator)
    return str(exact(found.points)) if found is not None and found.points is not None else None


def _side(result: Result) -> dict[str, Any]:
    return {
        "total": plain(result.total),
        "before": result.grade.before,
        "grade": result.grade.after,
        "caps": [cap.id for cap in result.grade.applied],
    }
