"""A rulebook as one C program: a loop per target and indicator, and the loops that conclude. docs/compiled.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from scorecard.engine.arrays.result import STATE_OF, STATES, clipped_indicators, fixed_units, unit_type
from scorecard.engine.native.conclude import Conclusion
from scorecard.engine.native.expressions import Reader
from scorecard.engine.native.rules import points
from scorecard.engine.native.symbols import (
    Code,
    Inputs,
    NotCompiled,
    S,
    U,
    constant,
    error,
    extreme,
    integer,
    literal,
    size,
)
from scorecard.engine.rulebook.model import Indicator
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rules.judged import Judged
from scorecard.engine.values.rational import Fraction

#: Rows that a loop takes at once: what a block reads and writes stays in the nearest cache.
ROWS = 1024
CONCLUSION = 0xFFFF

HEAD = """
#include <math.h>
#include <stdint.h>
#define ROWS %(rows)d
#define VECTOR(type, bytes, align) type __attribute__((vector_size(bytes), aligned(align), may_alias))
// As many rows at a time as the processor's vectors hold: longer ones would be taken apart again, badly.
#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define LANES 8
#define ALL(x) {x, x, x, x, x, x, x, x}
#elif defined(__AVX2__)
#define LANES 4
#define ALL(x) {x, x, x, x}
#else
#define LANES 2
#define ALL(x) {x, x}
#endif
typedef double D __attribute__((vector_size(8 * LANES)));
typedef int64_t I __attribute__((vector_size(8 * LANES)));
typedef VECTOR(double, 8 * LANES, 8) Doubles;
typedef VECTOR(uint8_t, LANES, 1) Bytes;
typedef VECTOR(uint16_t, 2 * LANES, 2) Halves;
typedef VECTOR(int32_t, 4 * LANES, 4) Words;
typedef %(unit)s UNIT;
typedef VECTOR(UNIT, sizeof(UNIT) * LANES, sizeof(UNIT)) Units;
#define KD(x) ((D)ALL(x))
#define KI(x) ((I)ALL(x))
#define SEL_I(m, a, b) (((m) & (a)) | (~(m) & (b)))
#define SEL_D(m, a, b) ((D)(((m) & (I)(a)) | (~(m) & (I)(b))))
#define ABS(x) ((D)((I)(x) & KI(INT64_MAX)))
#define LOAD_D(p) ((D)*(const Doubles *)(p))
#define LOAD_8(p) __builtin_convertvector(*(const Bytes *)(p), I)
#define LOAD_16(p) __builtin_convertvector(*(const Halves *)(p), I)
#define LOAD_32(p) __builtin_convertvector(*(const Words *)(p), I)
#define LOAD_U(p) __builtin_convertvector(*(const Units *)(p), I)
#define STORE_8(p, x) (*(Bytes *)(p) = __builtin_convertvector(x, Bytes))
#define STORE_16(p, x) (*(Halves *)(p) = __builtin_convertvector(x, Halves))
#define STORE_32(p, x) (*(Words *)(p) = __builtin_convertvector(x, Words))
#define STORE_U(p, x) (*(Units *)(p) = __builtin_convertvector(x, Units))
// Adding this rounds a double below 2**51 to a whole number, half to even, and leaves that number in its low bits.
#define SHIFT 0x1.8p52
static inline D RINT(D x) { return (x + SHIFT) - SHIFT; }
static inline D FLOOR(D x) { const D r = RINT(x); return r - SEL_D(r > x, KD(1.0), KD(0.0)); }
static inline I TO_I(D x) { return (I)(x + SHIFT) - (I)KD(SHIFT); }
static inline D TO_D(I x) { return (D)(x + (I)KD(SHIFT)) - SHIFT; }
#define MAX(a, b) SEL_D((a) > (b), a, b)
static inline D GRID(D x, D scale) {  // the scale where x is filed in so many decimals, else no bound is small enough
  const D whole = RINT(x * scale);
  return SEL_D((ABS(whole) < KD(0x1p51)) & (whole / scale == x), scale, KD(INFINITY));
}
static inline int64_t any_of(I x) { int64_t found = 0; for (int i = 0; i < LANES; i++) found |= x[i]; return found; }
static inline I TABLE(const int64_t *t, I at) { I x; for (int i = 0; i < LANES; i++) x[i] = t[at[i]]; return x; }
typedef struct {
  const void **C; const int64_t *M; const uint8_t **K; const int64_t *N; const double *P; const uint8_t *PK;
  const uint8_t *E; int64_t rows; UNIT *units; uint8_t *states; UNIT *sections; uint8_t *targets; int32_t *total;
  int8_t *before; int8_t *after; uint32_t *caps; uint32_t *holding; int16_t *adjustments; uint32_t *measures;
  int64_t *doubts; int64_t room; int64_t found;
} Run;
typedef int64_t (*Loop)(Run *, int64_t, int64_t, uint8_t *restrict);
static inline I round_share(I units, int64_t n, int64_t d) {
  const I whole = units * n, size = SEL_I(whole < 0, -whole, whole);
  const I q = size / d, rest = size - q * d;
  const I up = %(mode)s;
  return SEL_I(whole < 0, up - q, q - up);
}
static void put_down(Run *r, int64_t unit, int64_t o, int64_t n, const uint8_t *db) {
  for (int64_t k = 0; k < n; k++) {
    if (!db[k]) continue;
    if (r->found < r->room) r->doubts[r->found] = (unit << 40) | (o + k);
    r->found++;
  }
}
"""
#: Which rest makes a whole number one larger, as a mask.
MODES = {
    "half_up": "2 * rest >= d",
    "half_even": "(2 * rest > d) | ((2 * rest == d) & ((q & 1) != 0))",
    "down": "KI(0)",
    "up": "rest > 0",
}
#: A vector of rows at a time; the last step goes back so far that it is whole, and computes some rows twice.
STEP = "for (int64_t at = 0; at < n; at += LANES) { const int64_t k = at + LANES <= n ? at : n - LANES;"


@dataclass(slots=True)
class Unit:
    """One loop: of a target or of an indicator. `coded` are the columns whose gaps it looks at, `given` the facts that
    must be there in full. Without loops the unit stays with the arrays, and `why` says for what reason.
    """

    id: str
    number: int
    is_target: bool
    loops: bool = False
    coded: tuple[int, ...] = ()
    given: frozenset[str] = frozenset()
    why: str = ""


@dataclass(slots=True)
class Program:
    """The C text of a rulebook and what it reads."""

    rulebook: Rulebook
    inputs: Inputs
    units: list[Unit]
    concludes: bool
    source: str = field(repr=False)
    given: frozenset[str] = frozenset()


def write_program(rulebook: Rulebook, guard: bool = True) -> Program:
    """Write the program of a rulebook. Without `guard` plain doubles decide (only to measure what the guard costs)."""
    inputs = Inputs()
    parts = [
        HEAD
        % {
            "rows": ROWS,
            "unit": "int16_t" if unit_type(rulebook).__name__ == "int16" else "int32_t",
            "mode": MODES[rulebook.rounding.mode],
        }
    ]
    units = [Unit(id, n, True) for n, id in enumerate(rulebook.targets)]
    units += [Unit(id, n + len(units), False) for n, id in enumerate(rulebook.indicators)]
    for unit in units:
        write: Callable[[Code, Reader], None]
        if unit.is_target:
            write = lambda c, r, u=unit: _target(c, r, u.id)  # type: ignore[misc]  # noqa: E731
        else:
            spec = rulebook.indicators[unit.id]
            write = lambda c, r, s=spec: _indicator(rulebook, c, r, s)  # type: ignore[misc]  # noqa: E731
        parts.append(_unit(rulebook, inputs, unit, write, guard))
    names = [f"unit{u.number}" if u.loops else "0" for u in units]
    for kind in ("plain", "coded"):
        listed = ", ".join(f"{n}_{kind}" if n != "0" else n for n in names) or "0"
        parts.append(f"static const Loop {kind}[] = {{{listed}}};")
    parts.append(_DRIVER)
    concludes, given = True, frozenset[str]()
    try:
        text, given = _conclusion(rulebook, inputs, guard)
        parts.append(text)
    except NotCompiled:
        concludes = False
    return Program(rulebook, inputs, units, concludes, "\n".join(parts), given)


_DRIVER = """
void run_units(Run *r, int64_t start, int64_t stop, int64_t first, int64_t last) {
  uint8_t db[ROWS];
  for (int64_t o = start; o < stop; o += ROWS) {
    if (stop - o < 8) o = stop - 8;
    const int64_t n = stop - o < ROWS ? stop - o : ROWS;
    for (int64_t u = first; u < last; u++) {
      if (!r->E[u]) continue;
      if ((r->E[u] == 1 ? plain[u] : coded[u])(r, o, n, db)) put_down(r, u, o, n, db);
    }
  }
}
"""


def _unit(rulebook: Rulebook, inputs: Inputs, unit: Unit, write: Callable[[Code, Reader], None], guard: bool) -> str:
    texts = []
    try:
        for kind in ("plain", "coded"):
            c = Code(inputs, kind == "coded", guard)
            r = Reader(rulebook, c, targets=not unit.is_target)
            write(c, r)
            texts.append(_loop(rulebook, c, unit, kind))
    except NotCompiled as e:
        unit.why = str(e)
        return ""
    unit.loops, unit.coded, unit.given = True, tuple(c.coded), frozenset(r.given)
    return "\n".join(texts)


def _pointers(rulebook: Rulebook, c: Code) -> list[str]:
    lines = []
    for place in c.columns:
        ctype = c.inputs.types[place]
        lines.append(f"const {ctype} *restrict x{place} = (const {ctype} *)r->C[{place}] + (o & r->M[{place}]);")
    for place in c.coded:
        lines.append(f"const uint8_t *restrict a{place} = r->K[{place}] + (o & r->N[{place}]);")
    body = "\n".join(c.lines)
    for number in range(len(rulebook.targets)):
        if f"(T{number} + k)" in body:
            lines.append(f"const uint8_t *restrict T{number} = r->targets + {number} * r->rows + o;")
    if "P[" in body:
        lines.append("const double *restrict P = r->P; (void)P;")
    if "PK[" in body:
        lines.append("const uint8_t *restrict PK = r->PK; (void)PK;")
    return lines


def _loop(rulebook: Rulebook, c: Code, unit: Unit, kind: str) -> str:
    number = unit.number
    lines = [f"static int64_t unit{number}_{kind}(Run *r, int64_t o, int64_t n, uint8_t *restrict db) {{"]
    lines += c.tables + _pointers(rulebook, c)
    if unit.is_target:
        lines.append(f"uint8_t *restrict out = r->targets + {number} * r->rows + o;")
    else:
        place = number - len(rulebook.targets)
        lines.append(f"UNIT *restrict out = r->units + {place} * r->rows + o;")
        if any("state + k" in line for line in c.lines):
            lines.append(f"uint8_t *restrict state = r->states + {place} * r->rows + o;")
    if c.doubts:
        doubt = " | ".join(c.doubts)
        lines.append("I any = KI(0);")
        tail = [f"const I d = {doubt};", "STORE_8(db + k, d); any |= d;", "}", "return any_of(any);"]
    else:
        tail = ["}", "(void)db; return 0;"]
    lines += [STEP, *c.lines, *tail, "}"]
    return "\n".join(lines)


def _target(c: Code, r: Reader, id: str) -> None:
    missed, code = r.compared(id, 0)
    state = f"SEL_I({code} != 0, 1 + {code}, {missed} & 1)" if code else f"{missed} & 1"
    c.lines.append(f"STORE_8(out + k, {state});")


def _indicator(rulebook: Rulebook, c: Code, r: Reader, spec: Indicator) -> None:
    scale = 10**rulebook.rounding.indicator
    value = points(spec.rule, r, scale)
    if value.kind != "number":
        raise NotCompiled("points that are no number")
    if spec.id in clipped_indicators(rulebook) and not isinstance(spec.rule, Judged):
        low, high = (constant(Fraction(v) * scale) for v in (spec.min, spec.max))
        value = extreme(c, False, [extreme(c, True, [value, high]), low])
    units = value.v if value.whole else _rounded(c, value, rulebook.rounding.mode)
    if value.code:
        by_state = fixed_units(spec, scale)
        state = " | ".join(f"(({value.code} == {int(kind)}) & {STATES.index(n)})" for kind, n in STATE_OF.items())
        fixed = [f"(({value.code} == {int(kind)}) & {by_state[n]})" for kind, n in STATE_OF.items() if by_state[n]]
        units = c.pick(f"{value.code} == 0", units, f"({' | '.join(fixed) or integer(0)})")
        c.lines.append(f"STORE_8(state + k, {state});")
    c.lines.append(f"STORE_U(out + k, {units});")


def _rounded(c: Code, value: S, mode: str) -> str:
    """Round to whole units; in doubt is what is too near a tie, or too near a whole number where that decides."""
    whole = c.number(f"RINT({value.v})")
    nearest = f"TO_I({whole})"
    known = error(value)
    bound = c.number(f"{f'{known} + ' if known else ''}{literal(2 * U)} * {size(value)}")
    distance = c.number(f"ABS({value.v} - {whole})")
    there = f" & ({value.code} == 0)" if value.code else ""
    if mode in ("half_up", "half_even"):
        result = c.mutable(nearest)
        text = f"~({distance} < 0.5 - {bound}){there}"
        # A proven tie: the value is a whole number and a half.
        tie = f"TO_I(FLOOR({size(value)} + 0.5 + 2 * {bound}))"
        if mode == "half_even":
            tie = f"TO_I(RINT(RINT({size(value)} * 2) / 2))"
        decided = f"SEL_I({value.v} < 0, -{tie}, {tie})"
    else:
        # The nearest whole number, then one towards nought or away from it where rounding went the other way.
        larger = c.truth(f"ABS({whole}) > {size(value)}")
        one = c.pick(f"{value.v} < 0", integer(-1), integer(1))
        step = f"- ({one} & {larger})" if mode == "down" else f"+ ({one} & ~{larger})"
        result = c.mutable(f"{nearest} {step}")
        text = f"~({distance} > {bound}){there}"
        decided = nearest
    if c.guard:
        near = c.mutable(text)
        if value.grid:
            c.lines.append(
                f"if (any_of({near})) {{ const I p = {near} & ({bound} * 8 * {value.grid} < 1); "
                f"{result} = SEL_I(p, {decided}, {result}); {near} &= ~p; }}"
            )
        c.doubt(near)
    return result


def _conclusion(rulebook: Rulebook, inputs: Inputs, guard: bool) -> tuple[str, frozenset[str]]:
    c = Code(inputs, True, guard)
    not_applicable = STATES.index("not_applicable")
    end = Conclusion(rulebook, c, not_applicable)
    # Subsections come before what they are part of.
    order, seen = [], set[str]()

    def visit(id: str) -> None:
        if id not in seen:
            seen.add(id)
            for child in rulebook.sections[id].children:
                visit(child)
            order.append(rulebook.sections[id])

    for id in rulebook.sections:
        visit(id)
    loops = [end.section(spec) for spec in order]
    end.conclude()
    lines = ["void conclude(Run *r, int64_t start, int64_t stop) {", "uint8_t db[ROWS];"]
    lines += c.tables
    lines += [f"int32_t sec{n}[ROWS];" for n in range(len(rulebook.sections))]
    lines += [
        "for (int64_t o = start; o < stop; o += ROWS) {",
        "if (stop - o < 8) o = stop - 8;",
        "const int64_t n = stop - o < ROWS ? stop - o : ROWS;",
    ]
    lines += [f"const UNIT *restrict u{n} = r->units + {n} * r->rows + o;" for n in range(len(rulebook.indicators))]
    lines += [
        f"const uint8_t *restrict s{n} = r->states + {n} * r->rows + o; (void)s{n};"
        for n in range(len(rulebook.indicators))
    ]
    lines += [f"UNIT *restrict q{n} = r->sections + {n} * r->rows + o;" for n in range(len(rulebook.sections))]
    lines += _pointers(rulebook, c)
    lines.append("for (int64_t k = 0; k < n; k++) db[k] = 0;")
    for loop in loops:
        lines += [STEP, *loop, "}"]
    doubt = " | ".join(["LOAD_8(db + k)", *c.doubts])
    lines += ["I any = KI(0);", STEP, *c.lines, f"const I d = {doubt};", "STORE_8(db + k, d); any |= d;", "}"]
    lines += [f"if (any_of(any)) put_down(r, {CONCLUSION}, o, n, db);", "}", "}"]
    return "\n".join(lines), frozenset(end.reader.given)
