"""What the rules with cases share: limits, words, and cases that are never the one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from scorecard.engine.language.reach import idle_cases
from scorecard.engine.rules.base import Checker, Rule, Wording, hull
from scorecard.engine.rules.nested import Branch
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text


@dataclass(frozen=True, slots=True)
class CaseRule(Rule):
    """A rule whose points are those of one of its cases."""

    title: ClassVar[Text]
    #: Whether the first case that holds is the one.
    in_order: ClassVar[bool] = False
    cases: tuple[Branch, ...]
    otherwise: Rule | None

    def bounds(self) -> tuple[Fraction, Fraction] | None:
        return hull([rule for _, rule in self.parts()])

    def lines(self, w: Wording) -> Iterator[str]:
        zh, en = self.title.zh, self.title.en
        yield w.either(f"{zh}：", f"{en[0].lower()}{en[1:]}：")
        for case in self.cases:
            when = w.words(case.when) if case.when is not None else w.either("一律", "always")
            yield f"  {when} → {'; '.join(w.lines(case.rule))}"
        if self.otherwise is not None:
            yield f"  {w.either('其余', 'otherwise')} → {'; '.join(w.lines(self.otherwise))}"

    def meaning(self, r: Checker) -> None:
        for i, message, remedy in idle_cases([case.when for case in self.cases], in_order=self.in_order):
            r.report(f"cases.{i}.when", "unreachable", message, remedy)
