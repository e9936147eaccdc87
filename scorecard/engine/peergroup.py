"""Freezing the peer group's values for one score run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction

from scorecard.engine.case import Case
from scorecard.engine.compute import compiled
from scorecard.engine.context import Scoring
from scorecard.engine.expr import Call, E
from scorecard.engine.lint_references import all_expressions
from scorecard.engine.peers import peer_key
from scorecard.engine.rulebook import Rulebook
from scorecard.engine.rules.base import Rule
from scorecard.engine.rules.curves import Rank

PEER_FUNCTIONS = ("rank", "percentile", "median", "peers")
#: group -> key -> values from low to high
Snapshot = Mapping[str, Mapping[str, tuple[Fraction, ...]]]


def peer_expressions(rulebook: Rulebook) -> dict[str, E]:
    """Return key -> expression for everything that the rulebook compares with peers."""
    found: dict[str, E] = {}
    for _, expression, _ in all_expressions(rulebook):
        for node in expression.walk():
            if isinstance(node, Call) and node.name in PEER_FUNCTIONS:
                found[peer_key(node.args[0])] = node.args[0]
    for indicator in rulebook.indicators.values():
        for rule in _all_rules(indicator.rule):
            if isinstance(rule, Rank):
                found[peer_key(rule.x.node)] = rule.x.node
    return found


def _all_rules(rule: Rule) -> Iterable[Rule]:
    yield rule
    for _, nested in rule.parts():
        yield from _all_rules(nested)


def peer_snapshot(rulebook: Rulebook, cases: Iterable[Case], group: str = "category") -> Snapshot:
    """Return the frozen values of every peer group. Banks without a value are not peers for that figure.

    Store it with the score run and hand ``snapshot[bank's group]`` to each `Case.peers`, so that a later filing moves
    no earlier result.
    """
    wanted = peer_expressions(rulebook)
    values: dict[str, dict[str, list[Fraction]]] = defaultdict(lambda: {key: [] for key in wanted})
    if not wanted:
        return {}
    for case in cases:
        c = Scoring(rulebook, case)
        name = str(case.bank.get(group, ""))
        for key, node in wanted.items():
            value = compiled(node)(c)
            if isinstance(value, Fraction):
                values[name][key].append(value)
    return {name: {key: tuple(sorted(found)) for key, found in keys.items()} for name, keys in values.items()}
