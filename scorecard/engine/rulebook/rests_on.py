"""What an entry of a rulebook rests on: the other entries whose change changes what it gives.

Entries are named by kind and id: ``indicators.C4``, ``targets.T1``, ``definitions.growth``, ``caps.three-targets``.
"""

from __future__ import annotations

from collections.abc import Iterator

from scorecard.engine.language.syntax import ID_FUNCTIONS, Call, E, Name, children, id_arguments
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rulebook.uses import rule_expressions, rule_facts, rule_targets

TOTAL = "rulebook.total"


def rests_on(rulebook: Rulebook, entry: str) -> frozenset[str]:
    """Return everything that an entry rests on, itself among them; of one that is not there, itself alone."""
    known: dict[str, frozenset[str]] = rulebook.plan.setdefault("rests on", {})
    found = known.get(entry)
    if found is None:
        seen: set[str] = set()
        waiting = [entry]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += _direct(rulebook, one)
        found = known[entry] = frozenset(seen)
    return found


def expression_rests_on(rulebook: Rulebook, node: E) -> frozenset[str]:
    """Return everything that an expression rests on."""
    return frozenset[str]().union(*(rests_on(rulebook, entry) for entry in _named(rulebook, node)))


def _direct(rulebook: Rulebook, entry: str) -> Iterator[str]:
    kind, _, id = entry.partition(".")
    if entry == TOTAL:
        yield from (f"sections.{section.id}" for section in rulebook.top_sections)
    elif kind == "indicators" and id in rulebook.indicators:
        rule = rulebook.indicators[id].rule
        yield from (f"facts.{fact}" for fact in rule_facts(rule))
        yield from (f"targets.{target}" for target in rule_targets(rule))
        for expression in rule_expressions(rule):
            yield from _named(rulebook, expression.node)
    elif kind == "targets" and id in rulebook.targets:
        yield from _named(rulebook, rulebook.targets[id].left.node)
        yield from _named(rulebook, rulebook.targets[id].right.node)
    elif kind == "definitions" and id in rulebook.definitions:
        yield from _named(rulebook, rulebook.definitions[id].expr.node)
    elif kind == "facts" and id in rulebook.facts:
        derived = rulebook.facts[id].derived
        if derived is not None:
            yield from _named(rulebook, derived.node)
    elif kind == "sections" and id in rulebook.sections:
        section = rulebook.sections[id]
        yield from (f"indicators.{i}" for i in section.indicators)
        yield from (f"sections.{child}" for child in section.children)
    elif kind == "parts":
        yield from (f"indicators.{i.id}" for i in rulebook.indicators.values() if i.part == id)
    elif kind == "caps":
        for cap in rulebook.caps:
            if cap.id == id:
                yield from _named(rulebook, cap.when.node)


def _named(rulebook: Rulebook, node: E) -> Iterator[str]:
    """The entries that an expression names."""
    match node:
        case Name(id):
            for kind in ("facts", "definitions", "parameters"):
                if id in getattr(rulebook, kind):
                    yield f"{kind}.{id}"
        case Call("total" | "grade_at_least", _):
            yield TOTAL
        case Call(name, _) if name in ID_FUNCTIONS:
            for id in id_arguments(node):
                for kind in ("targets", "indicators", "sections", "parts"):
                    if id in getattr(rulebook, kind):
                        yield f"{kind}.{id}"
        case Call("unit", (x, _)):
            yield from _named(rulebook, x)
        case _:
            for child in children(node):
                yield from _named(rulebook, child)
