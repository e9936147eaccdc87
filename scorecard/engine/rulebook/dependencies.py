"""What depends on what in a rulebook: the one walk over its entries, through definitions, derived facts and targets.

Entries are named by kind and id: ``facts.loans``, ``definitions.growth``, ``targets.T1``, ``indicators.C4``,
``caps.three-targets``, and ``rulebook.total`` for the total.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from scorecard.engine.language.syntax import (
    ID_FUNCTIONS,
    Bin,
    Bool,
    Call,
    Cmp,
    E,
    Expression,
    If,
    In,
    Name,
    Unary,
    id_arguments,
    value_names,
    walk,
)
from scorecard.engine.rulebook.model import Definition, FactSpec, Parameter, Target
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rules.base import Rule

TOTAL = "rulebook.total"
#: The kinds that stand between a rule and the facts that it reads.
TO_FACTS = ("facts", "definitions", "targets")


class Figures(Protocol):
    """The part of a rulebook that gives figures; the reader has it before the rulebook is whole."""

    @property
    def facts(self) -> Mapping[str, FactSpec]: ...
    @property
    def definitions(self) -> Mapping[str, Definition]: ...
    @property
    def parameters(self) -> Mapping[str, Parameter]: ...
    @property
    def targets(self) -> Mapping[str, Target]: ...


@dataclass(frozen=True, slots=True)
class DeclaredFigures:
    """The figures of a rulebook that is still being read."""

    facts: Mapping[str, FactSpec]
    definitions: Mapping[str, Definition]
    targets: Mapping[str, Target]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


# ---- expressions of rules and rulebooks


def rule_expressions(rule: Rule) -> Iterator[Expression]:
    """Yield the expressions of a rule and of the rules in it."""
    for _, expression, _ in _rule_expressions("", rule):
        yield expression


def rule_facts(rule: Rule) -> Iterator[str]:
    """Yield the facts that a rule and the rules in it read outside expressions."""
    yield from rule.fact_names()
    for _, nested in rule.parts():
        yield from rule_facts(nested)


def rule_targets(rule: Rule) -> Iterator[str]:
    """Yield the targets whose outcome a rule and the rules in it read."""
    yield from rule.target_names()
    for _, nested in rule.parts():
        yield from rule_targets(nested)


def all_expressions(rulebook: Rulebook) -> Iterator[tuple[str, Expression, str]]:
    """Yield (path, expression, expected type): ``bool``, a unit, ``*`` for any number, ``~ref`` like another
    expression.
    """
    for spec in rulebook.facts.values():
        if spec.derived is not None:
            yield f"facts.{spec.id}.derived", spec.derived, spec.unit if spec.is_number else "bool"
    for definition in rulebook.definitions.values():
        yield f"definitions.{definition.id}.expr", definition.expr, definition.unit
    for target in rulebook.targets.values():
        yield f"targets.{target.id}.left", target.left, target.unit
        yield f"targets.{target.id}.right", target.right, target.unit
    for each in rulebook.checks.values():
        yield f"checks.{each.id}.holds", each.holds, "bool"
    for i, cap in enumerate(rulebook.caps):
        yield f"caps.{i}.when", cap.when, "bool"
    for adjustment in rulebook.adjustments:
        for i, case in enumerate(adjustment.cases):
            yield f"adjustments.{adjustment.id}.cases.{i}.when", case.when, "bool"
    for measure in rulebook.measures.values():
        yield f"measures.{measure.id}.when", measure.when, "bool"
    for estimate in rulebook.estimates.values():
        yield f"estimates.{estimate.id}.expr", estimate.expr, estimate.unit
    for indicator in rulebook.indicators.values():
        yield from _rule_expressions(f"indicators.{indicator.id}.rule", indicator.rule)


def _rule_expressions(path: str, rule: Rule) -> Iterator[tuple[str, Expression, str]]:
    for key, expression, expected in rule.expressions():
        yield f"{path}.{key}", expression, expected
    for key, nested in rule.parts():
        yield from _rule_expressions(f"{path}.{key}.rule" if key.startswith("cases") else f"{path}.{key}", nested)


# ---- the walk


def depends_on(figures: Figures, start: Iterable[str], kinds: Container[str] = ()) -> dict[str, None]:
    """Return `start` and every entry behind it, each once, in the order in which it is met.

    With `kinds` only entries of these kinds are passed and returned.
    """
    found: dict[str, None] = {}
    waiting = list(start)[::-1]
    while waiting:
        entry = waiting.pop()
        if entry in found or (kinds and entry.partition(".")[0] not in kinds):
            continue
        found[entry] = None
        waiting += list(_direct(figures, entry))[::-1]
    return found


def entries_of(figures: Figures, nodes: Iterable[E]) -> Iterator[str]:
    """Yield the entries that expressions name: of each the values first, then the ids given to functions."""
    for node in nodes:
        for name in dict.fromkeys(value_names(node)):
            for kind in ("facts", "definitions", "parameters"):
                if name in getattr(figures, kind):
                    yield f"{kind}.{name}"
        for call in walk(node):
            if not isinstance(call, Call):
                continue
            if call.name in ("total", "grade_at_least"):
                yield TOTAL
            elif call.name in ID_FUNCTIONS:
                for id in id_arguments(call):
                    for kind in ("targets", "indicators", "sections", "parts"):
                        if id in getattr(figures, kind, ()):
                            yield f"{kind}.{id}"


def _direct(figures: Figures, entry: str) -> Iterator[str]:
    kind, _, id = entry.partition(".")
    if kind == "facts" and id in figures.facts:
        derived = figures.facts[id].derived
        if derived is not None:
            yield from entries_of(figures, (derived.node,))
    elif kind == "definitions" and id in figures.definitions:
        yield from entries_of(figures, (figures.definitions[id].expr.node,))
    elif kind == "targets" and id in figures.targets:
        yield from entries_of(figures, (figures.targets[id].left.node, figures.targets[id].right.node))
    elif isinstance(figures, Rulebook):
        yield from _direct_of_points(figures, entry, kind, id)


def _direct_of_points(rulebook: Rulebook, entry: str, kind: str, id: str) -> Iterator[str]:
    if entry == TOTAL:
        yield from (f"sections.{section.id}" for section in rulebook.top_sections)
    elif kind == "indicators" and id in rulebook.indicators:
        rule = rulebook.indicators[id].rule
        yield from (f"facts.{fact}" for fact in rule_facts(rule))
        yield from (f"targets.{target}" for target in rule_targets(rule))
        yield from entries_of(rulebook, (e.node for e in rule_expressions(rule)))
    elif kind == "sections" and id in rulebook.sections:
        section = rulebook.sections[id]
        yield from (f"indicators.{i}" for i in section.indicators)
        yield from (f"sections.{child}" for child in section.children)
    elif kind == "parts":
        yield from (f"indicators.{i.id}" for i in rulebook.indicators.values() if i.part == id)
    elif kind == "caps":
        yield from entries_of(rulebook, (cap.when.node for cap in rulebook.caps if cap.id == id))


# ---- what is asked of it


def facts_of(figures: Figures, expressions: Iterable[Expression]) -> tuple[str, ...]:
    """Return the facts behind expressions, each once, in order; look-backs (`last`) count as the fact itself."""
    found = depends_on(figures, entries_of(figures, (e.node for e in expressions)), TO_FACTS)
    return tuple(entry.partition(".")[2] for entry in found if entry.startswith("facts."))


def facts_of_rule(figures: Figures, rule: Rule) -> tuple[str, ...]:
    """Return the facts of a rule, each once, in the order in which they are met."""
    found = dict.fromkeys(n for n in rule_facts(rule) if n in figures.facts)
    found.update(dict.fromkeys(facts_of(figures, rule_expressions(rule))))
    reached = [figures.targets[t] for t in rule_targets(rule) if t in figures.targets]
    found.update(dict.fromkeys(facts_of(figures, (side for t in reached for side in (t.left, t.right)))))
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
