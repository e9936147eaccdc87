"""A place within the peer group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scorecard.engine.declarations.forms import POINTS
from scorecard.engine.declarations.keys import key
from scorecard.engine.language.exact import Context, compute, number
from scorecard.engine.language.syntax import Call, Expression
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import Value
from scorecard.engine.rules.base import Checker, Explainer, FigureRule, Points, Wording, rule_kind
from scorecard.engine.rules.words import FLOOR, FULL, FULL_LABEL, points_texts
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.results import Node
from scorecard.engine.values.text import Text

EACH = Text("每后一名减分", "Less for each place")


@rule_kind("rank", "同组排名", "rank in the peer group", place=6)
@dataclass(frozen=True, slots=True)
class Rank(FigureRule):
    """`full` points for the first place of the peer group by `x`, less `each` for every place after it, down to
    `floor`.
    """

    title = Text("同组排名计分", "Rank within the peer group")
    full: Fraction = key(POINTS, default=lambda r: r.high, label=FULL_LABEL, tune=FULL)
    each: Fraction = key(POINTS, required=True, label=EACH, tune=EACH, order=1)
    floor: Fraction = key(POINTS, default=lambda r: max(r.low, ZERO), tune=FLOOR, worded=False)

    @property
    def ranked(self) -> Expression:
        return Expression(f"rank({self.x.text})", Call("rank", (self.x.node,)))

    def measure(self, c: Context) -> Points:
        return number(compute(self.ranked, c))

    def at(self, found: Fraction) -> Fraction:
        return max(self.floor, self.full - self.each * (found - 1))

    def lower(self, b: Builder) -> Value:
        later = b.subtract(b.expression(self.ranked.node), b.constant(Fraction(1)))
        points = b.subtract(b.points(self.full), b.multiply(later, b.points(self.each)))
        return b.highest(points, b.points(self.floor))

    def nodes(self, c: Explainer) -> tuple[Node, ...]:
        return c.expression_node(self.x, self.unit), c.expression_node(self.ranked, "名")

    def reason(self, c: Explainer, found: Fraction) -> Text:
        return self.why(found)

    def why(self, x: Fraction) -> Text:
        full, each = points_texts(self.full), points_texts(self.each)
        return Text(
            f"同组第 {x} 名，第一名 {full.zh}，每后一名减 {each.zh}",
            f"place {x} of the peer group; the first gets {full.en}, each place after it {each.en} less",
        )

    def limits(self) -> tuple[Fraction | None, Fraction | None]:
        return self.floor, self.full

    def compared(self) -> tuple[Expression, ...]:
        return (self.x,)

    def lines(self, w: Wording) -> Iterator[str]:
        full, each = w.points(self.full), w.points(self.each)
        yield w.either(
            f"{w.words(self.x)}：同组第一名 {full}，每后一名减 {each}",
            f"{w.words(self.x)}: first of the peer group {full}, each place after it {each} less",
        )

    def check(self, r: Checker) -> None:
        if self.each < 0:
            said = Text("每后一名应减少分值。", "Each later place must give fewer points.")
            r.report("each", "range", said, Text("请写成正数。", "Write a positive number."))
