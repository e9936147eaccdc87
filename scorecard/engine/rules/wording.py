"""Rules in words, for people who sign a rulebook: one or a few lines per rule."""

from __future__ import annotations

from collections.abc import Iterator

from scorecard.engine.rulebook.labels import label, rendered
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rules.answers import Checklist, Fixed, Judged, Levels, TargetOutcome
from scorecard.engine.rules.base import Rule, points_text
from scorecard.engine.rules.choice import COMBINE_LABELS, Combine, FirstThatHolds, MostSevere
from scorecard.engine.rules.curves import Curve, Deductions, Formula, Rank, Share, Steps
from scorecard.engine.values.units import quantity

_STEP_WORDS = {"at_most": ("≤", "≤"), "at_least": ("≥", "≥"), "below": ("<", "<"), "above": (">", ">")}


def rule_lines(rulebook: Rulebook, rule: Rule, lang: str) -> Iterator[str]:
    """Yield the rule in words in `lang`."""
    zh = lang.startswith("zh")

    def words(expression: object) -> str:
        return rendered(rulebook, expression.node).get(lang)  # type: ignore[attr-defined]

    match rule:
        case Curve():
            yield words(rule.x)
            points = ", ".join(f"{quantity(x, rule.unit, lang)} → {points_text(y, lang)}" for x, y in rule.points)
            low, high = points_text(rule.below, lang), points_text(rule.above, lang)
            yield (
                f"{points}；其间按直线插值；低于起点 {low}，高于终点 {high}"
                if zh
                else f"{points}; linear in between; below {low}, above {high}"
            )
        case Steps():
            yield words(rule.x)
            sign = _STEP_WORDS[rule.compare][0]
            steps = "; ".join(f"{sign} {quantity(x, rule.unit, lang)} → {points_text(y, lang)}" for x, y in rule.steps)
            other = points_text(rule.otherwise, lang)
            yield f"{steps}；其余 {other}" if zh else f"{steps}; otherwise {other}"
        case Formula():
            scale = f" × {points_text(rule.scale, lang)}" if rule.scale != 1 else ""
            yield f"{words(rule.x)}{scale}"
        case Share():
            full = points_text(rule.full, lang)
            yield f"{full} × ({words(rule.x)}) ÷ ({words(rule.reference)})"
            if rule.no_reference is not None:
                none = points_text(rule.no_reference, lang)
                yield f"没有基数的 {none}" if zh else f"without a reference {none}"
        case Deductions():
            start, floor = points_text(rule.start, lang), points_text(rule.floor, lang)
            per = "; ".join(f"{words(x)}: −{points_text(p, lang)}" for x, _, p in rule.per)
            yield (
                f"起评 {start}，每单位扣：{per}；最低 {floor}"
                if zh
                else f"from {start}, for each: {per}; at least {floor}"
            )
        case Rank():
            full, each = points_text(rule.full, lang), points_text(rule.each, lang)
            yield (
                f"{words(rule.x)}：同组第一名 {full}，每后一名减 {each}"
                if zh
                else f"{words(rule.x)}: first of the peer group {full}, each place after it {each} less"
            )
        case Levels():
            options = rulebook.facts[rule.fact].options
            yield "; ".join(f"{options[k].get(lang)}: {points_text(p, lang)}" for k, p in rule.points.items())
        case Checklist():
            options = rulebook.facts[rule.fact].options if rule.fact else {}
            yield "; ".join(
                f"{(options[i.id] if i.when is None and i.id in options else i.label).get(lang)}: "
                f"{points_text(i.points, lang)}"
                for i in rule.items
            )
        case TargetOutcome():
            name = label(rulebook, rule.target).get(lang)
            met, missed = points_text(rule.met, lang), points_text(rule.missed, lang)
            yield f"{name}：完成 {met}，未完成 {missed}" if zh else f"{name}: met {met}, missed {missed}"
            for years, after_years in rule.years_missed:
                given = points_text(after_years, lang)
                yield f"连续 {years} 年未完成 {given}" if zh else f"missed {years} years running {given}"
        case Judged():
            yield "由监管部门评定" if zh else "judged by the supervisor"
        case Fixed():
            yield points_text(rule.points, lang)
        case FirstThatHolds() | MostSevere():
            first = isinstance(rule, FirstThatHolds)
            head = (
                ("依次适用第一项成立的情形" if first else "适用成立情形中最严者")
                if zh
                else ("the first case that holds" if first else "the most severe case that holds")
            )
            yield f"{head}："
            for case in rule.cases:
                when = words(case.when) if case.when is not None else ("一律" if zh else "always")
                inner = "; ".join(rule_lines(rulebook, case.rule, lang))
                yield f"  {when} → {inner}"
            if rule.otherwise is not None:
                other = "; ".join(rule_lines(rulebook, rule.otherwise, lang))
                yield f"  {'其余' if zh else 'otherwise'} → {other}"
        case Combine():
            yield COMBINE_LABELS[rule.how].get(lang) + ("：" if zh else ":")
            for nested in rule.rules:
                for line in rule_lines(rulebook, nested, lang):
                    yield f"  {line}"
