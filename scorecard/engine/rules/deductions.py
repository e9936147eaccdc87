"""Points taken away for each unit of a figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scorecard.engine.declarations.forms import FIGURE, POINTS, UNIT, Entries, Points
from scorecard.engine.declarations.keys import Key, Tuner, key, ref
from scorecard.engine.language.exact import Context, all_known, compute, number
from scorecard.engine.language.syntax import Expression
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import Value
from scorecard.engine.rules.base import Explainer, Improvements, Measured, Wording, rule_kind
from scorecard.engine.rules.words import AMONG_PEERS, FLOOR, points_texts
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.results import Node
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantities

START = Text("起评分", "Points to start from")


class EachUnit(Points):
    """Points for each unit of the figure beside it, by whose words they are tried otherwise."""

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Any) -> Iterator[Any]:
        what = t.rendered(str(entry["x"]))
        yield t.points(path, Text(f"每单位“{what.zh}”扣分", f"Points off for each “{what.en}”"), str(raw))


@dataclass(frozen=True, slots=True)
class Deduction:
    """A figure and the points for each unit of it."""

    x: Expression = key(FIGURE, required=True)
    unit: str = key(UNIT)
    points: Fraction = key(EachUnit(ref("number")), required=True, order=-1)


@rule_kind("deductions", "扣分", "deductions", place=5)
@dataclass(frozen=True, slots=True)
class Deductions(Measured[list[Fraction]]):
    """Begin with `start` points and take away so many for each unit of each figure, down to `floor`."""

    title = Text("扣分制", "Deductions")
    start: Fraction = key(POINTS, default=lambda r: r.high, label=START, tune=START)
    floor: Fraction = key(POINTS, default=lambda r: r.low, tune=FLOOR, worded=False, order=-1)
    per: tuple[Deduction, ...] = key(Entries(Deduction), required=True, label=Text("扣分项", "Deductions"))

    def measure(self, c: Context) -> list[Fraction] | Missing:
        return all_known(number(compute(each.x, c)) for each in self.per)

    def at(self, found: list[Fraction]) -> Fraction:
        off = (each.points * max(ZERO, value) for each, value in zip(self.per, found, strict=True))
        return max(self.floor, self.start - sum(off, ZERO))

    def lower(self, b: Builder) -> Value:
        total = b.points(self.start)
        for each in self.per:
            counted = b.highest(b.expression(each.x.node), b.constant(ZERO))
            total = b.subtract(total, b.multiply(counted, b.points(each.points)))
        return b.highest(total, b.points(self.floor))

    def nodes(self, c: Explainer) -> tuple[Node, ...]:
        return tuple(c.expression_node(each.x, each.unit) for each in self.per)

    def reason(self, c: Explainer, found: list[Fraction]) -> Text:
        start, floor = points_texts(self.start), points_texts(self.floor)
        zh, en = [f"起评 {start.zh}"], [f"begins with {start.en}"]
        for each, value in zip(self.per, found, strict=True):
            name, off = c.render(each.x), points_texts(each.points)
            figure = AMONG_PEERS if c.shows_peers(each.x) else quantities(value, each.unit)
            zh.append(f"{name.zh} {figure.zh}，每单位扣 {off.zh}")
            en.append(f"{name.en} {figure.en}, less {off.en} for each")
        if self.at(found) == self.floor:
            zh.append(f"最低 {floor.zh}")
            en.append(f"at least {floor.en}")
        return Text("；".join(zh), "; ".join(en))

    def limits(self) -> tuple[Fraction | None, Fraction | None]:
        return self.floor, self.start

    def lines(self, w: Wording) -> Iterator[str]:
        start, floor = w.points(self.start), w.points(self.floor)
        per = "; ".join(f"{w.words(each.x)}: −{w.points(each.points)}" for each in self.per)
        yield w.either(
            f"起评 {start}，每单位扣：{per}；最低 {floor}", f"from {start}, for each: {per}; at least {floor}"
        )

    def better(self, c: Explainer, found: list[Fraction]) -> Improvements:
        gain = self.start - self.at(found)
        if gain <= 0:
            return ()
        return (self.gain(c, Text("上述事项为零", "With none of these the indicator"), gain),)
