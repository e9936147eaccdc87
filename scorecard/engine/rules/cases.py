"""Rules whose points are those of one of their cases: the first that holds, or the most severe."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from scorecard.engine.declarations.keys import Key, Reading, key
from scorecard.engine.language.exact import Context, all_known, compute
from scorecard.engine.language.reach import idle_cases
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import Value
from scorecard.engine.rules.base import Checker, Explainer, Improvements, Points, Rule, Wording, rule_kind
from scorecard.engine.rules.nested import Branch, Cases, Otherwise
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import Node
from scorecard.engine.values.text import EMPTY, Text

NONE_HOLDS = Text("以上均不成立", "none of the cases holds")


@dataclass(frozen=True, slots=True)
class CaseRule(Rule):
    """A rule whose points are those of one of its cases."""

    #: Whether the first case that holds is the one.
    in_order: ClassVar[bool] = False
    cases: tuple[Branch, ...]
    otherwise: Rule | None

    @abstractmethod
    def chosen(self, c: Context) -> Branch | Missing:
        """Return the case that gives the points, or why that is not known."""

    def evaluate(self, c: Context) -> Points:
        case = self.chosen(c)
        return case if isinstance(case, Missing) else case.rule.evaluate(c)

    def explain(self, c: Explainer) -> Node:
        case = self.chosen(c)
        looked_at = self.cases[: self.cases.index(case) + 1] if self.in_order and case in self.cases else self.cases
        nodes = tuple(c.condition_node(each.when, each.label) for each in looked_at if each.when is not None)
        if isinstance(case, Missing):
            return self.missing(case, nodes)
        inner = case.rule.explain(c)
        zh, en = inner.text.zh, inner.text.en
        # Of cases within "none holds" one may hold: they say themselves what does.
        if case.label != EMPTY and not (case.label is NONE_HOLDS and isinstance(case.rule, CaseRule)):
            zh, en = f"{case.label.zh}：{zh}", f"{case.label.en}: {en}"
        return Node("rule", self.title, Text(zh, en), inner.value, "分", (*nodes, inner))

    def bounds(self) -> tuple[Fraction, Fraction]:
        lows, highs = zip(*(rule.bounds() for _, rule in self.parts()), strict=True)
        return min(lows), max(highs)

    def lines(self, w: Wording) -> Iterator[str]:
        zh, en = self.title.zh, self.title.en
        yield w.either(f"{zh}：", f"{en[0].lower()}{en[1:]}：")
        for case in self.cases:
            when = w.words(case.when) if case.when is not None else w.either("一律", "always")
            yield f"  {when} → {'; '.join(case.rule.lines(w))}"
        if self.otherwise is not None:
            yield f"  {w.either('其余', 'otherwise')} → {'; '.join(self.otherwise.lines(w))}"

    def meaning(self, r: Checker) -> None:
        for i, message, remedy in idle_cases([case.when for case in self.cases], in_order=self.in_order):
            r.report(f"cases.{i}.when", "unreachable", message, remedy)


def _holds(c: Context, case: Branch) -> bool | Missing:
    value = True if case.when is None else compute(case.when, c)
    return value if isinstance(value, Missing) else bool(value)


@rule_kind("first", "依次适用第一项成立的情形", "first case that holds", place=12)
@dataclass(frozen=True, slots=True)
class FirstThatHolds(CaseRule):
    """The first case whose condition holds gives the points; `otherwise` when none does. A condition that cannot be
    decided before one holds leaves the whole rule undecided.
    """

    title = Text("依次适用第一项成立的情形", "The first case that holds")
    in_order = True
    cases: tuple[Branch, ...] = key(Cases(conditional=True), required=True)
    otherwise: Rule = key(Otherwise(), required=True)

    def chosen(self, c: Context) -> Branch | Missing:
        for case in self.cases:
            holds = _holds(c, case)
            if holds:
                return holds if isinstance(holds, Missing) else case
        return Branch(None, self.otherwise, NONE_HOLDS)

    def lower(self, b: Builder) -> Value:
        result = self.otherwise.lower(b)
        for case in reversed(self.cases):
            then = case.rule.lower(b)
            result = then if case.when is None else b.choose(b.expression(case.when.node), then, result)
        return result

    def improve(self, c: Explainer) -> Improvements:
        case = self.chosen(c)
        return () if isinstance(case, Missing) else case.rule.improve(c)


class OtherwiseUnlessAlways(Otherwise):
    """Required when every case has a condition, and idle when one has none."""

    def read(self, r: Reading, name: str, key: Key) -> Rule | None:  # type: ignore[override]
        if all(case.when is not None for case in r.values["cases"]):
            return super().read(r, name, key)
        if r.at.get(name) is not None:
            said = Text(
                f"有一项没有条件、总是成立，“{name}”永远用不到。",
                f"A case without “when” always holds, so “{name}” never counts.",
            )
            use = Text(f"请删除“{name}”，或为该项写明“when”。", f"Remove “{name}”, or give that case a “when”.")
            r.fields.report(r.at, "unreachable", said, use, name)
        return None


@rule_kind("most_severe", "适用最严情形", "most severe case", place=13)
@dataclass(frozen=True, slots=True)
class MostSevere(CaseRule):
    """Of all cases that hold the one with the fewest points; `otherwise` when none holds. A case without a condition
    always holds, so a rule that has one needs no `otherwise`.
    """

    title = Text("适用成立情形中最严者", "The most severe case that holds")
    cases: tuple[Branch, ...] = key(Cases(conditional=False), required=True)
    otherwise: Rule | None = key(OtherwiseUnlessAlways())

    def chosen(self, c: Context) -> Branch | Missing:
        held = [(case, holds) for case in self.cases if (holds := _holds(c, case)) is not False]
        if not held and self.otherwise is not None:
            held = [(Branch(None, self.otherwise, NONE_HOLDS), True)]
        found = all_known(holds if isinstance(holds, Missing) else case.rule.evaluate(c) for case, holds in held)
        return found if isinstance(found, Missing) else held[found.index(min(found))][0]

    def lower(self, b: Builder) -> Value:
        conditions: list[Value] = []
        guarded: list[Value] = []
        for case in self.cases:
            points = case.rule.lower(b)
            if case.when is not None:
                conditions.append(b.expression(case.when.node))
                points = b.guard(conditions[-1], points)
            guarded.append(points)
        lowest = b.lowest(*guarded)
        if self.otherwise is None or len(conditions) < len(guarded):
            return lowest
        return b.choose(b.some(*conditions), lowest, self.otherwise.lower(b))
