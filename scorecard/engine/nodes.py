"""Nodes of the explanation tree for facts, expressions, conditions and targets."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from scorecard.engine.compute import compute
from scorecard.engine.expr import Call, E, Expression, Name, walk
from scorecard.engine.model import Target
from scorecard.engine.numbers import show_pair, terminating_digits
from scorecard.engine.render import render
from scorecard.engine.results import Node
from scorecard.engine.rulebook import Rulebook
from scorecard.engine.rules.base import sentence
from scorecard.engine.targets import Outcome
from scorecard.engine.text import EMPTY, Text, join
from scorecard.engine.units import UNIT_LABELS, quantity
from scorecard.engine.values import Absence, Missing, Nothing, Value

if TYPE_CHECKING:
    from scorecard.engine.context import Scoring


ABSENT_WORDS = {
    Absence.UNANSWERED: Nothing.UNANSWERED.label,
    Absence.NOT_APPLICABLE: Nothing.NOT_APPLICABLE.label,
    Absence.NOT_SUPPLIED: Text("待提供", "not yet supplied"),
    Absence.UNDEFINED: Text("无法计算", "cannot be computed"),
}


def label(rulebook: Rulebook, id: str) -> Text:
    """Return the label under which anything of a rulebook is shown."""
    for group in (rulebook.facts, rulebook.definitions, rulebook.parameters, rulebook.properties, rulebook.estimates):
        found = group.get(id)
        if found is not None:
            return found.label
    if id in rulebook.targets:
        return rulebook.targets[id].short
    for named in (rulebook.indicators.get(id), rulebook.sections.get(id), rulebook.parts.get(id)):
        if named is not None:
            return Text(f"{id} {named.name.zh}", f"{id} {named.name.en}")
    if id in rulebook.grade_order:
        return rulebook.grade(id).name
    return Text(id, id)


@lru_cache(maxsize=4096)
def rendered(rulebook: Rulebook, node: E) -> Text:
    return render(node, lambda id: label(rulebook, id))


def value_text(c: Scoring, name: str, value: Value, lang: str) -> str:
    """Return the value of a name as people read it."""
    zh = lang == "zh"
    if isinstance(value, Missing):
        return ABSENT_WORDS[value.kind].get(lang) if value.facts == (name,) else value.reason.get(lang)
    if isinstance(value, bool):
        return ("是" if value else "否") if zh else ("yes" if value else "no")
    spec = c.rulebook.facts.get(name)
    if isinstance(value, frozenset):
        options = spec.options if spec else {}
        listed = [text for id, text in options.items() if id in value]
        return join(listed, "、", "; ").get(lang) if listed else ("无" if zh else "none")
    if isinstance(value, str):
        option = spec.options.get(value) if spec else None
        return option.get(lang) if option else value
    return quantity(value, unit_of(c, name), lang)


def unit_of(c: Scoring, name: str) -> str:
    for group in (c.rulebook.facts, c.rulebook.definitions, c.rulebook.parameters, c.rulebook.estimates):
        found = group.get(name)
        if found is not None:
            return found.unit
    return ""


def fact_node(c: Scoring, name: str) -> Node:
    """Return a leaf with the value of a fact, or a node with the parts of a definition."""
    value = c.value(name)
    definition = c.rulebook.definitions.get(name) or c.rulebook.estimates.get(name)
    spec = c.rulebook.facts.get(name)
    text = Text(value_text(c, name, value, "zh"), value_text(c, name, value, "en"))
    own = label(c.rulebook, name)
    children: tuple[Node, ...] = ()
    expr = (
        definition.expr
        if definition
        else spec.derived
        if spec and not isinstance(c.case.facts.get(name), Fraction) and name not in c.case.facts
        else None
    )
    if expr is not None:
        children = parts_of(c, expr.node)
        formula = rendered(c.rulebook, expr.node)
        text = Text(f"{formula.zh}＝{text.zh}", f"{formula.en} = {text.en}")
    text = Text(f"{own.zh}：{text.zh}。", f"{own.en}: {text.en}.")
    shown: Fraction | bool | str | None = None
    if isinstance(value, frozenset):
        shown = ",".join(sorted(value))
    elif not isinstance(value, Missing):
        shown = value
    source = spec.source if spec else definition.source if definition else None
    return Node("fact", own, text, shown, unit_of(c, name), children, source, spec.basis if spec else "", ref=name)


def parts_of(c: Scoring, node: E) -> tuple[Node, ...]:
    """Return a node for each name that an expression uses, targets and look-backs among them."""
    found: dict[str, Node] = {}
    for each in walk(node):
        match each:
            case Call("last", args):
                base = cast(Name, args[0])
                years = int(args[1].value) if len(args) == 2 and hasattr(args[1], "value") else 1
                key = f"{base.id}@-{years}"
                past = fact_node(c.back(years), base.id)
                year, year_en = ("上年", "last year") if years == 1 else (f"前{years}年", f"{years} years ago")
                found[key] = Node(
                    "fact",
                    Text(f"{year}{past.label.zh}", f"{past.label.en}, {year_en}"),
                    Text(f"{year}{past.text.zh}", f"{sentence(year_en)}: {past.text.en}"),
                    past.value,
                    past.unit,
                    (),
                    ref=key,
                )
            case Call("met" | "missed" | "missed_count" | "missed_years", args):
                for arg in args:
                    if isinstance(arg, Name) and arg.id in c.rulebook.targets:
                        found[arg.id] = target_node(c, c.rulebook.targets[arg.id], c.outcome(arg.id))
            case Name(id) if (
                id in c.rulebook.facts
                or id in c.rulebook.definitions
                or id in c.rulebook.parameters
                or id in c.rulebook.properties
                or id in c.rulebook.estimates
            ):
                found.setdefault(id, fact_node(c, id))
    past_names = {key.split("@")[0] for key in found if "@" in key}
    return tuple(n for key, n in found.items() if key not in past_names or _used_now(node, key))


def _used_now(node: E, name: str) -> bool:
    """Return whether a name is used outside `last`."""
    match node:
        case Call("last", _):
            return False
        case Name(id):
            return id == name
    from scorecard.engine.expr import children

    return any(_used_now(child, name) for child in children(node))


def expression_node(c: Scoring, expression: Expression, unit: str) -> Node:
    """Return a node that shows the formula in words, its value and its parts."""
    value = compute(expression, c)
    if isinstance(expression.node, Name):
        return fact_node(c, expression.node.id)
    formula = rendered(c.rulebook, expression.node)
    children = parts_of(c, expression.node)
    if isinstance(value, Missing):
        return Node(
            "expression", formula, Text(f"{value.reason.zh}。", f"{sentence(value.reason.en)}."), None, unit, children
        )
    figure = cast(Fraction, value)
    text = Text(
        f"{formula.zh}＝{quantity(figure, unit, 'zh')}。", f"{sentence(formula.en)} = {quantity(figure, unit, 'en')}."
    )
    return Node("expression", formula, text, figure, unit, children)


def condition_node(c: Scoring, expression: Expression, own: Text = EMPTY) -> Node:
    """Return a node that says whether a condition holds."""
    value = compute(expression, c)
    formula = rendered(c.rulebook, expression.node)
    name = formula if own == EMPTY else own
    children = parts_of(c, expression.node)
    if isinstance(value, Missing):
        return Node(
            "condition", name, Text(f"{value.reason.zh}。", f"{sentence(value.reason.en)}."), None, "", children
        )
    verdict = Text("成立", "holds") if value else Text("不成立", "does not hold")
    text = Text(f"{formula.zh}：{verdict.zh}。", f"{sentence(formula.en)}: this {verdict.en}.")
    return Node("condition", name, text, bool(value), "", children)


_OPS = {
    ">=": ("不低于", "is not lower than"),
    ">": ("高于", "is above"),
    "<=": ("不高于", "is not above"),
    "<": ("低于", "is below"),
}
_NOT = {
    ">=": ("低于", "is lower than"),
    ">": ("不高于", "is not above"),
    "<=": ("高于", "is above"),
    "<": ("不低于", "is not below"),
}


def pair(left: Fraction, right: Fraction, unit: str, lang: str) -> tuple[str, str]:
    """Return both sides of a comparison with their unit; unequal sides never look equal."""
    factor = 100 if unit == "%" else 1
    a, b = left * factor, right * factor
    digits = 2
    needed = [terminating_digits(v) for v in (a, b)]
    if all(n is not None and n <= 2 for n in needed):
        digits = max(n or 0 for n in needed)
    x, y = show_pair(a, b, digits, grouping=True)
    name = UNIT_LABELS.get(unit, Text(unit, unit)).get(lang)
    gap = "" if unit in ("%", "") else " "
    return f"{x}{gap}{name}", f"{y}{gap}{name}"


def target_reason(target: Target, outcome: Outcome) -> Text:
    """Say in one sentence how a target came out."""
    if isinstance(outcome.missed, Missing):
        why = outcome.missed.reason
        return Text(f"无法判断：{why.zh}。", f"It cannot be decided: {why.en}.")
    if not isinstance(outcome.left, Fraction) or not isinstance(outcome.right, Fraction):
        return Text(
            "依当年评价结果：" + ("未完成。" if outcome.missed else "完成。"),
            "By the recorded outcome of that year: " + ("missed." if outcome.missed else "met."),
        )
    words = (_NOT if outcome.missed else _OPS)[target.op]
    zh, en = pair(outcome.left, outcome.right, target.unit, "zh"), pair(outcome.left, outcome.right, target.unit, "en")
    done, done_en = ("未完成", "missed") if outcome.missed else ("完成", "met")
    return Text(f"{zh[0]} {words[0]} {zh[1]}，{done}。", f"{en[0]} {words[1]} {en[1]}: {done_en}.")


def target_node(c: Scoring, target: Target, outcome: Outcome) -> Node:
    sides: tuple[Node, ...] = ()
    if outcome.left is not None:
        sides = (expression_node(c, target.left, target.unit), expression_node(c, target.right, target.unit))
    value = None if isinstance(outcome.missed, Missing) else not outcome.missed
    return Node(
        "target",
        target.name,
        target_reason(target, outcome),
        value,
        "",
        sides,
        target.source,
        target.basis,
        ref=target.id,
    )
