"""What is scored: one bank's facts in one year, with what surrounds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from scorecard.engine.values.facts import FactValue
from scorecard.engine.values.rational import Fraction

#: How many earlier years scoring looks at.
MAX_YEARS_BACK = 6


def of_year(id: str, years: int) -> str:
    """Return the name under which a value of so many years back is given: ``goal@-1``, and ``goal`` for this year."""
    return f"{id}@-{years}" if years else id


TARGET_OUTCOMES = ("met", "missed", "not_applicable")


@dataclass(frozen=True, slots=True)
class TargetDecision:
    """What an officer decided of a target that the figures cannot decide: one of TARGET_OUTCOMES, and why."""

    outcome: str
    reason: str

    def __post_init__(self) -> None:
        if self.outcome not in TARGET_OUTCOMES:
            raise ValueError(f"{self.outcome!r} is none of {', '.join(TARGET_OUTCOMES)}")


@dataclass(frozen=True, slots=True)
class ScoringInput:
    """One bank in one year, ready to be scored.

    facts           fact id -> value. A fact that is absent counts as unanswered when the bank supplies it, and as not
                    yet supplied when the supervisor or the system does.
    bank            properties of the bank: those that the rulebook declares under ``properties``.
    history         years back as negative numbers -> that year's facts: ``{-1: {...}, -2: {...}}``. A target's id among
    them (bool) is the recorded outcome of that year and goes before a recomputation.
    self_points     indicator id -> points that the bank gave itself.
    judged          indicator id -> points that the reviewer set; they replace the system's.
    not_applicable  ids of indicators that the supervisor accepted as not applicable.
    parameters      values that the supervisor sets for the year, by parameter id; those of earlier years by the names
    that `of_year` gives: ``{"goal": 0.08, "goal@-1": 0.07}``. A value of one year says nothing of another: for a year
    that is left out the rulebook's default holds, and without a default the value is not supplied.
    decisions       target id -> what an officer decided of it; counts only where the figures cannot decide the target.
    peers           frozen values of the peer group, by the key that `peer_snapshot` gives them.
    filed           False for a bank that has filed nothing, which a rule may ask (`filed()`); many at once all have.
    """

    facts: Mapping[str, FactValue] = field(default_factory=dict)
    bank: Mapping[str, FactValue] = field(default_factory=dict)
    history: Mapping[int, Mapping[str, FactValue]] = field(default_factory=dict)
    self_points: Mapping[str, Decimal] = field(default_factory=dict)
    judged: Mapping[str, Decimal] = field(default_factory=dict)
    not_applicable: frozenset[str] = frozenset()
    parameters: Mapping[str, FactValue] = field(default_factory=dict)
    peers: Mapping[str, tuple[Fraction, ...]] = field(default_factory=dict)
    decisions: Mapping[str, TargetDecision] = field(default_factory=dict)
    filed: bool = True

    def with_facts(self, changes: Mapping[str, FactValue]) -> ScoringInput:
        """Return a copy in which `changes` replace facts of the same id."""
        return replace(self, facts={**self.facts, **changes})
