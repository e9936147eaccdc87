"""Outcomes of targets: "not lower than" is `>=`, on exact values, so equality passes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scorecard.engine.language.exact import OPERATORS, Context, all_known, compute, number
from scorecard.engine.rulebook.model import Target
from scorecard.engine.values.facts import Absence, FactValue, Missing
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.scoring_input import TargetDecision
from scorecard.engine.values.text import Text


@dataclass(frozen=True, slots=True)
class Outcome:
    """Both sides of a target and whether it is missed; a year known only by its recorded outcome has no sides.

    `decision` is what an officer decided where the figures do not.
    """

    left: Fraction | Missing | None
    right: Fraction | Missing | None
    missed: bool | Missing
    decision: TargetDecision | None = None

    @property
    def undecided(self) -> bool:
        """True while neither the figures nor an officer decide it. A blank is no such case: it counts as missed."""
        return isinstance(self.missed, Missing) and not self.missed.blank and self.decision is None

    def decided(self, decision: TargetDecision) -> Outcome:
        """Return the outcome after an officer's decision, which changes nothing that the figures decide."""
        if not self.undecided:
            return self
        missed: bool | Missing = decision.outcome == "missed"
        if decision.outcome == "not_applicable":
            missed = Missing(
                Absence.NOT_APPLICABLE, Text("监管部门已认定不适用", "the supervisor decided that it is not applicable")
            )
        return replace(self, missed=missed, decision=decision)

    @property
    def margin(self) -> Fraction | None:
        if isinstance(self.left, Fraction) and isinstance(self.right, Fraction):
            return self.left - self.right
        return None


def holds(op: str, margin: Fraction) -> bool:
    """Return whether `left op right` holds, given left minus right."""
    return bool(OPERATORS[op](margin, 0))


def outcome_of(target: Target, context: Context, recorded: FactValue | None = None) -> Outcome:
    """Return the outcome of a target in the context's year. A recorded outcome (True = met) of an earlier year goes
    first.
    """
    if isinstance(recorded, bool):
        return Outcome(None, None, not recorded)
    left, right = number(compute(target.left, context)), number(compute(target.right, context))
    sides = all_known((left, right))
    return Outcome(left, right, sides if isinstance(sides, Missing) else not holds(target.op, sides[0] - sides[1]))
