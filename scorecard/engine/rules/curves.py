"""Rules that read one figure: curve, steps, formula, share of a plan or reference, deductions, rank."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, cast

from scorecard.engine.language.exact import compute, number
from scorecard.engine.language.syntax import Expression
from scorecard.engine.rules.base import Explainer, Points, Rule, RuleContext, missing_node, points_texts
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.rational import ONE, ZERO, Fraction
from scorecard.engine.values.results import Improvement, Node
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantities


def _figures(c: Explainer, x: Expression, unit: str) -> Node:
    return c.expression_node(x, unit)


def _result(kind: str, label: Text, why: Text, points: Fraction, children: tuple[Node, ...]) -> Node:
    got = points_texts(points)
    text = Text(f"{why.zh}，得 {got.zh}。", f"{why.en}: {got.en}.")
    return Node(kind, label, text, points, "分", children)


@dataclass(frozen=True, slots=True)
class Curve(Rule):
    """Piecewise linear in `x`. Below the first and above the last point the values `below` and `above` hold (by default
    those of the end points). An end listed as open gives its own x to the outside.
    """

    kind: ClassVar[str] = "curve"
    x: Expression
    unit: str
    points: tuple[tuple[Fraction, Fraction], ...]
    below: Fraction
    above: Fraction
    open_left: bool = False
    open_right: bool = False
    lever: str = ""
    direction: str = ""

    def at(self, x: Fraction) -> Fraction:
        points = self.points
        first, last = points[0], points[-1]
        if x < first[0] or (self.open_left and x == first[0]):
            return self.below
        if x > last[0] or (self.open_right and x == last[0]):
            return self.above
        for (x0, y0), (x1, y1) in pairwise(points):
            if x <= x1:
                return y0 if y0 == y1 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        return last[1]

    def evaluate(self, c: RuleContext) -> Points:
        x = number(compute(self.x, c))
        return x if isinstance(x, Missing) else self.at(x)

    def explain(self, c: Explainer) -> Node:
        figures = _figures(c, self.x, self.unit)
        x = number(compute(self.x, c))
        label = Text("分段线性计分", "Piecewise linear")
        if isinstance(x, Missing):
            return missing_node("rule", label, x, (figures,))
        return _result("rule", label, self._why(x), self.at(x), (figures,))

    def _why(self, x: Fraction) -> Text:
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
        if x < first[0]:
            edge = quantities(first[0], self.unit)
            return Text(f"{value.zh}，低于起点 {edge.zh}", f"{value.en} is below the first point {edge.en}")
        if x > last[0]:
            edge = quantities(last[0], self.unit)
            return Text(f"{value.zh}，高于终点 {edge.zh}", f"{value.en} is above the last point {edge.en}")
        (x0, y0), (x1, y1) = next(pair for pair in pairwise(self.points) if x <= pair[1][0])
        a, b = quantities(x0, self.unit), quantities(x1, self.unit)
        ya, yb = points_texts(y0), points_texts(y1)
        return Text(
            f"{value.zh}，位于 {a.zh}（{ya.zh}）与 {b.zh}（{yb.zh}）之间，按直线插值",
            f"{value.en} lies between {a.en} ({ya.en}) and {b.en} ({yb.en}), linear in between",
        )

    def bounds(self) -> tuple[Fraction, Fraction]:
        ys = [y for _, y in self.points] + [self.below, self.above]
        return min(ys), max(ys)

    def expressions(self) -> tuple[tuple[str, Expression, str], ...]:
        return (("x", self.x, self.unit),)

    def improve(self, c: Explainer) -> tuple[Improvement, ...]:
        x = number(compute(self.x, c))
        if isinstance(x, Missing):
            return ()
        now, best = self.at(x), max(self.at(px) for px, _ in self.points)
        better = [px for px, _ in self.points if self.at(px) == best]
        if now >= best:
            return ()
        goal = min(better, key=lambda g: abs(g - x))
        return c.improvement(self.x, self.unit, x, goal, self.at(goal) - now, self.lever)


@dataclass(frozen=True, slots=True)
class Steps(Rule):
    """Steps read in order: the first bound that `x` keeps gives its points. `compare` is one of at_most, at_least,
    below, above.
    """

    kind: ClassVar[str] = "steps"
    x: Expression
    unit: str
    compare: str
    steps: tuple[tuple[Fraction, Fraction], ...]
    otherwise: Fraction
    lever: str = ""
    direction: str = ""

    def keeps(self, x: Fraction, bound: Fraction) -> bool:
        match self.compare:
            case "at_most":
                return x <= bound
            case "at_least":
                return x >= bound
            case "below":
                return x < bound
        return x > bound

    def at(self, x: Fraction) -> Fraction:
        for bound, points in self.steps:
            if self.keeps(x, bound):
                return points
        return self.otherwise

    def evaluate(self, c: RuleContext) -> Points:
        x = number(compute(self.x, c))
        return x if isinstance(x, Missing) else self.at(x)

    def explain(self, c: Explainer) -> Node:
        figures = _figures(c, self.x, self.unit)
        x = number(compute(self.x, c))
        label = Text("分档计分", "Steps")
        if isinstance(x, Missing):
            return missing_node("rule", label, x, (figures,))
        words = {
            "at_most": ("不高于", "at most"),
            "at_least": ("不低于", "at least"),
            "below": ("低于", "below"),
            "above": ("高于", "above"),
        }
        zh, en = words[self.compare]
        value = quantities(x, self.unit)
        for bound, points in self.steps:
            if self.keeps(x, bound):
                edge = quantities(bound, self.unit)
                why = Text(f"{value.zh}，{zh} {edge.zh}", f"{value.en} is {en} {edge.en}")
                return _result("rule", label, why, points, (figures,))
        why = Text(f"{value.zh}，未达到任何一档", f"{value.en} reaches none of the steps")
        return _result("rule", label, why, self.otherwise, (figures,))

    def bounds(self) -> tuple[Fraction, Fraction]:
        ys = [y for _, y in self.steps] + [self.otherwise]
        return min(ys), max(ys)

    def expressions(self) -> tuple[tuple[str, Expression, str], ...]:
        return (("x", self.x, self.unit),)

    def improve(self, c: Explainer) -> tuple[Improvement, ...]:
        x = number(compute(self.x, c))
        if isinstance(x, Missing) or self.compare not in ("at_most", "at_least"):
            return ()
        now = self.at(x)
        goals = [bound for bound, points in self.steps if self.at(bound) == points > now]
        if not goals:
            return ()
        goal = min(goals, key=lambda g: abs(g - x))
        return c.improvement(self.x, self.unit, x, goal, self.at(goal) - now, self.lever)


@dataclass(frozen=True, slots=True)
class Formula(Rule):
    """`scale` times the value of `x`, then limited to [floor, ceiling] where given."""

    kind: ClassVar[str] = "formula"
    x: Expression
    unit: str
    scale: Fraction = ONE
    floor: Fraction | None = None
    ceiling: Fraction | None = None

    def at(self, x: Fraction) -> Fraction:
        y = self.scale * x
        if self.ceiling is not None and y > self.ceiling:
            y = self.ceiling
        return self.floor if self.floor is not None and y < self.floor else y

    def evaluate(self, c: RuleContext) -> Points:
        x = number(compute(self.x, c))
        return x if isinstance(x, Missing) else self.at(x)

    def explain(self, c: Explainer) -> Node:
        figures = _figures(c, self.x, self.unit)
        x = number(compute(self.x, c))
        label = Text("公式计分", "Formula")
        if isinstance(x, Missing):
            return missing_node("rule", label, x, (figures,))
        y = self.at(x)
        value = quantities(x, self.unit)
        zh, en = value.zh, value.en
        if self.scale != 1:
            scale = points_texts(self.scale)
            zh, en = f"{zh} × {scale.zh}", f"{en} × {scale.en}"
        if y != self.scale * x:
            zh, en = f"{zh}，超出限值后取限值", f"{en}, limited to the range"
        return _result("rule", label, Text(zh, en), y, (figures,))

    def bounds(self) -> tuple[Fraction, Fraction] | None:
        if self.floor is None or self.ceiling is None:
            return None
        return self.floor, self.ceiling

    def expressions(self) -> tuple[tuple[str, Expression, str], ...]:
        return (("x", self.x, self.unit or "*"),)


@dataclass(frozen=True, slots=True)
class Share(Rule):
    """`full` points times x over reference, at least `floor`, at most `full`. A reference that is zero or negative (no
    plan was made) gives `no_reference` points, or, when that is not set, is an outcome without points.
    """

    kind: ClassVar[str] = "share"
    x: Expression
    reference: Expression
    unit: str
    full: Fraction
    floor: Fraction
    no_reference: Fraction | None = None
    lever: str = ""

    def at(self, x: Fraction, reference: Fraction) -> Fraction | None:
        if reference <= 0:
            return self.no_reference
        return max(self.floor, min(self.full, self.full * x / reference))

    def _values(self, c: RuleContext) -> tuple[Fraction, Fraction] | Missing:
        x, reference = number(compute(self.x, c)), number(compute(self.reference, c))
        if isinstance(reference, Missing):
            return reference | x if isinstance(x, Missing) else reference
        if isinstance(x, Missing):
            # Without a plan the increment does not matter.
            return (ZERO, reference) if reference <= 0 and self.no_reference is not None and not x.blank else x
        return x, reference

    def evaluate(self, c: RuleContext) -> Points:
        values = self._values(c)
        if isinstance(values, Missing):
            return values
        points = self.at(*values)
        return c.no_reference(self.reference) if points is None else points

    def explain(self, c: Explainer) -> Node:
        label = Text("完成比例计分", "Share of a reference")
        nodes = (_figures(c, self.x, self.unit), _figures(c, self.reference, self.unit))
        values = self._values(c)
        if isinstance(values, Missing):
            return missing_node("rule", label, values, nodes)
        x, reference = values
        points = self.at(x, reference)
        if points is None:
            return missing_node("rule", label, c.no_reference(self.reference), nodes)
        name = c.render(self.reference)
        if reference <= 0:
            plan = quantities(reference, self.unit)
            why = Text(f"{name.zh}为 {plan.zh}，视为没有计划", f"{name.en} is {plan.en}: there is no plan")
            return _result("rule", label, why, points, nodes)
        part, full = quantities(x / reference, "%"), points_texts(self.full)
        why = Text(
            f"完成{name.zh}的 {part.zh}，满分 {full.zh}", f"{part.en} of {name.en}, with {full.en} for all of it"
        )
        return _result("rule", label, why, points, nodes)

    def bounds(self) -> tuple[Fraction, Fraction]:
        if self.no_reference is None:
            return self.floor, self.full
        return min(self.floor, self.no_reference), max(self.full, self.no_reference)

    def expressions(self) -> tuple[tuple[str, Expression, str], ...]:
        return (("x", self.x, self.unit), ("reference", self.reference, self.unit))

    def improve(self, c: Explainer) -> tuple[Improvement, ...]:
        values = self._values(c)
        if isinstance(values, Missing):
            return ()
        x, reference = values
        now = self.at(x, reference)
        if now is None or now >= self.full or reference <= 0:
            return ()
        return c.improvement(self.x, self.unit, x, reference, self.full - now, self.lever)


@dataclass(frozen=True, slots=True)
class Deductions(Rule):
    """Begin with `start` points and take away so many for each unit of each figure, down to `floor`."""

    kind: ClassVar[str] = "deductions"
    start: Fraction
    floor: Fraction
    per: tuple[tuple[Expression, str, Fraction], ...]  # figure, unit, points for each

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

    def explain(self, c: Explainer) -> Node:
        label = Text("扣分制", "Deductions")
        nodes = tuple(_figures(c, x, unit) for x, unit, _ in self.per)
        total = self.evaluate(c)
        if isinstance(total, Missing):
            return missing_node("rule", label, total, nodes)
        start, floor = points_texts(self.start), points_texts(self.floor)
        zh, en = [f"起评 {start.zh}"], [f"begins with {start.en}"]
        for x, unit, points in self.per:
            value = cast(Fraction, number(compute(x, c)))
            name = c.render(x)
            figure, each = quantities(value, unit), points_texts(points)
            zh.append(f"{name.zh} {figure.zh}，每单位扣 {each.zh}")
            en.append(f"{name.en} {figure.en}, less {each.en} for each")
        if total == self.floor:
            zh.append(f"最低 {floor.zh}")
            en.append(f"at least {floor.en}")
        return _result("rule", label, Text("；".join(zh), "; ".join(en)), total, nodes)

    def bounds(self) -> tuple[Fraction, Fraction]:
        return self.floor, self.start

    def expressions(self) -> tuple[tuple[str, Expression, str], ...]:
        return tuple((f"per.{i}.x", x, unit) for i, (x, unit, _) in enumerate(self.per))

    def improve(self, c: Explainer) -> tuple[Improvement, ...]:
        now = self.evaluate(c)
        if isinstance(now, Missing) or now >= self.start:
            return ()
        gain = c.points(self.start - now)
        said = points_texts(self.start - now)
        text = Text(f"上述事项为零可多得 {said.zh}。", f"With none of these the indicator gains {said.en}.")
        return (Improvement("", None, None, gain, text),)


@dataclass(frozen=True, slots=True)
class Rank(Rule):
    """`full` points for the first place of the peer group by `x`, less `each` for every place after it, down to
    `floor`.
    """

    kind: ClassVar[str] = "rank"
    x: Expression
    unit: str
    full: Fraction
    each: Fraction
    floor: Fraction
    ranked: Expression  # rank(x)

    def evaluate(self, c: RuleContext) -> Points:
        place = number(compute(self.ranked, c))
        return place if isinstance(place, Missing) else max(self.floor, self.full - self.each * (place - 1))

    def explain(self, c: Explainer) -> Node:
        label = Text("同组排名计分", "Rank within the peer group")
        nodes = (_figures(c, self.x, self.unit),)
        place = number(compute(self.ranked, c))
        if isinstance(place, Missing):
            return missing_node("rule", label, place, nodes)
        points = max(self.floor, self.full - self.each * (place - 1))
        full, each = points_texts(self.full), points_texts(self.each)
        why = Text(
            f"同组第 {place} 名，第一名 {full.zh}，每后一名减 {each.zh}",
            f"place {place} of the peer group; the first gets {full.en}, each place after it {each.en} less",
        )
        return _result("rule", label, why, points, nodes)

    def bounds(self) -> tuple[Fraction, Fraction]:
        return self.floor, self.full

    def expressions(self) -> tuple[tuple[str, Expression, str], ...]:
        return (("x", self.x, self.unit),)
