"""A figure times a number of points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scorecard.engine.declarations.forms import POINTS, Expr
from scorecard.engine.declarations.keys import key
from scorecard.engine.language.syntax import Expression
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import Value
from scorecard.engine.rules.base import FigureRule, Wording, rule_kind
from scorecard.engine.rules.words import CEILING, FLOOR, points_texts
from scorecard.engine.values.rational import ONE, Fraction
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantities


@rule_kind("formula", "公式", "formula", place=3)
@dataclass(frozen=True, slots=True)
class Formula(FigureRule):
    """`scale` times the value of `x`, then limited to [floor, ceiling]."""

    title = Text("公式计分", "Formula")
    x: Expression = key(Expr(lambda rule: rule.unit or "*"), required=True, worded=False)
    scale: Fraction = key(POINTS, default=ONE, label=Text("系数", "Scale"), tune=Text("系数", "Scale"), order=1)
    floor: Fraction = key(POINTS, default=lambda r: r.low, tune=FLOOR, worded=False)
    ceiling: Fraction = key(POINTS, default=lambda r: r.high, tune=CEILING, worded=False)

    def at(self, x: Fraction) -> Fraction:
        return max(self.floor, min(self.ceiling, self.scale * x))

    def lower(self, b: Builder) -> Value:
        y = b.multiply(b.expression(self.x.node), b.points(self.scale))
        return b.limit(y, self.floor, self.ceiling)

    def why(self, x: Fraction) -> Text:
        value = quantities(x, self.unit)
        zh, en = value.zh, value.en
        if self.scale != 1:
            scale = points_texts(self.scale)
            zh, en = f"{zh} × {scale.zh}", f"{en} × {scale.en}"
        if self.at(x) != self.scale * x:
            zh, en = f"{zh}，超出限值后取限值", f"{en}, limited to the range"
        return Text(zh, en)

    def limits(self) -> tuple[Fraction | None, Fraction | None]:
        return self.floor, self.ceiling

    def lines(self, w: Wording) -> Iterator[str]:
        yield w.words(self.x) + (f" × {w.points(self.scale)}" if self.scale != 1 else "")
