"""Points that go in straight lines between points of a figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from scorecard.engine.declarations.forms import LEVER, POINTS, UP_DOWN, Pairs, choice, choices
from scorecard.engine.declarations.keys import key
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import Value
from scorecard.engine.rules.base import Checker, Explainer, FigureRule, Improvements, Wording, monotone, rule_kind
from scorecard.engine.rules.words import points_texts
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantities


@rule_kind("curve", "分段计分", "curve", place=1)
@dataclass(frozen=True, slots=True)
class Curve(FigureRule):
    """Piecewise linear in `x`. Below the first and above the last point the values `below` and `above` hold (by default
    those of the end points). An end listed as open gives its own x to the outside.
    """

    title = Text("分段计分", "Piecewise linear")
    points: tuple[tuple[Fraction, Fraction], ...] = key(Pairs(2), required=True)
    below: Fraction = key(
        POINTS,
        default=lambda r: r.values["points"][0][1],
        label=Text("低于起点", "Below the first point"),
        tune=Text("低于起点得分", "Points below the first point"),
    )
    above: Fraction = key(
        POINTS,
        default=lambda r: r.values["points"][-1][1],
        label=Text("高于终点", "Above the last point"),
        tune=Text("高于终点得分", "Points above the last point"),
    )
    open_ends: tuple[str, ...] = key(
        choices({"left": Text("起点", "first point"), "right": Text("终点", "last point")}),
        label=Text("开放端", "Open ends"),
        worded=False,
    )
    lever: str = key(LEVER, worded=False)
    direction: str = key(choice(UP_DOWN), worded=False)

    @property
    def open_left(self) -> bool:
        return "left" in self.open_ends

    @property
    def open_right(self) -> bool:
        return "right" in self.open_ends

    def at(self, x: Fraction) -> Fraction:
        first, last = self.points[0], self.points[-1]
        if x < first[0] or (self.open_left and x == first[0]):
            return self.below
        if x > last[0] or (self.open_right and x == last[0]):
            return self.above
        for (x0, y0), (x1, y1) in pairwise(self.points):
            if x <= x1:
                return y0 if y0 == y1 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        return last[1]

    def lower(self, b: Builder) -> Value:
        x = b.expression(self.x.node)
        return b.curve(x, self.points, (self.below, self.above), (self.open_left, self.open_right))

    def why(self, x: Fraction) -> Text:
        value = quantities(x, self.unit)
        first, last = self.points[0], self.points[-1]
        if self.open_left and x == first[0]:
            return Text(
                f"{value.zh}，恰在起点，起点按低于起点计", f"{value.en} is the first point, which counts as below it"
            )
        if self.open_right and x == last[0]:
            return Text(
                f"{value.zh}，恰在终点，终点按高于终点计", f"{value.en} is the last point, which counts as above it"
            )
        start, end = quantities(first[0], self.unit), quantities(last[0], self.unit)
        if x < first[0]:
            return Text(f"{value.zh}，低于起点 {start.zh}", f"{value.en} is below the first point {start.en}")
        if x > last[0]:
            return Text(f"{value.zh}，高于终点 {end.zh}", f"{value.en} is above the last point {end.en}")
        (x0, y0), (x1, y1) = next(pair for pair in pairwise(self.points) if x <= pair[1][0])
        a, b = quantities(x0, self.unit), quantities(x1, self.unit)
        ya, yb = points_texts(y0), points_texts(y1)
        return Text(
            f"{value.zh}，位于 {a.zh}（{ya.zh}）与 {b.zh}（{yb.zh}）之间，按比例计分",
            f"{value.en} lies between {a.en} ({ya.en}) and {b.en} ({yb.en}), linear in between",
        )

    def bounds(self) -> tuple[Fraction, Fraction]:
        ys = [y for _, y in self.points] + [self.below, self.above]
        return min(ys), max(ys)

    def lines(self, w: Wording) -> Iterator[str]:
        yield w.words(self.x)
        points = ", ".join(f"{w.quantity(x, self.unit)} → {w.points(y)}" for x, y in self.points)
        low, high = w.points(self.below), w.points(self.above)
        (x0, y0), (x1, y1) = next((p for p in pairwise(self.points) if p[0][1] != p[1][1]), self.points[:2])
        middle, half = w.quantity((x0 + x1) / 2, self.unit), w.points((y0 + y1) / 2)
        example = w.either(f"（如 {middle} 得 {half}）", f" (such as {middle} → {half})")
        yield w.either(
            f"{points}；两点之间按比例计分{example}；低于起点 {low}，高于终点 {high}",
            f"{points}; linear in between{example}; below {low}, above {high}",
        )

    def check(self, r: Checker) -> None:
        if any(a >= b for (a, _), (b, _) in pairwise(self.points)):
            said = Text("各点的横坐标应严格递增。", "The x of the points must rise strictly.")
            use = Text("请按从小到大排列，并去掉重复的点。", "Sort them and remove repeated ones.")
            r.report("points", "order", said, use)

    def meaning(self, r: Checker) -> None:
        monotone(r, "points", self.direction, [self.below, *(y for _, y in self.points), self.above])

    def better(self, c: Explainer, found: Fraction) -> Improvements:
        best = max(self.at(x) for x, _ in self.points)
        goals = [x for x, _ in self.points if self.at(x) == best > self.at(found)]
        return self.nearest(c, found, goals, self.lever)
