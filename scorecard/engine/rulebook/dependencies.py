"""What depends on what in a rulebook: the one walk over its entries, through definitions, derived facts and targets.

Entries are named by kind and id: ``facts.loans``, ``definitions.growth``, ``targets.T1``, ``indicators.C4``,
``caps.three-targets``, and ``rulebook.total`` for the total.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from scorecard.engine.declarations.keys import expressions_of
from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import Call, E, Expression, id_arguments, value_names, walk
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rules.base import Rule

TOTAL = "rulebook.total"
#: The kinds that stand between a rule and the facts that it reads.
TO_FACTS = ("facts", "definitions", "targets")


# ---- expressions of rules and rulebooks


def rule_expressions(rule: Rule) -> Iterator[Expression]:
    """Yield the expressions of a rule and of the rules in it."""
    for _, each in rule.walk():
        for _, expression, _ in each.expressions():
            yield expression


def rule_names(rule: Rule, what: str) -> Iterator[str]:
    """Yield the facts ("fact") or targets ("target") that a rule and the rules in it read outside expressions."""
    for _, each in rule.walk():
        yield from each.named(what)


#: The groups whose entries hold expressions, in the order in which these are gone through.
WITH_EXPRESSIONS = ("facts", "definitions", "targets", "checks", "caps", "adjustments", "measures", "estimates")


def all_expressions(rulebook: Rulebook) -> Iterator[tuple[str, Expression, str]]:
    """Yield (path, expression, expected type): ``bool``, a unit, or ``*`` for any number."""
    for group in WITH_EXPRESSIONS:
        entries = getattr(rulebook, group)
        for i, entry in enumerate(entries.values() if isinstance(entries, Mapping) else entries):
            yield from expressions_of(entry, f"{group}.{i if group == 'caps' else entry.id}.")
    for indicator in rulebook.indicators.values():
        for path, rule in indicator.rule.walk(f"indicators.{indicator.id}.rule"):
            for name, expression, expected in rule.expressions():
                yield f"{path}.{name}", expression, expected


# ---- the walk


def depends_on(rulebook: Rulebook, start: Iterable[str], kinds: Container[str] = ()) -> dict[str, None]:
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
        waiting += list(_direct(rulebook, entry))[::-1]
    return found


def entries_of(rulebook: Rulebook, nodes: Iterable[E]) -> Iterator[str]:
    """Yield the entries that expressions name: of each the values first, then the ids given to functions."""
    for node in nodes:
        for name in dict.fromkeys(value_names(node)):
            for kind in ("facts", "definitions", "parameters"):
                if name in getattr(rulebook, kind):
                    yield f"{kind}.{name}"
        for call in walk(node):
            if not isinstance(call, Call):
                continue
            if FUNCTIONS[call.name].of_total:
                yield TOTAL
            elif FUNCTIONS[call.name].ids:
                named = ("targets",) if FUNCTIONS[call.name].ids == "target" else ("indicators", "sections", "parts")
                for id in id_arguments(call):
                    for kind in named:
                        if id in getattr(rulebook, kind):
                            yield f"{kind}.{id}"


def expressions_of_entry(rulebook: Rulebook, entry: str) -> tuple[E, ...]:
    """Return the expressions of a fact, a definition or a target."""
    kind, _, id = entry.partition(".")
    found = getattr(rulebook, kind).get(id) if kind in TO_FACTS else None
    return () if found is None else tuple(expression.node for _, expression, _ in expressions_of(found))


def functions_behind(rulebook: Rulebook, node: E) -> frozenset[str]:
    """Return the names of the functions that an expression calls, itself and through definitions and targets."""
    entries = depends_on(rulebook, entries_of(rulebook, (node,)), TO_FACTS)
    nodes = (node, *(each for entry in entries for each in expressions_of_entry(rulebook, entry)))
    return frozenset(call.name for each in nodes for call in walk(each) if isinstance(call, Call))


def _direct(rulebook: Rulebook, entry: str) -> Iterator[str]:
    """Yield what an entry names itself."""
    kind, _, id = entry.partition(".")
    yield from entries_of(rulebook, expressions_of_entry(rulebook, entry))
    if entry == TOTAL:
        yield from (f"sections.{section.id}" for section in rulebook.top_sections)
    elif kind == "indicators" and id in rulebook.indicators:
        rule = rulebook.indicators[id].rule
        yield from (f"facts.{fact}" for fact in rule_names(rule, "fact"))
        yield from (f"targets.{target}" for target in rule_names(rule, "target"))
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


def facts_of(rulebook: Rulebook, expressions: Iterable[Expression]) -> tuple[str, ...]:
    """Return the facts behind expressions, each once, in order; look-backs (`last`) count as the fact itself."""
    return _facts_behind(rulebook, entries_of(rulebook, (e.node for e in expressions)))


def facts_of_rule(rulebook: Rulebook, rule: Rule) -> tuple[str, ...]:
    """Return the facts of a rule, each once, in the order in which they are met."""
    named = (fact for fact in rule_names(rule, "fact") if fact in rulebook.facts)
    used = facts_of(rulebook, rule_expressions(rule))
    compared = _facts_behind(rulebook, (f"targets.{target}" for target in rule_names(rule, "target")))
    return tuple(dict.fromkeys((*named, *used, *compared)))


def _facts_behind(rulebook: Rulebook, entries: Iterable[str]) -> tuple[str, ...]:
    found = depends_on(rulebook, entries, TO_FACTS)
    return tuple(entry.partition(".")[2] for entry in found if entry.startswith("facts."))
