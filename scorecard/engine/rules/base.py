"""What every rule kind offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Protocol

from scorecard.engine.language.exact import Context
from scorecard.engine.language.syntax import Expression
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import Improvement, Need, Node
from scorecard.engine.values.text import EMPTY, Text
from scorecard.engine.values.units import quantities, quantity

Points = Fraction | Missing


class RuleContext(Context, Protocol):
    """What a rule may ask for its points, beyond what an expression may ask."""

    def target_missed(self, target: str) -> bool | Missing:
        """Return whether a target is missed; a blank is Missing here."""
        ...

    def no_reference(self, reference: Expression) -> Missing:
        """Return the reason why there is no share of a reference that is zero or negative."""
        ...


class Explainer(RuleContext, Protocol):
    """What a rule may ask to explain its points and to say what would raise them. `explain/explainer.py` has it."""

    def points(self, value: Fraction) -> Decimal: ...

    def option(self, fact: str, option: str) -> Text: ...

    def render(self, expression: Expression) -> Text: ...

    def fact_node(self, fact: str) -> Node: ...

    def expression_node(self, expression: Expression, unit: str) -> Node: ...

    def condition_node(self, expression: Expression, label: Text = EMPTY) -> Node: ...

    def target_node(self, target: str) -> Node: ...

    def target_need(self, target: str) -> Need | None: ...

    def improvement(
        self, x: Expression, unit: str, now: Fraction, goal: Fraction, gain: Fraction, lever: str
    ) -> tuple[Improvement, ...]: ...


@dataclass(frozen=True, slots=True)
class Rule(ABC):
    """One rule.

    `evaluate` gives exact points or the reason why there are none; `explain` gives the same with its tree.
    """

    kind: ClassVar[str] = ""

    @abstractmethod
    def evaluate(self, c: RuleContext) -> Points:
        """Return the points, exact and unrounded."""

    @abstractmethod
    def explain(self, c: Explainer) -> Node:
        """Return the node whose value is what `evaluate` returns (None when there are no points)."""

    @abstractmethod
    def bounds(self) -> tuple[Fraction, Fraction] | None:
        """Return lowest and highest points that the rule can give, None when the rule alone does not limit them."""

    def expressions(self) -> tuple[tuple[str, Expression, str], ...]:
        """Return (key, expression, expected type) for lint; the type is ``bool``, or a unit, or ``*`` for any
        number.
        """
        return ()

    def fact_names(self) -> tuple[str, ...]:
        """Return facts that the rule uses outside expressions."""
        return ()

    def target_names(self) -> tuple[str, ...]:
        return ()

    def parts(self) -> tuple[tuple[str, Rule], ...]:
        """Return nested rules with their key."""
        return ()

    def improve(self, c: Explainer) -> tuple[Improvement, ...]:
        """Return what would raise the points, the smallest change first."""
        return ()


def points_text(value: Fraction, lang: str) -> str:
    """Return points with their unit."""
    return quantity(value, "分", lang)


def points_texts(value: Fraction) -> Text:
    """Return :func:`points_text` in both languages."""
    return quantities(value, "分")


def missing_node(kind: str, label: Text, missing: Missing, children: tuple[Node, ...] = ()) -> Node:
    return Node(kind, label, Text(f"{missing.reason.zh}。", f"{sentence(missing.reason.en)}."), None, "分", children)


def sentence(text: str) -> str:
    """Return `text` with a capital first letter."""
    return text[:1].upper() + text[1:]
