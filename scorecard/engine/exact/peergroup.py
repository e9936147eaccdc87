"""Freezing the peer group's values for one score run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from typing import Any

from scorecard.engine.exact.context import Scoring
from scorecard.engine.language.exact import compiled
from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import Call, E, peer_key
from scorecard.engine.rulebook.dependencies import all_expressions
from scorecard.engine.rulebook.prepared import prepared
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import FactValue, Nothing
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.scoring_input import ScoringInput

#: The property that makes the peer groups.
PEER_GROUP = "category"
#: group -> key -> values from low to high
Snapshot = Mapping[str, Mapping[str, tuple[Fraction, ...]]]


def group_of(bank: Mapping[str, FactValue]) -> str:
    """Return the peer group that a bank's properties put it into; banks of which it is not known are one group."""
    name = bank.get(PEER_GROUP)
    return "" if name is None or isinstance(name, Nothing) else str(name)


def peer_expressions(rulebook: Rulebook) -> dict[str, E]:
    """Return key -> expression for everything that the rulebook compares with peers."""
    found: dict[str, E] = {}
    for _, expression, _ in all_expressions(rulebook):
        for node in expression.walk():
            if isinstance(node, Call) and FUNCTIONS[node.name].of_peers:
                found[peer_key(node.args[0])] = node.args[0]
    for indicator in rulebook.indicators.values():
        for _, rule in indicator.rule.walk():
            found.update((peer_key(x.node), x.node) for x in rule.compared())
    return found


def changed_peers(before: Rulebook, after: Rulebook, tried: Container[str] = ()) -> frozenset[str]:
    """Return the keys of what ``after`` compares with peers and ``before`` does not, or understands otherwise: a
    definition, a derived figure or a value of the year that it depends on differs, or is among the values ``tried``.
    Values that were frozen under ``before`` say nothing of these.
    """

    def differs(entry: str) -> bool:
        kind, _, id = entry.partition(".")
        return (kind == "parameters" and id in tried) or _meaning(before, entry) != _meaning(after, entry)

    old = peer_expressions(before)
    return frozenset(
        key
        for key, node in peer_expressions(after).items()
        if key not in old or any(differs(entry) for entry in prepared(after).dependencies_of_expression(node))
    )


def _meaning(rulebook: Rulebook, entry: str) -> Any:
    """What an entry contributes to a figure, without its names and sources; None where it is not there."""
    kind, _, id = entry.partition(".")
    if kind == "facts" and (fact := rulebook.facts.get(id)) is not None:
        derived = fact.derived and fact.derived.node
        return fact.kind, fact.min, fact.max, tuple(fact.options), fact.supplied_by, fact.carries_from, derived
    if kind == "definitions" and (definition := rulebook.definitions.get(id)) is not None:
        return definition.expr.node
    if kind == "parameters" and (parameter := rulebook.parameters.get(id)) is not None:
        return parameter.kind, parameter.default
    if kind == "targets" and (target := rulebook.targets.get(id)) is not None:
        return target.left.node, target.op, target.right.node
    return None if kind in ("facts", "definitions", "parameters", "targets") else rulebook.hash


def peer_snapshot(rulebook: Rulebook, many: Iterable[ScoringInput], keys: Container[str] | None = None) -> Snapshot:
    """Return the frozen values of every peer group. Banks without a value are not peers for that figure; a group in
    which no bank has one is there without values, since its figures are collected.

    ``keys`` limits it to some of the compared figures. Store it with the score run and hand
    ``snapshot[bank's group]`` to each `ScoringInput.peers`, so that a later filing moves no earlier result.
    """
    wanted = {key: node for key, node in peer_expressions(rulebook).items() if keys is None or key in keys}
    values: dict[str, dict[str, list[Fraction]]] = defaultdict(lambda: {key: [] for key in wanted})
    if not wanted:
        return {}
    for inputs in many:
        c = Scoring(rulebook, inputs)
        found = values[group_of(inputs.bank)]
        for key, node in wanted.items():
            value = compiled(node)(c)
            if isinstance(value, Fraction):
                found[key].append(value)
    return {name: {key: tuple(sorted(each)) for key, each in figures.items()} for name, figures in values.items()}
