"""Writing a program: one method for each operation. Equal operations on equal values are written once.

Rule kinds and functions of the language are lowered with these methods alone (`lower(rule, builder) -> Value`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from scorecard.engine.language.syntax import E
from scorecard.engine.lowering import program as do
from scorecard.engine.lowering.program import NoForm, Op, Value
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.rational import Fraction

Condition = tuple[Value, Fraction]


class Builder(ABC):
    """The program so far. `scale` is how many units of rounding make one point."""

    def __init__(self, scale: int) -> None:
        self.scale = scale
        self.ops: list[Op] = []
        self._written: dict[Op, Value] = {}

    def write(self, op: Op, kind: str = "number", options: tuple[str, ...] = ()) -> Value:
        """Write an operation, or find the equal one that is written already."""
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
        """Whether a target is missed; undecided where a blank or a gap leaves it open."""

    @abstractmethod
    def missed(self, target: str, years: int = 0) -> Value:
        """Whether a target counts as missed: a blank does."""

    @abstractmethod
    def missed_years(self, target: str, years: int = 0) -> Value:
        """How many years running, that one included, a target is known to be missed; a blank counts as missed."""

    @abstractmethod
    def peers(self, name: str, node: E, years: int) -> Value:
        """A statistic of the peer group. Raises NoForm."""

    @abstractmethod
    def points_of(self, ids: tuple[str, ...], years: int) -> Value:
        """The points of indicators, sections and parts. Raises NoForm where they refer to themselves."""

    @abstractmethod
    def own_points_of(self, ids: tuple[str, ...], years: int) -> Value:
        """The bank's own points of the same."""

    @abstractmethod
    def maximum_of(self, ids: tuple[str, ...]) -> Fraction:
        """The most points of the same."""

    @abstractmethod
    def total_points(self, years: int) -> Value:
        """The total, undefined before it is known."""

    @abstractmethod
    def grade_at_least(self, grade: str, years: int) -> Value:
        """Whether the grade is at least this one, undefined before it is known."""

    # ---- numbers

    def constant(self, value: Fraction) -> Value:
        return self.write(do.Constant((), Fraction(value)))

    def points(self, value: Fraction) -> Value:
        """Points of a rulebook, in units."""
        return self.constant(Fraction(value) * self.scale)

    def absent(self, code: Absence, kind: str = "number", options: tuple[str, ...] = ()) -> Value:
        return self.write(do.Absent((), code, kind), kind, options)

    def add(self, *values: Value) -> Value:
        return values[0] if len(values) == 1 else self._sum(values, (1,) * len(values))

    def subtract(self, a: Value, b: Value) -> Value:
        return self._sum((a, b), (1, -1))

    def negate(self, a: Value) -> Value:
        return self._sum((a,), (-1,))

    def _sum(self, values: Sequence[Value], signs: tuple[int, ...]) -> Value:
        return self.write(do.Sum(numbers(*values), signs))

    def multiply(self, a: Value, b: Value) -> Value:
        return self.write(do.Multiply(numbers(a, b)))

    def divide(self, a: Value, b: Value) -> Value:
        return self.write(do.Divide(numbers(a, b)))

    def absolute(self, a: Value) -> Value:
        return self.write(do.Absolute(numbers(a)))

    def highest(self, *values: Value) -> Value:
        return self.write(do.Extreme(numbers(*values), highest=True))

    def lowest(self, *values: Value) -> Value:
        return self.write(do.Extreme(numbers(*values), highest=False))

    def limit(self, a: Value, low: Fraction, high: Fraction) -> Value:
        """Points limited to [low, high] points."""
        return self.write(do.Limit(numbers(a), low * self.scale, high * self.scale))

    def curve(
        self,
        x: Value,
        points: Sequence[tuple[Fraction, Fraction]],
        outside: tuple[Fraction, Fraction],
        open_ends: tuple[bool, bool],
    ) -> Value:
        """The points of a piecewise linear curve at `x`."""
        scaled = tuple((Fraction(at), y * self.scale) for at, y in points)
        below, above = (y * self.scale for y in outside)
        return self.write(do.Curve(numbers(x), scaled, below, above, *open_ends))

    def share(self, x: Value, reference: Value, full: Fraction, low: Fraction, without: Fraction | None) -> Value:
        """The points of a share of a reference."""
        none = None if without is None else without * self.scale
        return self.write(do.Share(numbers(x, reference), full * self.scale, low * self.scale, none))

    def tally(self, base: Fraction, conditions: Sequence[Condition]) -> Value:
        """`base` and the worth of every condition that holds, as they are (not in units)."""
        places = truths(*(condition for condition, _ in conditions))
        return self.write(do.Tally(places, Fraction(base), tuple(Fraction(worth) for _, worth in conditions)))

    def nested(self, base: Fraction, conditions: Sequence[Condition]) -> Value:
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
        return self.write(do.Worth((answer.place,), answer.kind, tuple(Fraction(w) for w in worths)))

    # ---- conditions

    def compare(self, op: str, a: Value, b: Value) -> Value:
        if a.kind != b.kind or a.kind not in ("number", "bool") or (a.kind == "bool" and op not in ("==", "!=")):
            raise NoForm(f"{a.kind} {op} {b.kind}")
        return self.write(do.Compare((a.place, b.place), op), "bool")

    def one_of(self, a: Value, options: Sequence[str], negated: bool = False) -> Value:
        if a.kind not in ("text", "level"):
            raise NoForm(f"options of a {a.kind}")
        return self.write(do.OneOf((a.place,), tuple(options), negated), "bool")

    def ticked(self, a: Value, item: str) -> Value:
        if a.kind != "items" or item not in a.options:
            raise NoForm(f"{item} of {a.kind}")
        return self.write(do.Ticked((a.place,), a.options.index(item)), "bool")

    def invert(self, a: Value) -> Value:
        return self.write(do.Invert(truths(a)), "bool")

    def every(self, *conditions: Value) -> Value:
        return self._connect(conditions, every=True)

    def some(self, *conditions: Value) -> Value:
        return self._connect(conditions, every=False)

    def _connect(self, conditions: tuple[Value, ...], every: bool) -> Value:
        if len(conditions) == 1:
            return conditions[0]
        return self.write(do.Connect(truths(*conditions), every), "bool")

    def choose(self, condition: Value, a: Value, b: Value) -> Value:
        if a.kind != b.kind or a.kind not in ("number", "bool"):
            raise NoForm(f"a choice between {a.kind} and {b.kind}")
        return self.write(do.Choose((*truths(condition), a.place, b.place)), a.kind)

    def guard(self, condition: Value, a: Value) -> Value:
        """A number where the condition holds; above every other one where it does not."""
        return self.write(do.Guard((*truths(condition), *numbers(a))))

    def answered(self, a: Value, keep: bool = False) -> Value:
        return self.write(do.Answered((a.place,), keep), "bool")

    def presume(self, condition: Value, holds: bool, blank: bool = False) -> Value:
        """The condition, decided where it is undecided (only where that is for a blank)."""
        return self.write(do.Presume(truths(condition), holds, blank), "bool")


def numbers(*values: Value) -> tuple[int, ...]:
    return _places("number", values)


def truths(*values: Value) -> tuple[int, ...]:
    return _places("bool", values)


def _places(kind: str, values: tuple[Value, ...]) -> tuple[int, ...]:
    for value in values:
        if value.kind != kind:
            raise NoForm(f"a {value.kind} where a {kind} is expected")
    return tuple(value.place for value in values)
