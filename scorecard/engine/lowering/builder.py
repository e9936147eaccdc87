"""Writing a program: one method for each operation. Equal operations on equal values are written once.

Rule kinds and functions of the language are lowered with these methods alone (`lower(rule, builder) -> Value`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from scorecard.engine.language.syntax import E
from scorecard.engine.lowering.program import Name, NoForm, Op, Value
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.rational import ZERO, Fraction

Weighed = tuple[Value, Fraction]
Pair = tuple[Fraction, Fraction]


class Builder(ABC):
    """The program so far. `scale` is how many units of rounding make one point."""

    def __init__(self, scale: int) -> None:
        self.scale = scale
        self.ops: list[Op] = []
        self._written: dict[Op, Value] = {}

    def write(
        self, name: Name, args: Sequence[Value] = (), *given: Any, kind: str = "number", options: tuple[str, ...] = ()
    ) -> Value:
        """Write an operation, or find the equal one that is written already."""
        op = Op(name, tuple(value.place for value in args), given)
        found = self._written.get(op)
        if found is None:
            found = self._written[op] = Value(len(self.ops), kind, options)
            self.ops.append(op)
        return found

    # ---- what a rulebook says

    @abstractmethod
    def expression(self, node: E, years: int = 0) -> Value:
        """The value of an expression so many years back. Raises NoForm."""

    @abstractmethod
    def name(self, id: str, years: int = 0) -> Value:
        """The value of a fact, property, yearly value or definition. Raises NoForm."""

    @abstractmethod
    def outcome(self, target: str, years: int = 0) -> Value:
        """A condition: the target is missed. Undecided where a blank or a gap leaves it open."""

    @abstractmethod
    def missed_years(self, target: str, years: int = 0) -> Value:
        """How many years running, that one included, a target is known to be missed; a blank counts as missed."""

    # ---- numbers

    def constant(self, value: Fraction) -> Value:
        return self.write("constant", (), Fraction(value))

    def points(self, value: Fraction) -> Value:
        """Points of a rulebook, in units."""
        return self.constant(Fraction(value) * self.scale)

    def absent(self, code: Absence, kind: str = "number", options: tuple[str, ...] = ()) -> Value:
        return self.write("absent", (), code, kind, kind=kind, options=options)

    def add(self, *values: Value) -> Value:
        if len(values) < 2:
            return values[0] if values else self.constant(ZERO)
        return self.write("add", numbers(*values), (1,) * len(values))

    def subtract(self, a: Value, b: Value) -> Value:
        return self.write("add", numbers(a, b), (1, -1))

    def negate(self, a: Value) -> Value:
        return self.write("add", numbers(a), (-1,))

    def multiply(self, a: Value, b: Value) -> Value:
        return self.write("multiply", numbers(a, b))

    def divide(self, a: Value, b: Value) -> Value:
        return self.write("divide", numbers(a, b))

    def absolute(self, a: Value) -> Value:
        return self.write("absolute", numbers(a))

    def highest(self, *values: Value) -> Value:
        return self.write("extreme", numbers(*values), True)

    def lowest(self, *values: Value) -> Value:
        return self.write("extreme", numbers(*values), False)

    def limit(self, a: Value, low: Fraction, high: Fraction) -> Value:
        """Points limited to [low, high] points."""
        return self.write("limit", numbers(a), low * self.scale, high * self.scale)

    def curve(self, x: Value, points: Sequence[Pair], outside: Pair, open_ends: tuple[bool, bool]) -> Value:
        """The points of a piecewise linear curve at `x`."""
        scaled = tuple((Fraction(at), y * self.scale) for at, y in points)
        below, above = (y * self.scale for y in outside)
        return self.write("curve", numbers(x), scaled, below, above, open_ends)

    def share(self, x: Value, reference: Value, full: Fraction, low: Fraction, without: Fraction | None) -> Value:
        """`full` points times x over reference, from `low` to `full`; `without` where the reference is not above 0."""
        none = None if without is None else without * self.scale
        return self.write("share", numbers(x, reference), full * self.scale, low * self.scale, none)

    def tally(self, base: Fraction, conditions: Sequence[Weighed]) -> Value:
        """`base` and the worth of every condition that holds, as they are (not in units)."""
        held = truths(*(condition for condition, _ in conditions))
        return self.write("tally", held, Fraction(base), tuple(Fraction(worth) for _, worth in conditions))

    def nested(self, base: Fraction, conditions: Sequence[Weighed]) -> Value:
        """The points of the last condition that holds, each holding only where the one before it does; else `base`."""
        before, steps = Fraction(base), []
        for condition, points in conditions:
            steps.append((condition, (points - before) * self.scale))
            before = points
        return self.tally(base * self.scale, steps)

    def worth(self, answer: Value, worths: Sequence[Fraction]) -> Value:
        """The worth of a level, or of all ticked items together, in the order of its options."""
        if answer.kind not in ("level", "items"):
            raise NoForm(f"options of a {answer.kind}")
        return self.write("worth", (answer,), tuple(Fraction(w) for w in worths), answer.kind == "items")

    # ---- conditions

    def compare(self, op: str, a: Value, b: Value) -> Value:
        if a.kind != b.kind or a.kind not in ("number", "bool") or (a.kind == "bool" and op not in ("==", "!=")):
            raise NoForm(f"{a.kind} {op} {b.kind}")
        return self.write("compare", (a, b), op, kind="bool")

    def one_of(self, a: Value, options: Sequence[str], negated: bool = False) -> Value:
        if a.kind not in ("text", "level"):
            raise NoForm(f"options of a {a.kind}")
        return self.write("one_of", (a,), tuple(options), negated, kind="bool")

    def ticked(self, a: Value, item: str) -> Value:
        if a.kind != "items" or item not in a.options:
            raise NoForm(f"{item} of {a.kind}")
        return self.write("ticked", (a,), a.options.index(item), kind="bool")

    def invert(self, a: Value) -> Value:
        return self.write("invert", truths(a), kind="bool")

    def every(self, *conditions: Value) -> Value:
        return self._connect(conditions, True)

    def some(self, *conditions: Value) -> Value:
        return self._connect(conditions, False)

    def _connect(self, conditions: tuple[Value, ...], every: bool) -> Value:
        if len(conditions) == 1:
            return conditions[0]
        return self.write("connect", truths(*conditions), every, kind="bool")

    def choose(self, condition: Value, a: Value, b: Value) -> Value:
        if a.kind != b.kind or a.kind not in ("number", "bool"):
            raise NoForm(f"a choice between {a.kind} and {b.kind}")
        return self.write("choose", (*truths(condition), a, b), kind=a.kind)

    def guard(self, condition: Value, a: Value) -> Value:
        return self.write("guard", (*truths(condition), *numbers(a)))

    def answered(self, a: Value, keep: bool = False) -> Value:
        return self.write("answered", (a,), keep, kind="bool")

    def presume(self, condition: Value, holds: bool, blank: bool = False) -> Value:
        return self.write("presume", truths(condition), holds, blank, kind="bool")


def numbers(*values: Value) -> tuple[Value, ...]:
    return _of_kind("number", values)


def truths(*values: Value) -> tuple[Value, ...]:
    return _of_kind("bool", values)


def _of_kind(kind: str, values: tuple[Value, ...]) -> tuple[Value, ...]:
    for value in values:
        if value.kind != kind:
            raise NoForm(f"a {value.kind} where a {kind} is expected")
    return values
