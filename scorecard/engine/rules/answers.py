"""Rules that read an answer: levels, checklist, the outcome of a target, judged points, fixed points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, cast

from scorecard.engine.language.exact import compute
from scorecard.engine.language.syntax import Expression
from scorecard.engine.rules.base import Explainer, Points, Rule, RuleContext, missing_node, points_texts
from scorecard.engine.values.facts import Absence, Missing
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.results import Improvement, Node
from scorecard.engine.values.text import Text, join


def _result(label: Text, why: Text, points: Fraction, children: tuple[Node, ...]) -> Node:
    got = points_texts(points)
    text = Text(f"{why.zh}，得 {got.zh}。", f"{why.en}: {got.en}.")
    return Node("rule", label, text, points, "分", children)


@dataclass(frozen=True, slots=True)
class Fixed(Rule):
    """The same points in every case; used as a branch of other rules."""

    kind: ClassVar[str] = "fixed"
    points: Fraction

    def evaluate(self, c: RuleContext) -> Points:
        return self.points

    def explain(self, c: Explainer) -> Node:
        got = points_texts(self.points)
        return Node("rule", Text("固定分值", "Fixed points"), Text(f"{got.zh}。", f"{got.en}."), self.points, "分")

    def bounds(self) -> tuple[Fraction, Fraction]:
        return self.points, self.points


@dataclass(frozen=True, slots=True)
class Levels(Rule):
    """A graded answer: each level of the fact has its points."""

    kind: ClassVar[str] = "levels"
    fact: str
    points: Mapping[str, Fraction]

    def evaluate(self, c: RuleContext) -> Points:
        level = c.value(self.fact)
        return level if isinstance(level, Missing) else self.points[str(level)]

    def explain(self, c: Explainer) -> Node:
        label = Text("分级计分", "Levels")
        nodes = (c.fact_node(self.fact),)
        level = c.value(self.fact)
        if isinstance(level, Missing):
            return missing_node("rule", label, level, nodes)
        option = c.option(self.fact, str(level))
        return _result(label, Text(f"等级“{option.zh}”", f"level “{option.en}”"), self.points[str(level)], nodes)

    def bounds(self) -> tuple[Fraction, Fraction]:
        return min(self.points.values()), max(self.points.values())

    def fact_names(self) -> tuple[str, ...]:
        return (self.fact,)

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


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a checklist: ticked in the fact, or computed when `when` is given."""

    id: str
    label: Text
    points: Fraction
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Checklist(Rule):
    """Points for each item that is fulfilled, added up."""

    kind: ClassVar[str] = "checklist"
    fact: str
    items: tuple[Item, ...]

    def _fulfilled(self, c: RuleContext, item: Item, ticked: frozenset[str] | Missing) -> bool | Missing:
        if item.when is None:
            return ticked if isinstance(ticked, Missing) else item.id in ticked
        value = compute(item.when, c)
        return value if isinstance(value, Missing) else bool(value)

    def _label(self, c: Explainer, item: Item) -> Text:
        return c.option(self.fact, item.id) if item.when is None and self.fact else item.label

    def _ticked(self, c: RuleContext) -> frozenset[str] | Missing:
        value = c.value(self.fact) if self.fact else frozenset()
        return value if isinstance(value, frozenset | Missing) else frozenset()

    def evaluate(self, c: RuleContext) -> Points:
        ticked = self._ticked(c)
        total = ZERO
        absent: Missing | None = None
        for item in self.items:
            done = self._fulfilled(c, item, ticked)
            if isinstance(done, Missing):
                absent = done if absent is None else absent | done
            elif done:
                total += item.points
        return total if absent is None else absent

    def explain(self, c: Explainer) -> Node:
        label = Text("清单计分", "Checklist")
        ticked = self._ticked(c)
        nodes = [c.fact_node(self.fact)] if self.fact else []
        done_items: list[Text] = []
        for item in self.items:
            done = self._fulfilled(c, item, ticked)
            if item.when is not None:
                nodes.append(c.condition_node(item.when, item.label))
            if done is True:
                done_items.append(self._label(c, item))
        total = self.evaluate(c)
        if isinstance(total, Missing):
            return missing_node("rule", label, total, tuple(nodes))
        if done_items:
            listed = join(done_items, "、", "; ")
            why = Text(
                f"满足 {len(done_items)} 项（{listed.zh}）", f"{len(done_items)} items are fulfilled ({listed.en})"
            )
        else:
            why = Text("各项均未满足", "no item is fulfilled")
        return _result(label, why, total, tuple(nodes))

    def bounds(self) -> tuple[Fraction, Fraction]:
        zero = ZERO
        return sum((min(zero, i.points) for i in self.items), zero), sum(
            (max(zero, i.points) for i in self.items), zero
        )

    def expressions(self) -> tuple[tuple[str, Expression, str], ...]:
        return tuple((f"items.{i.id}.when", i.when, "bool") for i in self.items if i.when is not None)

    def fact_names(self) -> tuple[str, ...]:
        return (self.fact,) if self.fact else ()

    def improve(self, c: Explainer) -> tuple[Improvement, ...]:
        ticked = self._ticked(c)
        found = []
        for item in self.items:
            if self._fulfilled(c, item, ticked) is False and item.points > 0:
                label = self._label(c, item)
                gain = points_texts(item.points)
                text = Text(f"满足“{label.zh}”可多得 {gain.zh}。", f"Fulfilling “{label.en}” gains {gain.en}.")
                fact = self.fact if item.when is None else ""
                found.append(Improvement(fact, None, item.id if fact else None, c.points(item.points), text))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class TargetOutcome(Rule):
    """Points by the outcome of a target. `years_missed` gives other points when it was missed so many years running."""

    kind: ClassVar[str] = "target"
    target: str
    met: Fraction
    missed: Fraction
    years_missed: tuple[tuple[int, Fraction], ...] = ()  # most years first

    def _points(self, c: RuleContext) -> tuple[Fraction, int] | Missing:
        missed = c.target_missed(self.target)
        if isinstance(missed, Missing):
            return missed
        if not missed:
            return self.met, 0
        years = c.missed_years(self.target)
        for least, points in self.years_missed:
            if years >= least:
                return points, years
        return self.missed, years

    def evaluate(self, c: RuleContext) -> Points:
        found = self._points(c)
        return found if isinstance(found, Missing) else found[0]

    def explain(self, c: Explainer) -> Node:
        label = Text("目标完成计分", "Outcome of a target")
        nodes = (c.target_node(self.target),)
        found = self._points(c)
        if isinstance(found, Missing):
            return missing_node("rule", label, found, nodes)
        points, years = found
        if years == 0:
            why = Text("目标完成", "the target is met")
        elif years == 1:
            why = Text("目标未完成", "the target is missed")
        else:
            why = Text(f"目标连续 {years} 年未完成", f"the target is missed {years} years running")
        return _result(label, why, points, nodes)

    def bounds(self) -> tuple[Fraction, Fraction]:
        values = [self.met, self.missed, *(p for _, p in self.years_missed)]
        return min(values), max(values)

    def target_names(self) -> tuple[str, ...]:
        return (self.target,)

    def improve(self, c: Explainer) -> tuple[Improvement, ...]:
        found = self._points(c)
        if isinstance(found, Missing) or found[0] >= self.met:
            return ()
        gain = self.met - found[0]
        said = points_texts(gain)
        need = c.target_need(self.target)
        if need is None:
            text = Text(f"完成该目标可多得 {said.zh}。", f"Meeting the target gains {said.en}.")
            return (Improvement("", None, None, c.points(gain), text),)
        text = Text(f"{need.text.zh.rstrip('。')}，可多得 {said.zh}。", f"{need.text.en} This gains {said.en}.")
        return (Improvement(need.fact, need.now, need.then, c.points(gain), text),)


@dataclass(frozen=True, slots=True)
class Judged(Rule):
    """The reviewer sets the points within the indicator's range; until then they are pending."""

    kind: ClassVar[str] = "judged"
    low: Fraction
    high: Fraction
    fact: str = ""

    def evaluate(self, c: RuleContext) -> Points:
        if self.fact:
            answer = c.value(self.fact)
            if isinstance(answer, Missing):
                return answer
        return Missing(Absence.NOT_SUPPLIED, Text("待监管部门评定", "the supervisor has yet to judge it"))

    def explain(self, c: Explainer) -> Node:
        points = cast(Missing, self.evaluate(c))
        nodes = (c.fact_node(self.fact),) if self.fact else ()
        return missing_node("rule", Text("评定计分", "Judged points"), points, nodes)

    def bounds(self) -> tuple[Fraction, Fraction]:
        return self.low, self.high

    def fact_names(self) -> tuple[str, ...]:
        return (self.fact,) if self.fact else ()
