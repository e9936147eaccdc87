"""Which facts something depends on, through definitions, derived facts and targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from scorecard.engine.language.syntax import Bin, Bool, Call, Cmp, E, Expression, If, In, Name, Unary, id_arguments
from scorecard.engine.rulebook.model import Definition, FactSpec, Target
from scorecard.engine.rules.base import Rule


def rule_expressions(rule: Rule) -> Iterator[Expression]:
    for _, expression, _ in rule.expressions():
        yield expression
    for _, nested in rule.parts():
        yield from rule_expressions(nested)


def rule_facts(rule: Rule) -> Iterator[str]:
    yield from rule.fact_names()
    for _, nested in rule.parts():
        yield from rule_facts(nested)


def rule_targets(rule: Rule) -> Iterator[str]:
    yield from rule.target_names()
    for _, nested in rule.parts():
        yield from rule_targets(nested)


def facts_of_rule(
    rule: Rule, facts: Mapping[str, FactSpec], definitions: Mapping[str, Definition], targets: Mapping[str, Target]
) -> tuple[str, ...]:
    """Return the facts of a rule, each once, in the order in which they are met."""
    found = dict.fromkeys(n for n in rule_facts(rule) if n in facts)
    found.update(dict.fromkeys(facts_of(rule_expressions(rule), facts, definitions, targets)))
    for target in rule_targets(rule):
        if target in targets:
            found.update(
                dict.fromkeys(facts_of((targets[target].left, targets[target].right), facts, definitions, targets))
            )
    return tuple(found)


def facts_of(
    expressions: Iterable[Expression],
    facts: Mapping[str, FactSpec],
    definitions: Mapping[str, Definition],
    targets: Mapping[str, Target],
    _seen: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """Return the facts behind expressions; look-backs (`last`) count as the fact itself."""
    found: dict[str, None] = {}
    for expression in expressions:
        for name in expression.names:
            if name in facts:
                found[name] = None
                derived = facts[name].derived
                if derived is not None and name not in _seen:
                    found.update(dict.fromkeys(facts_of((derived,), facts, definitions, targets, _seen | {name})))
            elif name in definitions and name not in _seen:
                found.update(
                    dict.fromkeys(facts_of((definitions[name].expr,), facts, definitions, targets, _seen | {name}))
                )
        for node in expression.walk():
            if isinstance(node, Call) and node.name in ("met", "missed", "missed_count", "missed_years"):
                for id in id_arguments(node):
                    if id in targets and id not in _seen:
                        sides = (targets[id].left, targets[id].right)
                        found.update(dict.fromkeys(facts_of(sides, facts, definitions, targets, _seen | {id})))
    return tuple(found)


def needs_facts(
    node: E, facts: Mapping[str, FactSpec], definitions: Mapping[str, Definition], _seen: frozenset[str] = frozenset()
) -> bool:
    """Return whether an expression surely has no value in an earlier year of which no fact is on file.

    A choice, a truth value decided by one side, and look-backs may have one all the same.
    """

    def needs(part: E) -> bool:
        return needs_facts(part, facts, definitions, _seen)

    match node:
        case Name(id) if id in definitions and id not in _seen:
            return needs_facts(definitions[id].expr.node, facts, definitions, _seen | {id})
        case Name(id):
            return id in facts
        case Unary(_, x) | In(x, _, _):
            return needs(x)
        case Bin(_, left, right) | Cmp(_, left, right):
            return needs(left) or needs(right)
        case Bool(_, items):
            return all(needs(item) for item in items)
        case If(condition, then, otherwise):
            return needs(condition) or (needs(then) and needs(otherwise))
        case Call("min" | "max" | "abs" | "clip" | "pp" | "bp" | "level" | "has" | "count", args):
            return any(needs(arg) for arg in args)
        case Call("unit", args):
            return needs(args[0])
    return False
