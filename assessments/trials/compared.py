"""What a changed rulebook compares with peers in its own way."""

from collections.abc import Container
from typing import Any

from scorecard.engine import Rulebook
from scorecard.engine.exact.peergroup import peer_expressions
from scorecard.engine.rulebook.prepared import prepared


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
