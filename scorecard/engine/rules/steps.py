"""Steps of a figure, each with its points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from scorecard.engine.declarations.forms import LEVER, UP_DOWN, Pairs, choice
from scorecard.engine.declarations.keys import key
from scorecard.engine.language.exact import OPERATORS
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import Value
from scorecard.engine.rules.base import Checker, Explainer, FigureRule, Improvements, Wording, monotone, rule_kind
from scorecard.engine.rules.nested import OTHERWISE_POINTS
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantities

COMPARE = {
    "at_most": Text("不高于", "at most"),
    "at_least": Text("不低于", "at least"),
    "below": Text("低于", "below"),
    "above": Text("高于", "above"),
}
SIGNS = {"at_most": "≤", "at_least": "≥", "below": "<", "above": ">"}
#: How `x` compares with a bound that it keeps.
COMPARISONS = {"at_most": "<=", "at_least": ">=", "below": "<", "above": ">"}


@rule_kind("steps", "分档", "steps", place=2)
@dataclass(frozen=True, slots=True)
class Steps(FigureRule):
    """Steps read in order: the first bound that `x` keeps gives its points. `compare` is one of at_most, at_least,
    below, above.
    """

    title = Text("分档计分", "Steps")
    compare: str = key(choice(COMPARE), required=True, default="at_least", label=Text("比较方式", "Comparison"))
    steps: tuple[tuple[Fraction, Fraction], ...] = key(Pairs(), required=True, label=Text("分档", "Steps"))
    otherwise: Fraction = key(OTHERWISE_POINTS, required=True)
    lever: str = key(LEVER, worded=False)
    direction: str = key(choice(UP_DOWN), worded=False)

    def keeps(self, x: Fraction, bound: Fraction) -> bool:
        return bool(OPERATORS[COMPARISONS[self.compare]](x, bound))

    def at(self, x: Fraction) -> Fraction:
        for bound, points in self.steps:
            if self.keeps(x, bound):
                return points
        return self.otherwise

    def lower(self, b: Builder) -> Value:
        x, op = b.expression(self.x.node), COMPARISONS[self.compare]
        kept = [(b.compare(op, x, b.constant(bound)), points) for bound, points in reversed(self.steps)]
        return b.nested(self.otherwise, kept)

    def why(self, x: Fraction) -> Text:
        value, word = quantities(x, self.unit), COMPARE[self.compare]
        for bound, _ in self.steps:
            if self.keeps(x, bound):
                edge = quantities(bound, self.unit)
                return Text(f"{value.zh}，{word.zh} {edge.zh}", f"{value.en} is {word.en} {edge.en}")
        return Text(f"{value.zh}，未达到任何一档", f"{value.en} reaches none of the steps")

    def bounds(self) -> tuple[Fraction, Fraction]:
        ys = [y for _, y in self.steps] + [self.otherwise]
        return min(ys), max(ys)

    def lines(self, w: Wording) -> Iterator[str]:
        yield w.words(self.x)
        sign, other = SIGNS[self.compare], w.points(self.otherwise)
        steps = "; ".join(f"{sign} {w.quantity(x, self.unit)} → {w.points(y)}" for x, y in self.steps)
        yield w.either(f"{steps}；其余 {other}", f"{steps}; otherwise {other}")

    def check(self, r: Checker) -> None:
        rising = self.compare in ("at_most", "below")
        pairs = pairwise(bound for bound, _ in self.steps)
        if not self.steps or any((a >= b) if rising else (a <= b) for a, b in pairs):
            order, order_en = ("递增", "rise") if rising else ("递减", "fall")
            said = Text(
                f"“{self.compare}”的各档界限应严格{order}，否则后面的档次永远用不到。",
                f"With “{self.compare}” the bounds must {order_en} strictly, or later steps are never reached.",
            )
            r.report("steps", "unreachable", said, Text("请调整各档的次序。", "Put the steps in order."))

    def meaning(self, r: Checker) -> None:
        values = [*(p for _, p in self.steps), self.otherwise]
        monotone(r, "steps", self.direction, values if self.compare in ("at_most", "below") else values[::-1])

    def better(self, c: Explainer, found: Fraction) -> Improvements:
        if self.compare not in ("at_most", "at_least"):
            return ()
        goals = [bound for bound, points in self.steps if self.at(bound) == points > self.at(found)]
        return self.nearest(c, found, goals, self.lever)
