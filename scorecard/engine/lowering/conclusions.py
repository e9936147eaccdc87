"""A whole rulebook as a program: points of indicators, sections, total, grade with its limits, adjustment, measures."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from math import ceil

from scorecard.engine.lowering.builder import truths
from scorecard.engine.lowering.expressions import ONE, Expressions
from scorecard.engine.lowering.program import NoForm, Program, Value
from scorecard.engine.rulebook.conclusions import AdjustmentCase, Cap, Measure
from scorecard.engine.rulebook.model import Indicator
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.rational import ZERO, Fraction


@lru_cache(maxsize=64)
def program_of(rulebook: Rulebook) -> Program:
    """Return the program of a rulebook; it is written once."""
    return Conclusions(rulebook).program()


class Conclusions(Expressions):
    """Writes the program. Points are lowered when they are first asked for, names likewise, as `evaluate` does."""

    def __init__(self, rulebook: Rulebook) -> None:
        super().__init__(rulebook)
        self.total_scale = 10**rulebook.rounding.total
        self._indicators: dict[str, Value | None] = {}
        self._sections: dict[str, Value] = {}

    # ---- points

    def indicator(self, id: str) -> Value:
        if id not in self._indicators:
            self._indicators[id] = None  # points that refer to themselves have no form
            self._indicators[id] = self._indicator(self.rulebook.indicators[id])
        found = self._indicators[id]
        if found is None:
            raise NoForm(id)
        return found

    def _indicator(self, spec: Indicator) -> Value:
        low, high = Fraction(spec.min), Fraction(spec.max)
        try:
            value = spec.rule.lower(self)
            bounds = spec.rule.bounds()
            if bounds[0] < low or bounds[1] > high:
                value = self.limit(value, low, high)
        except NoForm:
            return self.write("points", (), spec.id)
        given = self.write("load", (), "judged", spec.id, 0, "number", Absence.NOT_SUPPLIED)
        judged = self.limit(self.multiply(given, self.points(ONE)), low, high)
        return self.write("points", (value, judged), spec.id)

    def section(self, id: str) -> Value:
        found = self._sections.get(id)
        if found is None:
            spec = self.rulebook.sections[id]
            members = [self.indicator(i) for i in spec.indicators]
            parts = [*members, *(self.section(child) for child in spec.children)]
            if any(self.rulebook.indicators[i].not_applicable == "share_out" for i in spec.indicators):
                parts.append(self.write("shared_out", members, spec.indicators))
            found = self.add(*parts)
            if spec.weight != 1:
                found = self.write("scale", (found,), Fraction(spec.weight))
            found = self._sections[id] = self._bounded(found, spec.floor, spec.ceiling)
        return found

    def _bounded(self, units: Value, floor: Decimal | None, ceiling: Decimal | None) -> Value:
        if ceiling is not None:
            units = self.lowest(units, self.points(Fraction(ceiling)))
        return units if floor is None else self.highest(units, self.points(Fraction(floor)))

    # Points, grades and what stands for them are on record for this year alone.

    def points_of(self, ids: tuple[str, ...], years: int) -> Value:
        if years:
            return self.absent(Absence.NOT_SUPPLIED)
        parts: list[Value] = []
        for id in ids:
            if id in self.rulebook.sections:
                parts.append(self.section(id))
            else:
                parts += [self.indicator(i) for i in self.rulebook.members((id,))]
        return self.write("unscale", (self.add(*parts),), self.scale)

    def own_points_of(self, ids: tuple[str, ...], years: int) -> Value:
        if years:
            return self.absent(Absence.NOT_SUPPLIED)
        members = self.rulebook.members(ids)
        return self.write("own_points", [self.indicator(i) for i in members], tuple(members))

    def maximum_of(self, ids: tuple[str, ...]) -> Fraction:
        return self.rulebook.maximum_of(ids)

    def total_points(self, years: int) -> Value:
        if years or self.total is None:
            return self.absent(Absence.NOT_SUPPLIED if years else Absence.UNDEFINED)
        return self.write("unscale", (self.total,), self.total_scale)

    def grade_at_least(self, grade: str, years: int) -> Value:
        if years or self.rank is None:
            return self.absent(Absence.NOT_SUPPLIED if years else Absence.UNDEFINED, "bool")
        return self.compare("<=", self.rank, self.constant(Fraction(self.rulebook.grade_order[grade])))

    # ---- what is concluded

    def program(self) -> Program:
        book = self.rulebook
        indicators, sections = [self.indicator(i) for i in book.indicators], [self.section(s) for s in book.sections]
        tops = [self.section(s.id) for s in book.top_sections]
        raw = self._bounded(self.add(*tops), book.floor, book.ceiling)
        shift = book.rounding.total - book.rounding.indicator
        self.total = self.write("scale", (raw,), Fraction(10) ** shift) if shift else raw
        before = self.rank = self._band(self.total)
        self.unlimited = self.total, before
        limits = [self._limit(cap) for cap in book.caps]
        found = {
            "units": indicators,
            "sections": sections,
            "targets": [self.outcome(t) for t in book.targets],
            "total": [self.total],
            "before": [before],
            "after": [self.rank],
            "caps": [acted for acted, _ in limits],
            "holding": [holds for _, holds in limits],
            "adjustments": [self._adjustment()],
            "measures": [self._holds(m) for m in book.measures.values()],
        }
        outputs = tuple((name, row, v.place) for name, values in found.items() for row, v in enumerate(values))
        return Program(tuple(self.ops), outputs)

    def _band(self, total: Value) -> Value:
        """The rank of the grade whose band holds the total: bands are half open, 0 is the best."""
        ends = [ceil(Fraction(g.min) * self.total_scale) for g in self.rulebook.grades if g.min is not None]
        return self.tally(ZERO, [(self.compare("<", total, self.constant(Fraction(end))), ONE) for end in ends])

    def _so_far(self) -> tuple[Value, Value]:
        if self.total is None or self.rank is None:
            raise NoForm("a conclusion before the total")
        return self.total, self.rank

    def _holds(self, entry: Cap | AdjustmentCase | Measure) -> Value:
        args: tuple[Value, ...] = self._so_far()
        with suppress(NoForm):
            args = (*args, *truths(self.expression(entry.when.node)))
        return self.write("condition_holds", args, entry.when.node, entry.when_unknown == "apply", kind="bool")

    def _limit(self, cap: Cap) -> tuple[Value, Value]:
        """Apply one cap or floor; return where it changed something and where it holds."""
        holds = self._holds(cap)
        total, rank = self._so_far()
        if cap.effect.endswith("_total"):
            lowers = cap.effect == "cap_total"
            bound = self.constant(Fraction(Decimal(cap.to)) * self.total_scale)
            limited = self.lowest(total, bound) if lowers else self.highest(total, bound)
            acted = self.every(holds, self.compare("!=", limited, total))
            self.total = self.choose(acted, limited, total)
            band = self._band(self.total)
            new = self.highest(rank, band) if lowers else self.lowest(rank, band)
        else:
            to = self.constant(Fraction(self.rulebook.grade_order[cap.to]))
            new = {"cap_grade": self.highest, "floor_grade": self.lowest}.get(cap.effect, lambda _, to: to)(rank, to)
            acted = self.every(holds, self.compare("!=", new, rank))
        self.rank = self.choose(acted, new, rank)
        return acted, holds

    def _adjustment(self) -> Value:
        """The number of the first case of an adjustment that holds, -1 for none."""
        chosen = self.constant(Fraction(-1))
        cases = [case for rule in self.rulebook.adjustments for case in rule.cases]
        held = [self._holds(case) for case in cases]
        for number, holds in reversed(list(enumerate(held))):
            chosen = self.choose(holds, self.constant(Fraction(number)), chosen)
        return chosen
