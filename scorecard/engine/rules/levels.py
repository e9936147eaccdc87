"""Points by the level of a graded answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from scorecard.engine.declarations.forms import FACT, Scores
from scorecard.engine.declarations.keys import Tuner, key
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import NoForm, Value
from scorecard.engine.rules.base import (
    Checker,
    Explainer,
    Points,
    Rule,
    RuleContext,
    Wording,
    missing_node,
    points_texts,
    result_node,
    rule_kind,
)
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import Improvement, Node
from scorecard.engine.values.text import EMPTY, Text


def _words(t: Tuner, raw: Mapping[str, Any], option: str) -> Text:
    name = t.options(raw["fact"]).get(option, Text(option, option))
    return Text(f"“{name.zh}”得分", f"Points of “{name.en}”")


@rule_kind("levels", "分级", "levels", place=7)
@dataclass(frozen=True, slots=True)
class Levels(Rule):
    """A graded answer: each level of the fact has its points."""

    kind: ClassVar[str] = "levels"
    fact: str = key(FACT, required=True, worded=False)
    points: Mapping[str, Fraction] = key(Scores("level -> points", _words), required=True)

    def evaluate(self, c: RuleContext) -> Points:
        level = c.value(self.fact)
        return level if isinstance(level, Missing) else self.points[str(level)]

    def lower(self, b: Builder) -> Value:
        answer = b.name(self.fact)
        if answer.kind != "level":
            raise NoForm("levels of another kind")
        return b.worth(answer, [self.points.get(option, Fraction(0)) * b.scale for option in answer.options])

    def explain(self, c: Explainer) -> Node:
        label = Text("分级计分", "Levels")
        nodes = (c.fact_node(self.fact),)
        level = c.value(self.fact)
        if isinstance(level, Missing):
            return missing_node("rule", label, level, nodes)
        option = c.option(self.fact, str(level))
        return result_node(label, Text(f"等级“{option.zh}”", f"level “{option.en}”"), self.points[str(level)], nodes)

    def bounds(self) -> tuple[Fraction, Fraction]:
        return min(self.points.values()), max(self.points.values())

    def lines(self, w: Wording) -> Iterator[str]:
        yield "; ".join(f"{w.option(self.fact, k, EMPTY)}: {w.points(p)}" for k, p in self.points.items())

    def check(self, r: Checker) -> None:
        r.options(self.fact, "level", set(self.points), "points")

    def improve(self, c: Explainer) -> tuple[Improvement, ...]:
        level = c.value(self.fact)
        if isinstance(level, Missing):
            return ()
        now = self.points[str(level)]
        better = sorted((p, i) for i, p in self.points.items() if p > now)
        if not better:
            return ()
        points, best = better[0]
        option = c.option(self.fact, best)
        gain = points_texts(points - now)
        text = Text(f"达到“{option.zh}”可多得 {gain.zh}。", f"Reaching “{option.en}” gains {gain.en}.")
        return (Improvement(self.fact, str(level), best, c.points(points - now), text),)
