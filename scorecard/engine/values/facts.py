"""Values of facts, and the four kinds of nothing.

Unanswered, not applicable, not yet supplied by the supervisor, and zero are four different values from the form to the
notice. The first three are members of :class:`Nothing`; zero is ``Decimal(0)``. A computation that meets one of the
three, or divides by zero, yields a :class:`Missing` with its reason: never an exception, a NaN or a silent 0.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text


class Nothing(enum.Enum):
    """Why a fact has no value. Zero is not nothing: it is ``Decimal(0)``."""

    UNANSWERED = "unanswered"
    NOT_APPLICABLE = "not_applicable"
    NOT_SUPPLIED = "not_supplied"

    @property
    def label(self) -> Text:
        return _NOTHING_LABELS[self]


_NOTHING_LABELS = {
    Nothing.UNANSWERED: Text("未填报", "not answered"),
    Nothing.NOT_APPLICABLE: Text("不适用", "not applicable"),
    Nothing.NOT_SUPPLIED: Text("待监管部门提供", "not yet supplied by the supervisor"),
}

#: What a fact may be: a number, yes or no, the id of a level, a set of ticked items, or one kind of nothing.
FactValue: TypeAlias = Decimal | bool | str | frozenset[str] | Nothing


class Absence(enum.IntEnum):
    """Kinds of absent result, the weakest first; when several meet, the strongest is the outcome.

    A blank is the strongest, so that leaving a box empty can never make use of the milder treatment of another gap.
    """

    UNDEFINED = 1  # a division by zero, or a comparison without a reference
    NOT_SUPPLIED = 2
    NOT_APPLICABLE = 3
    UNANSWERED = 4


@dataclass(frozen=True, slots=True)
class Missing:
    """The outcome of a computation that has no value: its kind, the facts that caused it, and the reason."""

    kind: Absence
    reason: Text
    facts: tuple[str, ...] = ()

    @property
    def blank(self) -> bool:
        """True when the bank left a box empty."""
        return self.kind is Absence.UNANSWERED

    def __or__(self, other: Missing) -> Missing:
        """Return the stronger of the two; facts of equal kind are gathered."""
        if other.kind > self.kind:
            return other
        if other.kind < self.kind or other.facts == self.facts:
            return self
        facts = self.facts + tuple(f for f in other.facts if f not in self.facts)
        if facts == self.facts:
            return self
        zh = f"{self.reason.zh}；{other.reason.zh}"
        en = f"{self.reason.en}; {other.reason.en}"
        return Missing(self.kind, Text(zh, en), facts)


def undefined(zh: str, en: str) -> Missing:
    return Missing(Absence.UNDEFINED, Text(zh, en))


def not_supplied(zh: str, en: str) -> Missing:
    return Missing(Absence.NOT_SUPPLIED, Text(zh, en))


#: What an expression yields: an exact rational, a truth value, a text, a set of items, or nothing with its reason.
Value: TypeAlias = Fraction | bool | str | frozenset[str] | Missing
