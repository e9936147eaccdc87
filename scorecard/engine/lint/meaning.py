"""Lint of meaning: what a rulebook must keep before it can be published."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from scorecard.engine.declarations.fields import Fields
from scorecard.engine.language.reach import idle_cases
from scorecard.engine.lint.caps import limits
from scorecard.engine.lint.decided import decided
from scorecard.engine.lint.reporter import Reporter, RuleReporter
from scorecard.engine.rulebook.dependencies import all_expressions
from scorecard.engine.rulebook.model import Indicator, Section
from scorecard.engine.rulebook.prepared import prepared
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rules.base import Rule
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.numbers import exact, plain
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.text import Text


def meaning(rulebook: Rulebook, fields: Fields) -> list[Finding]:
    r = Reporter(fields)
    _sums(rulebook, r)
    _ranges(rulebook, r)
    for indicator in rulebook.indicators.values():
        for path, rule in indicator.rule.walk(f"indicators.{indicator.id}.rule"):
            rule.meaning(RuleReporter(rulebook, r, path))
            _crossed(r, path, rule)
    _peers(rulebook, r)
    limits(rulebook, r)
    decided(rulebook, r)
    _adjustments(rulebook, r)
    _unused(rulebook, r)
    _instruments(rulebook, r)
    return r.findings


def _sums(rulebook: Rulebook, r: Reporter) -> None:
    """Maxima and minima of sections are the sums of what they hold; so are those of the total and of its parts."""
    if r.any_broken("indicators") and r.any_broken("sections"):
        return
    for path, total, declared in sums(rulebook, r.broken):
        if total != declared:
            name, name_en = ("满分", "maxima") if path.endswith(".max") else ("最低分", "minima")
            said = Text(
                f"各项{name}合计 {_number(total)}，此处写的是 {_number(declared)}。",
                f"The {name_en} add up to {_number(total)}, but {_number(declared)} is declared.",
            )
            r.report(path, "sum", said, Text("请改正各项分值或此处的数字。", "Correct the parts or this number."))


def sums(
    rulebook: Rulebook, unread: Callable[[str], bool] = lambda path: False
) -> Iterator[tuple[str, Fraction, Fraction]]:
    """Yield (path, what it adds up to, what is declared) for the minimum and the maximum of each section, of the total
    and of each part. A section with an indicator whose own is `unread` is left out.
    """
    points: dict[tuple[str, str], Fraction] = {}
    for section in inner_first(rulebook):
        holds = [rulebook.indicators[i] for i in section.indicators]
        for end in ("min", "max"):
            points[section.id, end] = declared = Fraction(getattr(section, end))
            if not any(unread(f"indicators.{i.id}.{end}") for i in holds):
                below = sum((points.get((child, end), ZERO) for child in section.children), ZERO)
                total = (_sum(holds, end) + below) * section.weight
                points[section.id, end] = total = _limited(total, end, section.floor, section.ceiling)
                yield f"sections.{section.id}.{end}", total, declared
    for end in ("min", "max"):
        total = sum((points[s.id, end] for s in rulebook.top_sections), ZERO)
        total = _limited(total, end, rulebook.floor, rulebook.ceiling)
        yield f"rulebook.total.{end}", total, Fraction(getattr(rulebook, end))
        for part in rulebook.parts.values():
            members = [i for i in rulebook.indicators.values() if i.part == part.id]
            yield f"parts.{part.id}.{end}", _sum(members, end), Fraction(getattr(part, end))


def _sum(indicators: Iterable[Indicator], end: str) -> Fraction:
    return sum((Fraction(getattr(indicator, end)) for indicator in indicators), ZERO)


def _limited(points: Fraction, end: str, floor: Decimal | None, ceiling: Decimal | None) -> Fraction:
    """Return the lowest points within the floor, the highest within the ceiling."""
    if end == "max":
        return points if ceiling is None else min(points, Fraction(ceiling))
    return points if floor is None else max(points, Fraction(floor))


def inner_first(rulebook: Rulebook) -> list[Section]:
    """Return the sections, those below before those that hold them."""
    found: dict[str, Section] = {}

    def visit(section: Section, seen: frozenset[str]) -> None:
        for child in section.children:
            if child not in seen:
                visit(rulebook.sections[child], seen | {child})
        found.setdefault(section.id, section)

    for section in rulebook.sections.values():
        visit(section, frozenset((section.id,)))
    return list(found.values())


def _number(value: Fraction) -> str:
    return str(exact(value))


def _ranges(rulebook: Rulebook, r: Reporter) -> None:
    for indicator in rulebook.indicators.values():
        path = f"indicators.{indicator.id}"
        if indicator.min > indicator.max:
            said = Text("最低分大于满分。", "The minimum is above the maximum.")
            r.report(f"{path}.min", "range", said, Text("请改正。", "Correct them."))
            continue
        low, high = indicator.rule.bounds()
        if r.broken(f"{path}.rule"):
            continue
        remedy = Text("请改正规则，或改正“min”和“max”。", "Correct the rule, or “min” and “max”.")
        got = Text(f"{_number(low)} 至 {_number(high)} 分", f"{_number(low)} to {_number(high)}")
        own = Text(*(f"{plain(indicator.min)} {to} {plain(indicator.max)}" for to in ("至", "to")))
        if low < Fraction(indicator.min) or high > Fraction(indicator.max):
            zh = f"规则可得 {got.zh}，超出指标的 {own.zh} 分。"
            said = Text(zh, f"The rule gives {got.en} points, outside the indicator's {own.en}.")
            r.report(f"{path}.rule", "range", said, remedy)
        elif high < Fraction(indicator.max) or low > Fraction(indicator.min):
            zh = f"规则只能得 {got.zh}，达不到指标的 {own.zh} 分。"
            said = Text(zh, f"The rule gives only {got.en} points; it never reaches the indicator's {own.en}.")
            r.report(f"{path}.rule", "unreachable", said, remedy)


def _crossed(r: Reporter, path: str, rule: Rule) -> None:
    """Report lowest points above the highest: which of the two holds would be chance."""
    floor, top = rule.limits()
    if floor is not None and top is not None and floor > top:
        low, high = _number(floor), _number(top)
        said = Text(
            f"最低得分 {low} 高于最高得分 {high}。", f"The lowest points, {low}, are above the highest, {high}."
        )
        r.report(f"{path}.floor", "range", said, Text("请改正其中一项。", "Correct one of them."))


def _peers(rulebook: Rulebook, r: Reporter) -> None:
    """Report numbers that a bank reads and that move with a figure of the peers, which follows from them (decision 15).
    Steps and conditions say only on which side it lies.
    """
    told = [(f"estimates.{each.id}.expr", each.expr) for each in rulebook.estimates.values()]
    for indicator in rulebook.indicators.values():
        for path, rule in indicator.rule.walk(f"indicators.{indicator.id}.rule"):
            figures = [(f"{path}.{name}", x) for name, x, type in rule.expressions() if type != "bool"]
            told += figures if rule.kind != "steps" else []
    for path, expression in told:
        if prepared(rulebook).shows_peers(expression.node):
            said = Text("由该数值可反推同组其他机构的数据。", "The figure of a peer follows from this number.")
            r.report(path, "peers", said, Text("请改用分档、名次或条件。", "Use steps, a place or a condition."))


def _adjustments(rulebook: Rulebook, r: Reporter) -> None:
    for adjustment in rulebook.adjustments:
        for i, message, remedy in idle_cases([case.when for case in adjustment.cases], in_order=True):
            r.report(f"adjustments.{adjustment.id}.cases.{i}.when", "unreachable", message, remedy)
        for i, case in enumerate(adjustment.cases):
            if case.range and not case.range[0] <= case.points <= case.range[1]:
                low, high = (plain(v) for v in case.range)
                said = Text(
                    f"{plain(case.points)} 分超出规定的 {low} 至 {high} 分。",
                    f"{plain(case.points)} points are outside the range {low} to {high}.",
                )
                remedy = Text("请改正分值。", "Correct the points.")
                r.report(f"adjustments.{adjustment.id}.cases.{i}.points", "range", said, remedy)


def _entries(data: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every entry that says where it was read."""
    if isinstance(data, Mapping) and "source" in data:
        yield data
    for below in data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ():
        yield from _entries(below)


def _instruments(rulebook: Rulebook, r: Reporter) -> None:
    """A decision stands on an instrument: what an entry names, or the head for all that name none."""
    lacking = sum("instrument" not in entry for entry in _entries(rulebook.document_data))
    if lacking and not rulebook.instrument:
        said = Text(f"{lacking} 项规则没有写明依据文件。", f"{lacking} entries name no instrument.")
        name = Text("请在“rulebook: instrument”写明依据文件。", "Name it under “rulebook: instrument”.")
        r.report("rulebook.instrument", "instrument", said, name)


def _unused(rulebook: Rulebook, r: Reporter) -> None:
    used: set[str] = set()
    for _, expression, _ in all_expressions(rulebook):
        used |= set(expression.names)
    for indicator in rulebook.indicators.values():
        used |= set(indicator.facts)
    for check in rulebook.checks.values():
        used |= set(check.facts)
    for group in ("facts", "definitions"):
        for name in getattr(rulebook, group):
            if name not in used:
                said = Text(f"没有任何规则使用“{name}”。", f"Nothing uses “{name}”.")
                remedy = Text("请删除，或在规则、检查中使用它。", "Remove it, or use it in a rule or check.")
                r.report(f"{group}.{name}", "unused", said, remedy)
    named = [e.get(key) for e in _entries(rulebook.document_data) for key in ("instrument", "source")]
    cited = {rulebook.instrument, *(text.partition("§")[0].strip() for text in named if isinstance(text, str))}
    for name in rulebook.documents:
        if name not in cited:
            said = Text(f"没有任何规则引用文件“{name}”。", f"Nothing cites the document “{name}”.")
            cite = Text("请删除，或在依据、出处中引用它。", "Remove it, or cite it as instrument or source.")
            r.report(f"documents.{name}", "unused", said, cite)
    for section in rulebook.sections.values():
        if not section.indicators and not section.children:
            said = Text("板块没有任何指标。", "The section holds no indicator.")
            remedy = Text("请删除，或补充指标。", "Remove it, or add indicators.")
            r.report(f"sections.{section.id}", "unused", said, remedy)
    for tool in rulebook.tools:
        if all(m.tool != tool for m in rulebook.measures.values()):
            said = Text("没有任何措施使用该工具。", "No measure uses this tool.")
            r.report(f"tools.{tool}", "unused", said, Text("请删除，或补充措施。", "Remove it, or add a measure."))
