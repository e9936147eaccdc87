"""Of the cases that hold the one with the fewest points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scorecard.engine.declarations.keys import Key, Reading, key
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
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import Node
from scorecard.engine.values.text import Text


class OtherwiseUnlessAlways(Otherwise):
    """Required when every case has a condition, and idle when one has none."""

    def read(self, r: Reading, name: str, key: Key) -> Rule | None:  # type: ignore[override]
        if all(case.when is not None for case in r.values["cases"]):
            return super().read(r, name, key)
        if r.at.get(name) is not None:
            r.fields.report(
                r.at,
                "unreachable",
                Text(
                    f"有一项没有条件、总是成立，“{name}”永远用不到。",
                    f"A case without “when” always holds, so “{name}” never counts.",
                ),
                Text(f"请删除“{name}”，或为该项写明“when”。", f"Remove “{name}”, or give that case a “when”."),
                name,
            )
        return None


@rule_kind("most_severe", "适用最严情形", "most severe case", place=13)
@dataclass(frozen=True, slots=True)
class MostSevere(CaseRule):
    """Of all cases that hold the one with the fewest points; `otherwise` when none holds. A case without a condition
    always holds, so a rule that has one needs no `otherwise`.
    """

    kind: ClassVar[str] = "most_severe"
    title: ClassVar[Text] = Text("适用成立情形中最严者", "The most severe case that holds")
    cases: tuple[Branch, ...] = key(Cases(conditional=False), required=True)
    otherwise: Rule | None = key(OtherwiseUnlessAlways())

    def _holding(self, c: RuleContext) -> list[tuple[Branch, Fraction]] | Missing:
        found: list[tuple[Branch, Fraction]] = []
        absent: Missing | None = None
        for case in self.cases:
            value = True if case.when is None else compute(case.when, c)
            if value is False:
                continue
            points = value if isinstance(value, Missing) else case.rule.evaluate(c)
            if isinstance(points, Missing):
                absent = points if absent is None else absent | points
            else:
                found.append((case, points))
        if absent is None and not found and self.otherwise is not None:
            points = self.otherwise.evaluate(c)
            if isinstance(points, Missing):
                return points
            found.append((Branch(None, self.otherwise, NONE_HOLDS), points))
        return found if absent is None else absent

    def evaluate(self, c: RuleContext) -> Points:
        holding = self._holding(c)
        return holding if isinstance(holding, Missing) else min(p for _, p in holding)

    def lower(self, b: Builder) -> Value:
        conditions: list[Value] = []
        guarded: list[Value] = []
        for case in self.cases:
            points = case.rule.lower(b)
            if case.when is not None:
                conditions.append(b.expression(case.when.node))
                points = b.guard(conditions[-1], points)
            guarded.append(points)
        lowest = b.lowest(*guarded)
        if self.otherwise is None or len(conditions) < len(guarded):
            return lowest
        return b.choose(b.some(*conditions), lowest, self.otherwise.lower(b))

    def explain(self, c: Explainer) -> Node:
        nodes = [c.condition_node(b.when, b.label) for b in self.cases if b.when is not None]
        holding = self._holding(c)
        if isinstance(holding, Missing):
            return missing_node("rule", self.title, holding, tuple(nodes))
        case, _ = min(holding, key=lambda h: h[1])
        return through(self.title, case, case.rule.explain(c), nodes)
