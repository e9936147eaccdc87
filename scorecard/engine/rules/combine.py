"""The lowest, the highest, the mean or the sum of several rules."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from scorecard.engine.declarations.keys import key
from scorecard.engine.language.exact import Context, all_known
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import Value
from scorecard.engine.rules.base import Explainer, Improvements, Points, Rule, Wording, rule_kind
from scorecard.engine.rules.nested import RULES
from scorecard.engine.rules.words import points_texts
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.results import Node
from scorecard.engine.values.text import Text


@dataclass(frozen=True, slots=True)
class Combine(Rule):
    """One number of points out of those of several rules."""

    lowers: ClassVar[str]  # the operation of a program that is the same
    rules: tuple[Rule, ...] = key(RULES, required=True, label=Text("各规则", "Rules"))

    @abstractmethod
    def of(self, values: list[Fraction]) -> Fraction:
        """Return what several numbers of points come to."""

    def evaluate(self, c: Context) -> Points:
        values = all_known(rule.evaluate(c) for rule in self.rules)
        return values if isinstance(values, Missing) else self.of(values)

    def explain(self, c: Explainer) -> Node:
        nodes = tuple(rule.explain(c) for rule in self.rules)
        points = self.evaluate(c)
        if isinstance(points, Missing):
            return self.missing(points, nodes)
        got = points_texts(points)
        text = Text(f"{self.title.zh}：{got.zh}。", f"{self.title.en}: {got.en}.")
        return Node("rule", self.title, text, points, "分", nodes)

    def lower(self, b: Builder) -> Value:
        found: Value = getattr(b, self.lowers)(*(rule.lower(b) for rule in self.rules))
        return found

    def bounds(self) -> tuple[Fraction, Fraction]:
        lows, highs = zip(*(rule.bounds() for rule in self.rules), strict=True)
        return self.of(list(lows)), self.of(list(highs))

    def lines(self, w: Wording) -> Iterator[str]:
        yield w.either(f"{self.title.zh}：", f"{self.title.en}:")
        for nested in self.rules:
            for line in nested.lines(w):
                yield f"  {line}"


@rule_kind("lower_of", "取低", "lower of several", place=14)
class LowerOf(Combine):
    """The lowest of several rules."""

    lowers = "lowest"
    title = Text("取较低者", "The lower of these")

    def of(self, values: list[Fraction]) -> Fraction:
        return min(values)


@rule_kind("higher_of", "取高", "higher of several", place=15)
class HigherOf(Combine):
    """The highest of several rules."""

    lowers = "highest"
    title = Text("取较高者", "The higher of these")

    def of(self, values: list[Fraction]) -> Fraction:
        return max(values)


@rule_kind("mean_of", "取平均", "mean of several", place=16)
class MeanOf(Combine):
    """The mean of several rules."""

    lowers = "add"
    title = Text("取平均数", "The mean of these")

    def of(self, values: list[Fraction]) -> Fraction:
        return sum(values, ZERO) / len(values)

    def lower(self, b: Builder) -> Value:
        return b.multiply(super().lower(b), b.constant(Fraction(1, len(self.rules))))


@rule_kind("sum_of", "求和", "sum of several", place=17)
class SumOf(Combine):
    """The sum of several rules."""

    lowers = "add"
    title = Text("各项相加", "The sum of these")

    def of(self, values: list[Fraction]) -> Fraction:
        return sum(values, ZERO)

    def improve(self, c: Explainer) -> Improvements:
        return tuple(improvement for rule in self.rules for improvement in rule.improve(c))
