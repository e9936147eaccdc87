"""Points taken away for each unit of a figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from scorecard.engine.declarations.forms import FIGURE, POINTS, UNIT, Entries
from scorecard.engine.declarations.forms import Points as PointsForm
from scorecard.engine.declarations.keys import Key, Tuner, key
from scorecard.engine.language.exact import compute, number
from scorecard.engine.language.syntax import Expression
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import Value
from scorecard.engine.rules.base import (
    AMONG_PEERS,
    FLOOR,
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
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantities


class EachUnit(PointsForm):
    """Points for each unit of the figure beside it, by whose words they are tried otherwise."""

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Any) -> Iterator[Any]:
        what = t.rendered(str(entry["x"]))
        yield t.points(path, Text(f"每单位“{what.zh}”扣分", f"Points off for each “{what.en}”"), str(raw))


@dataclass(frozen=True, slots=True)
class Deduction:
    """A figure and the points for each unit of it."""

    x: Expression = key(FIGURE, required=True)
    unit: str = key(UNIT)
    points: Fraction = key(EachUnit(), required=True, order=-1)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.x, self.unit, self.points))


@rule_kind("deductions", "扣分", "deductions", place=5)
@dataclass(frozen=True, slots=True)
class Deductions(Rule):
    """Begin with `start` points and take away so many for each unit of each figure, down to `floor`."""

    kind: ClassVar[str] = "deductions"
    start: Fraction = key(
        POINTS,
        default=lambda r: r.high,
        label=Text("起评分", "Points to start from"),
        tune=Text("起评分", "Points to start from"),
    )
    floor: Fraction = key(POINTS, default=lambda r: r.low, tune=FLOOR, worded=False, order=-1)
    per: tuple[Deduction, ...] = key(Entries(Deduction), required=True, label=Text("扣分项", "Deductions"))

    def evaluate(self, c: RuleContext) -> Points:
        total = self.start
        absent: Missing | None = None
        for x, _, points in self.per:
            value = number(compute(x, c))
            if isinstance(value, Missing):
                absent = value if absent is None else absent | value
            elif value > 0:
                total -= points * value
        return max(self.floor, total) if absent is None else absent

    def lower(self, b: Builder) -> Value:
        total = b.points(self.start)
        for x, _, each in self.per:
            counted = b.highest(b.expression(x.node), b.constant(Fraction(0)))
            total = b.subtract(total, b.multiply(counted, b.points(each)))
        return b.highest(total, b.points(self.floor))

    def explain(self, c: Explainer) -> Node:
        label = Text("扣分制", "Deductions")
        nodes = tuple(c.expression_node(x, unit) for x, unit, _ in self.per)
        total = self.evaluate(c)
        if isinstance(total, Missing):
            return missing_node("rule", label, total, nodes)
        start, floor = points_texts(self.start), points_texts(self.floor)
        zh, en = [f"起评 {start.zh}"], [f"begins with {start.en}"]
        for x, unit, points in self.per:
            value = cast(Fraction, number(compute(x, c)))
            name = c.render(x)
            figure = AMONG_PEERS if c.shows_peers(x) else quantities(value, unit)
            each = points_texts(points)
            zh.append(f"{name.zh} {figure.zh}，每单位扣 {each.zh}")
            en.append(f"{name.en} {figure.en}, less {each.en} for each")
        if total == self.floor:
            zh.append(f"最低 {floor.zh}")
            en.append(f"at least {floor.en}")
        return result_node(label, Text("；".join(zh), "; ".join(en)), total, nodes)

    def bounds(self) -> tuple[Fraction, Fraction]:
        return self.floor, self.start

    def limits(self) -> tuple[Fraction | None, Fraction | None]:
        return self.floor, self.start

    def lines(self, w: Wording) -> Iterator[str]:
        start, floor = w.points(self.start), w.points(self.floor)
        per = "; ".join(f"{w.words(x)}: −{w.points(p)}" for x, _, p in self.per)
        yield w.either(
            f"起评 {start}，每单位扣：{per}；最低 {floor}", f"from {start}, for each: {per}; at least {floor}"
        )

    def improve(self, c: Explainer) -> tuple[Improvement, ...]:
        now = self.evaluate(c)
        if isinstance(now, Missing) or now >= self.start:
            return ()
        gain = c.points(self.start - now)
        said = points_texts(self.start - now)
        text = Text(f"上述事项为零可多得 {said.zh}。", f"With none of these the indicator gains {said.en}.")
        return (Improvement("", None, None, gain, text),)
