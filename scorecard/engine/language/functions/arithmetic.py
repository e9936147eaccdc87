"""Arithmetic: the lower, the higher, limits, absolute values, percentage and basis points, a named unit."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from scorecard.engine.language.exact import Compiled, compiled, strict
from scorecard.engine.language.function import Function
from scorecard.engine.language.syntax import Call, Name, wrong
from scorecard.engine.language.types import Checker, Type, number_of
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import UNIT_LABELS


class Arithmetic(Function):
    """A function of numbers."""

    passes = pure = True
    lowers: ClassVar[str] = ""  # the operation of a program that is the same

    def of(self, values: list[Fraction]) -> Fraction:
        """Return its value."""
        raise NotImplementedError

    def lowered(self, builder: Any, *values: Any) -> Any:
        """Return its value in a program."""
        return getattr(builder, self.lowers)(*values)

    def type(self, checker: Checker, call: Call) -> Type:
        result = checker.number(call.args[0])
        for arg in call.args[1:]:
            result = checker.unify(result, checker.number(arg), self.name)
        return result

    def compile(self, call: Call) -> Compiled:
        return strict(self.of, call.args)

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return self.lowered(builder, *(builder.expression(arg, years) for arg in call.args))


class Min(Arithmetic):
    name, lowers, fewest, most = "min", "lowest", 2, 20
    said = Text("{0}中的较小者", "the lower of {0}")

    def of(self, values: list[Fraction]) -> Fraction:
        return min(values)


class Max(Arithmetic):
    name, lowers, fewest, most = "max", "highest", 2, 20
    said = Text("{0}中的较大者", "the higher of {0}")

    def of(self, values: list[Fraction]) -> Fraction:
        return max(values)


class Abs(Arithmetic):
    name, lowers = "abs", "absolute"
    said = Text("{0}的绝对值", "the absolute value of {0}")

    def of(self, values: list[Fraction]) -> Fraction:
        return abs(values[0])


class Clip(Arithmetic):
    name, fewest, most = "clip", 3, 3
    said = Text("{0}（限于{1}至{2}）", "{0} (limited to {1} to {2})")

    def of(self, values: list[Fraction]) -> Fraction:
        return max(values[1], min(values[2], values[0]))

    def lowered(self, builder: Any, *values: Any) -> Any:
        x, low, high = values
        return builder.highest(low, builder.lowest(high, x))


class PercentagePoints(Arithmetic):
    name = unit = "pp"
    passes = False
    factor = Fraction(100)
    said = Text("{0}（百分点）", "{0} (percentage points)")

    def of(self, values: list[Fraction]) -> Fraction:
        return values[0] * self.factor

    def lowered(self, builder: Any, *values: Any) -> Any:
        return builder.multiply(*values, builder.constant(self.factor))

    def type(self, checker: Checker, call: Call) -> Type:
        t = checker.number(call.args[0])
        if t.dimension:
            raise wrong(
                f"“{self.name}”只能用于比率，而不是“{t.words.zh}”。",
                f"“{self.name}” works on a plain fraction, not on “{t.words.en}”.",
            )
        return number_of(self.name)


class BasisPoints(PercentagePoints):
    name = unit = "bp"
    factor = Fraction(10000)
    said = Text("{0}（基点）", "{0} (basis points)")


class Unit(Function):
    """A number with the name of its unit."""

    name, fewest, most = "unit", 2, 2
    pure = True

    def problem(self, call: Call) -> Text | None:
        if isinstance(call.args[1], Name):
            return None
        return Text("函数“unit”的第二个参数应为计量单位。", "The second argument of “unit” must be a unit.")

    def values(self, call: Call) -> tuple[Any, ...]:
        return call.args[:1]

    def type(self, checker: Checker, call: Call) -> Type:
        unit = cast(Name, call.args[1]).id
        if checker.number(call.args[0]).dimension:
            raise wrong("“unit”只能用于纯数。", "“unit” works on a plain number.")
        if unit not in UNIT_LABELS:
            raise wrong(f"没有名为“{unit}”的计量单位。", f"There is no unit “{unit}”.")
        return number_of(unit)

    def compile(self, call: Call) -> Compiled:
        return compiled(call.args[0])

    def words(self, call: Call, say: Any, zh: bool, outer: int) -> str:
        return str(say(call.args[0], outer))

    def unit_of(self, call: Call) -> str | None:
        return cast(Name, call.args[1]).id

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return builder.expression(call.args[0], years)
