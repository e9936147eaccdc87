"""Exact evaluation of one bank under one rulebook, with the whole explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from scorecard.engine.exact.grading import adjustment, grade_of, measures
from scorecard.engine.exact.sections import SectionPoints, limited_total
from scorecard.engine.explain.checks import check_findings
from scorecard.engine.explain.estimates import estimate_result
from scorecard.engine.explain.explain import indicator_node, total_node
from scorecard.engine.explain.explainer import ScoringExplainer
from scorecard.engine.explain.nodes import shows_peers, target_reason, target_shows_peers
from scorecard.engine.rulebook.model import Section
from scorecard.engine.rulebook.prepared import prepared
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Absence, Missing, Nothing, Value
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import (
    CheckFinding,
    EstimateResult,
    Improvement,
    IndicatorResult,
    MissingFact,
    Result,
    SectionResult,
    TargetResult,
)
from scorecard.engine.values.scoring_input import ScoringInput
from scorecard.engine.version import ENGINE_VERSION


def evaluate(rulebook: Rulebook, inputs: ScoringInput, explain: bool = True) -> Result:
    """Score one bank exactly.

    Points are exact rationals until the rulebook rounds each indicator; equality passes a "not lower than". With
    `explain` every indicator and target carries its explanation tree and what would change it, and the result carries
    the tree of the total, which adds up to the last digit. Without it the numbers are the same and the trees are
    None.

    Never raises for missing or contradictory facts: those are outcomes with a reason.
    """
    c = ScoringExplainer(rulebook, inputs)
    indicators = {i: c.indicator(i) for i in rulebook.indicators}
    sections = {s: c.section(s) for s in rulebook.sections}
    raw = c.sum_of_sections()
    before_caps = limited_total(rulebook, raw)
    waiting = [r for r in indicators.values() if r.state in ("pending", "undefined")]
    provisional = bool(waiting) or any(r.state == "unanswered" for r in indicators.values())
    total, grade = grade_of(c, before_caps, provisional)
    targets = {t: _target(c, t) for t in rulebook.targets}
    trace = None
    if explain:
        indicators = {k: replace(r, trace=indicator_node(c, r), improve=_improve(c, r)) for k, r in indicators.items()}
        targets = {k: replace(t, trace=c.target_node(k)) for k, t in targets.items()}
        trace = total_node(c, indicators, sections, raw, before_caps, total, grade)
    return Result(
        rulebook=rulebook.code,
        version=rulebook.version,
        rulebook_hash=rulebook.hash,
        engine_version=ENGINE_VERSION,
        total=total,
        max=rulebook.max,
        min=rulebook.min,
        pending=sum((r.max for r in waiting), Decimal(0)),
        sections={k: _section(rulebook.sections[k], found) for k, found in sections.items()},
        indicators=indicators,
        targets=targets,
        grade=grade,
        adjustment=adjustment(c),
        measures=measures(c),
        missing=_missing(c),
        checks=check_findings(c),
        parts={
            p: sum((r.points for i in ids if (r := indicators[i]).points is not None), Decimal(0))
            for p, ids in rulebook.indicators_of_parts.items()
        },
        values={d: None if shows_peers(rulebook, d) else _shown(c.value(d)) for d in rulebook.definitions},
        trace=trace,
        estimates={e: estimate_result(c, e, explain) for e in rulebook.estimates},
    )


@dataclass(frozen=True, slots=True)
class Details:
    """What arrays of many banks leave out of one bank: the sides of its targets, what is missing, checks, estimates."""

    targets: Mapping[str, TargetResult]
    missing: tuple[MissingFact, ...]
    checks: tuple[CheckFinding, ...]
    estimates: Mapping[str, EstimateResult]


def details(rulebook: Rulebook, inputs: ScoringInput) -> Details:
    """Evaluate exactly what `ManyResult` leaves out, equal to the same parts of `evaluate`."""
    if rulebook.estimates:  # an estimate may read total and grade
        result = evaluate(rulebook, inputs, explain=False)
        return Details(result.targets, result.missing, result.checks, result.estimates)
    c = ScoringExplainer(rulebook, inputs)
    return Details({t: _target(c, t) for t in rulebook.targets}, _missing(c), check_findings(c), {})


def _section(spec: Section, found: SectionPoints) -> SectionResult:
    return SectionResult(spec.id, spec.parent, found.points, spec.max, spec.min, found.state, found.shared_out)


def _shown(value: Value) -> Fraction | bool | str | None:
    return None if isinstance(value, Missing | frozenset) else value


def _improve(c: ScoringExplainer, result: IndicatorResult) -> tuple[Improvement, ...]:
    indicator = c.rulebook.indicators[result.id]
    if result.state in ("not_applicable", "pending", "undefined", "unanswered") or (
        result.points is not None and result.points >= indicator.max
    ):
        return ()
    return indicator.rule.improve(c)


def _target(c: ScoringExplainer, target_id: str) -> TargetResult:
    target = c.rulebook.targets[target_id]
    outcome = c.outcome(target_id)
    missed = outcome.missed
    state = "missed" if missed is True else "met"
    if isinstance(missed, Missing):
        state = "not_applicable" if outcome.decision else "unknown"
    hidden = target_shows_peers(c.rulebook, target)
    return TargetResult(
        id=target_id,
        state=state,
        left=outcome.left if isinstance(outcome.left, Fraction) and not hidden else None,
        right=outcome.right if isinstance(outcome.right, Fraction) and not hidden else None,
        margin=None if hidden else outcome.margin,
        unit=target.unit,
        op=target.op,
        reason=target_reason(c.rulebook, target, outcome),
        counts_as_missed=c.missed(target_id) is True,
        source=target.source,
        basis=target.basis,
        needed=c.target_need(target_id),
    )


def _missing(c: ScoringExplainer) -> tuple[MissingFact, ...]:
    found = []
    for name, (indicators, targets) in prepared(c.rulebook).users_of_facts.items():
        value = c.value(name)
        if isinstance(value, Missing) and value.kind is not Absence.UNDEFINED:
            spec = c.rulebook.facts[name]
            if not spec.required:
                continue
            if spec.derived is not None and value.facts and name not in value.facts:
                continue  # the facts that it is derived from are listed themselves
            found.append(MissingFact(name, Nothing[value.kind.name].value, spec.label, indicators, targets))
    return tuple(found)
