"""Lint of names, types, units, options, cycles and order: what scoring itself relies on."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from decimal import Decimal

from scorecard.engine.declarations.fields import IDENTIFIER, Fields
from scorecard.engine.declarations.keys import is_number
from scorecard.engine.errors import ExpressionError
from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import Call, Expression
from scorecard.engine.language.types import Checker, Type, number_of, type_of_fact
from scorecard.engine.lint.reporter import FACT, GRADE, PART, SECTION, TARGET, TOOL, Reporter, RuleReporter, missing
from scorecard.engine.lowering.limits import ADJUSTMENT_DIGITS, too_wide
from scorecard.engine.rulebook.dependencies import all_expressions, entries_of, rule_expressions, rule_names
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rules.base import Rule
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import UNIT_LABELS

SEE_RULES = Text("请按 docs/rules.md 修改。", "Change it as docs/rules.md says.")


def references(rulebook: Rulebook, fields: Fields) -> list[Finding]:
    r = Reporter(fields)
    _names(rulebook, r)
    _facts(rulebook, r)
    _links(rulebook, r)
    _parents(rulebook, r)
    _expressions(rulebook, r)
    for indicator in rulebook.indicators.values():
        for path, rule in indicator.rule.walk(f"indicators.{indicator.id}.rule"):
            _rule(rulebook, r, path, rule)
    _grades(rulebook, r)
    _digits(rulebook, r)
    for path, found, most in too_wide(rulebook):
        said = Text(
            f"此处需要 {found}，系统最多容纳 {most}。", f"This comes to {found}, and at most {most} can be held."
        )
        remedy = Text(
            "请减少取整位数、分值或条目。", "Round to fewer digits, give fewer points, or list fewer entries."
        )
        r.report(path, "too-wide", said, remedy)
    _cycles(rulebook, r)
    return r.findings


def _names(rulebook: Rulebook, r: Reporter) -> None:
    kinds = ("facts", "definitions", "parameters", "properties", "estimates", "targets")
    names: dict[str, Iterable[str]] = {kind: getattr(rulebook, kind) for kind in kinds}
    for group, entries in names.items():
        for name in entries:
            if not IDENTIFIER.fullmatch(name) or name in FUNCTIONS:
                said = Text(f"“{name}”不能用作名称。", f"“{name}” cannot be a name.")
                remedy = Text(
                    "请使用字母、数字和下划线，且不与函数重名。",
                    "Use letters, digits and underscores, and no function's name.",
                )
                r.report(f"{group}.{name}", "identifier", said, remedy)
    _once(r, names, Text("名称", "name"), Text("请改名。", "Rename one of them."))
    ids: dict[str, Iterable[str]] = {kind: getattr(rulebook, kind) for kind in ("sections", "indicators", "parts")}
    _once(r, ids, Text("编号", "id"), Text("请改用其他编号。", "Use another id."))


def _once(r: Reporter, groups: Mapping[str, Iterable[str]], what: Text, remedy: Text) -> None:
    """Report what stands in two groups."""
    seen: dict[str, str] = {}
    for group, ids in groups.items():
        for id in ids:
            if id in seen:
                said = Text(
                    f"{what.zh}“{id}”已用于 {seen[id]}。", f"The {what.en} “{id}” is already used in {seen[id]}."
                )
                r.report(f"{group}.{id}", "duplicate-key", said, remedy)
            seen[id] = group


def _facts(rulebook: Rulebook, r: Reporter) -> None:
    for spec in rulebook.facts.values():
        path = f"facts.{spec.id}"
        if spec.kind in ("level", "checklist") and not spec.options:
            said = Text("等级或清单须列出选项。", "A level or checklist needs its options.")
            r.report(f"{path}.options", "options", said, Text("请在“options”下列出。", "List them under “options”."))
        if spec.is_number and spec.unit not in UNIT_LABELS:
            said = Text(f"没有计量单位“{spec.unit}”。", f"There is no unit “{spec.unit}”.")
            units = [unit for unit in UNIT_LABELS if unit]
            remedy = Text(f"请使用：{'、'.join(units)}。", f"Use one of {', '.join(units)}.")
            r.report(f"{path}.unit", "unit", said, remedy)
        if spec.min is not None and spec.max is not None and spec.min > spec.max:
            said = Text("最小值大于最大值。", "The minimum is above the maximum.")
            r.report(f"{path}.min", "range", said, Text("请对调或改正。", "Swap or correct them."))
        origin = rulebook.facts.get(spec.carries_from)
        if origin is not None and (origin.kind, origin.unit) != (spec.kind, spec.unit):
            said = Text(
                f"与“{origin.label.zh}”的类型或单位不同。", f"Its kind or unit differs from “{origin.label.en}”."
            )
            remedy = Text("请统一类型和单位。", "Give both the same kind and unit.")
            r.report(f"{path}.carries_from", "unit", said, remedy)


def _links(rulebook: Rulebook, r: Reporter) -> None:
    """Report ids that nothing has. What a key may leave out is known under no name."""
    facts, sections, parts = ({"", *group} for group in (rulebook.facts, rulebook.sections, rulebook.parts))
    named: list[tuple[str, str, Text, Container[str]]] = []
    for fact in rulebook.facts.values():
        named.append((f"facts.{fact.id}.carries_from", fact.carries_from, FACT, facts))
        named.append((f"facts.{fact.id}.section", fact.section, SECTION, sections))
    for indicator in rulebook.indicators.values():
        path = f"indicators.{indicator.id}"
        named.append((f"{path}.section", indicator.section, SECTION, rulebook.sections))
        named.append((f"{path}.part", indicator.part, PART, parts))
        named += [(f"{path}.direction.{id}", id, FACT, rulebook.facts) for id in indicator.direction]
    named += [(f"sections.{each.id}.parent", each.parent, SECTION, sections) for each in rulebook.sections.values()]
    named += [(f"targets.{target.id}.lever", target.lever, FACT, facts) for target in rulebook.targets.values()]
    named += [(f"measures.{each.id}.tool", each.tool, TOOL, rulebook.tools) for each in rulebook.measures.values()]
    figures = {*rulebook.facts, *rulebook.definitions}
    for check_ in rulebook.checks.values():
        named += [(f"checks.{check_.id}.facts", id, FACT, figures) for id in check_.facts]
    for i, cap in enumerate(rulebook.caps):
        if cap.effect.endswith("_grade"):
            named.append((f"caps.{i}.to", cap.to, GRADE, rulebook.grade_order))
        elif not is_number(cap.to):
            said = Text(f"“{cap.to}”不是数字。", f"“{cap.to}” is not a number.")
            r.report(f"caps.{i}.to", "number", said, Text("请填写分数。", "Write a number of points."))
    for path, id, what, known in named:
        if id not in known:
            missing(r, path, what, id)


def _parents(rulebook: Rulebook, r: Reporter) -> None:
    for section in rulebook.sections.values():
        above, seen = section.parent, {section.id}
        while above in rulebook.sections and above not in seen:
            seen.add(above)
            above = rulebook.sections[above].parent
        if above in seen:
            said = Text("板块的上级循环。", "The parents of the section form a circle.")
            r.report(f"sections.{section.id}.parent", "cycle", said, Text("请改正“parent”。", "Correct “parent”."))


def types_of(rulebook: Rulebook, name: str, estimates: bool = False) -> Type | None:
    """Return the type of a name in expressions. Estimates may name each other; nothing else may name them, since they
    follow from the result.
    """
    if estimates and name in rulebook.estimates:
        return number_of(rulebook.estimates[name].unit)
    definition = rulebook.definitions.get(name)
    if name not in rulebook.facts and definition is not None:
        return number_of(definition.unit) if definition.unit != "bool" else Type("bool")
    spec = rulebook.facts.get(name) or rulebook.parameters.get(name)
    if spec is not None:
        return type_of_fact(spec.kind, spec.unit)
    prop = rulebook.properties.get(name)
    return None if prop is None else type_of_fact(prop.kind, "")


def _expressions(rulebook: Rulebook, r: Reporter) -> None:
    ids = {
        "target": frozenset(rulebook.targets),
        "points": frozenset((*rulebook.indicators, *rulebook.sections, *rulebook.parts)),
        "grade": frozenset(rulebook.grade_order),
    }
    for path, expression, expected in all_expressions(rulebook):
        try:
            after = path.startswith("estimates.")
            found = Checker(lambda name, after=after: types_of(rulebook, name, after), ids).type(expression.node)  # type: ignore[misc]
        except ExpressionError as e:
            r.report(path, "type", e.message, SEE_RULES)
            continue
        wanted = Type("bool") if expected == "bool" else None if expected == "*" else number_of(expected)
        if wanted is not None and (
            found.kind != wanted.kind or (found.dimension != wanted.dimension and not found.free)
        ):
            said = Text(
                f"表达式的类型为“{found.words.zh}”，此处应为“{wanted.words.zh}”。",
                f"The expression is “{found.words.en}”, but “{wanted.words.en}” is declared here.",
            )
            remedy = Text("请改正表达式，或改正“unit”。", "Correct the expression, or the “unit”.")
            r.report(path, "unit", said, remedy)
        for node in expression.walk():
            if isinstance(node, Call) and node.name == "has":
                fact, item = getattr(node.args[0], "id", ""), getattr(node.args[1], "value", "")
                if fact in rulebook.facts and item not in rulebook.facts[fact].options:
                    missing(r, path, Text("选项", "option"), item)


def _rule(rulebook: Rulebook, r: Reporter, path: str, rule: Rule) -> None:
    for key, what in (("fact", FACT), ("target", TARGET), ("lever", FACT)):
        for id in rule.named(key):
            if id not in (rulebook.targets if key == "target" else rulebook.facts):
                missing(r, f"{path}.{key}", what, id)
    rule.check(RuleReporter(rulebook, r, path))


def _digits(rulebook: Rulebook, r: Reporter) -> None:
    """Limits of points must have no more digits than the points themselves, or no total could ever stand on them."""
    indicator, total = rulebook.rounding.indicator, rulebook.rounding.total
    ends: tuple[tuple[str, Decimal | None], ...] = (("floor", rulebook.floor), ("ceiling", rulebook.ceiling))
    limits = [(f"rulebook.total.{end}", value, min(indicator, total)) for end, value in ends]
    for spec in rulebook.indicators.values():
        limits += [(f"indicators.{spec.id}.{e}", getattr(spec, e), indicator) for e in ("min", "max")]
    for section in rulebook.sections.values():
        limits += [(f"sections.{section.id}.{e}", getattr(section, e), indicator) for e in ("floor", "ceiling")]
    for i, cap in enumerate(rulebook.caps):
        if cap.effect.endswith("_total") and is_number(cap.to):
            limits.append((f"caps.{i}.to", Decimal(cap.to), total))
    for rule in rulebook.adjustments:
        path = f"adjustments.{rule.id}.cases"
        limits += [(f"{path}.{n}.points", case.points, ADJUSTMENT_DIGITS) for n, case in enumerate(rule.cases)]
    for path, value, digits in limits:
        if value is not None and value != round(value, digits):
            said = Text(
                f"{plain(value)} 的小数位多于得分的 {digits} 位。",
                f"{plain(value)} has more decimals than points have ({digits}).",
            )
            remedy = Text("请减少小数位，或改正“rounding”。", "Use fewer decimals, or correct “rounding”.")
            r.report(path, "digits", said, remedy)


def _grades(rulebook: Rulebook, r: Reporter) -> None:
    grades = rulebook.grades
    seen: set[str] = set()
    for i, grade in enumerate(grades):
        path = f"grades.{i}"
        if grade.id in seen:
            said = Text(f"等次“{grade.id}”重复。", f"The grade “{grade.id}” stands twice.")
            r.report(f"{path}.id", "duplicate-key", said, Text("请改名。", "Rename it."))
        seen.add(grade.id)
        last = i == len(grades) - 1
        if last and grade.min is not None:
            said = Text(f"最低等次之下，低于 {grade.min} 分没有等次。", f"Totals below {grade.min} have no grade.")
            remedy = Text("最低等次的“min”应为 null。", "Set “min” of the lowest grade to null.")
            r.report(f"{path}.min", "bands", said, remedy)
        if not last and grade.min is None:
            said = Text(
                "只有最低等次可以没有下限，其后的等次永远用不到。",
                "Only the lowest grade may have no lower end; grades after it are never reached.",
            )
            r.report(f"{path}.min", "bands", said, Text("请填写下限。", "Write its lower end."))
        above = grades[i - 1].min if i else None
        if i and grade.min is not None and above is not None and grade.min >= above:
            said = Text(
                f"下限 {grade.min} 不低于上一等次的下限 {above}，分数段重叠。",
                f"Its lower end {grade.min} is not below that of the grade above, {above}: the bands overlap.",
            )
            remedy = Text("请按从高到低排列，下限严格递减。", "List grades from best to worst with falling lower ends.")
            r.report(f"{path}.min", "bands", said, remedy)


def _cycles(rulebook: Rulebook, r: Reporter) -> None:
    formulas = {f"facts.{fact.id}": [fact.derived] for fact in rulebook.facts.values() if fact.derived is not None}
    formulas |= {f"definitions.{each.id}": [each.expr] for each in rulebook.definitions.values()}
    formulas |= {f"targets.{each.id}": [each.left, each.right] for each in rulebook.targets.values()}
    formulas |= {f"estimates.{each.id}": [each.expr] for each in rulebook.estimates.values()}
    formulas |= {f"indicators.{each.id}": list(rule_expressions(each.rule)) for each in rulebook.indicators.values()}
    graph = {entry: {d for each in held for d in _depends(rulebook, each)} for entry, held in formulas.items()}
    for indicator in rulebook.indicators.values():
        graph[f"indicators.{indicator.id}"] |= {f"facts.{fact}" for fact in indicator.facts}
        graph[f"indicators.{indicator.id}"] |= {f"targets.{target}" for target in rule_names(indicator.rule, "target")}
    for start in graph:
        trail = _circle(graph, start)
        if trail:
            shown = " → ".join(t.split(".", 1)[1] for t in trail)
            said = Text(f"循环引用：{shown}。", f"It refers to itself: {shown}.")
            r.report(start, "cycle", said, Text("请去掉其中一处引用。", "Remove one of these references."))


def _depends(rulebook: Rulebook, expression: Expression) -> set[str]:
    """Return the entries that an expression names; indicators in place of the sections and parts that hold them."""
    found = {f"estimates.{name}" for name in expression.names if name in rulebook.estimates}
    for entry in entries_of(rulebook, (expression.node,)):
        kind, _, id = entry.partition(".")
        if kind in ("sections", "parts"):
            found |= {f"indicators.{each}" for each in rulebook.members((id,))}
        else:
            found.add(entry)
    return found


def _circle(graph: dict[str, set[str]], start: str) -> list[str]:
    """Return a way from `start` back to itself, or nothing."""
    stack: list[tuple[str, list[str]]] = [(start, [start])]
    seen: set[str] = set()
    while stack:
        at, trail = stack.pop()
        for following in sorted(graph.get(at, ())):
            if following == start:
                return [*trail, start]
            if following not in seen:
                seen.add(following)
                stack.append((following, [*trail, following]))
    return []
