"""The explanation of a whole result. The children of the total and of each section add up to its value, to the last
digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from scorecard.engine.exact.sections import SectionPoints
from scorecard.engine.explain.explainer import ScoringExplainer
from scorecard.engine.language.exact import compute
from scorecard.engine.rulebook.conclusions import AdjustmentCase, Cap, Measure
from scorecard.engine.rulebook.model import Section
from scorecard.engine.rules.words import points_texts
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.numbers import exact, plain
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.results import GradeResult, IndicatorResult, Node
from scorecard.engine.values.text import EMPTY, Text


def indicator_node(c: ScoringExplainer, result: IndicatorResult) -> Node:
    """Return the node of one indicator: its points, the rule with its figures, and the judgement if there is one."""
    indicator = c.rulebook.indicators[result.id]
    rule = indicator.rule.explain(c)
    children = [rule]
    if (
        result.system_points is not None
        and isinstance(rule.value, Fraction)
        and Fraction(result.system_points) != rule.value
    ):
        digits = c.rulebook.rounding.indicator
        text = Text(
            f"取至 {digits} 位小数并限于 {plain(indicator.min)} 至 {plain(indicator.max)} 分，为 "
            f"{plain(result.system_points)} 分。",
            f"Rounded to {digits} decimals within {plain(indicator.min)} to {plain(indicator.max)}: "
            f"{points_texts(Fraction(result.system_points)).en}.",
        )
        own = Text("四舍五入并限于最低、最高分", "Rounding and range")
        children.append(Node("limit", own, text, result.system_points, "分"))
    if result.judged_points is not None:
        own = Text("核评评定", "The reviewer's judgement")
        children.append(Node("judgement", own, result.reason, result.points, "分"))
    name = Text(f"{indicator.id} {indicator.name.zh}", f"{indicator.id} {indicator.name.en}")
    origin = indicator.source, indicator.basis
    return Node("indicator", name, result.reason, result.points, "分", tuple(children), *origin, ref=indicator.id)


def _section_node(
    c: ScoringExplainer,
    section_id: str,
    indicators: Mapping[str, IndicatorResult],
    sections: Mapping[str, SectionPoints],
) -> Node:
    spec, found = c.rulebook.sections[section_id], sections[section_id]
    children = [_section_node(c, child, indicators, sections) for child in spec.children]
    children += [node for i in spec.indicators if (node := indicators[i].trace) is not None]
    if found.shared_out:
        text = Text(
            f"不适用指标的分值按得分比例分摊，增加 {plain(found.shared_out)} 分。",
            f"Points of what is not applicable are shared out in proportion: {plain(found.shared_out)} more.",
        )
        children.append(Node("shared_out", Text("不适用分值分摊", "Shared-out points"), text, found.shared_out, "分"))
    if found.adjusted:
        label, text = Text("权重与限值", "Weight and limits"), _adjusted_text(spec, found)
        children.append(Node("limit", label, text, found.adjusted, "分"))
    name = Text(f"{spec.id} {spec.name.zh}", f"{spec.id} {spec.name.en}")
    text = Text(
        f"{spec.name.zh}得 {plain(found.points)} 分，满分 {plain(spec.max)} 分。",
        f"{spec.name.en}: {plain(found.points)} of {plain(spec.max)} points.",
    )
    return Node("section", name, text, found.points, "分", tuple(children), spec.source, spec.basis, ref=spec.id)


def _adjusted_text(spec: Section, found: SectionPoints) -> Text:
    """Say what weight, floor and ceiling make of the sum of a section."""
    points, got = points_texts(Fraction(found.raw + found.shared_out)), points_texts(Fraction(found.points))
    zh, en = [f"各项合计 {points.zh}"], [f"Its parts sum to {points.en}"]
    if spec.weight != 1:
        zh.append(f"乘以权重 {exact(spec.weight)}")
        en.append(f"times the weight {exact(spec.weight)}")
    if found.points in (spec.floor, spec.ceiling):
        word, word_en = ("最高", "no more than") if found.points == spec.ceiling else ("最低", "no less than")
        zh.append(f"{word} {got.zh}")
        en.append(f"{word_en} {got.en}")
    return Text(f"{'，'.join(zh)}，计 {got.zh}。", f"{', '.join(en)}: {got.en}.")


def total_node(
    c: ScoringExplainer,
    indicators: Mapping[str, IndicatorResult],
    sections: Mapping[str, SectionPoints],
    raw: Fraction,
    limited: Decimal,
    total: Decimal,
    grade: GradeResult,
) -> Node:
    """Return the tree of the total: sections, then what the total's own floor, ceiling, rounding and caps change."""
    children = [_section_node(c, s.id, indicators, sections) for s in c.rulebook.top_sections]
    if Fraction(limited) != raw:
        before, after = points_texts(raw), points_texts(Fraction(limited))
        text = Text(
            f"各板块合计 {before.zh}，按规定限值并取整为 {after.zh}。",
            f"The sections sum to {before.en}; limited and rounded as the rulebook says: {after.en}.",
        )
        label = Text("总分限值与取整", "Limits and rounding of the total")
        children.append(Node("limit", label, text, Fraction(limited) - raw, "分"))
    running = limited
    for cap in grade.applied:
        if cap.effect in ("cap_total", "floor_total"):
            bound = Decimal(cap.to)
            was, now = points_texts(Fraction(running)), points_texts(Fraction(bound))
            text = Text(
                f"{cap.because.zh}总分由 {was.zh}限为 {now.zh}。",
                f"{cap.because.en} The total goes from {was.en} to {now.en}.",
            )
            label, change = cap.because, bound - running
            children.append(Node("limit", label, text, change, "分", (), cap.source, cap.basis, ref=cap.id))
            running = bound
    children += _open_conditions(c)
    text = Text(
        f"总分 {plain(total)} 分，满分 {plain(c.rulebook.max)} 分。",
        f"The total is {plain(total)} of {plain(c.rulebook.max)} points.",
    )
    said = _grade_text(c, grade)
    awaited = _awaited_text(list(indicators.values()))
    text = Text(f"{text.zh}{said.zh}{awaited.zh}", f"{text.en} {said.en}{awaited.en}")
    return Node("total", Text("总分", "Total"), text, total, "分", tuple(children))


def _awaited_text(indicators: list[IndicatorResult]) -> Text:
    """Say which points are still awaited, and that the total and the grade are not final before."""
    waiting = [each for each in indicators if each.state in ("pending", "undefined")]
    if not waiting:
        return EMPTY
    most, names = points_texts(sum((Fraction(each.max) for each in waiting), ZERO)), [each.id for each in waiting]
    return Text(
        f"另有指标 {'、'.join(names)} 待评定，最高 {most.zh}，总分和等次为暂定。",
        f" {', '.join(names)} still {'awaits' if len(names) == 1 else 'await'} up to {most.en}: total and grade are "
        "provisional.",
    )


UNKNOWN_SAID = {"apply": Text("按成立处理", "as if it held"), "skip": Text("按不成立处理", "as if it did not")}


def _open_conditions(c: ScoringExplainer) -> list[Node]:
    """Return a note for each limit, adjustment and measure whose condition cannot be decided: why, and what follows."""
    book = c.rulebook
    entries: list[tuple[Text, Cap | AdjustmentCase | Measure]] = [(cap.name, cap) for cap in book.caps]
    entries += [(adjustment.label, case) for adjustment in book.adjustments for case in adjustment.cases]
    entries += [(measure.name, measure) for measure in book.measures.values()]
    found = []
    for name, entry in entries:
        value = compute(entry.when, c)
        if isinstance(value, Missing):
            said = UNKNOWN_SAID[entry.when_unknown]
            text = Text(
                f"{name.zh}：条件无法判断（{value.reason.zh}），{said.zh}。",
                f"{name.en}: its condition cannot be decided ({value.reason.en}); it counts {said.en}.",
            )
            found.append(Node("note", name, text, None, "", (), entry.source, entry.basis))
    return found


def _grade_text(c: ScoringExplainer, grade: GradeResult) -> Text:
    """Say the grade that the points give, and each cap on it that acted: which, why, and from which clause."""
    on_total = [cap for cap in grade.applied if cap.effect in ("cap_total", "floor_total")]
    on_grade = [cap for cap in grade.applied if cap not in on_total]
    # After a limit on the total the grade is that of the limited total, from which the limits on the grade start.
    first = grade.before if not on_total else on_grade[0].from_ if on_grade else grade.after
    before = c.rulebook.grade(first).name
    zh, en = [f"按总分为“{before.zh}”。"], [f"By its points the grade is {before.en}."]
    for cap in on_grade:
        to, name = c.rulebook.grade(cap.to).name, next(k.name for k in c.rulebook.caps if k.id == cap.id)
        was = c.rulebook.grade(cap.from_).name
        clause = Text(f"（{cap.source.told.zh}）", f" ({cap.source.told.en})") if cap.source else Text("", "")
        zh.append(f"{name.zh}：{cap.because.zh}等次由“{was.zh}”限为“{to.zh}”{clause.zh}。")
        en.append(f"{name.en}: {cap.because.en} The grade goes from {was.en} to {to.en}{clause.en}.")
    return Text("".join(zh), " ".join(en))
