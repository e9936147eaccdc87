"""Exact rationals with cheap arithmetic: the numbers of the exact evaluator.

A :class:`Rational` is a `fractions.Fraction`: equal to it, hashed like it, and mixed with it freely; every result is
the same number in lowest terms. Only the way there is shorter. `Fraction` asks of every operand which kind of number it
is and normalises it anew; here two rationals, or a rational and an int, are combined at once, and a decimal, whose
ratio is in lowest terms already, is taken over as it is. Everything else is left to `Fraction`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import gcd
from typing import Any


class Rational(Fraction):
    """An exact rational number; see the module. Made by :func:`rational` and by arithmetic on one."""

    __slots__ = ()
    _numerator: int
    _denominator: int

    def __add__(self, other: Any) -> Any:
        if other.__class__ is Rational:
            da, db = self._denominator, other._denominator
            if da == db:
                n = self._numerator + other._numerator
                return _ready(n, 1) if da == 1 else _lowest(n, da)
            return _lowest(self._numerator * db + other._numerator * da, da * db)
        if other.__class__ is int:
            return _ready(self._numerator + other * self._denominator, self._denominator)
        return _kept(Fraction.__add__(self, other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        if other.__class__ is Rational:
            da, db = self._denominator, other._denominator
            if da == db:
                n = self._numerator - other._numerator
                return _ready(n, 1) if da == 1 else _lowest(n, da)
            return _lowest(self._numerator * db - other._numerator * da, da * db)
        if other.__class__ is int:
            return _ready(self._numerator - other * self._denominator, self._denominator)
        return _kept(Fraction.__sub__(self, other))

    def __rsub__(self, other: Any) -> Any:
        return _kept(Fraction.__rsub__(self, other))

    def __mul__(self, other: Any) -> Any:
        if other.__class__ is Rational:
            n, d = self._numerator * other._numerator, self._denominator * other._denominator
            return _ready(n, 1) if d == 1 else _lowest(n, d)
        if other.__class__ is int:
            n, d = self._numerator * other, self._denominator
            return _ready(n, 1) if d == 1 else _lowest(n, d)
        return _kept(Fraction.__mul__(self, other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        if other.__class__ is Rational:
            n, d = self._numerator * other._denominator, self._denominator * other._numerator
            if d > 0:
                return _lowest(n, d)
            if d < 0:
                return _lowest(-n, -d)
        return _kept(Fraction.__truediv__(self, other))

    def __rtruediv__(self, other: Any) -> Any:
        return _kept(Fraction.__rtruediv__(self, other))

    def __neg__(self) -> Any:
        return _ready(-self._numerator, self._denominator)

    def __abs__(self) -> Any:
        return self if self._numerator >= 0 else _ready(-self._numerator, self._denominator)

    def __bool__(self) -> bool:
        return self._numerator != 0

    def __eq__(self, other: object) -> bool:
        if other.__class__ is Rational:
            return self._numerator == other._numerator and self._denominator == other._denominator
        return Fraction.__eq__(self, other)

    __hash__ = Fraction.__hash__

    def __lt__(self, other: Any) -> bool:
        if other.__class__ is Rational:
            return self._numerator * other._denominator < other._numerator * self._denominator
        if other.__class__ is int:
            return self._numerator < other * self._denominator
        return Fraction.__lt__(self, other)

    def __le__(self, other: Any) -> bool:
        if other.__class__ is Rational:
            return self._numerator * other._denominator <= other._numerator * self._denominator
        if other.__class__ is int:
            return self._numerator <= other * self._denominator
        return Fraction.__le__(self, other)

    def __gt__(self, other: Any) -> bool:
        if other.__class__ is Rational:
            return self._numerator * other._denominator > other._numerator * self._denominator
        if other.__class__ is int:
            return self._numerator > other * self._denominator
        return Fraction.__gt__(self, other)

    def __ge__(self, other: Any) -> bool:
        if other.__class__ is Rational:
            return self._numerator * other._denominator >= other._numerator * self._denominator
        if other.__class__ is int:
            return self._numerator >= other * self._denominator
        return Fraction.__ge__(self, other)


_blank: Callable[[type[Rational]], Rational] = object.__new__


def _ready(numerator: int, denominator: int) -> Rational:
    """Return a rational of two ints that are in lowest terms already, the denominator positive."""
    made = _blank(Rational)
    made._numerator = numerator
    made._denominator = denominator
    return made


def _lowest(numerator: int, denominator: int) -> Rational:
    """Return a rational in lowest terms; the denominator is positive."""
    common = gcd(numerator, denominator)
    made = _blank(Rational)
    if common == 1:
        made._numerator = numerator
        made._denominator = denominator
    else:
        made._numerator = numerator // common
        made._denominator = denominator // common
    return made


def _kept(value: Any) -> Any:
    """Return what `Fraction` made as a rational, so that the next step is short again."""
    if value.__class__ is Fraction:
        return _ready(value.numerator, value.denominator)
    return value


def rational(value: Decimal | Fraction | int | str) -> Rational:
    """Return `value` as an exact rational. Raises ValueError or OverflowError when it is no finite number."""
    if value.__class__ is Rational:
        return value
    if value.__class__ is Decimal:
        return _ready(*value.as_integer_ratio())
    found = Fraction(value)
    return _ready(found.numerator, found.denominator)


ZERO, ONE = rational(0), rational(1)
