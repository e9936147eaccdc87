"""Values as C text: one double or integer per row, with a bound on its error as the program knows it.

What `many.values.V` is for arrays, `S` is for one row of a loop. The loop proves nothing: a comparison or a rounding
that its bound does not decide puts the row down, and the arrays settle it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import lcm

from scorecard.engine.arrays.columns import MAX_DIGITS
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.numbers import terminating_digits
from scorecard.engine.values.rational import Fraction

U = 2.0**-53
SAFETY = 4.0
#: Grids are texts inside texts: longer ones are given up, and ties of such values are left to the arrays.
LONGEST = 1500


class NotCompiled(Exception):
    """Something that has no compiled form; its unit stays with the arrays."""


@dataclass(slots=True, frozen=True)
class S:
    """One value of a row, as C text of a vector of rows.

    v      doubles (type D); `whole` values are 64-bit integers (type I); conditions masks of type I, all bits or none
    rel    bound on the error relative to the value
    abs    C text of an absolute bound on top of it, empty for none
    code   C name of the kind of absence (0: there is a value), empty when there always is one
    leaf   the double orders exactly among filed figures and constants: no error when compared
    grid   C text of a number that the exact value's denominator divides, empty when none is known; `ten` when it is a
           power of ten in every row. Only evaluated where the bound does not decide.
    """

    v: str
    rel: float = 0.0
    abs: str = ""
    code: str = ""
    leaf: bool = False
    kind: str = "number"
    whole: bool = False
    options: tuple[str, ...] = ()
    grid: str = ""
    ten: bool = False

    def without_code(self) -> S:
        return replace(self, code="")


TRUE = "KI(-1)"
ONE = "KD(1.0)"


def literal(value: float) -> str:
    """A double in C, to the last bit, in every lane."""
    return f"KD({float(value).hex()})"


def integer(value: int) -> str:
    return f"KI({value})"


def constant(value: Fraction) -> S:
    """A constant: whole, or a double that counts as exact when it orders exactly among filed figures."""
    if value.denominator == 1 and abs(value) < 2**20:
        return S(integer(int(value)), leaf=True, whole=True, grid=ONE, ten=True)
    near = value.numerator / value.denominator
    digits = terminating_digits(value)
    short = digits is not None and len(str(abs(value.numerator) * 10**digits // value.denominator)) <= MAX_DIGITS
    exact = short or Fraction(near) == value
    grid, ten = denominator(value)
    return S(literal(near), 0.0 if exact else U, leaf=exact, grid=grid, ten=ten)


def denominator(*values: Fraction) -> tuple[str, bool]:
    """The grid of constants: a common multiple of their denominators, a power of ten where there is one."""
    digits = [terminating_digits(v) for v in values]
    if all(d is not None for d in digits):
        return literal(10.0 ** max(d for d in digits if d is not None)), True
    return literal(float(lcm(*(v.denominator for v in values)))), False


@dataclass(slots=True)
class Inputs:
    """The columns of a program, each with its place. A key says what is read, a C type how it is stored."""

    places: dict[tuple[object, ...], int] = field(default_factory=dict)
    types: list[str] = field(default_factory=list)
    parameters: dict[str, int] = field(default_factory=dict)

    def column(self, key: tuple[object, ...], ctype: str) -> int:
        place = self.places.get(key)
        if place is None:
            place = self.places[key] = len(self.types)
            self.types.append(ctype)
        return place

    def parameter(self, id: str) -> int:
        return self.parameters.setdefault(id, len(self.parameters))


LOADS = {"double": "LOAD_D", "uint8_t": "LOAD_8", "uint16_t": "LOAD_16"}


class Code:
    """The body of one loop over rows while it is written.

    `absences` says whether columns may have gaps; `guard` whether undecided rows are put down (measured without).
    """

    def __init__(self, inputs: Inputs, absences: bool, guard: bool) -> None:
        self.inputs = inputs
        self.absences = absences
        self.guard = guard
        self.lines: list[str] = []
        self.doubts: list[str] = []
        self.columns: dict[int, None] = {}
        self.coded: dict[int, None] = {}
        self.tables: list[str] = []
        self.known: dict[tuple[object, ...], S] = {}
        self._count = 0
        self._shared: dict[tuple[str, str], str] = {}

    def let(self, ctype: str, text: str) -> str:
        """Name a value; the same text is computed once."""
        name = self._shared.get((ctype, text))
        if name is None:
            self._count += 1
            name = self._shared[ctype, text] = f"{ctype.lower()}{self._count}"
            self.lines.append(f"const {ctype} {name} = {text};")
        return name

    def number(self, text: str) -> str:
        return self.let("D", text)

    def whole(self, text: str) -> str:
        return self.let("I", text)

    truth = whole

    def mutable(self, text: str) -> str:
        """Name whole numbers that later lines may change; never shared."""
        self._count += 1
        self.lines.append(f"I i{self._count} = {text};")
        return f"i{self._count}"

    def pick(self, mask: str, a: str, b: str, number: bool = False) -> str:
        """Name `a` where the mask is set, else `b`."""
        return self.let("D" if number else "I", f"SEL_{'D' if number else 'I'}({mask}, {a}, {b})")

    def table(self, values: list[str], ctype: str) -> str:
        name = f"t{len(self.tables)}"
        self.tables.append(f"static const {ctype} {name}[] = {{{', '.join(values)}}};")
        return name

    def load(self, key: tuple[object, ...], ctype: str, truth: bool = False) -> tuple[str, str]:
        """Return the C names of a column's value and of its kind of absence (empty when there are no gaps)."""
        place = self.inputs.column(key, ctype)
        self.columns[place] = None
        text = f"{LOADS[ctype]}(x{place} + k)"
        value = self.number(text) if ctype == "double" else self.whole(f"{text} != 0" if truth else text)
        if not self.absences:
            return value, ""
        self.coded[place] = None
        return value, self.whole(f"LOAD_8(a{place} + k)")

    def doubt(self, text: str, code: str = "") -> None:
        """Put the row down where `text` holds and the value is there."""
        if self.guard:
            self.doubts.append(f"(({text}) & ({code} == 0))" if code else f"({text})")


def real(a: S) -> str:
    """The value as doubles. Whole numbers are small: that they are exact in a double needs no look."""
    return f"TO_D({a.v})" if a.whole else a.v


def size(a: S) -> str:
    return f"ABS({real(a)})"


def error(a: S) -> str:
    """C text of a bound on the error of a value; empty when it has none."""
    parts = [f"{literal(a.rel)} * {size(a)}"] if a.rel else []
    if a.abs:
        parts.append(a.abs)
    return " + ".join(parts)


def relative(a: S) -> float | None:
    """A relative bound, None when there is an absolute one. A filed figure is itself rounded to its double."""
    return None if a.abs else 0.0 if a.whole else a.rel + U


def shared(*values: S) -> tuple[str, bool]:
    """The grid of a sum, or of one of several: powers of ten share the largest, others are multiplied."""
    if not all(v.grid for v in values):
        return "", False
    grid, ten = values[0].grid, values[0].ten
    for each in values[1:]:
        if each.grid != grid:
            grid = f"MAX({grid}, {each.grid})" if ten and each.ten else f"({grid} * {each.grid})"
        ten = ten and each.ten
    return (grid, ten) if len(grid) <= LONGEST else ("", False)


def multiplied(a: S, b: S) -> tuple[str, bool]:
    if not a.grid or not b.grid:
        return "", False
    if ONE in (a.grid, b.grid):
        return (b.grid if a.grid == ONE else a.grid), a.ten and b.ten
    grid = f"({a.grid} * {b.grid})"
    return (grid, a.ten and b.ten) if len(grid) <= LONGEST else ("", False)


def divided(a: S, b: S) -> tuple[str, bool]:
    """The grid of a quotient: the numerator of the divisor, times what the dividend has more."""
    if not a.grid or not b.grid:
        return "", False
    numerator = f"RINT({size(b)} * {b.grid})"
    if a.ten and b.ten:
        grid = numerator if a.grid == b.grid else f"({numerator} * MAX({a.grid} / {b.grid}, {ONE}))"
    else:
        grid = f"({a.grid} * {numerator})"
    return (grid, False) if len(grid) <= LONGEST else ("", False)


def largest(c: Code, *codes: str) -> str:
    """The greatest of some whole numbers, none when there is none."""
    found = ""
    for code in dict.fromkeys(code for code in codes if code):
        found = c.pick(f"{found} > {code}", found, code) if found else code
    return found


def merge(c: Code, *values: S) -> str:
    """The strongest absence: the kinds are ordered by strength."""
    return largest(c, *(v.code for v in values))


def weakest(c: Code, code: str, undefined: str) -> str:
    """Add the weakest absence, whose kind is 1: undefined where nothing else is absent."""
    return largest(c, code, c.whole(f"{undefined} & {integer(int(Absence.UNDEFINED))}"))


def numbers(*values: S) -> None:
    if any(v.kind != "number" for v in values):
        raise NotCompiled("arithmetic on what is no number")


def add(c: Code, a: S, b: S, sign: int) -> S:
    numbers(a, b)
    code = merge(c, a, b)
    op = "+" if sign > 0 else "-"
    if a.whole and b.whole:
        return S(c.whole(f"{a.v} {op} {b.v}"), code=code, leaf=True, whole=True, grid=ONE, ten=True)
    grid, ten = shared(a, b)
    v = c.number(f"{real(a)} {op} {real(b)}")
    bounds = [e for e in (error(a), error(b)) if e]
    bounds.append(f"{literal(U * SAFETY)} * ({size(a)} + {size(b)})")
    return S(v, abs=c.number(" + ".join(bounds)), code=code, grid=grid, ten=ten)


def multiply(c: Code, a: S, b: S) -> S:
    numbers(a, b)
    code = merge(c, a, b)
    grid, ten = multiplied(a, b)
    v = c.number(f"{real(a)} * {real(b)}")
    ra, rb = relative(a), relative(b)
    if ra is not None and rb is not None:
        return S(v, (ra + rb + U) * 1.01, code=code, grid=grid, ten=ten)
    if a.whole or b.whole:
        exact, other = (a, b) if a.whole else (b, a)
        bound = f"({other.abs} * {size(exact)} + {literal(other.rel + 3 * U)} * ABS({v})) * 1.01"
        return S(v, abs=c.number(bound), code=code, grid=grid, ten=ten)
    ea, eb = _with_own(c, a), _with_own(c, b)
    bound = f"({ea} * {size(b)} + {eb} * {size(a)} + {ea} * {eb} + {literal(U)} * ABS({v})) * 1.01"
    return S(v, abs=c.number(bound), code=code, grid=grid, ten=ten)


def _with_own(c: Code, a: S) -> str:
    """The error of a value, with that of its own double."""
    known = error(a)
    return c.number(f"{known + ' + ' if known else ''}{literal(U)} * {size(a)}")


def divide(c: Code, a: S, b: S) -> S:
    """A quotient; a divisor that is zero leaves it undefined, one within its bound of zero is in doubt."""
    numbers(a, b)
    code = merge(c, a, b)
    rb = relative(b)
    grid, _ = divided(a, b)
    if rb is None:
        eb = _with_own(c, b)
        c.doubt(f"~({size(b)} > 2 * {eb})", code)
        v = c.number(f"{real(a)} / {real(b)}")
        bound = f"({_with_own(c, a)} + ABS({v}) * {eb}) / ({size(b)} - {eb}) * 1.01 + {literal(2 * U)} * ABS({v})"
        return S(v, abs=c.number(bound), code=code, grid=grid)
    zero = c.truth(f"{b.v} == 0")
    code = weakest(c, code, zero)
    # Dividing by one where there is nothing to divide by: the value does not count.
    over = c.pick(zero, literal(1.0), real(b), number=True)
    v = c.number(f"{real(a)} / {over}")
    ra = relative(a)
    if ra is not None:
        return S(v, (ra + rb + U) * 1.01, code=code, grid=grid)
    bound = f"({_with_own(c, a)} / ABS({over}) + ABS({v}) * {literal(rb + 2 * U)}) * 1.01"
    return S(v, abs=c.number(bound), code=code, grid=grid)


def compare(c: Code, op: str, a: S, b: S) -> S:
    """A comparison. Filed figures and constants compare exactly; others within the bound are in doubt."""
    numbers(a, b)
    code = merge(c, a, b)
    bounds = [e for e in (error(a), error(b)) if e]
    if a.whole and b.whole:
        return S(c.truth(f"{a.v} {op} {b.v}"), code=code, kind="bool")
    if not bounds:
        return S(c.truth(f"{real(a)} {op} {real(b)}"), code=code, kind="bool")
    difference = c.number(f"{real(a)} - {real(b)}")
    result = c.mutable(f"{difference} {op} 0")
    if c.guard:
        own = c.number(" + ".join(bounds))
        bound = c.number(f"{own} + {literal(U * SAFETY)} * ({size(a)} + {size(b)})")
        # A row whose own bound is nought has two exact sides, and its difference the right sign.
        near = c.mutable(f"~(ABS({difference}) > {bound}) & ({own} != 0){f' & ({code} == 0)' if code else ''}")
        grid, _ = shared(a, b)
        if grid:
            equal = TRUE if op in ("<=", ">=", "==") else integer(0)
            c.lines.append(
                f"if (any_of({near})) {{ const I p = {near} & ({bound} * 4 * {grid} < 1); "
                f"{result} = SEL_I(p, {equal}, {result}); {near} &= ~p; }}"
            )
        c.doubt(near)
    return S(result, code=code, kind="bool")


def choose(c: Code, condition: S, a: S, b: S) -> S:
    """Pick `a` where the condition holds, else `b`; an undecided condition has no value."""
    if a.kind != b.kind or a.kind not in ("number", "bool"):
        raise NotCompiled("a choice between different kinds")
    code = ""
    if a.code or b.code:
        code = c.pick(condition.v, a.code or integer(0), b.code or integer(0))
    if condition.code:
        code = c.pick(f"{condition.code} != 0", condition.code, code or integer(0))
    if a.kind == "bool":
        return S(c.pick(condition.v, a.v, b.v), code=code, kind="bool")
    if a.whole and b.whole:
        return S(c.pick(condition.v, a.v, b.v), code=code, leaf=True, whole=True, grid=ONE, ten=True)
    grid, ten = "", a.ten and b.ten
    if a.grid and b.grid:
        grid = a.grid if a.grid == b.grid else f"SEL_D({condition.v}, {a.grid}, {b.grid})"
    if len(grid) > LONGEST:
        grid, ten = "", False
    v = c.pick(condition.v, real(a), real(b), number=True)
    if a.leaf and b.leaf:
        return S(v, code=code, leaf=True, grid=grid, ten=ten)
    none = literal(0.0)
    bound = c.pick(condition.v, error(a) or none, error(b) or none, number=True)
    return S(v, abs=bound, code=code, grid=grid, ten=ten)


def extreme(c: Code, lower: bool, values: list[S]) -> S:
    """The lower or higher of several."""
    numbers(*values)
    code = merge(c, *values)
    op = "<" if lower else ">"
    found = values[0]
    for each in values[1:]:
        if found.whole and each.whole:
            v = c.pick(f"{found.v} {op} {each.v}", found.v, each.v)
            found = S(v, leaf=True, whole=True, grid=ONE, ten=True)
            continue
        grid, ten = shared(found, each)
        v = c.pick(f"{real(found)} {op} {real(each)}", real(found), real(each), number=True)
        if found.leaf and each.leaf:
            found = S(v, leaf=True, grid=grid, ten=ten)
            continue
        # The lower of two is no further from the exact one than the worse of the two.
        bounds = [c.number(e) for e in (error(found), error(each)) if e]
        worse = bounds[0]
        if len(bounds) > 1:
            worse = c.pick(f"{bounds[0]} > {bounds[1]}", bounds[0], bounds[1], number=True)
        found = S(v, abs=worse, grid=grid, ten=ten)
    return replace(found, code=code)


def negative(c: Code, a: S) -> S:
    numbers(a)
    return replace(a, v=c.let("I" if a.whole else "D", f"-{a.v}"))


def absolute(c: Code, a: S) -> S:
    numbers(a)
    return replace(a, v=c.pick(f"{a.v} < 0", f"-{a.v}", a.v) if a.whole else c.number(f"ABS({a.v})"))


def connect(c: Code, op: str, items: list[S]) -> S:
    """Three-valued and/or: False and nothing is False, True or nothing is True."""
    if any(i.kind != "bool" for i in items):
        raise NotCompiled("a connection of what is no condition")
    decisive = [f"({'' if op == 'or' else '~'}{i.v}{f' & ({i.code} == 0)' if i.code else ''})" for i in items]
    decided = c.truth(" | ".join(decisive))
    code = merge(c, *items)
    if code:
        code = c.whole(f"{code} & ~{decided}")
    return S(decided if op == "or" else c.truth(f"~{decided}"), code=code, kind="bool")
