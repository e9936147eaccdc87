"""Points of indicators, sections and parts, the total, and the grade."""

from __future__ import annotations

from typing import Any

from scorecard.engine.language.exact import Compiled, Context, division_by_zero, number
from scorecard.engine.language.function import Function
from scorecard.engine.language.syntax import Call, id_arguments
from scorecard.engine.language.types import BOOL, PLAIN, Checker, Type, number_of
from scorecard.engine.values.facts import Missing, Value
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text

POINTS = number_of("分")


class OfPoints(Function):
    ids, most, unit, result = "points", 60, "分", POINTS

    def type(self, checker: Checker, call: Call) -> Type:
        checker.known(call)
        return self.result

    def words(self, call: Call, say: Any, zh: bool, outer: int) -> str | None:
        ids = id_arguments(call)
        if len(ids) <= 2:
            return None
        said: str = (self.said.zh if zh else self.said.en).format(("、" if zh else ", ").join(ids))
        return said


class Points(OfPoints):
    name, said = "points", Text("{0}得分", "the points of {0}")

    def compile(self, call: Call) -> Compiled:
        ids = id_arguments(call)
        return lambda c: c.points_of(ids)

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        groups = (rulebook.indicators, rulebook.sections, rulebook.parts)
        specs = [group[id] for id in id_arguments(call) for group in groups if id in group]
        low = sum((Fraction(s.min) for s in specs), Fraction(0))
        return low, sum((Fraction(s.max) for s in specs), Fraction(0)), False

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return builder.points_of(id_arguments(call), years)


class SelfPoints(OfPoints):
    name, said = "self_points", Text("{0}自评得分", "the bank's own points of {0}")

    def compile(self, call: Call) -> Compiled:
        ids = id_arguments(call)
        return lambda c: c.self_points_of(ids)

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return builder.own_points_of(id_arguments(call), years)


class ShareOfMax(OfPoints):
    name, unit, result = "share_of_max", "%", PLAIN
    said = Text("{0}得分占满分之比", "the points of {0} as a share of the maximum")

    def compile(self, call: Call) -> Compiled:
        ids = id_arguments(call)

        def share(c: Context) -> Value:
            earned, most = number(c.points_of(ids)), c.maximum_of(ids)
            if isinstance(earned, Missing):
                return earned
            return earned / most if most else division_by_zero("")

        return share

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        return None, Fraction(1), False

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        ids = id_arguments(call)
        earned = builder.points_of(ids, years)
        return earned if years else builder.divide(earned, builder.constant(builder.maximum_of(ids)))


class Total(Function):
    name, fewest, most, unit, of_total = "total", 0, 0, "分", True
    said = Text("总分", "the total")

    def type(self, checker: Checker, call: Call) -> Type:
        return POINTS

    def compile(self, call: Call) -> Compiled:
        return lambda c: c.total_points()

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        return Fraction(rulebook.min), Fraction(rulebook.max), False

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return builder.total_points(years)


class GradeAtLeast(Function):
    name, ids, of_total = "grade_at_least", "grade", True
    said = Text("等次不低于{0}", "the grade is at least {0}")

    def type(self, checker: Checker, call: Call) -> Type:
        checker.known(call)
        return BOOL

    def compile(self, call: Call) -> Compiled:
        (grade,) = id_arguments(call)
        return lambda c: c.grade_at_least(grade)

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return builder.grade_at_least(*id_arguments(call), years)
