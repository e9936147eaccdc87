"""Exact rational numbers: the one place that chooses their class.

It is the standard library's. ``quicktions`` computes the same in C and saves a tenth of an evaluation, but a text of
one digit (``Fraction("3")``) writes that digit into the interpreter's shared byte of zero, in all its versions up to
1.24: from then on whatever the process fills with zero bytes is filled with that digit, encoded filings first.
"""

from fractions import Fraction

__all__ = ["ONE", "ZERO", "Fraction"]

ZERO, ONE = Fraction(0), Fraction(1)
