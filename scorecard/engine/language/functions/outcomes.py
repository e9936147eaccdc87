"""What scoring concludes: points of indicators, sections and parts, the total, the grade, and outcomes of targets.

A blank counts as a missed target, since a blank never beats an honest answer.
"""

from __future__ import annotations

from typing import Any

from scorecard.engine.language.exact import DIVIDED_BY_ZERO, Compiled, Context, all_known, number
from scorecard.engine.language.function import Function
from scorecard.engine.language.syntax import Call, id_arguments
from scorecard.engine.language.types import BOOL, PLAIN, Checker, Type, number_of
from scorecard.engine.values.facts import Missing, Value
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text

POINTS = number_of("分")
Ids = tuple[str, ...]


class Outcome(Function):
    """A function of ids, whose value is concluded elsewhere."""

    result = POINTS

    def of(self, c: Context, ids: Ids) -> Value:
        """Return its exact value."""
        raise NotImplementedError

    def lowered(self, builder: Any, ids: Ids, years: int) -> Any:
        """Return its value in a program."""
        raise NotImplementedError

    def type(self, checker: Checker, call: Call) -> Type:
        checker.known(call)
        return self.result

    def compile(self, call: Call) -> Compiled:
        ids, of = id_arguments(call), self.of
        return lambda c: of(c, ids)

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return self.lowered(builder, id_arguments(call), years)


class OfPoints(Outcome):
    ids, most, unit = "points", 60, "分"

    def words(self, call: Call, say: Any, zh: bool, outer: int) -> str | None:
        ids = id_arguments(call)
        if len(ids) <= 2:
            return None
        said: str = (self.said.zh if zh else self.said.en).format(("、" if zh else ", ").join(ids))
        return said


class Points(OfPoints):
    name, said = "points", Text("{0}得分", "the points of {0}")

    def of(self, c: Context, ids: Ids) -> Value:
        return c.points_of(ids)

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        groups = (rulebook.indicators, rulebook.sections, rulebook.parts)
        specs = [group[id] for id in id_arguments(call) for group in groups if id in group]
        low = sum((Fraction(s.min) for s in specs), Fraction(0))
        return low, sum((Fraction(s.max) for s in specs), Fraction(0)), False

    def lowered(self, builder: Any, ids: Ids, years: int) -> Any:
        return builder.points_of(ids, years)


class SelfPoints(OfPoints):
    name, said = "self_points", Text("{0}自评得分", "the bank's own points of {0}")

    def of(self, c: Context, ids: Ids) -> Value:
        return c.self_points_of(ids)

    def lowered(self, builder: Any, ids: Ids, years: int) -> Any:
        return builder.own_points_of(ids, years)


class ShareOfMax(OfPoints):
    name, unit, result = "share_of_max", "%", PLAIN
    said = Text("{0}得分占满分之比", "the points of {0} as a share of the maximum")

    def of(self, c: Context, ids: Ids) -> Value:
        earned, most = number(c.points_of(ids)), c.maximum_of(ids)
        if isinstance(earned, Missing):
            return earned
        return earned / most if most else DIVIDED_BY_ZERO

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        return None, Fraction(1), False

    def lowered(self, builder: Any, ids: Ids, years: int) -> Any:
        earned = builder.points_of(ids, years)
        return earned if years else builder.divide(earned, builder.constant(builder.maximum_of(ids)))


class Total(Outcome):
    name, fewest, most, unit, of_total = "total", 0, 0, "分", True
    said = Text("总分", "the total")

    def of(self, c: Context, ids: Ids) -> Value:
        return c.total_points()

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        return Fraction(rulebook.min), Fraction(rulebook.max), False

    def lowered(self, builder: Any, ids: Ids, years: int) -> Any:
        return builder.total_points(years)


class GradeAtLeast(Outcome):
    name, ids, of_total, result = "grade_at_least", "grade", True, BOOL
    said = Text("等次不低于{0}", "the grade is at least {0}")

    def of(self, c: Context, ids: Ids) -> Value:
        return c.grade_at_least(*ids)

    def lowered(self, builder: Any, ids: Ids, years: int) -> Any:
        return builder.grade_at_least(*ids, years)


class Filed(Outcome):
    name, fewest, most, result = "filed", 0, 0, BOOL
    said = Text("已报送", "the bank has filed")

    def of(self, c: Context, ids: Ids) -> Value:
        return c.filed()

    def lowered(self, builder: Any, ids: Ids, years: int) -> Any:
        return builder.compare("<", builder.constant(Fraction(0)), builder.constant(Fraction(1)))


class Missed(Outcome):
    name, ids, result = "missed", "target", BOOL
    said = Text("{0}未完成", "{0} is missed")

    def of(self, c: Context, ids: Ids) -> Value:
        return c.missed(*ids)

    def lowered(self, builder: Any, ids: Ids, years: int) -> Any:
        return builder.missed(*ids, years)


class Met(Missed):
    name, said = "met", Text("{0}已完成", "{0} is met")

    def of(self, c: Context, ids: Ids) -> Value:
        missed = c.missed(*ids)
        return missed if isinstance(missed, Missing) else not missed

    def lowered(self, builder: Any, ids: Ids, years: int) -> Any:
        return builder.invert(builder.missed(*ids, years))


class MissedCount(Outcome):
    """How many count as missed. What is proven missed counts even while another target is undecided: more evidence can
    only add to it.
    """

    name, ids, most, unit, result = "missed_count", "target", 20, "个", PLAIN
    said = Text("{0}中未完成的个数", "the number of {0} that are missed")

    def of(self, c: Context, ids: Ids) -> Value:
        outcomes = [c.missed(target) for target in ids]
        known, count = all_known(outcomes), outcomes.count(True)
        return known if isinstance(known, Missing) and not count else Fraction(count)

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        return Fraction(0), Fraction(len(call.args)), True

    def lowered(self, builder: Any, ids: Ids, years: int) -> Any:
        missed = [builder.missed(target, years) for target in ids]
        count = builder.tally(Fraction(0), [(builder.presume(each, holds=False), Fraction(1)) for each in missed])
        return builder.choose(builder.some(*missed), count, builder.constant(Fraction(0)))


class MissedYears(Outcome):
    name, ids, unit, result = "missed_years", "target", "年", number_of("年")
    said = Text("{0}连续未完成的年数", "the years running in which {0} is missed")

    def of(self, c: Context, ids: Ids) -> Value:
        return Fraction(c.missed_years(*ids))

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        return Fraction(0), None, True

    def lowered(self, builder: Any, ids: Ids, years: int) -> Any:
        return builder.missed_years(*ids, years)
