"""Exact evaluation of expressions: each is compiled once into nested closures over a context.

Absence spreads with its reason: an operation on a missing value is missing, the strongest kind wins, and ``and``/``or``
follow three-valued logic (False and nothing is False, True or nothing is True).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache
from operator import methodcaller
from typing import Any, Protocol, TypeAlias, cast

from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import (
    Bin,
    Bool,
    Call,
    Cmp,
    E,
    Expression,
    If,
    In,
    Name,
    Num,
    Str,
    Unary,
)
from scorecard.engine.values.facts import Absence, Missing, Value
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text


class Context(Protocol):
    """What an expression may ask for. `years` counts back: 0 is the year under assessment, 1 the year before."""

    def value(self, name: str) -> Value: ...

    def back(self, years: int) -> Context: ...

    def missed(self, target: str) -> bool | Missing: ...

    def missed_years(self, target: str) -> int: ...

    def points_of(self, ids: tuple[str, ...]) -> Value: ...

    def self_points_of(self, ids: tuple[str, ...]) -> Value: ...

    def maximum_of(self, ids: tuple[str, ...]) -> Fraction: ...

    def total_points(self) -> Value: ...

    def grade_at_least(self, grade: str) -> bool | Missing: ...

    def peer_values(self, key: str) -> tuple[Fraction, ...] | Missing: ...


Compiled: TypeAlias = Callable[[Context], Value]

_ARITHMETIC: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def division_by_zero(text: str) -> Missing:
    return Missing(Absence.UNDEFINED, Text("分母为零，无法计算", "the divisor is zero, so there is no value"), ())


@lru_cache(maxsize=4096)
def compiled(node: E) -> Compiled:
    """Return the closure of `node`; equal expressions share one."""
    return _compile(node)


def compute(expression: Expression, context: Context) -> Value:
    """Evaluate exactly in `context`."""
    run = expression.run
    if run is None:
        run = compiled(expression.node)
        object.__setattr__(expression, "run", run)  # an expression never changes, so neither does this
    value: Value = run(context)
    return value


def number(value: Value) -> Fraction | Missing:
    """Return a value known to be a number; a truth value counts as no number."""
    if isinstance(value, Fraction | Missing):
        return value
    raise TypeError(f"{value!r} is not a number; lint reports such expressions")


def _compile(node: E) -> Compiled:
    match node:
        case Num(value, _):
            return lambda c: value
        case Str(text):
            return lambda c: text
        case Name(id):
            return methodcaller("value", id)
        case Unary("-", x):
            fx = compiled(x)

            def negate(c: Context) -> Value:
                v = fx(c)
                return v if isinstance(v, Missing) else -number(v)  # type: ignore[operator]

            return negate
        case Unary(_, x):
            fx = compiled(x)

            def invert(c: Context) -> Value:
                v = fx(c)
                return v if isinstance(v, Missing) else not v

            return invert
        case Bin(op, left, right):
            return _binary(op, compiled(left), compiled(right))
        case Cmp(op, left, right):
            return _comparison(op, compiled(left), compiled(right))
        case In(x, options, negated):
            fx, allowed = compiled(x), frozenset(options)

            def contained(c: Context) -> Value:
                v = fx(c)
                return v if isinstance(v, Missing) else (v in allowed) != negated

            return contained
        case Bool(op, items):
            return _connective(op == "and", [compiled(i) for i in items])
        case If(condition, then, otherwise):
            fc, fa, fb = compiled(condition), compiled(then), compiled(otherwise)

            def choose(c: Context) -> Value:
                v = fc(c)
                return v if isinstance(v, Missing) else fa(c) if v else fb(c)

            return choose
        case Call():
            return cast(Compiled, FUNCTIONS[node.name].compile(node))


def _binary(op: str, fa: Compiled, fb: Compiled) -> Compiled:
    if op == "/":

        def divide(c: Context) -> Value:
            a, b = fa(c), fb(c)
            if a.__class__ is Missing or b.__class__ is Missing:
                return _either(a, b)
            if not b:
                return division_by_zero("")
            return a / b  # type: ignore[operator, return-value]

        return divide
    apply = _ARITHMETIC[op]

    def binary(c: Context) -> Value:
        a, b = fa(c), fb(c)
        if a.__class__ is Missing or b.__class__ is Missing:
            return _either(a, b)
        return apply(a, b)  # type: ignore[arg-type]

    return binary


def _either(a: Value, b: Value) -> Missing:
    """Return the outcome of an operation of which at least one operand is missing."""
    if isinstance(a, Missing):
        return a | b if isinstance(b, Missing) else a
    return cast(Missing, b)


def _comparison(op: str, fa: Compiled, fb: Compiled) -> Compiled:
    apply = _COMPARE[op]

    def compare(c: Context) -> Value:
        a, b = fa(c), fb(c)
        if a.__class__ is Missing or b.__class__ is Missing:
            return _either(a, b)
        return apply(a, b)

    return compare


def _connective(conjunction: bool, parts: list[Compiled]) -> Compiled:
    def connect(c: Context) -> Value:
        absent: Missing | None = None
        for part in parts:
            v = part(c)
            if isinstance(v, Missing):
                absent = v if absent is None else absent | v
            elif bool(v) is not conjunction:
                return not conjunction
        return conjunction if absent is None else absent

    return connect


def numbers(c: Context, parts: list[Compiled]) -> list[Fraction] | Missing:
    values: list[Fraction] = []
    absent: Missing | None = None
    for part in parts:
        v = number(part(c))
        if isinstance(v, Missing):
            absent = v if absent is None else absent | v
        else:
            values.append(v)
    return values if absent is None else absent
