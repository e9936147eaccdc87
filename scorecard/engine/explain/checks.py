"""Checks of facts: ranges of single figures, and the rulebook's own checks in its expression language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from scorecard.engine.exact.context import Scoring
from scorecard.engine.exact.grading import undecided_targets
from scorecard.engine.explain.magnitude import magnitude_findings
from scorecard.engine.explain.nodes import value_text
from scorecard.engine.language.exact import compute
from scorecard.engine.rulebook.dependencies import facts_of
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rulebook.typed import range_message
from scorecard.engine.values.facts import Absence, FactValue, Missing
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import CheckFinding
from scorecard.engine.values.scoring_input import ScoringInput
from scorecard.engine.values.text import Text

PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


def run_checks(rulebook: Rulebook, inputs: ScoringInput) -> list[CheckFinding]:
    """Return every check that does not hold. A check that needs a fact without a value says nothing: what is missing is
    listed in `Result.missing`.
    """
    return list(check_findings(Scoring(rulebook, inputs)))


def check_findings(c: Scoring) -> tuple[CheckFinding, ...]:
    found: list[CheckFinding] = []
    given = c.inputs.facts
    for id, spec in c.rulebook.facts.items():
        if id not in given or surely_within(spec, given[id]):
            continue
        message = _out_of_range(c, spec)
        if message is not None:
            found.append(CheckFinding(f"range:{spec.id}", "error", message, (spec.id,), spec.source, spec.basis))
    for check in c.rulebook.checks.values():
        if compute(check.holds, c) is False:
            message = Text(_fill(c, check.message.zh, "zh"), _fill(c, check.message.en, "en"))
            found.append(CheckFinding(check.id, check.severity, message, check.facts, check.source, check.basis))
    found += _undecided(c)
    told = {fact for finding in found for fact in finding.facts}
    return (*found, *magnitude_findings(c, told))


def _undecided(c: Scoring) -> Iterator[CheckFinding]:
    """Yield a finding for each target whose figures have no ratio: the base, or what was asked for, is zero."""
    for id in undecided_targets(c):
        missed, target = c.outcome(id).missed, c.rulebook.targets[id]
        if isinstance(missed, Missing) and missed.kind is Absence.UNDEFINED:
            message = Text(
                f"“{target.short.zh}”无法判断：{missed.reason.zh}。请核对所填数字；认定前等次按未完成设限。",
                f"“{target.short.en}” cannot be decided: {missed.reason.en}. Check the figures; until the supervisor "
                "decides, it limits the grade as if missed.",
            )
            facts = facts_of(c.rulebook, (target.left, target.right))
            yield CheckFinding(f"undecided:{id}", "warning", message, facts, target.source, target.basis)


def surely_within(spec: FactSpec, value: FactValue) -> bool:
    """Return True for what is plainly in order, as nearly all that is filed is; the rest is looked at closely.

    Decimals compare exactly as they are.
    """
    if isinstance(value, Decimal):
        return (
            (spec.min is None or value >= spec.min)
            and (spec.max is None or value <= spec.max)
            and (spec.kind != "count" or spec.digits != 0 or value == value.to_integral_value())
        )
    if isinstance(value, str):
        return spec.kind == "level" and value in spec.options
    return isinstance(value, bool)


def _out_of_range(c: Scoring, spec: FactSpec) -> Text | None:
    value = c.value(spec.id)
    if isinstance(value, Fraction):
        return range_message(spec, value)
    if spec.kind == "level" and isinstance(value, str) and value not in spec.options:
        return Text(f"“{spec.label.zh}”没有“{value}”这一等级。", f"“{spec.label.en}” has no level “{value}”.")
    if isinstance(value, frozenset) and not value <= set(spec.options):
        odd = sorted(value - set(spec.options))
        return Text(f"“{spec.label.zh}”没有选项 {'、'.join(odd)}。", f"“{spec.label.en}” has no item {', '.join(odd)}.")
    return None


def _fill(c: Scoring, message: str, lang: str) -> str:
    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        return value_text(c, name, c.value(name)).get(lang)

    return PLACEHOLDER.sub(value, message)
