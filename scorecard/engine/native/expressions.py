"""Expressions of a rulebook as C text, name by name, as `many.vector` evaluates them over arrays."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Protocol

from scorecard.engine.exact.context import MAX_YEARS_BACK
from scorecard.engine.language.syntax import Bin, Bool, Call, Cmp, E, If, In, Name, Num, Str, Unary, id_arguments
from scorecard.engine.native.symbols import (
    ONE,
    TRUE,
    Code,
    NotCompiled,
    S,
    absolute,
    add,
    choose,
    compare,
    connect,
    constant,
    divide,
    error,
    extreme,
    integer,
    literal,
    merge,
    multiply,
    negative,
    real,
)
from scorecard.engine.rulebook.model import NUMBER_KINDS, FactSpec
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.rational import Fraction

FLIP = {">=": "<", ">": "<=", "<=": ">", "<": ">="}
#: How facts are stored in columns, as C types.
STORED = {"bool": "uint8_t", "level": "uint8_t", "checklist": "uint16_t"}
KINDS = {"bool": "bool", "level": "level", "checklist": "items"}
MOST_OPTIONS = {"level": 255, "checklist": 16}


def storage(spec: FactSpec) -> str:
    """Return the C type of a fact's column. Raises NotCompiled for one with too many options."""
    if spec.is_number:
        return "double"
    if len(spec.options) > MOST_OPTIONS.get(spec.kind, 2):
        raise NotCompiled("a fact with many options")
    return STORED[spec.kind]


class Points(Protocol):
    """What conclusions may ask for: points of parts of the rulebook, the total and the grade as they stand."""

    def points_of(self, ids: tuple[str, ...]) -> S: ...

    def total(self) -> S: ...

    def grade_at_least(self, grade: str) -> S: ...


class Reader:
    """Writes expressions of one loop. `given` collects facts that must be there in full for this loop to be right."""

    def __init__(self, rulebook: Rulebook, c: Code, targets: bool, points: Points | None = None) -> None:
        self.rulebook = rulebook
        self.c = c
        self.targets = targets
        self.points = points
        self.given: set[str] = set()
        self._open: set[tuple[str, int]] = set()

    # ---- names

    def name(self, id: str, offset: int = 0) -> S:
        key = ("name", id, offset)
        found = self.c.known.get(key)
        if found is None:
            if (id, offset) in self._open:
                raise NotCompiled("a name that refers to itself")
            self._open.add((id, offset))
            try:
                found = self.c.known[key] = self._find(id, offset)
            finally:
                self._open.discard((id, offset))
        return found

    def _find(self, id: str, offset: int) -> S:
        book = self.rulebook
        spec = book.facts.get(id)
        if spec is not None:
            return self._fact(spec, offset)
        definition = book.definitions.get(id)
        if definition is not None:
            return self.evaluate(definition.expr.node, offset)
        parameter = book.parameters.get(id)
        if parameter is not None:
            if offset or parameter.kind not in (*NUMBER_KINDS, "bool"):
                raise NotCompiled("a parameter of an earlier year")
            place = self.c.inputs.parameter(id)
            code = self.c.whole(f"KI(PK[{place}])")
            if parameter.kind == "bool":
                return S(self.c.truth(f"KD(P[{place}]) != 0"), code=code, kind="bool")
            value = self.c.number(f"KD(P[{place}])")
            return S(value, code=code, leaf=True, grid=f"GRID({value}, KD(1e9))", ten=True)
        prop = book.properties.get(id)
        if prop is not None and prop.kind == "bool":
            value, code = self.c.load(("property", id), "uint8_t", truth=True)
            return S(value, code=code, kind="bool")
        return S(id, kind="text")

    def _fact(self, spec: FactSpec, offset: int) -> S:
        if offset:
            return self._column(spec, ("past", spec.id, offset))
        given = self._column(spec, ("fact", spec.id))
        if spec.derived is None or not given.code:
            return given
        try:
            derived = self.evaluate(spec.derived.node)
        except NotCompiled:
            self.given.add(spec.id)
            return given
        # Not applicable stays as it was given; every other gap is derived.
        c = self.c
        fill = c.truth(f"({given.code} != 0) & ({given.code} != {int(Absence.NOT_APPLICABLE)})")
        code = c.pick(fill, derived.code or integer(0), given.code)
        if given.kind != "number":
            if derived.kind != given.kind or given.kind != "bool":
                raise NotCompiled("a derived fact of this kind")
            return S(c.pick(fill, derived.v, given.v), code=code, kind="bool")
        v = c.pick(fill, real(derived), given.v, number=True)
        known = error(derived)
        grid = f"SEL_D({fill}, {derived.grid}, {given.grid})" if derived.grid else ""
        ten = given.ten and derived.ten
        if not known:
            return S(v, code=code, leaf=derived.leaf, grid=grid, ten=ten)
        return S(v, abs=c.pick(fill, known, literal(0.0), number=True), code=code, grid=grid, ten=ten)

    def _column(self, spec: FactSpec, key: tuple[object, ...]) -> S:
        value, code = self.c.load(key, storage(spec), truth=spec.kind == "bool")
        kind = KINDS.get(spec.kind, "number")
        options = tuple(spec.options)
        if kind != "number":
            return S(value, code=code, leaf=True, kind=kind, options=options)
        # What is filed in more digits than its fact has is on no grid that is known here.
        grid = f"GRID({value}, KD(1e{spec.places}))"
        return S(value, code=code, leaf=True, grid=grid, ten=True)

    # ---- expressions

    def evaluate(self, node: E, offset: int = 0) -> S:
        """Write an expression. Raises NotCompiled for what has no compiled form."""
        c = self.c
        match node:
            case Name(id):
                found = self.name(id, offset)
                if found.kind == "text":
                    raise NotCompiled("a text")
                return found
            case Num(value, _):
                return constant(value)
            case Unary("-", x):
                return negative(c, self.evaluate(x, offset))
            case Unary(_, x):
                a = self.evaluate(x, offset)
                return replace(a, v=c.truth(f"~{a.v}"))
            case Bin(op, left, right):
                a, b = self.evaluate(left, offset), self.evaluate(right, offset)
                if op == "*":
                    return multiply(c, a, b)
                return divide(c, a, b) if op == "/" else add(c, a, b, 1 if op == "+" else -1)
            case Cmp(op, left, right):
                return self._compare(op, left, right, offset)
            case In(x, options, negated):
                return self._one_of(x, options, negated, offset)
            case Bool(op, items):
                return connect(c, op, [self.evaluate(i, offset) for i in items])
            case If(condition, then, otherwise):
                parts = [self.evaluate(n, offset) for n in (condition, then, otherwise)]
                return choose(c, parts[0], parts[1], parts[2])
            case Call():
                return self._call(node, offset)
        raise NotCompiled("a text")

    def _compare(self, op: str, left: E, right: E, offset: int) -> S:
        for x, other in ((left, right), (right, left)):
            if isinstance(other, Str):
                if op not in ("==", "!="):
                    raise NotCompiled("an order of texts")
                return self._one_of(x, (other.value,), op == "!=", offset)
        a, b = self.evaluate(left, offset), self.evaluate(right, offset)
        if a.kind == "bool" and b.kind == "bool" and op in ("==", "!="):
            return S(self.c.truth(f"{a.v} {op} {b.v}"), code=merge(self.c, a, b), kind="bool")
        return compare(self.c, op, a, b)

    def _one_of(self, x: E, wanted: tuple[str, ...], negated: bool, offset: int) -> S:
        if not isinstance(x, Name):
            raise NotCompiled("a computed text")
        found = self.name(x.id, offset)
        if found.kind == "level":
            hits = [str(n) for n, option in enumerate(found.options) if option in wanted]
            text = " | ".join(f"({found.v} == {n})" for n in hits) or "KI(0)"
            return S(self.c.truth(f"~({text})" if negated else text), code=found.code, kind="bool")
        if found.kind != "text" or x.id not in self.rulebook.properties:
            raise NotCompiled("this comparison")
        value, code = self.c.load(("one of", x.id, wanted), "uint8_t", truth=True)
        return S(self.c.truth(f"~{value}") if negated else value, code=code, kind="bool")

    def _call(self, node: Call, offset: int) -> S:
        c, name, args = self.c, node.name, node.args
        match name:
            case "min" | "max":
                return extreme(c, name == "min", [self.evaluate(a, offset) for a in args])
            case "clip":
                x, low, high = (self.evaluate(a, offset) for a in args)
                return extreme(c, False, [low, extreme(c, True, [high, x])])
            case "abs":
                return absolute(c, self.evaluate(args[0], offset))
            case "pp" | "bp":
                return multiply(c, self.evaluate(args[0], offset), constant(Fraction(100 if name == "pp" else 10000)))
            case "unit":
                return self.evaluate(args[0], offset)
            case "last":
                years = int(args[1].value) if len(args) == 2 and isinstance(args[1], Num) else 1
                return self.evaluate(args[0], offset + years)
            case "answered":
                a = self.evaluate(args[0], offset)
                return S(c.truth(f"{a.code} == 0") if a.code else TRUE, kind="bool")
            case "has" | "count" | "level":
                return self._of_fact(name, self.evaluate(args[0], offset), args[1:])
            case "held":
                return self._held(node, offset)
        return self._by_id(name, id_arguments(node), offset)

    def _of_fact(self, name: str, a: S, rest: tuple[E, ...]) -> S:
        c = self.c
        if name == "level":
            if a.kind != "level" or not all(o.isdigit() for o in a.options):
                raise NotCompiled("levels that are no numbers")
            return S(table(c, [int(o) for o in a.options], a.v), code=a.code, leaf=True, whole=True, grid=ONE, ten=True)
        if a.kind != "items":
            raise NotCompiled("items of another kind")
        if name == "has":
            item = rest[0].value if isinstance(rest[0], Str) else ""
            return S(c.truth(f"(({a.v} >> {a.options.index(item)}) & 1) != 0"), code=a.code, kind="bool")
        bits = " + ".join(f"(({a.v} >> {n}) & 1)" for n in range(len(a.options)))
        return S(c.truth(bits), code=a.code, leaf=True, whole=True, grid=ONE, ten=True)

    def _held(self, node: Call, offset: int) -> S:
        """Whether a condition holds this year and in each year before; a year without a record has not held."""
        c = self.c
        years = int(node.args[1].value) if isinstance(node.args[1], Num) else 1
        value = self.evaluate(node.args[0], offset)
        holds, code = value.v, value.code
        for back in range(1, years):
            past = self.evaluate(node.args[0], offset + back)
            so = c.truth(f"{past.v} & ({past.code} == 0)" if past.code else past.v)
            holds = c.truth(f"{holds} & {so}")
            if code:
                code = c.whole(f"{code} & {so}")
        if code:
            holds = c.truth(f"{holds} & ({code} == 0)")
        return S(holds, code=code, kind="bool")

    # ---- functions by id

    def _by_id(self, name: str, ids: tuple[str, ...], offset: int) -> S:
        c = self.c
        match name:
            case "missed":
                return self.missed(ids[0], offset)
            case "met":
                found = self.missed(ids[0], offset)
                return replace(found, v=c.truth(f"~{found.v}"))
            case "missed_count":
                each = [self.missed(id, offset) for id in ids]
                counted = [f"({m.v} & ({m.code} == 0))" if m.code else m.v for m in each]
                count = c.whole(f"-({' + '.join(counted)})")
                code = merge(c, *each)
                if code:
                    code = c.whole(f"{code} & ({count} == 0)")
                return S(count, code=code, leaf=True, whole=True, grid=ONE, ten=True)
            case "missed_years":
                return self.missed_years(ids[0], offset)
            case "points" if not offset and self.points is not None:
                return self.points.points_of(ids)
            case "total" if self.points is not None and not offset:
                return self.points.total()
            case "grade_at_least" if self.points is not None and not offset:
                return self.points.grade_at_least(ids[0])
        raise NotCompiled(name)

    def target(self, id: str, offset: int) -> tuple[str, str]:
        """Return C names of whether a target is missed and of the kind of absence ("" for none)."""
        key = ("target", id, offset)
        found = self.c.known.get(key)
        if found is None:
            missed, code = self._target(id, offset)
            found = self.c.known[key] = S(missed, code=code, kind="bool")
        return found.v, found.code

    def _target(self, id: str, offset: int) -> tuple[str, str]:
        c = self.c
        if not offset:
            if not self.targets:
                raise NotCompiled("a target before it is known")
            state = c.whole(f"LOAD_8(T{list(self.rulebook.targets).index(id)} + k)")
            return c.truth(f"{state} == 1"), c.whole(f"({state} - 1) & ({state} > 1)")
        missed, code = self.compared(id, offset)
        recorded, unknown = c.load(("outcome", id, offset), "uint8_t", truth=True)
        if not unknown:
            return c.truth(f"~{recorded}"), ""
        missed = c.pick(f"{unknown} != 0", missed, f"~{recorded}")
        return missed, c.whole(f"{code} & ({unknown} != 0)") if code else ""

    def compared(self, id: str, offset: int) -> tuple[str, str]:
        """Compare the sides of a target in one year."""
        spec = self.rulebook.targets[id]
        left, right = self.evaluate(spec.left.node, offset), self.evaluate(spec.right.node, offset)
        found = compare(self.c, FLIP[spec.op], left, right)
        return found.v, found.code

    def missed(self, id: str, offset: int) -> S:
        """Whether a target counts as missed: a blank does."""
        v, code = self.target(id, offset)
        if not code:
            return S(v, kind="bool")
        blank = int(Absence.UNANSWERED)
        counts = self.c.truth(f"({v} & ({code} == 0)) | ({code} == {blank})")
        return S(counts, code=self.c.whole(f"{code} & ({code} != {blank})"), kind="bool")

    def missed_years(self, id: str, offset: int, most: int = MAX_YEARS_BACK) -> S:
        """How many years running a target is known to be missed, counted up to `most`."""
        c = self.c
        running, years = "", ""
        for back in range(most):
            found = self.missed(id, offset + back)
            so = f"{found.v} & ({found.code} == 0)" if found.code else found.v
            running = c.truth(f"{running} & {so}" if running else so)
            years = c.whole(f"{years} - {running}") if years else c.whole(f"-{running}")
        return S(years, leaf=True, whole=True, grid=ONE, ten=True)


def table(c: Code, values: list[int], index: str) -> str:
    """Choose a whole number by an index; evenly spaced ones are computed."""
    steps = {b - a for a, b in pairwise(values)}
    if len(steps) <= 1:
        step = steps.pop() if steps else 0
        return c.whole(f"{values[0]} + {step} * {index}") if step else integer(values[0])
    name = c.table([str(v) for v in values], "int64_t")
    return c.whole(f"TABLE({name}, {index})")
