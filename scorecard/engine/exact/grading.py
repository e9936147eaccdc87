"""What the rulebook concludes from points and targets: grade, caps in their order, adjustment, measures."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from scorecard.engine.language.exact import compute
from scorecard.engine.rulebook.model import Cap, Target
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.numbers import plain, to_decimal
from scorecard.engine.values.results import (
    AdjustmentResult,
    AppliedCap,
    EstimateResult,
    GradeResult,
    MeasureResult,
    Node,
)
from scorecard.engine.values.text import Text, join
from scorecard.engine.values.units import quantities

if TYPE_CHECKING:
    from scorecard.engine.exact.context import Scoring


def band_of(rulebook: Rulebook, total: Decimal) -> str:
    """Return the grade whose band holds the total: bands are half open, the lower bound belongs to the band."""
    for grade in rulebook.grades:
        if grade.min is None or total >= grade.min:
            return grade.id
    return rulebook.grades[-1].id


def grade_of(c: Scoring, total: Decimal, provisional: bool) -> tuple[Decimal, GradeResult]:
    """Grade the total and apply the caps in the stated order; return the total after them and the grade.

    A cap never raises and a floor never lowers. A cap on the total acts before the grade is taken from it anew.
    """
    rulebook = c.rulebook
    c.total = total
    before = band_of(rulebook, total)
    rank = rulebook.grade_order[before]
    c.grade_rank = rank
    applied: list[AppliedCap] = []
    holding: list[str] = []
    for cap in rulebook.caps:
        value = compute(cap.when, c)
        if value is False or (isinstance(value, Missing) and cap.when_unknown == "skip"):
            continue
        holding.append(cap.id)
        if cap.effect in ("cap_total", "floor_total"):
            bound = Decimal(cap.to)
            new = min(total, bound) if cap.effect == "cap_total" else max(total, bound)
            if new != total:
                applied.append(_applied(c, cap, plain(total), plain(new)))
                total = c.total = new
                rank = _regraded(rulebook, total, rank, cap)
        else:
            new_rank = _limited(cap, rank, rulebook.grade_order[cap.to])
            if new_rank != rank:
                applied.append(_applied(c, cap, rulebook.grades[rank].id, cap.to))
                rank = new_rank
        c.grade_rank = rank
    after = rulebook.grades[rank].id
    return total, GradeResult(before, after, tuple(applied), tuple(holding), provisional)


def _limited(cap: Cap, rank: int, to: int) -> int:
    if cap.effect == "cap_grade":
        return max(rank, to)
    return min(rank, to) if cap.effect == "floor_grade" else to


def _regraded(rulebook: Rulebook, total: Decimal, rank: int, cap: Cap) -> int:
    new = rulebook.grade_order[band_of(rulebook, total)]
    return max(rank, new) if cap.effect == "cap_total" else min(rank, new)


def _applied(c: Scoring, cap: Cap, before: str, after: str) -> AppliedCap:
    return AppliedCap(cap.id, before, after, filled(c, cap.because), cap.source, cap.basis, cap.effect)


def filled(c: Scoring, text: Text) -> Text:
    """Fill {missed}, {missed_count}, {total} and {grade} in a reason."""
    if "{" not in text.zh and "{" not in text.en:
        return text
    rulebook = c.rulebook
    missed = [_short(c, t) for t in rulebook.targets.values() if c.missed(t.id) is True]
    names = join(missed)
    grade = rulebook.grades[c.grade_rank].name if c.grade_rank is not None else Text("", "")
    total = "" if c.total is None else plain(c.total)

    def fill(template: str, lang: str) -> str:
        values = {
            "{missed}": names.get(lang),
            "{missed_count}": str(len(missed)),
            "{total}": total,
            "{grade}": grade.get(lang),
        }
        for key, value in values.items():
            template = template.replace(key, value)
        return template

    return Text(fill(text.zh, "zh"), fill(text.en, "en"))


def _short(c: Scoring, target: Target) -> Text:
    """Name a missed target; one whose figures are blank is named as such."""
    if isinstance(c.target_missed(target.id), Missing):
        return Text(f"{target.short.zh}（未填报，视同未完成）", f"{target.short.en} (blank, so counted as missed)")
    return target.short


def adjustment(c: Scoring) -> AdjustmentResult | None:
    """Return the points that the rules put on the supervisory rating: the first case that holds; None when there is no
    rule or no case holds.
    """
    for rule in c.rulebook.adjustments:
        for case in rule.cases:
            if compute(case.when, c) is True:
                return AdjustmentResult(
                    case.points, filled(c, case.because), case.source, case.basis, case.range, rule.label
                )
    return None


def estimate_result(c: Scoring, estimate_id: str, explain: bool = True) -> EstimateResult:
    """Return one estimate with its clause and its years; with `explain` also how it comes about."""
    spec = c.rulebook.estimates[estimate_id]
    value = c.value(estimate_id)
    cite = spec.source.cite if spec.source else Text("", "")
    clause = Text(f"（测算，依据{cite.zh}，适用于{spec.years}年）", f" (an estimate by {cite.en}, for {spec.years})")
    amount: Decimal | None = None
    if isinstance(value, Fraction):
        amount, figure = to_decimal(value), quantities(value, spec.unit)
        text = Text(f"{spec.label.zh}为 {figure.zh}{clause.zh}。", f"{spec.label.en}: {figure.en}{clause.en}.")
    else:
        why = cast(Missing, value).reason
        text = Text(
            f"{spec.label.zh}暂不能测算：{why.zh}{clause.zh}。", f"{spec.label.en}: none yet, {why.en}{clause.en}."
        )
    trace = None
    if explain:
        formula = c.expression_node(spec.expr, spec.unit)
        trace = Node(
            "estimate", spec.label, text, amount, spec.unit, (formula,), spec.source, spec.basis, ref=estimate_id
        )
    return EstimateResult(estimate_id, spec.label, amount, spec.unit, text, spec.years, spec.source, spec.basis, trace)


def measures(c: Scoring) -> tuple[MeasureResult, ...]:
    """Return the measures that the rules propose. None of them takes effect by itself."""
    return tuple(
        MeasureResult(
            m.id, m.tool, m.name, filled(c, m.because), m.options, m.source, m.basis, m.case_by_case, m.needs_filing
        )
        for m in c.rulebook.measures.values()
        if compute(m.when, c) is True
    )
