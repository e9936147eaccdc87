"""Lint of meaning: what a rulebook must keep before it can be published."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import cast

from scorecard.engine.language.exact import Context, compiled
from scorecard.engine.language.syntax import Bool, Call, Cmp, E, Name, Num, Unary, walk
from scorecard.engine.lint.caps import limits
from scorecard.engine.lint.reporter import Reporter
from scorecard.engine.reading.declarations import Fields
from scorecard.engine.rulebook.dependencies import all_expressions
from scorecard.engine.rulebook.model import AdjustmentCase, Section
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rules.base import Rule
from scorecard.engine.rules.choice import Branch, FirstThatHolds, MostSevere
from scorecard.engine.rules.curves import Curve, Deductions, Formula, Rank, Share, Steps
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text


def meaning(rulebook: Rulebook, fields: Fields) -> list[Finding]:
    r = Reporter(fields)
    _sums(rulebook, r)
    _ranges(rulebook, r)
    for indicator in rulebook.indicators.values():
        _branches(r, f"indicators.{indicator.id}.rule", indicator.rule)
    limits(rulebook, r)
    _adjustments(rulebook, r)
    _unused(rulebook, r)
    return r.findings


def _sums(rulebook: Rulebook, r: Reporter) -> None:
    """Maxima and minima of sections are the sums of what they hold; so are those of the total and of its parts."""
    if r.any_broken("indicators") and r.any_broken("sections"):
        return
    computed: dict[tuple[str, str], Fraction] = {}
    for section in inner_first(rulebook):
        holds = [rulebook.indicators[i] for i in section.indicators]
        for end in ("min", "max"):
            declared = Fraction(getattr(section, end))
            computed[section.id, end] = declared
            if any(r.broken(f"indicators.{i.id}.{end}") for i in holds):
                continue
            own = sum((Fraction(getattr(i, end)) for i in holds), Fraction(0))
            below = sum((computed.get((c, end), Fraction(0)) for c in section.children), Fraction(0))
            total = (own + below) * section.weight
            if end == "max" and section.ceiling is not None:
                total = min(total, Fraction(section.ceiling))
            if end == "min" and section.floor is not None:
                total = max(total, Fraction(section.floor))
            computed[section.id, end] = total
            if total != declared:
                _sum(r, f"sections.{section.id}.{end}", total, declared, end)
    for end, limit in (("min", rulebook.floor), ("max", rulebook.ceiling)):
        total = sum((computed[s.id, end] for s in rulebook.top_sections), Fraction(0))
        if limit is not None:
            total = min(total, Fraction(limit)) if end == "max" else max(total, Fraction(limit))
        if total != Fraction(getattr(rulebook, end)):
            _sum(r, f"rulebook.total.{end}", total, Fraction(getattr(rulebook, end)), end)
    for part in rulebook.parts.values():
        members = [i for i in rulebook.indicators.values() if i.part == part.id]
        for end in ("min", "max"):
            total = sum((Fraction(getattr(i, end)) for i in members), Fraction(0))
            if total != Fraction(getattr(part, end)):
                _sum(r, f"parts.{part.id}.{end}", total, Fraction(getattr(part, end)), end)


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


def _sum(r: Reporter, path: str, total: Fraction, declared: Fraction, end: str) -> None:
    name, name_en = ("满分", "maxima") if end == "max" else ("最低分", "minima")
    r.report(
        path,
        "sum",
        Text(
            f"各项{name}合计 {_number(total)}，此处写的是 {_number(declared)}。",
            f"The {name_en} add up to {_number(total)}, but {_number(declared)} is declared.",
        ),
        Text("请改正各项分值或此处的数字。", "Correct the parts or this number."),
    )


def _number(value: Fraction) -> str:
    from scorecard.engine.values.numbers import exact

    return str(exact(value))


def _ranges(rulebook: Rulebook, r: Reporter) -> None:
    for indicator in rulebook.indicators.values():
        path = f"indicators.{indicator.id}"
        if indicator.min > indicator.max:
            r.report(
                f"{path}.min",
                "range",
                Text("最低分大于满分。", "The minimum is above the maximum."),
                Text("请改正。", "Correct them."),
            )
            continue
        bounds = indicator.rule.bounds()
        if bounds is None or r.broken(f"{path}.rule"):
            continue
        low, high = bounds
        if low < Fraction(indicator.min) or high > Fraction(indicator.max):
            r.report(
                f"{path}.rule",
                "range",
                Text(
                    f"规则可得 {_number(low)} 至 {_number(high)} 分，超出指标的 {plain(indicator.min)} 至 "
                    f"{plain(indicator.max)} 分。",
                    f"The rule gives {_number(low)} to {_number(high)} points, outside the indicator's "
                    f"{plain(indicator.min)} to {plain(indicator.max)}.",
                ),
                Text("请改正规则，或改正“min”和“max”。", "Correct the rule, or “min” and “max”."),
            )
        elif high < Fraction(indicator.max) or low > Fraction(indicator.min):
            r.report(
                f"{path}.rule",
                "unreachable",
                Text(
                    f"规则只能得 {_number(low)} 至 {_number(high)} 分，达不到指标的 {plain(indicator.min)} 至 "
                    f"{plain(indicator.max)} 分。",
                    f"The rule gives only {_number(low)} to {_number(high)} points; it never reaches the "
                    f"indicator's {plain(indicator.min)} to {plain(indicator.max)}.",
                ),
                Text("请改正规则，或改正“min”和“max”。", "Correct the rule, or “min” and “max”."),
            )


def _branches(r: Reporter, path: str, rule: Rule) -> None:
    if isinstance(rule, Curve) and rule.direction:
        _monotone(r, f"{path}.points", rule.direction, [rule.below, *(y for _, y in rule.points), rule.above])
    if isinstance(rule, Steps) and rule.direction:
        values = [*(p for _, p in rule.steps), rule.otherwise]
        _monotone(r, f"{path}.steps", rule.direction, values if rule.compare in ("at_most", "below") else values[::-1])
    if isinstance(rule, FirstThatHolds | MostSevere):
        _repeated(r, path, rule.cases)
        _reached(r, path, rule.cases, in_order=isinstance(rule, FirstThatHolds))
    _crossed(r, path, rule)
    for key, nested in rule.parts():
        _branches(r, f"{path}.{key}.rule" if key.startswith("cases") else f"{path}.{key}", nested)


def _crossed(r: Reporter, path: str, rule: Rule) -> None:
    """Report lowest points above the highest: which of the two holds would be chance."""
    match rule:
        case Share() | Rank():
            top: Fraction | None = rule.full
        case Deductions():
            top = rule.start
        case Formula():
            top = rule.ceiling
        case _:
            return
    if rule.floor is not None and top is not None and rule.floor > top:
        low, high = _number(rule.floor), _number(top)
        r.report(
            f"{path}.floor",
            "range",
            Text(f"最低得分 {low} 高于最高得分 {high}。", f"The lowest points, {low}, are above the highest, {high}."),
            Text("请改正其中一项。", "Correct one of them."),
        )


def _repeated(r: Reporter, path: str, cases: Sequence[Branch | AdjustmentCase]) -> None:
    """Report cases with the condition of an earlier one."""
    seen: dict[object, int] = {}
    for i, case in enumerate(cases):
        if case.when is None:
            continue
        if case.when.node in seen:
            r.report(
                f"{path}.cases.{i}.when",
                "unreachable",
                Text(
                    f"与第 {seen[case.when.node] + 1} 项的条件相同。",
                    f"Its condition is that of case {seen[case.when.node] + 1}.",
                ),
                Text("请删除或改正。", "Remove or correct it."),
            )
        seen.setdefault(case.when.node, i)


def _reached(r: Reporter, path: str, cases: Sequence[Branch | AdjustmentCase], *, in_order: bool) -> None:
    """Report cases that can never be the one: their condition never holds, or, of cases that are taken in their order,
    an earlier one always holds with it.
    """
    for i, case in enumerate(cases):
        if case.when is None:
            continue
        where = f"{path}.cases.{i}.when"
        constant = _constant(case.when.node)
        if constant is not None:
            word, word_en = ("总是", "always") if constant else ("永远不会", "never")
            r.report(
                where,
                "unreachable",
                Text(f"该条件{word}成立。", f"The condition {word_en} holds."),
                Text("请改用取决于填报项的条件，或删除该项。", "Let it depend on a fact, or remove the case."),
            )
            continue
        if not in_order:
            continue
        for j, earlier in enumerate(cases[:i]):
            if earlier.when is None or earlier.when.node == case.when.node:
                continue
            if implies(case.when.node, earlier.when.node):
                r.report(
                    where,
                    "unreachable",
                    Text(
                        f"该条件成立时，第 {j + 1} 项必先成立，此项永远用不到。",
                        f"Whenever it holds, case {j + 1} holds before it: the case is never reached.",
                    ),
                    Text("请调整次序，或改正条件。", "Change the order, or correct the condition."),
                )
                break


def _constant(node: E) -> bool | None:
    """Return the truth of a condition that depends on nothing, None when it depends on something."""
    for part in walk(node):
        if isinstance(part, Name) or (isinstance(part, Call) and part.name not in ("min", "max", "abs", "clip")):
            return None
    try:
        value = compiled(node)(cast(Context, None))
    except TypeError:
        return None  # its types do not agree, which is reported elsewhere
    return value if isinstance(value, bool) else None


#: comparison -> (the bound counts, values lie above it)
_SIDES = {">": (False, True), ">=": (True, True), "<": (False, False), "<=": (True, False)}


def implies(a: E, b: E) -> bool:
    """Return whether `b` surely holds whenever `a` does; comparisons of the same figure with numbers are understood."""
    if a == b:
        return True
    if isinstance(a, Bool) and a.op == "and" and any(implies(item, b) for item in a.items):
        return True
    if isinstance(b, Bool) and b.op == "or" and any(implies(a, item) for item in b.items):
        return True
    if not (isinstance(a, Cmp) and isinstance(b, Cmp) and a.left == b.left):
        return False
    m, n = _bound(a.right), _bound(b.right)
    if m is None or n is None or b.op not in _SIDES:
        return False
    counts, above = _SIDES[b.op]
    if a.op == "==":
        return (m == n and counts) or (m > n if above else m < n)
    if a.op not in _SIDES or _SIDES[a.op][1] is not above:
        return False
    return (m > n if above else m < n) or (m == n and (counts or not _SIDES[a.op][0]))


def _bound(node: E) -> Fraction | None:
    """Return the number that a side of a comparison is, with its sign and without its unit."""
    match node:
        case Num(value, _):
            return value
        case Unary("-", x):
            found = _bound(x)
            return None if found is None else -found
        case Call("unit", args):
            return _bound(args[0])
    return None


def _monotone(r: Reporter, path: str, direction: str, values: list[Fraction]) -> None:
    pairs = list(pairwise(values))
    if any((a > b) if direction == "up" else (a < b) for a, b in pairs):
        word, word_en = ("递增", "rise") if direction == "up" else ("递减", "fall")
        r.report(
            path,
            "monotone",
            Text(f"声明为{word}，但分值并不{word}。", f"It is declared to {word_en}, but its points do not."),
            Text("请改正分值，或改正“direction”。", "Correct the points, or “direction”."),
        )


def _adjustments(rulebook: Rulebook, r: Reporter) -> None:
    for adjustment in rulebook.adjustments:
        _repeated(r, f"adjustments.{adjustment.id}", adjustment.cases)
        _reached(r, f"adjustments.{adjustment.id}", adjustment.cases, in_order=True)
        for i, case in enumerate(adjustment.cases):
            if case.range and not case.range[0] <= case.points <= case.range[1]:
                low, high = (plain(v) for v in case.range)
                r.report(
                    f"adjustments.{adjustment.id}.cases.{i}.points",
                    "range",
                    Text(
                        f"{plain(case.points)} 分超出规定的 {low} 至 {high} 分。",
                        f"{plain(case.points)} points are outside the range {low} to {high}.",
                    ),
                    Text("请改正分值。", "Correct the points."),
                )


def _unused(rulebook: Rulebook, r: Reporter) -> None:
    used: set[str] = set()
    for _, expression, _ in all_expressions(rulebook):
        used |= set(expression.names)
    for indicator in rulebook.indicators.values():
        used |= set(indicator.facts)
    for check in rulebook.checks.values():
        used |= set(check.facts)
    for name in rulebook.facts:
        if name not in used:
            r.report(
                f"facts.{name}",
                "unused",
                Text(f"没有任何规则使用填报项“{name}”。", f"Nothing uses the fact “{name}”."),
                Text("请删除，或在规则、检查中使用它。", "Remove it, or use it in a rule or check."),
            )
    for name in rulebook.definitions:
        if name not in used:
            r.report(
                f"definitions.{name}",
                "unused",
                Text(f"没有任何规则使用“{name}”。", f"Nothing uses “{name}”."),
                Text("请删除，或使用它。", "Remove it, or use it."),
            )
    for section in rulebook.sections.values():
        if not section.indicators and not section.children:
            r.report(
                f"sections.{section.id}",
                "unused",
                Text("板块没有任何指标。", "The section holds no indicator."),
                Text("请删除，或补充指标。", "Remove it, or add indicators."),
            )
    for tool in rulebook.tools:
        if all(m.tool != tool for m in rulebook.measures.values()):
            r.report(
                f"tools.{tool}",
                "unused",
                Text("没有任何措施使用该工具。", "No measure uses this tool."),
                Text("请删除，或补充措施。", "Remove it, or add a measure."),
            )
