"""The program that a rulebook becomes: operations on values, each named by its place.

A value is one column over all banks: a number, a truth value, a level, a set of ticked items or a text. Beside each
entry it carries why there is none (`Absence`, 0 where there is one), and the rows in which doubles do not decide it.
A number carries a bound on its distance from the exact value and the denominators that prove a tie; docs/lowering.md
lists what is proven of each operation. Points are counted in units of the rulebook's rounding.

The function of `arrays` that carries an operation out has its name and says what it gives and takes. Four stand for
what is at hand:

constant  a number
absent    nothing in any row: the kind of absence, the kind of value
load      a column: its source (fact, property, parameter, judged, outcome), its name, years back, the kind of value,
          and the absence of every row when there is no column
fill      the first operand; where it is absent, but not "not applicable", the second
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Given = Literal["constant", "absent", "load"]
Number = Literal["add", "multiply", "divide", "absolute", "extreme", "limit", "curve", "share", "tally", "worth"]
Condition = Literal["one_of", "ticked", "invert", "connect", "answered", "presume", "choose", "guard", "fill"]
Concluded = Literal["points", "shared_out", "own_points", "scale", "unscale", "outcome", "condition_holds"]
Name = Given | Number | Condition | Literal["compare", "peers"] | Concluded
#: Operations that evaluate rows in doubt among their operands exactly, so that none is left in doubt.
SETTLING: tuple[Name, ...] = ("points", "outcome", "condition_holds")


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
    """One operation: the places of earlier values that it works on, and what it is given besides.

    Equal operations on equal values are one value.
    """

    name: Name
    args: tuple[int, ...]
    given: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """All operations in an order in which each follows its operands, and what a result holds: the name of an array of
    `ManyResult`, the row or bit in it, the place of the value.
    """

    ops: tuple[Op, ...]
    outputs: tuple[tuple[str, int, int], ...]
