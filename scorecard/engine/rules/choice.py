"""Rules that choose or combine other rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scorecard.engine.language.exact import compute
from scorecard.engine.language.syntax import Expression
from scorecard.engine.rules.base import Explainer, Points, Rule, RuleContext, missing_node, points_texts
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.results import Improvement, Node
from scorecard.engine.values.text import EMPTY, Text


@dataclass(frozen=True, slots=True)
class Branch:
    """One case: its condition (None = always holds), its rule, and the name under which it is explained."""

    when: Expression | None
    rule: Rule
    label: Text = EMPTY


NONE_HOLDS = Text("以上均不成立", "none of the cases holds")


@dataclass(frozen=True, slots=True)
class FirstThatHolds(Rule):
    """The first case whose condition holds gives the points; `otherwise` when none does. A condition that cannot be
    decided before one holds leaves the whole rule undecided.
    """

    kind: ClassVar[str] = "first"
    cases: tuple[Branch, ...]
    otherwise: Rule

    def chosen(self, c: RuleContext) -> Branch | Missing:
        for case in self.cases:
            value = True if case.when is None else compute(case.when, c)
            if isinstance(value, Missing):
                return value
            if value:
                return case
        return Branch(None, self.otherwise, NONE_HOLDS)

    def evaluate(self, c: RuleContext) -> Points:
        case = self.chosen(c)
        return case if isinstance(case, Missing) else case.rule.evaluate(c)

    def explain(self, c: Explainer) -> Node:
        label = Text("依次适用第一项成立的情形", "The first case that holds")
        nodes: list[Node] = []
        case = self.chosen(c)
        for each in self.cases:
            if each.when is not None:
                nodes.append(c.condition_node(each.when, each.label))
            if each is case:
                break
        if isinstance(case, Missing):
            return missing_node("rule", label, case, tuple(nodes))
        return _through(label, case, case.rule.explain(c), nodes)

    def bounds(self) -> tuple[Fraction, Fraction] | None:
        return _hull([*(b.rule for b in self.cases), self.otherwise])

    def expressions(self) -> tuple[tuple[str, Expression, str], ...]:
        return tuple((f"cases.{i}.when", b.when, "bool") for i, b in enumerate(self.cases) if b.when is not None)

    def parts(self) -> tuple[tuple[str, Rule], ...]:
        return (*((f"cases.{i}", b.rule) for i, b in enumerate(self.cases)), ("otherwise", self.otherwise))

    def improve(self, c: Explainer) -> tuple[Improvement, ...]:
        case = self.chosen(c)
        return () if isinstance(case, Missing) else case.rule.improve(c)


@dataclass(frozen=True, slots=True)
class MostSevere(Rule):
    """Of all cases that hold the one with the fewest points; `otherwise` when none holds. A case without a condition
    always holds, so a rule that has one needs no `otherwise`.
    """

    kind: ClassVar[str] = "most_severe"
    cases: tuple[Branch, ...]
    otherwise: Rule | None = None

    def _holding(self, c: RuleContext) -> list[tuple[Branch, Fraction]] | Missing:
        found: list[tuple[Branch, Fraction]] = []
        absent: Missing | None = None
        for case in self.cases:
            value = True if case.when is None else compute(case.when, c)
            if value is False:
                continue
            points = value if isinstance(value, Missing) else case.rule.evaluate(c)
            if isinstance(points, Missing):
                absent = points if absent is None else absent | points
            else:
                found.append((case, points))
        if absent is None and not found and self.otherwise is not None:
            points = self.otherwise.evaluate(c)
            if isinstance(points, Missing):
                return points
            found.append((Branch(None, self.otherwise, NONE_HOLDS), points))
        return found if absent is None else absent

    def evaluate(self, c: RuleContext) -> Points:
        holding = self._holding(c)
        return holding if isinstance(holding, Missing) else min(p for _, p in holding)

    def explain(self, c: Explainer) -> Node:
        label = Text("适用成立情形中最严者", "The most severe case that holds")
        nodes = [c.condition_node(b.when, b.label) for b in self.cases if b.when is not None]
        holding = self._holding(c)
        if isinstance(holding, Missing):
            return missing_node("rule", label, holding, tuple(nodes))
        case, _ = min(holding, key=lambda h: h[1])
        return _through(label, case, case.rule.explain(c), nodes)

    def bounds(self) -> tuple[Fraction, Fraction] | None:
        return _hull([rule for _, rule in self.parts()])

    def expressions(self) -> tuple[tuple[str, Expression, str], ...]:
        return tuple((f"cases.{i}.when", b.when, "bool") for i, b in enumerate(self.cases) if b.when is not None)

    def parts(self) -> tuple[tuple[str, Rule], ...]:
        cases = tuple((f"cases.{i}", b.rule) for i, b in enumerate(self.cases))
        return cases if self.otherwise is None else (*cases, ("otherwise", self.otherwise))


@dataclass(frozen=True, slots=True)
class Combine(Rule):
    """The lowest, the highest, the mean or the sum of several rules."""

    kind: ClassVar[str] = "combine"
    how: str  # lower_of, higher_of, mean_of, sum_of
    rules: tuple[Rule, ...]

    def evaluate(self, c: RuleContext) -> Points:
        values: list[Fraction] = []
        absent: Missing | None = None
        for rule in self.rules:
            points = rule.evaluate(c)
            if isinstance(points, Missing):
                absent = points if absent is None else absent | points
            else:
                values.append(points)
        return combine(self.how, values) if absent is None else absent

    def explain(self, c: Explainer) -> Node:
        label = COMBINE_LABELS[self.how]
        nodes = tuple(rule.explain(c) for rule in self.rules)
        points = self.evaluate(c)
        if isinstance(points, Missing):
            return missing_node("rule", label, points, nodes)
        got = points_texts(points)
        text = Text(f"{label.zh}：{got.zh}。", f"{label.en}: {got.en}.")
        return Node("rule", label, text, points, "分", nodes)

    def bounds(self) -> tuple[Fraction, Fraction] | None:
        bounds = [rule.bounds() for rule in self.rules]
        known = [b for b in bounds if b is not None]
        if len(known) < len(bounds):
            return None
        return combine(self.how, [b[0] for b in known]), combine(self.how, [b[1] for b in known])

    def parts(self) -> tuple[tuple[str, Rule], ...]:
        return tuple((f"rules.{i}", rule) for i, rule in enumerate(self.rules))

    def improve(self, c: Explainer) -> tuple[Improvement, ...]:
        if self.how != "sum_of":
            return ()
        return tuple(i for rule in self.rules for i in rule.improve(c))


COMBINE_LABELS = {
    "lower_of": Text("取较低者", "The lower of these"),
    "higher_of": Text("取较高者", "The higher of these"),
    "mean_of": Text("取平均数", "The mean of these"),
    "sum_of": Text("各项相加", "The sum of these"),
}


def combine(how: str, values: list[Fraction]) -> Fraction:
    if how == "lower_of":
        return min(values)
    if how == "higher_of":
        return max(values)
    total = sum(values, ZERO)
    return total / len(values) if how == "mean_of" else total


def _hull(rules: list[Rule]) -> tuple[Fraction, Fraction] | None:
    bounds = [rule.bounds() for rule in rules]
    known = [b for b in bounds if b is not None]
    if len(known) < len(bounds):
        return None
    return min(b[0] for b in known), max(b[1] for b in known)


def _through(label: Text, case: Branch, inner: Node, nodes: list[Node]) -> Node:
    zh, en = inner.text.zh, inner.text.en
    if case.label != EMPTY:
        zh, en = f"{case.label.zh}：{zh}", f"{case.label.en}: {en}"
    return Node("rule", label, Text(zh, en), inner.value, "分", (*nodes, inner))
