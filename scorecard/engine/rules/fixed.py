"""The same points in every case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scorecard.engine.declarations.forms import POINTS
from scorecard.engine.declarations.keys import key
from scorecard.engine.language.exact import Context
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import Value
from scorecard.engine.rules.base import Explainer, Points, Rule, Wording, rule_kind
from scorecard.engine.rules.words import points_texts
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import Node
from scorecard.engine.values.text import Text


@rule_kind("fixed", "固定分", "fixed points", place=11)
@dataclass(frozen=True, slots=True)
class Fixed(Rule):
    """The same points in every case; used as a branch of other rules."""

    title = Text("固定分值", "Fixed points")
    points: Fraction = key(POINTS, required=True, tune=Text("得分", "Points"))

    def evaluate(self, c: Context) -> Points:
        return self.points

    def lower(self, b: Builder) -> Value:
        return b.points(self.points)

    def explain(self, c: Explainer) -> Node:
        got = points_texts(self.points)
        return Node("rule", self.title, Text(f"{got.zh}。", f"{got.en}."), self.points, "分")

    def bounds(self) -> tuple[Fraction, Fraction]:
        return self.points, self.points

    def lines(self, w: Wording) -> Iterator[str]:
        yield w.points(self.points)
