"""Exact rational numbers with cheap arithmetic: the one place that chooses their class.

A :class:`Fraction` is a `fractions.Fraction`: equal to it, hashed like it, and mixed with it freely; every result is
the same number in lowest terms. Only the way there is shorter. The standard class asks of every operand which kind of
number it is and normalises it once more; here two fractions, or a fraction and an int, are combined at once, and a
decimal, whose ratio is in lowest terms already, is taken over as it is. Everything else is left to the standard class.

Without it the explained evaluation of one bank takes 17,200 calls in place of 11,400. ``quicktions`` computes the same
in C, but a text of one digit (``Fraction("3")``) writes that digit into the interpreter's shared byte of zero, in all
its versions up to 1.24: from then on whatever the process fills with zero bytes is filled with that digit.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction as _Standard
from math import gcd
from typing import TYPE_CHECKING, Any

Operator = Callable[..., Any]

__all__ = ["ONE", "ZERO", "Fraction"]


def _sum(sign: int, standard: Operator) -> Operator:
    """Return the method that adds or subtracts."""

    def add(self: Any, other: Any) -> Any:
        if other.__class__ is _Quick:
            da, db = self._denominator, other._denominator
            if da == db:
                n = self._numerator + sign * other._numerator
                return _ready(n, 1) if da == 1 else _lowest(n, da)
            return _lowest(self._numerator * db + sign * other._numerator * da, da * db)
        if other.__class__ is int:
            return _ready(self._numerator + sign * other * self._denominator, self._denominator)
        return _kept(standard(self, other))

    return add


def _comparison(compare: Operator, standard: Operator) -> Operator:
    """Return the method that compares."""

    def method(self: Any, other: Any) -> Any:
        if other.__class__ is _Quick:
            return compare(self._numerator * other._denominator, other._numerator * self._denominator)
        if other.__class__ is int:
            return compare(self._numerator, other * self._denominator)
        return standard(self, other)

    return method


def _closed(standard: Operator) -> Operator:
    """Return a method of the standard class whose result is a rational of this one."""
    return lambda *args: _kept(standard(*args))


class _Quick(_Standard):
    """An exact rational number; see the module. Raises ValueError or OverflowError for what is no finite number."""

    __slots__ = ()
    _numerator: int
    _denominator: int

    def __new__(cls, numerator: Any = 0, denominator: Any = None) -> _Quick:
        if denominator is None:
            if numerator.__class__ is _Quick:
                return numerator
            if numerator.__class__ is Decimal:
                return _ready(*numerator.as_integer_ratio())
        found = _Standard(numerator, denominator)
        return _ready(found.numerator, found.denominator)

    __add__ = __radd__ = _sum(1, _Standard.__add__)
    __sub__ = _sum(-1, _Standard.__sub__)
    __lt__ = _comparison(operator.lt, _Standard.__lt__)
    __le__ = _comparison(operator.le, _Standard.__le__)
    __gt__ = _comparison(operator.gt, _Standard.__gt__)
    __ge__ = _comparison(operator.ge, _Standard.__ge__)
    __hash__ = _Standard.__hash__

    def __mul__(self, other: Any) -> Any:
        if other.__class__ is _Quick:
            n, d = self._numerator * other._numerator, self._denominator * other._denominator
        elif other.__class__ is int:
            n, d = self._numerator * other, self._denominator
        else:
            return _kept(_Standard.__mul__(self, other))
        return _ready(n, 1) if d == 1 else _lowest(n, d)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        if other.__class__ is _Quick:
            n, d = self._numerator * other._denominator, self._denominator * other._numerator
            if d:
                return _lowest(n, d) if d > 0 else _lowest(-n, -d)
        return _kept(_Standard.__truediv__(self, other))

    def __neg__(self) -> Any:
        return _ready(-self._numerator, self._denominator)

    def __abs__(self) -> Any:
        return self if self._numerator >= 0 else _ready(-self._numerator, self._denominator)

    def __eq__(self, other: object) -> bool:
        if other.__class__ is _Quick:
            return self._numerator == other._numerator and self._denominator == other._denominator
        if other.__class__ is int:
            return self._denominator == 1 and self._numerator == other
        return _Standard.__eq__(self, other)


for _name in ("__rsub__", "__rtruediv__", "__pow__", "__mod__", "__rmod__", "__round__", "__pos__"):
    setattr(_Quick, _name, _closed(getattr(_Standard, _name)))
_blank: Callable[[type[_Quick]], _Quick] = object.__new__


def _ready(numerator: int, denominator: int) -> _Quick:
    """Return a rational of two ints that are in lowest terms already, the denominator positive."""
    made = _blank(_Quick)
    made._numerator = numerator
    made._denominator = denominator
    return made


def _lowest(numerator: int, denominator: int) -> _Quick:
    """Return a rational in lowest terms; the denominator is positive."""
    common = gcd(numerator, denominator)
    made = _blank(_Quick)
    if common == 1:
        made._numerator = numerator
        made._denominator = denominator
    else:
        made._numerator = numerator // common
        made._denominator = denominator // common
    return made


def _kept(value: Any) -> Any:
    """Return what the standard class made as a rational, so that the next step is short again."""
    if value.__class__ is _Standard:
        return _ready(value.numerator, value.denominator)
    return value


if TYPE_CHECKING:
    from fractions import Fraction
else:  # to the rest of the engine it is the standard class, only quicker
    _Quick.__name__ = _Quick.__qualname__ = "Fraction"
    Fraction = _Quick

ZERO, ONE = Fraction(0), Fraction(1)
