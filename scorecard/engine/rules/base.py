"""What every rule kind offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from scorecard.engine.language.syntax import Expression
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.results import Improvement, Node
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantities, quantity

if TYPE_CHECKING:
    from scorecard.engine.exact.context import Scoring

Points = Fraction | Missing


@dataclass(frozen=True, slots=True)
class Rule(ABC):
    """One rule.

    `evaluate` gives exact points or the reason why there are none; `explain` gives the same with its tree.
    """

    kind: ClassVar[str] = ""

    @abstractmethod
    def evaluate(self, c: Scoring) -> Points:
        """Return the points, exact and unrounded."""

    @abstractmethod
    def explain(self, c: Scoring) -> Node:
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

    def improve(self, c: Scoring) -> tuple[Improvement, ...]:
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
