"""Expressions over a block of rows, name by name; the arithmetic is that of `many.values`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scorecard.engine.arrays.columns import Array, Column, Columns
from scorecard.engine.arrays.values import (
    U,
    Unsupported,
    V,
    add,
    choose,
    choose_grid,
    compare,
    connect,
    constant,
    decimal_grid,
    digit_grid,
    divide,
    extreme,
    is_number,
    multiply,
    one_of,
    ones,
)
from scorecard.engine.language.syntax import Bin, Bool, Call, Cmp, E, If, In, Name, Num, Str, Unary, id_arguments
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.scoring_input import of_year


@dataclass(slots=True)
class Block:
    """Rows `start` to `stop` of the columns, and what has been computed for them."""

    rulebook: Rulebook
    columns: Columns
    start: int
    stop: int
    offset: int = 0
    root: Block | None = None
    names: dict[str, tuple[V, Array | None]] = field(default_factory=dict)
    years: dict[int, Block] = field(default_factory=dict)
    targets: dict[str, Any] = field(default_factory=dict)
    missed: dict[Any, V] = field(default_factory=dict)
    doubt: list[Array] = field(default_factory=list)
    points: Any = None  # set by the run: gives points of indicators, sections, total and grade

    @property
    def size(self) -> int:
        return self.stop - self.start

    def top(self) -> Block:
        return self.root or self

    def doubtful(self, rows: Array) -> None:
        """Put rows down as undecided for the unit that is being computed."""
        if len(rows):
            self.top().doubt.append(rows)

    def take_doubt(self) -> Array | None:
        """Return the rows put down since the last call, each once."""
        found = self.top().doubt
        if not found:
            return None
        rows: Array = np.unique(np.concatenate(found))
        found.clear()
        return rows

    def back(self, years: int) -> Block:
        offset = self.offset + years
        if offset == self.offset:
            return self
        root = self.top()
        found = root.years.get(offset)
        if found is None:
            found = Block(self.rulebook, self.columns, self.start, self.stop, offset, root)
            found.points = root.points
            root.years[offset] = found
        return found

    # ---- names

    def name(self, id: str) -> V:
        """Return the values of a name; rows that its computation left in doubt are in doubt for whoever uses it."""
        found = self.names.get(id)
        if found is None:
            top = self.top()
            held = list(top.doubt)
            top.doubt.clear()
            value = self._find(id)
            found = self.names[id] = (value, self.take_doubt())
            top.doubt.extend(held)
        if found[1] is not None:
            self.doubtful(found[1])
        return found[0]

    def _find(self, id: str) -> V:
        book, columns = self.rulebook, self.columns
        spec = book.facts.get(id)
        if spec is not None:
            if self.offset:
                return self._past(spec)
            column = columns.facts.get(id)
            if column is None:
                if spec.derived is not None:
                    return evaluate(spec.derived.node, self)
                code = Absence.UNANSWERED if spec.supplied_by == "bank" else Absence.NOT_SUPPLIED
                return self._absent(code, spec.kind, tuple(spec.options))
            if spec.derived is not None:
                return self._partly_derived(column, spec.derived.node)
            return self.column(column)
        definition = book.definitions.get(id)
        if definition is not None:
            return evaluate(definition.expr.node, self)
        parameter = book.parameters.get(id)
        if parameter is not None:
            value = columns.parameters.get(of_year(id, self.offset), parameter.default)
            if isinstance(value, bool):
                return V(np.full(self.size, value), kind="bool")
            if value is None or not hasattr(value, "as_tuple"):
                return self._absent(Absence.NOT_SUPPLIED, parameter.kind, ())
            return constant(Fraction(value))  # type: ignore[arg-type]
        column = columns.properties.get(id)
        if column is None:
            prop = book.properties.get(id)
            return self._absent(Absence.NOT_SUPPLIED, prop.kind if prop else "text", ("",))
        return self.column(column)

    def _past(self, spec: FactSpec) -> V:
        column = self.columns.earlier(spec, self.offset)
        if column is None:
            return self._absent(Absence.NOT_SUPPLIED, spec.kind, tuple(spec.options))
        return self.column(column)

    def _absent(self, code: Absence, kind: str, options: tuple[str, ...]) -> V:
        codes = np.full(self.size, code, np.uint8)
        kind = kind if kind in ("bool", "level", "text") else "items" if kind == "checklist" else "number"
        values: Any = np.zeros(self.size, np.float64 if kind == "number" else bool if kind == "bool" else np.intp)
        return V(values, codes=codes, grid=ones, leaf=True, kind=kind, options=options or ("",), top=0.0)

    def _partly_derived(self, column: Column, node: E) -> V:
        given = self.column(column)
        if given.codes is None:
            return given
        derived = evaluate(node, self)
        # Not applicable stays as it was given; every other gap is derived.
        fill = (given.codes != 0) & (given.codes != Absence.NOT_APPLICABLE)
        zero = np.zeros(self.size, np.uint8)
        derived_codes = zero if derived.codes is None else derived.codes
        codes = np.where(fill, derived_codes, given.codes)
        return V(
            np.where(fill, derived.v, given.v),
            max(given.rel, derived.rel),
            max(given.abs, derived.abs),
            codes,
            choose_grid(fill, derived, given),
        )

    def column(self, column: Column) -> V:
        """Return the block's rows of one column."""
        cut = slice(self.start, self.stop)
        codes = None if column.codes is None else column.codes[cut]
        if codes is not None and not codes.any():
            codes = None
        values = column.values[cut]
        if column.kind != "number":
            return V(values, codes=codes, kind=column.kind, options=column.options, leaf=True)
        if column.exact is not None:
            exact = column.exact[cut]
            return V(values, rel=U, codes=codes, grid=lambda rows: decimal_grid(exact[rows]), top=column.largest)
        return V(
            values,
            codes=codes,
            grid=lambda rows: digit_grid(values[rows], column.digits),
            leaf=True,
            top=column.largest,
            positive=column.positive,
            least=column.least,
        )


def evaluate(node: E, block: Block) -> V:
    """Evaluate an expression over the block. Raises Unsupported for what has no column form."""
    match node:
        case Name(id):
            return block.name(id)
        case Num(value, _):
            return constant(value)
        case Str(text):
            return V(text, kind="text")
        case Unary("-", x):
            a = evaluate(x, block)
            is_number(a)
            return V(-a.v, a.rel, a.abs, a.codes, a.grid, a.leaf, top=a.top)
        case Unary(_, x):
            a = evaluate(x, block)
            return V(~a.v, codes=a.codes, kind="bool")
        case Bin(op, left, right):
            a, b = evaluate(left, block), evaluate(right, block)
            if op == "*":
                return multiply(a, b)
            return divide(a, b, block) if op == "/" else add(a, b, 1 if op == "+" else -1)
        case Cmp(op, left, right):
            return compare(op, evaluate(left, block), evaluate(right, block), block)
        case In(x, options, negated):
            return one_of(evaluate(x, block), options, negated)
        case Bool(op, items):
            return connect(op, [evaluate(i, block) for i in items], block)
        case If(condition, then, otherwise):
            return choose(evaluate(condition, block), evaluate(then, block), evaluate(otherwise, block), block)
        case Call():
            return call(node, block)


def call(node: Call, block: Block) -> V:
    from scorecard.engine.arrays.conditions import call_by_id, held

    name, args = node.name, node.args
    match name:
        case "min" | "max":
            return extreme(np.minimum if name == "min" else np.maximum, [evaluate(a, block) for a in args])
        case "clip":
            x, low, high = (evaluate(a, block) for a in args)
            return extreme(np.maximum, [low, extreme(np.minimum, [high, x])])
        case "abs":
            a = evaluate(args[0], block)
            return V(np.abs(a.v), a.rel, a.abs, a.codes, a.grid, a.leaf, top=a.top)
        case "pp" | "bp":
            return multiply(evaluate(args[0], block), constant(Fraction(100 if name == "pp" else 10000)))
        case "unit":
            return evaluate(args[0], block)
        case "last":
            years = int(args[1].value) if len(args) == 2 and isinstance(args[1], Num) else 1
            return evaluate(args[0], block.back(years))
        case "answered":
            a = evaluate(args[0], block)
            return V(np.ones(block.size, bool) if a.codes is None else a.codes == 0, kind="bool")
        case "has" | "count" | "level":
            return _of_fact(name, evaluate(args[0], block), args[1:])
        case "held":
            return held(node, block)
        case "rank" | "percentile" | "median" | "peers":
            from scorecard.engine.arrays.peers import peers

            return peers(name, args[0], block)
    return call_by_id(name, id_arguments(node), block)


def _of_fact(name: str, a: V, rest: tuple[E, ...]) -> V:
    if name == "level":
        if not all(o.isdigit() for o in a.options):
            raise Unsupported("levels that are no numbers")
        table = np.array([float(o) for o in a.options])
        return V(table[a.v], codes=a.codes, grid=ones, leaf=True)
    if name == "has":
        item = rest[0].value if isinstance(rest[0], Str) else ""
        return V(a.v >> a.options.index(item) & 1 == 1, codes=a.codes, kind="bool")
    counts = np.array([float(bin(i).count("1")) for i in range(1 << len(a.options))])
    return V(counts[a.v], codes=a.codes, grid=ones, leaf=True)
