"""The program that a rulebook becomes: operations on values, each named by its place.

A value is one column over all banks: a number, a truth value, a level, a set of ticked items or a text. Beside each
entry it carries why there is none (`Absence`, 0 where there is one), and the rows in which doubles do not decide it.
A number carries a bound on its distance from the exact value and the denominators that prove a tie; docs/lowering.md
lists what is proven of each operation. Points are counted in units of the rulebook's rounding.

An operation is plain frozen data: equal operations on equal values are one value. `args` are places of earlier values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scorecard.engine.language.syntax import E
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.rational import Fraction


class NoForm(Exception):
    """An expression or rule that no operation carries out: whoever needs it evaluates each bank exactly."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value while the program is written: its place, its kind, and the options of a level or a set of items."""

    place: int
    kind: str = "number"  # number, bool, level, items, text
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Op:
    """One operation. `settles`: rows in doubt among its operands are evaluated exactly, so none is left in doubt."""

    settles: ClassVar[bool] = False
    args: tuple[int, ...]


# ---- where values come from


@dataclass(frozen=True, slots=True)
class Constant(Op):
    value: Fraction


@dataclass(frozen=True, slots=True)
class Absent(Op):
    """Nothing in any row."""

    code: Absence
    kind: str


@dataclass(frozen=True, slots=True)
class Load(Op):
    """A column: a fact of so many years back, a property, a yearly value, the reviewer's points of an indicator."""

    source: str  # fact, property, parameter, judged
    name: str
    years: int
    kind: str
    code: Absence  # of every row when there is no column


@dataclass(frozen=True, slots=True)
class Fill(Op):
    """The first value; where it is absent, but not "not applicable", the second."""


# ---- numbers


@dataclass(frozen=True, slots=True)
class Sum(Op):
    signs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Multiply(Op):
    pass


@dataclass(frozen=True, slots=True)
class Divide(Op):
    """A quotient; undefined where the divisor is zero."""


@dataclass(frozen=True, slots=True)
class Absolute(Op):
    pass


@dataclass(frozen=True, slots=True)
class Extreme(Op):
    """The highest or the lowest of several."""

    highest: bool


@dataclass(frozen=True, slots=True)
class Limit(Op):
    """A number limited to [low, high]; beyond the limits it is a constant, so a relative error counts up to them."""

    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Curve(Op):
    """A piecewise linear function with values outside its ends; an open end gives its own x to the outside."""

    points: tuple[tuple[Fraction, Fraction], ...]
    below: Fraction
    above: Fraction
    open_left: bool
    open_right: bool


@dataclass(frozen=True, slots=True)
class Share(Op):
    """`full` times the first over the second, limited to [low, full]; where the second is not above zero `without`,
    or undefined when that is None.
    """

    full: Fraction
    low: Fraction
    without: Fraction | None


@dataclass(frozen=True, slots=True)
class Tally(Op):
    """`base` and the worth of every condition that holds."""

    base: Fraction
    worths: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Worth(Op):
    """The worth of a level, or of all ticked items together, in the order of the options."""

    kind: str  # level, items
    worths: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Peers(Op):
    """A statistic of the values frozen for the bank's peer group: rank, percentile, median, peers."""

    name: str
    key: str


# ---- conditions


@dataclass(frozen=True, slots=True)
class Compare(Op):
    op: str  # < <= > >= == !=


@dataclass(frozen=True, slots=True)
class OneOf(Op):
    options: tuple[str, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Ticked(Op):
    place: int


@dataclass(frozen=True, slots=True)
class Invert(Op):
    pass


@dataclass(frozen=True, slots=True)
class Connect(Op):
    """Three-valued and/or: False and nothing is False, True or nothing is True."""

    every: bool


@dataclass(frozen=True, slots=True)
class Choose(Op):
    """The second where the first holds, else the third; an undecided condition has no value."""


@dataclass(frozen=True, slots=True)
class Guard(Op):
    """The second where the first holds, above everything else where it does not."""


@dataclass(frozen=True, slots=True)
class Answered(Op):
    """Whether there is a value; with `keep` undecided, for the same reason, where there is none."""

    keep: bool


@dataclass(frozen=True, slots=True)
class Presume(Op):
    """A condition that counts as `holds` where it is undecided, or only where that is for a blank (`blank`)."""

    holds: bool
    blank: bool


# ---- points and what is concluded from them


@dataclass(frozen=True, slots=True)
class Points(Op):
    """The points and the state of an indicator, out of its rule's value (left out when that has no form) and the
    reviewer's points: rounded, with what is accepted as not applicable.
    """

    settles: ClassVar[bool] = True
    indicator: str


@dataclass(frozen=True, slots=True)
class SharedOut(Op):
    """What indicators of a section get of the points of those that are not applicable and shared out."""

    indicators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scale(Op):
    """Whole units times an exact share, rounded."""

    share: Fraction


@dataclass(frozen=True, slots=True)
class Unscale(Op):
    """Whole units as points."""

    by: int


@dataclass(frozen=True, slots=True)
class OwnPoints(Op):
    """The sum of the bank's own points of indicators, whose points are the operands."""

    indicators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome(Op):
    """Whether a target is missed so many years back; a recorded outcome goes first."""

    settles: ClassVar[bool] = True
    target: str
    years: int


@dataclass(frozen=True, slots=True)
class Conclude(Op):
    """Whether a condition holds, given total and rank of the grade (the first two operands; the third is the
    condition, left out when it has no form). An undecided one counts as `unknown`.
    """

    settles: ClassVar[bool] = True
    condition: E
    unknown: bool


@dataclass(frozen=True, slots=True)
class Outputs:
    """Places of what a result holds, in the order of the rulebook."""

    indicators: tuple[int, ...]
    sections: tuple[int, ...]
    targets: tuple[int, ...]
    total: int
    before: int
    after: int
    acted: tuple[int, ...]
    holding: tuple[int, ...]
    adjustment: int
    measures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """All operations in an order in which each follows its operands."""

    ops: tuple[Op, ...]
    outputs: Outputs
