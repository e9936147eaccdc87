"""The evaluator of one bank that can also explain: what rules ask for when they say how their points come about."""

from __future__ import annotations

from scorecard.engine.exact.context import Scoring
from scorecard.engine.explain import needed, nodes
from scorecard.engine.language.syntax import Expression
from scorecard.engine.rulebook.labels import words
from scorecard.engine.rulebook.prepared import prepared
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.results import Need, Node
from scorecard.engine.values.scoring_input import ScoringInput
from scorecard.engine.values.text import Text


class ScoringExplainer(Scoring):
    """The values of one bank in one year, with the nodes of their explanation and what is still needed."""

    __slots__ = ("_needs",)

    def __init__(self, rulebook: Rulebook, inputs: ScoringInput) -> None:
        super().__init__(rulebook, inputs)
        self._needs: dict[str, Need | None] = {}

    def option(self, fact: str, option: str) -> Text:
        return self.rulebook.facts[fact].options.get(option, Text(option, option))

    def render(self, expression: Expression) -> Text:
        return words(self.rulebook, expression)

    def shows_peers(self, expression: Expression) -> bool:
        return prepared(self.rulebook).shows_peers(expression.node)

    fact_node = nodes.fact_node
    expression_node = nodes.expression_node
    condition_node = nodes.condition_node
    improvement = needed.improvement
    points = needed.shown_gain

    def target_node(self, target: str) -> Node:
        return nodes.target_node(self, self.rulebook.targets[target], self.outcome(target))

    def target_need(self, target: str) -> Need | None:
        """Return the smallest increase with which a target is met, worked out once."""
        if target not in self._needs:
            self._needs[target] = needed.target_need(self, target)
        return self._needs[target]
