"""The lowest, the highest, the mean or the sum of several rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scorecard.engine.declarations.keys import Reading, key, read_keys
from scorecard.engine.language.exact import all_known
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import Value
from scorecard.engine.rules.base import (
    Explainer,
    Improvements,
    Points,
    Rule,
    RuleContext,
    Wording,
    missing_node,
    points_texts,
    rule_kind,
)
from scorecard.engine.rules.nested import RULES
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.results import Node
from scorecard.engine.values.text import Text

LABELS = {
    "lower_of": Text("取较低者", "The lower of these"),
    "higher_of": Text("取较高者", "The higher of these"),
    "mean_of": Text("取平均数", "The mean of these"),
    "sum_of": Text("各项相加", "The sum of these"),
}


@rule_kind("sum_of", "求和", "sum of several", place=17)
@rule_kind("mean_of", "取平均", "mean of several", place=16)
@rule_kind("higher_of", "取高", "higher of several", place=15)
@rule_kind("lower_of", "取低", "lower of several", place=14)
@dataclass(frozen=True, slots=True)
class Combine(Rule):
    """The lowest, the highest, the mean or the sum of several rules."""

    how: str
    rules: tuple[Rule, ...] = key(RULES, required=True, label=Text("各规则", "Rules"))

    @classmethod
    def make(cls, r: Reading, kind: str) -> Rule:
        return cls(kind, **read_keys(r, cls, ("kind",)))

    def evaluate(self, c: RuleContext) -> Points:
        values = all_known(rule.evaluate(c) for rule in self.rules)
        return values if isinstance(values, Missing) else combine(self.how, values)

    def lower(self, b: Builder) -> Value:
        parts = [rule.lower(b) for rule in self.rules]
        if self.how == "lower_of":
            return b.lowest(*parts)
        if self.how == "higher_of":
            return b.highest(*parts)
        total = b.add(*parts)
        return b.multiply(total, b.constant(Fraction(1, len(parts)))) if self.how == "mean_of" else total

    def explain(self, c: Explainer) -> Node:
        label = LABELS[self.how]
        nodes = tuple(rule.explain(c) for rule in self.rules)
        points = self.evaluate(c)
        if isinstance(points, Missing):
            return missing_node(label, points, nodes)
        got = points_texts(points)
        text = Text(f"{label.zh}：{got.zh}。", f"{label.en}: {got.en}.")
        return Node("rule", label, text, points, "分", nodes)

    def bounds(self) -> tuple[Fraction, Fraction] | None:
        bounds = [rule.bounds() for rule in self.rules]
        known = [b for b in bounds if b is not None]
        if len(known) < len(bounds):
            return None
        return combine(self.how, [b[0] for b in known]), combine(self.how, [b[1] for b in known])

    def lines(self, w: Wording) -> Iterator[str]:
        yield w.either(f"{LABELS[self.how].zh}：", f"{LABELS[self.how].en}:")
        for nested in self.rules:
            for line in nested.lines(w):
                yield f"  {line}"

    def improve(self, c: Explainer) -> Improvements:
        if self.how != "sum_of":
            return ()
        return tuple(i for rule in self.rules for i in rule.improve(c))


def combine(how: str, values: list[Fraction]) -> Fraction:
    if how == "lower_of":
        return min(values)
    if how == "higher_of":
        return max(values)
    total = sum(values, ZERO)
    return total / len(values) if how == "mean_of" else total
