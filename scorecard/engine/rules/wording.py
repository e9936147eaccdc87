"""Rules in words, for people who sign a rulebook: one or a few lines per rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scorecard.engine.language.syntax import Expression
from scorecard.engine.rulebook.labels import label, rendered
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rules.base import Rule, points_text
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantity


def rule_lines(rulebook: Rulebook, rule: Rule, lang: str) -> Iterator[str]:
    """Yield the rule in words in `lang`."""
    return rule.lines(_Wording(rulebook, lang))


@dataclass(frozen=True, slots=True)
class _Wording:
    rulebook: Rulebook
    lang: str

    def either(self, zh: str, en: str) -> str:
        return Text(zh, en).get(self.lang)

    def words(self, expression: Expression) -> str:
        return rendered(self.rulebook, expression.node).get(self.lang)

    def name(self, id: str) -> str:
        return label(self.rulebook, id).get(self.lang)

    def option(self, fact: str, option: str, label: Text) -> str:
        options = self.rulebook.facts[fact].options if fact else {}
        return options.get(option, label).get(self.lang)

    def quantity(self, value: Fraction, unit: str) -> str:
        return quantity(value, unit, self.lang)

    def points(self, value: Fraction) -> str:
        return points_text(value, self.lang)

    def lines(self, rule: Rule) -> Iterator[str]:
        return rule.lines(self)
