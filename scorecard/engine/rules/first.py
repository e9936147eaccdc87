"""The first case that holds gives the points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scorecard.engine.declarations.keys import key
from scorecard.engine.language.exact import compute
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import Value
from scorecard.engine.rules.base import (
    Explainer,
    Points,
    Rule,
    RuleContext,
    missing_node,
    rule_kind,
)
from scorecard.engine.rules.cases import CaseRule
from scorecard.engine.rules.nested import NONE_HOLDS, Branch, Cases, Otherwise, through
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.results import Improvement, Node
from scorecard.engine.values.text import Text


@rule_kind("first", "依次适用第一项成立的情形", "first case that holds", place=12)
@dataclass(frozen=True, slots=True)
class FirstThatHolds(CaseRule):
    """The first case whose condition holds gives the points; `otherwise` when none does. A condition that cannot be
    decided before one holds leaves the whole rule undecided.
    """

    kind: ClassVar[str] = "first"
    title: ClassVar[Text] = Text("依次适用第一项成立的情形", "The first case that holds")
    in_order: ClassVar[bool] = True
    cases: tuple[Branch, ...] = key(Cases(conditional=True), required=True)
    otherwise: Rule = key(Otherwise(), required=True)

    def chosen(self, c: RuleContext) -> Branch | Missing:
        for case in self.cases:
            value = True if case.when is None else compute(case.when, c)
            if isinstance(value, Missing):
                return value
            if value:
                return case
        return Branch(None, self.otherwise, NONE_HOLDS)

    def evaluate(self, c: RuleContext) -> Points:
        case = self.chosen(c)
        return case if isinstance(case, Missing) else case.rule.evaluate(c)

    def lower(self, b: Builder) -> Value:
        result = self.otherwise.lower(b)
        for case in reversed(self.cases):
            then = case.rule.lower(b)
            result = then if case.when is None else b.choose(b.expression(case.when.node), then, result)
        return result

    def explain(self, c: Explainer) -> Node:
        nodes: list[Node] = []
        case = self.chosen(c)
        for each in self.cases:
            if each.when is not None:
                nodes.append(c.condition_node(each.when, each.label))
            if each is case:
                break
        if isinstance(case, Missing):
            return missing_node("rule", self.title, case, tuple(nodes))
        return through(self.title, case, case.rule.explain(c), nodes)

    def improve(self, c: Explainer) -> tuple[Improvement, ...]:
        case = self.chosen(c)
        return () if isinstance(case, Missing) else case.rule.improve(c)
