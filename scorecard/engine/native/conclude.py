"""Sections, total, grade, caps, adjustment and measures as C text, once the points of all indicators are there."""

from __future__ import annotations

from decimal import Decimal
from math import ceil

from scorecard.engine.language.syntax import Expression
from scorecard.engine.native.expressions import Reader
from scorecard.engine.native.symbols import Code, NotCompiled, S, integer
from scorecard.engine.rulebook.conclusions import Cap
from scorecard.engine.rulebook.model import Section
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.rational import Fraction

MOST_BITS = 32


class Conclusion:
    """Writes the loops that conclude a block; gives expressions the points, the total and the grade as they stand."""

    def __init__(self, rulebook: Rulebook, c: Code, not_applicable: int) -> None:
        if max(len(rulebook.caps), len(rulebook.measures)) > MOST_BITS:
            raise NotCompiled("more caps or measures than bits")
        self.rulebook = rulebook
        self.c = c
        self.not_applicable = not_applicable
        self.scale = 10**rulebook.rounding.indicator
        self.indicators = list(rulebook.indicators)
        self.sections = list(rulebook.sections)
        self.reader = Reader(rulebook, c, targets=True, points=self)
        self.total_text = ""
        self.rank_text = ""

    # ---- what expressions ask for

    def points_of(self, ids: tuple[str, ...]) -> S:
        return self._scaled(self.c.whole(" + ".join(self._units_of(id) for id in ids)), self.scale)

    def _units_of(self, id: str) -> str:
        book = self.rulebook
        if id in book.sections:
            return self._section(id)
        if id in book.parts:
            return " + ".join(self._units(i.id) for i in book.indicators.values() if i.part == id) or "KI(0)"
        return self._units(id)

    def _units(self, id: str) -> str:
        return f"LOAD_U(u{self.indicators.index(id)} + k)"

    def _section(self, id: str) -> str:
        return f"LOAD_32(sec{self.sections.index(id)} + k)"

    def _scaled(self, units: str, scale: int) -> S:
        return S(self.c.number(f"TO_D({units}) / {float(scale)}"), leaf=True, grid=f"KD({float(scale)})", ten=True)

    def total(self) -> S:
        return self._scaled(self.total_text, 10**self.rulebook.rounding.total)

    def grade_at_least(self, grade: str) -> S:
        return S(self.c.truth(f"{self.rank_text} <= {self.rulebook.grade_order[grade]}"), kind="bool")

    # ---- loops

    def section(self, spec: Section) -> list[str]:
        """Return the lines of the loop over one section; its subsections come before it."""
        place = self.sections.index(spec.id)
        parts = [self._units(i) for i in spec.indicators]
        parts += [self._section(child) for child in spec.children]
        lines = [f"I t = {' + '.join(parts) or 'KI(0)'};"]
        shared = [i for i in spec.indicators if self.rulebook.indicators[i].not_applicable == "share_out"]
        if shared:
            out = " | ".join(f"(LOAD_8(s{self.indicators.index(i)} + k) == {self.not_applicable})" for i in shared)
            lines.append(f"STORE_8(db + k, LOAD_8(db + k) | ({out}));")
        if spec.weight != 1:
            lines.append(f"t = {self._rounded('t', spec.weight)};")
        for bound, op in ((spec.ceiling, ">"), (spec.floor, "<")):
            if bound is not None:
                limit = self._whole(bound * self.scale)
                lines.append(f"t = SEL_I(t {op} {limit}, KI({limit}), t);")
        lines.append(f"STORE_32(sec{place} + k, t); STORE_U(q{place} + k, t);")
        return lines

    def _whole(self, value: Decimal) -> int:
        if value != int(value):
            raise NotCompiled("a limit of broken units")
        return int(value)

    def _rounded(self, units: str, share: Fraction) -> str:
        return f"round_share({units}, {share.numerator}LL, {share.denominator}LL)"

    def conclude(self) -> None:
        """Write the body of the last loop into the code: total, grade, caps in their order, adjustment, measures."""
        book, c = self.rulebook, self.c
        raw = c.whole(" + ".join(self._section(s.id) for s in book.top_sections) or "KI(0)")
        for bound, op in ((book.ceiling, ">"), (book.floor, "<")):
            if bound is not None:
                limit = self._whole(bound * self.scale)
                raw = c.pick(f"{raw} {op} {limit}", integer(limit), raw)
        shift = book.rounding.total - book.rounding.indicator
        if shift >= 0:
            self.total_text = c.whole(f"{raw} * {10**shift}")
        else:
            self.total_text = c.whole(self._rounded(raw, Fraction(1, 10**-shift)))
        self.rank_text = c.whole(self._bands(self.total_text))
        before = self.rank_text
        acted, holding = ["KI(0)"], ["KI(0)"]
        for number, cap in enumerate(book.caps):
            holds = self._condition(cap.when, cap.when_unknown == "apply")
            effect = self._capped(cap, holds)
            acted.append(f"({effect} & {1 << number})")
            holding.append(f"({holds} & {1 << number})")
        cases = [case for rule in book.adjustments for case in rule.cases]
        chosen = integer(-1)
        for number, case in reversed(list(enumerate(cases))):
            chosen = c.pick(self._condition(case.when, False), integer(number), chosen)
        measures = ["KI(0)"]
        for number, measure in enumerate(book.measures.values()):
            measures.append(f"({self._condition(measure.when, False)} & {1 << number})")
        c.lines += [
            f"STORE_32(r->total + o + k, {self.total_text});",
            f"STORE_8(r->before + o + k, {before});",
            f"STORE_8(r->after + o + k, {self.rank_text});",
            f"STORE_32(r->caps + o + k, {' | '.join(acted)});",
            f"STORE_32(r->holding + o + k, {' | '.join(holding)});",
            f"STORE_16(r->adjustments + o + k, {chosen});",
            f"STORE_32(r->measures + o + k, {' | '.join(measures)});",
        ]

    def _bands(self, total: str) -> str:
        scale = 10**self.rulebook.rounding.total
        bounds = [ceil(Fraction(g.min) * scale) for g in self.rulebook.grades if g.min is not None]
        return f"-({' + '.join(f'({total} < {bound})' for bound in bounds)})" if bounds else "KI(0)"

    def _capped(self, cap: Cap, holds: str) -> str:
        """Write the effect of one cap; return the C name of whether it changed anything."""
        book, c = self.rulebook, self.c
        rank, total = self.rank_text, self.total_text
        if cap.effect.endswith("_total"):
            bound = self._whole(Decimal(cap.to) * 10**book.rounding.total)
            op, worse = (">", ">") if cap.effect == "cap_total" else ("<", "<")
            acted = c.truth(f"{holds} & ({total} {op} {bound})")
            self.total_text = c.pick(acted, integer(bound), total)
            new = c.whole(self._bands(self.total_text))
            self.rank_text = c.pick(f"({acted} & ({new} {worse} {rank}))", new, rank)
            return acted
        to = book.grade_order[cap.to]
        op = {"cap_grade": "<", "floor_grade": ">"}.get(cap.effect, "!=")
        acted = c.truth(f"{holds} & ({rank} {op} {to})")
        self.rank_text = c.pick(acted, integer(to), rank)
        return acted

    def _condition(self, when: Expression, unknown: bool) -> str:
        """Write a concluding condition; what is undecided counts as `unknown`."""
        value = self.reader.evaluate(when.node)
        if value.kind != "bool":
            raise NotCompiled("a condition that is no condition")
        if not value.code:
            return value.v
        known = f"({value.code} == 0)"
        return self.c.truth(f"{value.v} | ~{known}" if unknown else f"{value.v} & {known}")
