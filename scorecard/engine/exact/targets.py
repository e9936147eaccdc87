"""Outcomes of targets: "not lower than" is `>=`, on exact values, so equality passes."""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.engine.language.exact import Context, compute, number
from scorecard.engine.rulebook.model import Target
from scorecard.engine.values.facts import FactValue, Missing
from scorecard.engine.values.rational import Fraction


@dataclass(frozen=True, slots=True)
class Outcome:
    """Both sides of a target and whether it is missed; a year known only by its recorded outcome has no sides."""

    left: Fraction | Missing | None
    right: Fraction | Missing | None
    missed: bool | Missing

    @property
    def margin(self) -> Fraction | None:
        if isinstance(self.left, Fraction) and isinstance(self.right, Fraction):
            return self.left - self.right
        return None


def holds(op: str, margin: Fraction) -> bool:
    """Return whether `left op right` holds, given left minus right."""
    match op:
        case ">=":
            return margin >= 0
        case ">":
            return margin > 0
        case "<=":
            return margin <= 0
        case "<":
            return margin < 0
    raise ValueError(f"unknown comparison {op!r}")


def outcome_of(target: Target, context: Context, recorded: FactValue | None = None) -> Outcome:
    """Return the outcome of a target in the context's year. A recorded outcome (True = met) of an earlier year goes
    first.
    """
    if isinstance(recorded, bool):
        return Outcome(None, None, not recorded)
    left, right = number(compute(target.left, context)), number(compute(target.right, context))
    if isinstance(left, Missing):
        return Outcome(left, right, left | right if isinstance(right, Missing) else left)
    if isinstance(right, Missing):
        return Outcome(left, right, right)
    return Outcome(left, right, not holds(target.op, left - right))
