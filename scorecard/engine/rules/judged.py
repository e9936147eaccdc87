"""Points that the reviewer sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scorecard.engine.declarations.forms import FACT
from scorecard.engine.declarations.keys import Reading, key, read_keys
from scorecard.engine.language.exact import Context
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import Value
from scorecard.engine.rules.base import Explainer, Rule, Wording, rule_kind
from scorecard.engine.values.facts import Absence, Missing
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import Node
from scorecard.engine.values.text import Text


@rule_kind("judged", "监管评定", "judged", place=10)
@dataclass(frozen=True, slots=True)
class Judged(Rule):
    """The reviewer sets the points within the indicator's range; until then they are pending."""

    title = Text("评定计分", "Judged points")
    low: Fraction
    high: Fraction
    fact: str = key(FACT, worded=False)

    @classmethod
    def make(cls, r: Reading) -> Rule:
        return cls(r.low, r.high, **read_keys(r, cls, ("kind",)))

    def evaluate(self, c: Context) -> Missing:
        if self.fact:
            answer = c.value(self.fact)
            if isinstance(answer, Missing):
                return answer
        return Missing(Absence.NOT_SUPPLIED, Text("待监管部门评定", "the supervisor has yet to judge it"))

    def lower(self, b: Builder) -> Value:
        waiting = b.absent(Absence.NOT_SUPPLIED)
        if not self.fact:
            return waiting
        return b.choose(b.answered(b.name(self.fact), keep=True), waiting, b.constant(Fraction(0)))

    def explain(self, c: Explainer) -> Node:
        return self.missing(self.evaluate(c), (c.fact_node(self.fact),) if self.fact else ())

    def bounds(self) -> tuple[Fraction, Fraction]:
        return self.low, self.high

    def lines(self, w: Wording) -> Iterator[str]:
        yield w.either("由监管部门评定", "judged by the supervisor")
