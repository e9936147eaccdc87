"""Figures as the report prints them: the number, its unit, and the word that softens it.

``75%`` and not ``75.00 %``: the report's own figures keep the digits that they were printed with, figures of a round
have the decimals that their query declares. No groups of three, no blank before the unit.
"""

from typing import Protocol

from scorecard.engine.values.rational import Fraction
from scorecard.words.formats import rounded

#: Where the word of precision stands: before the number, between number and unit, or after the unit. The other two mark
#: the ends of a range: the first end has no unit of its own.
BETWEEN = frozenset({"余", "多"})
AFTER = frozenset({"以上", "以下", "以内", "及以下", "左右", "之后"})
FROM, TO = "起", "至"
NUMERALS = "零一二三四五六七八九十"
#: How many base units (yuan, households; a ratio's hundredth) one printed unit is.
SCALES = {
    "亿元": Fraction(10**8),
    "万元": Fraction(10**4),
    "万户": Fraction(10**4),
    "%": Fraction(1, 100),
    "个百分点": Fraction(1, 100),
}


class Printed(Protocol):
    """A figure of the report as it is recorded."""

    value: str
    unit: str
    qualifier: str


def as_printed(figure: Printed) -> str:
    """A recorded figure as it is printed: ``约516万元``, ``250余家``, ``35%以上``; the first end of a range bare."""
    word = figure.qualifier
    if word == FROM:
        return figure.value
    if word in BETWEEN:
        return f"{figure.value}{word}{figure.unit}"
    if word in AFTER:
        return f"{figure.value}{figure.unit}{word}"
    return f"{'' if word == TO else word}{figure.value}{figure.unit}"


def in_unit(value: Fraction, unit: str, decimals: int) -> str:
    """A value in base units, without its sign: rounded half up to ``decimals`` of the printed unit."""
    return f"{rounded(abs(value) / SCALES.get(unit, Fraction(1)), decimals):f}{unit}"


def numeral(count: int, measure: str) -> str:
    """A small count in words with its measure word: ``六项``, ``两大``; figures from eleven up."""
    word = "两" if count == 2 else NUMERALS[count] if 0 <= count < len(NUMERALS) else str(count)
    return f"{word}{measure}"
