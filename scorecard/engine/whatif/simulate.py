"""What-if: a rulebook with other rules; and what is still needed for targets and the next grade."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scorecard.engine.declarations.fields import Fields
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.errors import EngineError, RulebookError
from scorecard.engine.explain.evaluate import evaluate
from scorecard.engine.lint.references import references
from scorecard.engine.reading.reader import read_with_fields
from scorecard.engine.rulebook.conclusions import Cap
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain, round_ceiling
from scorecard.engine.values.results import Improvement, Need, Result
from scorecard.engine.values.scoring_input import ScoringInput
from scorecard.engine.values.text import Text, join
from scorecard.engine.values.units import after


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a rulebook: the path of an entry (as lint names it) and its new value, plain data as it stands in
    YAML; None removes the entry. ``indicators.A2.max`` and ``indicators.A2.rule.points.1.1`` are paths.
    """

    path: str
    value: Any


def patched(rulebook: Rulebook, changes: tuple[Change, ...]) -> Rulebook:
    """Return the rulebook with changes applied; the same rulebook when there are none. Raises RulebookError."""
    if not changes:
        return rulebook
    result, fields = read_changed(rulebook, changes)
    findings = fields.findings + references(result, fields)
    if findings:
        first = findings[0]
        raise RulebookError(
            Text(f"修改后的评价办法有误：{first.get('zh')}", f"The changed rulebook is wrong: {first}"), tuple(findings)
        )
    return result


def read_changed(rulebook: Rulebook, changes: Iterable[Change]) -> tuple[Rulebook, Fields]:
    """Read the rulebook with changes applied, with everything that is wrong in its form."""
    data = copy.deepcopy(dict(rulebook.document_data))
    for change in changes:
        apply_change(data, change)
    return read_with_fields(from_plain(data))


def apply_change(data: dict[str, Any], change: Change) -> None:
    """Apply one change to plain data in place. Raises EngineError when the path leads nowhere."""
    found = _place(data, change.path)
    if found is None or (found[0] is data and change.path not in data):
        raise EngineError(Text(f"评价办法中没有“{change.path}”。", f"The rulebook has no “{change.path}”."))
    at, key = found
    if isinstance(at, list):
        at[key : key + 1] = [] if change.value is None else [change.value]
    elif change.value is None:
        at.pop(key, None)
    else:
        at[key] = change.value


def _place(at: Any, path: str) -> tuple[Any, Any] | None:
    """Return what holds the entry at a path, and its key there, which may be new or follow the last of a list; None
    when the path leads nowhere. Ids such as 1.1.1 contain dots, so the longest key that exists is taken.
    """
    if isinstance(at, list):
        place, _, below = path.partition(".")
        if not place.isdigit() or int(place) > len(at) - bool(below):
            return None
        return _place(at[int(place)], below) if below else (at, int(place))
    if not isinstance(at, dict):
        return None
    parts = path.split(".")
    keys = (".".join(parts[:taken]) for taken in range(len(parts), 0, -1))
    key = next((key for key in keys if key in at), path)
    return (at, key) if key == path else _place(at[key], path[len(key) + 1 :])


@dataclass(frozen=True, slots=True)
class NextGrade:
    """What the next better grade takes: points still missing, caps in its way (those too that would act only once the
    points are there), and the changes that bring most.
    """

    grade: str
    points: Decimal
    blocked_by: tuple[str, ...]
    improvements: tuple[tuple[str, Improvement], ...]
    text: Text


@dataclass(frozen=True, slots=True)
class StillNeeded:
    """What is still needed for each missed target (None when no single fact does it) and for the next grade (None when
    the best is reached).
    """

    targets: Mapping[str, Need | None]
    grade: NextGrade | None


def _in_the_way(rulebook: Rulebook, found: Result, rank: int, least: Decimal) -> tuple[str, ...]:
    """Return the caps whose condition holds and that keep the grade of `rank`, which begins at the total `least`, out
    of reach, whether they act on today's points already or only once there are more.
    """

    def keeps_out(cap: Cap) -> bool:
        if cap.effect in ("cap_grade", "set_grade"):
            return rulebook.grade_order[cap.to] > rank
        return cap.effect == "cap_total" and Decimal(cap.to) < least

    return tuple(c.id for c in rulebook.caps if c.id in found.grade.holding and keeps_out(c))


def still_needed(rulebook: Rulebook, case: ScoringInput, result: Result | None = None) -> StillNeeded:
    """Return what is still needed for each missed target and for the next grade.

    `result` saves the evaluation when an explained result is at hand.
    """
    found = result if result is not None and result.trace is not None else evaluate(rulebook, case)
    targets = {k: t.needed for k, t in found.targets.items() if t.state == "missed"}
    rank = rulebook.grade_order[found.grade.after]
    if rank == 0:
        return StillNeeded(targets, None)
    grade = rulebook.grades[rank - 1]
    least = round_ceiling(grade.min or Decimal(0), rulebook.rounding.total)
    blocked = _in_the_way(rulebook, found, rank - 1, least)
    # What a cap takes off the total is not missing in points: it comes back with the cap.
    taken = (Decimal(c.from_) for c in found.grade.applied if c.effect == "cap_total" and c.id in blocked)
    gap = max(Decimal(0), least - next(taken, found.total))
    improvements = sorted(
        ((i.id, better) for i in found.indicators.values() for better in i.improve), key=lambda item: -item[1].gain
    )
    names = join([c.name for c in rulebook.caps if c.id in blocked])
    zh = f"距“{grade.name.zh}”还差 {plain(gap)} 分" if gap else f"分数已达“{grade.name.zh}”"
    en = (
        f"{plain(gap)}{after('分', 'en', gap == 1)} short of {grade.name.en}"
        if gap
        else f"The points already reach {grade.name.en}"
    )
    if blocked:
        zh, en = f"{zh}，并须先解除“{names.zh}”", f"{en}, and “{names.en}” stands in the way"
    return StillNeeded(targets, NextGrade(grade.id, gap, blocked, tuple(improvements), Text(f"{zh}。", f"{en}.")))
