"""Exact evaluation of expressions: each is compiled once into nested closures over a context.

Absence spreads with its reason: an operation on a missing value is missing, the strongest kind wins, and ``and``/``or``
follow three-valued logic (False and nothing is False, True or nothing is True).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import methodcaller
from typing import Any, Protocol, TypeAlias, TypeVar, cast

from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import Bin, Bool, Call, Cmp, E, Expression, If, In, Name, Num, Str, Unary
from scorecard.engine.values.facts import Absence, Missing, Value
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text


class Context(Protocol):
    """What an expression or a rule may ask for. `years` counts back: 0 is the year under assessment."""

    def value(self, name: str) -> Value: ...

    def back(self, years: int) -> Context: ...

    def missed(self, target: str) -> bool | Missing: ...

    def missed_years(self, target: str) -> int: ...

    def target_missed(self, target: str) -> bool | Missing:
        """Return whether a target is missed; a blank is Missing here."""
        ...

    def points_of(self, ids: tuple[str, ...]) -> Value: ...

    def self_points_of(self, ids: tuple[str, ...]) -> Value: ...

    def maximum_of(self, ids: tuple[str, ...]) -> Fraction: ...

    def total_points(self) -> Value: ...

    def grade_at_least(self, grade: str) -> bool | Missing: ...

    def filed(self) -> bool: ...

    def before_limits(self) -> Context:
        """Return the context with the total and the grade before any limit, by which banks are compared."""
        ...

    def peer_values(self, key: str) -> tuple[Fraction, ...] | Missing: ...

    def no_reference(self, reference: Expression) -> Missing:
        """Return the reason why there is no share of a reference that is zero or negative."""
        ...


Compiled: TypeAlias = Callable[[Context], Value]
T = TypeVar("T")

DIVIDED_BY_ZERO = Missing(Absence.UNDEFINED, Text("分母为零，无法计算", "the divisor is zero, so there is no value"))
#: What operators do with values that are there.
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if b else DIVIDED_BY_ZERO,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@lru_cache(maxsize=4096)
def compiled(node: E) -> Compiled:
    """Return the closure of `node`; equal expressions share one."""
    match node:
        case Num(value, _) | Str(value):
            return lambda c: value
        case Name(id):
            return methodcaller("value", id)
        case Unary(op, x):
            return _of_one(operator.neg if op == "-" else operator.not_, compiled(x))
        case Bin(op, left, right) | Cmp(op, left, right):
            return _of_two(OPERATORS[op], compiled(left), compiled(right))
        case In(x, options, negated):
            allowed = frozenset(options)
            return _of_one(lambda v: (v in allowed) != negated, compiled(x))
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


def all_known(values: Iterable[T | Missing]) -> list[T] | Missing:
    """Return the values when all are there, else the strongest reason among those that are not."""
    known: list[T] = []
    absent: Missing | None = None
    for value in values:
        if isinstance(value, Missing):
            absent = value if absent is None else absent | value
        else:
            known.append(value)
    return known if absent is None else absent


def strict(of: Callable[[list[Any]], Value], args: Iterable[E]) -> Compiled:
    """Return the closure of a function that has a value when all its arguments have."""
    parts = [compiled(arg) for arg in args]

    def apply(c: Context) -> Value:
        values = all_known(part(c) for part in parts)
        return values if isinstance(values, Missing) else of(values)

    return apply


def _of_one(apply: Callable[[Any], Any], fx: Compiled) -> Compiled:
    def unary(c: Context) -> Value:
        v = fx(c)
        return v if v.__class__ is Missing else cast(Value, apply(v))

    return unary


def _of_two(apply: Callable[[Any, Any], Any], fa: Compiled, fb: Compiled) -> Compiled:
    def binary(c: Context) -> Value:
        a, b = fa(c), fb(c)
        if isinstance(a, Missing):
            return a | b if isinstance(b, Missing) else a
        return b if b.__class__ is Missing else cast(Value, apply(a, b))

    return binary


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
