"""Points by the level of a graded answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scorecard.engine.declarations.forms import FACT, Scores
from scorecard.engine.declarations.keys import Tuner, key, map_schema, ref
from scorecard.engine.language.exact import Context
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import NoForm, Value
from scorecard.engine.rules.base import Checker, Explainer, Improvements, Measured, Wording, rule_kind
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.results import Node
from scorecard.engine.values.text import Text


def _words(t: Tuner, raw: Mapping[str, Any], option: str) -> Text:
    name = t.options(raw["fact"]).get(option, Text(option, option))
    return Text(f"“{name.zh}”得分", f"Points of “{name.en}”")


@rule_kind("levels", "分级", "levels", place=7)
@dataclass(frozen=True, slots=True)
class Levels(Measured[str]):
    """A graded answer: each level of the fact has its points."""

    title = Text("分级计分", "Levels")
    fact: str = key(FACT, required=True, worded=False)
    points: Mapping[str, Fraction] = key(Scores(map_schema(ref("number"), "level -> points"), _words), required=True)

    def measure(self, c: Context) -> str | Missing:
        level = c.value(self.fact)
        return level if isinstance(level, Missing) else str(level)

    def at(self, found: str) -> Fraction:
        return self.points[found]

    def lower(self, b: Builder) -> Value:
        answer = b.name(self.fact)
        if answer.kind != "level":
            raise NoForm("levels of another kind")
        return b.worth(answer, [self.points.get(option, Fraction(0)) * b.scale for option in answer.options])

    def nodes(self, c: Explainer) -> tuple[Node, ...]:
        return (c.fact_node(self.fact),)

    def reason(self, c: Explainer, found: str) -> Text:
        option = c.option(self.fact, found)
        return Text(f"等级“{option.zh}”", f"level “{option.en}”")

    def bounds(self) -> tuple[Fraction, Fraction]:
        return min(self.points.values(), default=ZERO), max(self.points.values(), default=ZERO)

    def lines(self, w: Wording) -> Iterator[str]:
        yield "; ".join(f"{w.option(self.fact, k)}: {w.points(p)}" for k, p in self.points.items())

    def check(self, r: Checker) -> None:
        r.options(self.fact, "level", set(self.points), "points")

    def better(self, c: Explainer, found: str) -> Improvements:
        now = self.points[found]
        better = sorted((p, i) for i, p in self.points.items() if p > now)
        if not better:
            return ()
        points, best = better[0]
        option = c.option(self.fact, best)
        how = Text(f"达到“{option.zh}”", f"Reaching “{option.en}”")
        return (self.gain(c, how, points - now, self.fact, found, best),)
