"""Exact rational numbers: the one place that chooses their class.

`quicktions.Fraction` computes what `fractions.Fraction` computes, in C. The two are equal and hash alike but are not
instances of one another, so everything that works with exact figures takes the class from here. It has the same
interface; the type checker reads the standard library's declarations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction
else:
    from quicktions import Fraction

__all__ = ["ONE", "ZERO", "Fraction", "rational"]

ZERO, ONE = Fraction(0), Fraction(1)
rational = Fraction
