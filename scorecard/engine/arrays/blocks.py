"""One block of banks on arrays: points, sections, total, grade and measures, equal to `evaluate` to the last digit."""

from __future__ import annotations

from decimal import Decimal
from math import ceil
from typing import Any

import numpy as np

from scorecard.engine.arrays import conditions, rules
from scorecard.engine.arrays.columns import Array, Column, Columns
from scorecard.engine.arrays.result import STATE_OF, STATES, ManyResult, Tally, fixed_units
from scorecard.engine.arrays.rounding import round_block, round_share
from scorecard.engine.arrays.values import U, Unsupported, V, extreme, multiply, ones
from scorecard.engine.arrays.vector import Block, evaluate
from scorecard.engine.exact.context import Scoring
from scorecard.engine.language.syntax import Expression
from scorecard.engine.rulebook.model import Indicator
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.numbers import round_units
from scorecard.engine.values.rational import Fraction

_STATE_OF_CODE = np.zeros(5, np.uint8)
for _kind, _state in STATE_OF.items():
    _STATE_OF_CODE[_kind] = STATES.index(_state)
FEW, NARROW = 16, 2048  # more rows in doubt than FEW are scored again in blocks of NARROW rows
SCORED, JUDGED, PENDING, UNANSWERED, NOT_APPLICABLE, UNDEFINED = range(6)


class BlockRun:
    """One block: gives points to expressions that ask for them; `run` scores it whole."""

    def __init__(self, rulebook: Rulebook, block: Block, tally: Tally) -> None:
        self.rulebook = rulebook
        self.block = block
        self.tally = tally
        self.scale = 10**rulebook.rounding.indicator
        self.units: dict[str, Array] = {}
        self.states: dict[str, Array | None] = {}
        self.sections: dict[str, Array] = {}
        self.scorings: dict[int, Scoring] = {}
        self.settled: dict[str, Array] | None = None
        self.total: Array | None = None
        self.rank: Array | None = None
        block.points = self

    def scoring(self, row: int) -> Scoring:
        """Return the exact scoring of one row of the block."""
        found = self.scorings.get(row)
        if found is None:
            found = self.scorings[row] = Scoring(self.rulebook, self.block.columns.case(self.block.start + row))
        return found

    # ---- indicators

    def indicator(self, id: str) -> Array:
        found = self.units.get(id)
        if found is None:
            held = list(self.block.doubt)
            self.block.doubt.clear()
            found = self._indicator(self.rulebook.indicators[id])
            self.block.doubt.extend(held)
        return found

    def _indicator(self, spec: Indicator) -> Array:
        block = self.block
        try:
            value = rules.points(spec.rule, block, self.scale)
        except Unsupported:
            block.take_doubt()
            return self._exactly(spec, range(block.size), np.zeros(block.size), None)
        if spec.id in self.tally.clipped:
            low, high = (rules.fixed_value(Fraction(v), self.scale) for v in (spec.min, spec.max))
            value = extreme(np.maximum, [extreme(np.minimum, [value, high]), low])
        codes = value.codes
        if codes is not None and not np.ndim(codes):
            codes = np.full(block.size, codes, np.uint8)
        units, undecided = round_block(value, block, self.rulebook.rounding.mode, codes)
        doubt = block.take_doubt()
        states: Array | None = None
        if codes is not None:
            rows_without = np.flatnonzero(codes)
            if len(rows_without):
                states = np.zeros(block.size, np.uint8)
                found = _STATE_OF_CODE[codes[rows_without]]
                states[rows_without] = found
                if units is value.v:
                    units = units.copy()
                units[rows_without] = self._fixed(spec)[found]
        states, units = self._overruled(spec, states, units)
        rows = [r for r in (undecided, doubt) if r is not None]
        if rows:
            left = np.unique(np.concatenate(rows))
            narrow = len(left) > FEW and block.size > NARROW
            return (self._narrowly if narrow else self._exactly)(spec, left, units, states)
        self.units[spec.id], self.states[spec.id] = units, states
        return units

    def _fixed(self, spec: Indicator) -> Array:
        """Units of rows without a value, by state."""
        known = self.rulebook.plan.get((spec.id, "fixed"))
        if known is not None:
            return known  # type: ignore[no-any-return]
        fixed = np.zeros(len(STATES))
        for state, units in fixed_units(spec, self.scale).items():
            fixed[STATES.index(state)] = units
        self.rulebook.plan[spec.id, "fixed"] = fixed
        return fixed

    def _overruled(self, spec: Indicator, states: Array | None, units: Array) -> tuple[Array | None, Array]:
        """Apply what the supervisor accepted as not applicable, and the reviewer's points."""
        block = self.block
        cut = slice(block.start, block.stop)
        flags = block.columns.not_applicable.get(spec.id)
        if flags is not None and flags[cut].any():
            states = np.zeros(block.size, np.uint8) if states is None else states.copy()
            states[flags[cut]] = NOT_APPLICABLE
            units = np.where(flags[cut], self._fixed(spec)[NOT_APPLICABLE], units)
        column = block.columns.judged.get(spec.id)
        if column is not None:
            given = np.ones(block.size, bool) if column.codes is None else column.codes[cut] == 0
            if given.any():
                states = np.zeros(block.size, np.uint8) if states is None else states.copy()
                states[given] = JUDGED
                units = np.where(given, self._judged(spec, column), units)
        return states, units

    def judged_units(self, id: str) -> Array:
        return self._judged(self.rulebook.indicators[id], self.block.columns.judged[id])

    def _judged(self, spec: Indicator, column: Column) -> Array:
        """The reviewer's points in whole units, within the range and rounded as the rulebook says."""
        value = self.block.column(column)
        scaled = multiply(value, V(float(self.scale), grid=ones, leaf=True, top=float(self.scale)))
        low, high = (rules.fixed_value(Fraction(v), self.scale) for v in (spec.min, spec.max))
        bounded = extreme(np.maximum, [extreme(np.minimum, [scaled, high]), low])
        units, undecided = round_block(bounded, self.block, self.rulebook.rounding.mode, value.codes)
        for row in undecided if undecided is not None else ():
            points = self.scoring(int(row)).indicator(spec.id).points
            units[row] = float((points or Decimal(0)) * self.scale)
        return units

    def _narrowly(self, spec: Indicator, rows: Array, units: Array, states: Array | None) -> Array:
        """Score rows in doubt again in short blocks: one bound holds for a whole block, and a row that widens it (a
        share of a growth near zero) then widens it for few others.
        """
        states = np.zeros(self.block.size, np.uint8) if states is None else states.copy()
        units = units.copy()
        columns, first = self.block.columns, self.block.start
        for start in np.unique(rows // NARROW) * NARROW:
            stop = min(start + NARROW, self.block.size)
            part = BlockRun(self.rulebook, Block(self.rulebook, columns, first + start, first + stop), self.tally)
            mine = rows[(rows >= start) & (rows < stop)]
            units[mine] = part.indicator(spec.id)[mine - start]
            found = part.states[spec.id]
            states[mine] = 0 if found is None else found[mine - start]
        self.units[spec.id], self.states[spec.id] = units, states if states.any() else None
        return units

    def _exactly(self, spec: Indicator, rows: Any, units: Array, states: Array | None) -> Array:
        """Evaluate some rows of one indicator exactly."""
        states = np.zeros(self.block.size, np.uint8) if states is None else states.copy()
        units = units.copy()
        for row in rows:
            found = self.scoring(int(row)).indicator(spec.id)
            states[row] = STATES.index(found.state)
            units[row] = 0.0 if found.points is None else float(found.points * self.scale)
        self.tally.count_exact(self.block.start, rows)
        self.units[spec.id], self.states[spec.id] = units, states if states.any() else None
        return units

    def out_of_count(self, id: str) -> Array | None:
        """Rows in which an indicator is not applicable and shared out."""
        states = self.states.get(id)
        if states is None or self.rulebook.indicators[id].not_applicable != "share_out":
            return None
        flags: Array = states == NOT_APPLICABLE
        return flags

    # ---- sections

    def section(self, id: str) -> Array:
        found = self.sections.get(id)
        if found is None:
            found = self.sections[id] = self._section(id)
        return found

    def _section(self, id: str) -> Array:
        spec = self.rulebook.sections[id]
        total = np.zeros(self.block.size)
        for i in spec.indicators:
            total += self.indicator(i)
        for child in spec.children:
            total += self.section(child)
        total += self._shared_out(spec.indicators, total)
        mode = self.rulebook.rounding.mode
        if spec.weight != 1:
            total = round_share(total, spec.weight, mode)
        if spec.ceiling is not None:
            total = np.minimum(total, float(spec.ceiling * self.scale))
        if spec.floor is not None:
            total = np.maximum(total, float(spec.floor * self.scale))
        return total

    def _shared_out(self, members: tuple[str, ...], like: Array) -> Array | float:
        outs = {i: flags for i in members if (flags := self.out_of_count(i)) is not None and flags.any()}
        if not outs:
            return 0.0
        extra = np.zeros_like(like)
        any_out = np.logical_or.reduce(list(outs.values()))
        for row in np.flatnonzero(any_out):
            out = [i for i, flags in outs.items() if flags[row]]
            rest = [i for i in members if i not in out]
            rest_max = sum((Fraction(self.rulebook.indicators[i].max) for i in rest), Fraction(0))
            if rest_max > 0:
                out_max = sum((Fraction(self.rulebook.indicators[i].max) for i in out), Fraction(0))
                positive = sum(max(0, int(self.units[i][row])) for i in rest)
                extra[row] = round_units(Fraction(positive) * out_max / rest_max, 0, self.rulebook.rounding.mode)
        return extra

    # ---- what expressions ask for

    def _exact_units(self, units: Array, scale: int | None = None) -> V:
        by = scale or self.scale
        return V(units / by, grid=lambda rows: np.full(len(rows), float(by)), leaf=True)

    def points_of(self, ids: tuple[str, ...]) -> V:
        total = np.zeros(self.block.size)
        for id in ids:
            if id in self.rulebook.sections:
                total += self.section(id)
            elif id in self.rulebook.parts:
                for spec in self.rulebook.indicators.values():
                    if spec.part == id:
                        total += self.indicator(spec.id)
            else:
                total += self.indicator(id)
        return self._exact_units(total)

    def self_points_of(self, ids: tuple[str, ...]) -> V:
        """The bank's own points of ids, as `Scoring.self_points_of`; rows with shared-out points are left in doubt."""
        block, columns = self.block, self.block.columns
        cut = slice(block.start, block.stop)
        if not columns.own:
            return V(np.zeros(block.size), codes=np.full(block.size, Absence.NOT_SUPPLIED, np.uint8), grid=ones)
        given_any = np.zeros(block.size, bool)
        for column in columns.own.values():
            given_any |= True if column.codes is None else column.codes[cut] == 0
        total = np.zeros(block.size)
        blank = np.zeros(block.size, bool)
        size = 0.0
        for id in Scoring(self.rulebook, columns.case(block.start)).members(ids):
            self.indicator(id)
            states = self.states[id]
            counted = np.ones(block.size, bool) if states is None else states != NOT_APPLICABLE
            if states is not None:
                blank |= states == UNANSWERED
            out = self.out_of_count(id)
            if out is not None:
                block.doubtful(np.flatnonzero(out))
            own = columns.own.get(id)
            if own is None:
                blank |= counted
                continue
            known = np.ones(block.size, bool) if own.codes is None else own.codes[cut] == 0
            blank |= counted & ~known
            total += np.where(counted & known, own.values[cut], 0.0)
            size += own.largest
        codes = np.where(blank, np.uint8(Absence.UNANSWERED), np.uint8(0))
        codes = np.where(given_any, codes, np.uint8(Absence.NOT_SUPPLIED))
        digits = _own_digits(columns, cut)
        return V(total, 0.0, U * size * 64, codes if codes.any() else None, digits, top=size)

    def total_value(self) -> V:
        if self.total is None:
            raise Unsupported("the total before it is known")
        return self._exact_units(self.total, 10**self.rulebook.rounding.total)

    def grade_at_least(self, grade: str) -> V:
        if self.rank is None:
            raise Unsupported("the grade before it is known")
        return V(self.rank <= self.rulebook.grade_order[grade], kind="bool")

    def target_states(self, id: str) -> Array:
        """The outcome of a target by row: 0 met, 1 missed, above: 1 and the kind of absence."""
        found = conditions.target(id, self.block)
        state = np.where(found.missed, np.uint8(1), np.uint8(0))
        if found.codes is not None:
            state = np.where(found.codes > 0, np.uint8(1) + found.codes, state)
        return state

    # ---- the whole block

    def run(self, result: ManyResult) -> None:
        """Score the block and write its part of the result."""
        book, block = self.rulebook, self.block
        cut = slice(block.start, block.stop)
        for row, id in enumerate(book.indicators):
            result.units[row, cut] = self.indicator(id)
            states = self.states[id]
            if states is not None:
                result.states[row, cut] = states
        for row, id in enumerate(book.sections):
            result.sections[row, cut] = self.section(id)
        self._total()
        for row, id in enumerate(book.targets):
            result.targets[row, cut] = self.target_states(id)
        self._conclude(result)

    def _total(self) -> None:
        book = self.rulebook
        raw = np.zeros(self.block.size)
        for spec in book.top_sections:
            raw += self.section(spec.id)
        if book.ceiling is not None:
            raw = np.minimum(raw, float(book.ceiling * self.scale))
        if book.floor is not None:
            raw = np.maximum(raw, float(book.floor * self.scale))
        shift = book.rounding.total - book.rounding.indicator
        self.total = raw * 10**shift if shift >= 0 else round_share(raw, Fraction(1, 10**-shift), book.rounding.mode)

    def _conclude(self, result: ManyResult) -> None:
        """Grade, caps in their order, adjustment and measures."""
        book, block = self.rulebook, self.block
        cut = slice(block.start, block.stop)
        total_scale = 10**book.rounding.total
        total: Array = self.total if self.total is not None else np.zeros(block.size)
        self.rank = self._bands(total)
        result.before[cut] = self.rank
        for number, cap in enumerate(book.caps):
            holds = self._condition(
                cap.when.node, lambda c, n=number: c.rulebook.caps[n].when, cap.when_unknown == "apply"
            )
            if not holds.any():
                continue
            if cap.effect.endswith("_total"):
                bound = float(Decimal(cap.to) * total_scale)
                limited = np.minimum(total, bound) if cap.effect == "cap_total" else np.maximum(total, bound)
                acted = holds & (limited != total)
                total = np.where(acted, limited, total)
                new = self._bands(total)
                pick = np.maximum if cap.effect == "cap_total" else np.minimum
                self.rank = np.where(acted, pick(self.rank, new), self.rank)
                self.total = total
            else:
                to = book.grade_order[cap.to]
                if cap.effect == "cap_grade":
                    new = np.maximum(self.rank, to)
                else:
                    new = np.minimum(self.rank, to) if cap.effect == "floor_grade" else np.full_like(self.rank, to)
                acted = holds & (new != self.rank)
                self.rank = np.where(acted, new, self.rank)
            result.caps[cut] |= acted * np.uint32(1 << number)
            result.holding[cut] |= holds * np.uint32(1 << number)
        result.total[cut] = total
        result.after[cut] = self.rank
        self.settled = {}
        result.adjustments[cut] = self._adjustments()
        for number, measure in enumerate(book.measures.values()):
            holds = self._final(measure.when)
            result.measures[cut] |= holds * np.uint32(1 << number)

    def _adjustments(self) -> Array:
        """The number of the adjustment's case that holds, -1 for none."""
        chosen = np.full(self.block.size, -1, np.int16)
        cases = [case for rule in self.rulebook.adjustments for case in rule.cases]
        for number, case in reversed(list(enumerate(cases))):
            holds = self._final(case.when)
            chosen = np.where(holds, np.int16(number), chosen)
        return chosen

    def _bands(self, total: Array) -> Array:
        rising = self.rulebook.plan.get("bands")
        if rising is None:
            scale = 10**self.rulebook.rounding.total
            bounds = [float(ceil(Fraction(g.min) * scale)) for g in self.rulebook.grades if g.min is not None]
            rising = self.rulebook.plan["bands"] = np.array(bounds[::-1])
        rank = np.zeros(self.block.size, np.int8)
        for bound in rising:
            rank += total < bound
        return rank

    def _final(self, when: Expression) -> Array:
        """Return where a condition holds once total and grade are final; equal conditions are computed once."""
        settled = self.settled if self.settled is not None else {}
        found = settled.get(when.text)
        if found is None:
            found = settled[when.text] = self._condition(when.node, lambda c: when, False)
        return found

    def _condition(self, node: Any, expression: Any, unknown: bool) -> Array:
        """Return where a concluding condition holds; what is undecided counts as `unknown`."""
        block = self.block
        try:
            value = evaluate(node, block)
            rows: Any = block.take_doubt()
            holds = value.v.copy() if np.ndim(value.v) else np.full(block.size, bool(value.v))
            if value.codes is not None:
                holds = np.where(value.codes > 0, unknown, holds)
        except Unsupported:
            block.take_doubt()
            rows, holds = range(block.size), np.zeros(block.size, bool)
        if rows is not None:
            self._settle(rows, holds, expression, unknown)
        return holds

    def _settle(self, rows: Any, holds: Array, expression: Any, unknown: bool) -> None:
        from scorecard.engine.language.exact import compute
        from scorecard.engine.values.facts import Missing

        scale = self.rulebook.rounding.total
        for row in rows:
            c = self.scoring(int(row))
            if self.total is not None and self.rank is not None:
                c.total = Decimal(int(self.total[row])).scaleb(-scale)
                c.grade_rank = int(self.rank[row])
            found = compute(expression(c), c)
            holds[row] = unknown if isinstance(found, Missing) else bool(found)
        self.tally.count_exact(self.block.start, rows)


def _own_digits(columns: Columns, cut: slice) -> Any:
    from scorecard.engine.arrays.values import digit_grid

    values = [c.values[cut] for c in columns.own.values()]
    return lambda rows: np.maximum.reduce([digit_grid(v[rows]) for v in values])
