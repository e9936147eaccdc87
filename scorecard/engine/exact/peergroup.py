"""Freezing the peer group's values for one score run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from scorecard.engine.exact.context import Scoring
from scorecard.engine.language.exact import compiled
from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import Call, E, peer_key, reads_total, walk
from scorecard.engine.rulebook.dependencies import all_expressions
from scorecard.engine.rulebook.prepared import once
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


@once
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


def peer_snapshot(rulebook: Rulebook, many: Iterable[ScoringInput], keys: Container[str] | None = None) -> Snapshot:
    """Return the frozen values of every peer group. Banks without a value are not peers for that figure; a group in
    which no bank has one is there without values, since its figures are collected.

    ``keys`` limits it to some of the compared figures. Store it with the score run and hand
    ``snapshot[bank's group]`` to each `ScoringInput.peers`, so that a later filing moves no earlier result.
    """
    expressions = peer_expressions(rulebook)
    wanted = {key: node for key, node in expressions.items() if keys is None or key in keys}
    figures = {key: node for key, node in expressions.items() if not _reads_points(node)}
    if wanted.keys() <= figures.keys():
        return _frozen(rulebook, many, wanted)
    # Points, and so the total, may follow from the peers' figures, which are frozen before them.
    banks = list(many)
    first = _frozen(rulebook, banks, figures)
    return _frozen(rulebook, [replace(each, peers=first.get(group_of(each.bank), {})) for each in banks], wanted)


def _reads_points(node: E) -> bool:
    functions = (FUNCTIONS[call.name] for call in walk(node) if isinstance(call, Call))
    return any(function.of_total or function.ids == "points" for function in functions)


def _frozen(rulebook: Rulebook, many: Iterable[ScoringInput], wanted: Mapping[str, E]) -> Snapshot:
    values: dict[str, dict[str, list[Fraction]]] = defaultdict(lambda: {key: [] for key in wanted})
    for inputs in many if wanted else ():
        c = Scoring(rulebook, inputs)
        found = values[group_of(inputs.bank)]
        for key, node in wanted.items():
            value = compiled(node)(c.before_limits() if reads_total(node) else c)
            if isinstance(value, Fraction):
                found[key].append(value)
    return {name: {key: tuple(sorted(each)) for key, each in figures.items()} for name, figures in values.items()}
