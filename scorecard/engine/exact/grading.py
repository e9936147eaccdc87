"""What the rulebook concludes from points and targets: grade, caps in their order, adjustment, measures."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from scorecard.engine.exact.context import Scoring
from scorecard.engine.exact.sections import band_of
from scorecard.engine.language.exact import Context, compute
from scorecard.engine.rulebook.conclusions import Adjustment, AdjustmentCase, Cap, Measure
from scorecard.engine.rulebook.model import Target
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.results import AdjustmentResult, AppliedCap, GradeResult, MeasureResult
from scorecard.engine.values.text import EMPTY, Text, join


def undecided_targets(c: Scoring) -> tuple[str, ...]:
    """Return the targets that neither the figures nor an officer decide."""
    return tuple(t for t in c.rulebook.targets if c.outcome(t).undecided)


def grade_of(c: Scoring, total: Decimal, provisional: bool) -> tuple[Decimal, GradeResult]:
    """Grade the total and apply the caps in the stated order; return the total after them and the grade.

    A cap never raises and a floor never lowers. After a cap on the total the grade is read from the total once more.
    While a target is undecided its caps act as if it were missed: no way of filing may keep a target from being
    decided and thereby reach a grade above the cap.
    """
    found = _capped(c, total, provisional)
    undecided = undecided_targets(c) if c.rulebook.caps else ()
    if undecided:
        supposed = _capped(c.supposing_missed(undecided), total, provisional)
        order = c.rulebook.grade_order
        if supposed[0] < found[0] or order[supposed[1].after] > order[found[1].after]:
            known = {cap.id for cap in found[1].applied}
            names = join([c.rulebook.targets[t].short for t in undecided])
            applied = tuple(cap if cap.id in known else _until_decided(cap, names) for cap in supposed[1].applied)
            found = supposed[0], replace(supposed[1], applied=applied)
    c.total, c.grade_rank = found[0], c.rulebook.grade_order[found[1].after]
    return found


def _until_decided(cap: AppliedCap, names: Text) -> AppliedCap:
    """Say of a cap that it acts only until an officer decides what the figures do not."""
    note = Text(
        f"（{names.zh}无法判断，监管部门认定前按未完成设限。）",
        f" ({names.en} cannot be decided; it limits the grade as if missed until the supervisor decides.)",
    )
    return replace(cap, because=Text(cap.because.zh + note.zh, cap.because.en + note.en))


def _capped(c: Scoring, total: Decimal, provisional: bool) -> tuple[Decimal, GradeResult]:
    rulebook, order = c.rulebook, c.rulebook.grade_order
    before = band_of(rulebook, total)
    rank = order[before]
    c.total, c.grade_rank = total, rank
    applied: list[AppliedCap] = []
    holding: list[str] = []
    for cap in rulebook.caps:
        if not holds(c, cap):
            continue
        holding.append(cap.id)
        if cap.effect in ("cap_total", "floor_total"):
            bound, lowers = Decimal(cap.to), cap.effect == "cap_total"
            new = min(total, bound) if lowers else max(total, bound)
            band = order[band_of(rulebook, new)]
            new_rank = max(rank, band) if lowers else min(rank, band)
            acts, shown = new != total, (plain(total), plain(new))
        else:
            new, to = total, order[cap.to]
            new_rank = {"cap_grade": max(rank, to), "floor_grade": min(rank, to)}.get(cap.effect, to)
            acts, shown = new_rank != rank, (rulebook.grades[rank].id, cap.to)
        if acts:
            applied.append(AppliedCap(cap.id, cap.effect, *shown, filled(c, cap.because), cap.source, cap.basis))
            total, rank = c.total, c.grade_rank = new, new_rank
    return total, GradeResult(before, rulebook.grades[rank].id, tuple(applied), tuple(holding), provisional)


def holds(c: Context, entry: Cap | AdjustmentCase | Measure) -> bool:
    """Return whether the condition of a conclusion holds; what cannot be decided counts as the entry says."""
    value = compute(entry.when, c)
    return entry.when_unknown == "apply" if isinstance(value, Missing) else bool(value)


def filled(c: Scoring, text: Text) -> Text:
    """Fill {missed}, {missed_count}, {total} and {grade} in a reason."""
    if "{" not in text.zh and "{" not in text.en:
        return text
    missed = [_short(c, t) for t in c.rulebook.targets.values() if c.missed(t.id) is True]
    count, total = str(len(missed)), "" if c.total is None else plain(c.total)
    said = {
        "{missed}": join(missed),
        "{missed_count}": Text(count, count),
        "{total}": Text(total, total),
        "{grade}": EMPTY if c.grade_rank is None else c.rulebook.grades[c.grade_rank].name,
    }
    zh, en = text.zh, text.en
    for word, value in said.items():
        zh, en = zh.replace(word, value.zh), en.replace(word, value.en)
    return Text(zh, en)


def _short(c: Scoring, target: Target) -> Text:
    """Name a missed target; one whose figures are blank is named as such."""
    if isinstance(c.target_missed(target.id), Missing):
        return Text(f"{target.short.zh}（未填报，视同未完成）", f"{target.short.en} (blank, so counted as missed)")
    return target.short


def adjustment_that_holds(c: Scoring) -> tuple[int, Adjustment, AdjustmentCase] | None:
    """Return the first case of the adjustments that holds, with its place among all cases; None when none does."""
    cases = [(rule, case) for rule in c.rulebook.adjustments for case in rule.cases]
    return next(((n, rule, case) for n, (rule, case) in enumerate(cases) if holds(c, case)), None)


def adjustment(c: Scoring) -> AdjustmentResult | None:
    """Return the points that the rules put on the supervisory rating; None when there is no rule or no case holds."""
    found = adjustment_that_holds(c)
    if found is None:
        return None
    _, rule, case = found
    return AdjustmentResult(case.points, filled(c, case.because), case.source, case.basis, case.range, rule.label)


def measures(c: Scoring) -> tuple[MeasureResult, ...]:
    """Return the measures that the rules propose. None of them takes effect by itself."""
    return tuple(
        MeasureResult(
            m.id, m.tool, m.name, filled(c, m.because), m.options, m.source, m.basis, m.case_by_case, m.needs_filing
        )
        for m in c.rulebook.measures.values()
        if holds(c, m)
    )
