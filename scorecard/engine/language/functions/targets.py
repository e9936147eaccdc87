"""Outcomes of targets. A blank counts as missed, since a blank never beats an honest answer."""

from __future__ import annotations

from typing import Any

from scorecard.engine.language.exact import Compiled, Context
from scorecard.engine.language.function import Function
from scorecard.engine.language.syntax import Call, id_arguments
from scorecard.engine.language.types import BOOL, PLAIN, Checker, Type, number_of
from scorecard.engine.values.facts import Missing, Value
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text


class OfTargets(Function):
    ids = "target"
    result = BOOL

    def type(self, checker: Checker, call: Call) -> Type:
        checker.known(call)
        return self.result


class Met(OfTargets):
    name, said = "met", Text("{0}已完成", "{0} is met")

    def compile(self, call: Call) -> Compiled:
        (target,) = id_arguments(call)

        def met(c: Context) -> Value:
            v = c.missed(target)
            return v if isinstance(v, Missing) else not v

        return met

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return builder.invert(builder.missed(*id_arguments(call), years))


class Missed(OfTargets):
    name, said = "missed", Text("{0}未完成", "{0} is missed")

    def compile(self, call: Call) -> Compiled:
        (target,) = id_arguments(call)
        return lambda c: c.missed(target)

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return builder.missed(*id_arguments(call), years)


class MissedCount(OfTargets):
    """How many count as missed. What is proven missed counts even while another target is undecided: more evidence can
    only add to it.
    """

    name, most, unit, result = "missed_count", 20, "个", PLAIN
    said = Text("{0}中未完成的个数", "the number of {0} that are missed")

    def compile(self, call: Call) -> Compiled:
        targets = id_arguments(call)

        def counted(c: Context) -> Value:
            count = 0
            absent: Missing | None = None
            for target in targets:
                v = c.missed(target)
                if isinstance(v, Missing):
                    absent = v if absent is None else absent | v
                else:
                    count += v
            return Fraction(count) if absent is None or count else absent

        return counted

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        return Fraction(0), Fraction(len(call.args)), True

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        missed = [builder.missed(target, years) for target in id_arguments(call)]
        count = builder.tally(Fraction(0), [(builder.presume(each, holds=False), Fraction(1)) for each in missed])
        return builder.choose(builder.some(*missed), count, builder.constant(Fraction(0)))


class MissedYears(OfTargets):
    name, unit, result = "missed_years", "年", number_of("年")
    said = Text("{0}连续未完成的年数", "the years running in which {0} is missed")

    def compile(self, call: Call) -> Compiled:
        (target,) = id_arguments(call)
        return lambda c: Fraction(c.missed_years(target))

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        return Fraction(0), None, True

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return builder.missed_years(*id_arguments(call), years)
