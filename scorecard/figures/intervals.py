"""What a printed number stands for: the interval of values that would have been printed so.

A figure is printed rounded, so it stands for every value within half a unit of its last digit: ``388.08`` 万元 is
[388.075, 388.085] 万元. A whole number of things counted one by one (家, 户, 笔 without 万) is exact, unless it is an
average. Words soften:

- 约, 接近, 左右: rounded at its last digit that is not zero: 约 294 亿 is [293.5, 294.5] 亿, 约 50 万 is [45, 55] 万;
- 近, 不足: up to one unit of that digit below; 余, 多: up to one unit above (250 余 is [250, 260]);
- 超, 超过, 突破, 高于, 以上, 不少于: at least; 不超过, 以内, 以下, 及以下, 最高: at most;
- 约 1/4: nearer to 1/4 than to the neighbouring fractions 1/3 and 1/5 ([1/4.5, 1/3.5]).

Exact rationals throughout; no Django.
"""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.engine.values.rational import Fraction

from .codes import number, unit_of

COUNTED = frozenset(
    [
        "household",
        "person",
        "person_time",
        "institution",
        "institution_time",
        "transaction",
        "device",
        "vehicle",
        "case",
        "count",
        "time",
        "rank",
        "point",
    ]
)
AT_LEAST = frozenset(["超", "超过", "突破", "高于", "以上", "不少于"])
AT_MOST = frozenset(["不超过", "以内", "以下", "及以下", "最高"])


@dataclass(frozen=True)
class Interval:
    """A closed interval; ``None`` is an open end. ``middle`` is the value as printed, in base units."""

    low: Fraction | None
    middle: Fraction
    high: Fraction | None

    @property
    def bounded(self) -> bool:
        """Both ends are known, so that one can calculate with it."""
        return self.low is not None and self.high is not None

    @property
    def ends(self) -> set[Fraction]:
        """The ends that are known."""
        return {end for end in (self.low, self.high) if end is not None}

    def meets(self, other: Interval) -> bool:
        """Some value lies in both: the two printed numbers can state the same thing."""
        return not (
            (self.low is not None and other.high is not None and self.low > other.high)
            or (self.high is not None and other.low is not None and self.high < other.low)
        )


def last_digit(printed: str) -> Fraction:
    """One unit of the last printed digit: 0.01 for ``388.08``, 1 for ``1200``."""
    digits = printed.replace(",", "")
    return Fraction(1, 10 ** len(digits.partition(".")[2]))


def last_significant_digit(printed: str) -> Fraction:
    """One unit of the last digit that is not zero: 100 for ``1200``, 0.1 for ``3.8``."""
    digits = printed.replace(",", "")
    if "." in digits:
        return last_digit(digits)
    zeros = len(digits) - len(digits.rstrip("0"))
    return Fraction(10**zeros)


def interval(
    value: str, unit: str, qualifier: str, normalised: Fraction, normalised_unit: str, *, average: bool = False
) -> Interval:
    """The interval that a printed value with its unit and softening word stands for, in base units.

    Percentages are ratios and percentage points are hundredths, so that both can be added. ``normalised`` carries the
    sign (a fall is negative). Raises ``KeyError`` or ``ValueError`` for a unit or value that the fixture does not know.
    """
    middle = normalised / 100 if normalised_unit == "pp" else normalised
    scale, _ = unit_of(unit)
    if normalised_unit == "pp":
        scale = scale / 100
    sign = -1 if middle < 0 else 1
    size = abs(middle)
    plain = value.replace(",", "").replace(".", "").isdigit()
    if "/" in value and qualifier in ("约", "接近", "左右"):
        turned = 1 / number(value)
        low, high = Fraction(1) / (turned + Fraction(1, 2)), Fraction(1) / (turned - Fraction(1, 2))
    elif not plain or (normalised_unit in COUNTED and scale == 1 and "." not in value and not average):
        low = high = size
    else:
        half = last_digit(value) * scale / 2
        low, high = size - half, size + half
    open_low = open_high = False
    if plain and qualifier:
        step = last_significant_digit(value) * scale
        if qualifier in ("约", "接近", "左右"):
            low, high = size - step / 2, size + step / 2
        elif qualifier in ("近", "不足"):
            low, high = size - step, size
        elif qualifier in ("余", "多"):
            low, high = size, size + step
    if qualifier in AT_LEAST:
        low, open_high = size, True
    elif qualifier in AT_MOST:
        high, open_low = size, True
    if sign < 0:
        low, high, open_low, open_high = -high, -low, open_high, open_low
    return Interval(None if open_low else low, middle, None if open_high else high)
