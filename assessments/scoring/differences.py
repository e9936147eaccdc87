"""Two figures beside each other and the difference between them, as the screen tells them."""

from decimal import Decimal

from scorecard.engine import show, show_pair
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.units import after
from scorecard.words.language import screen_language


def sides(left: Fraction, right: Fraction, unit: str) -> tuple[str, str]:
    """Both sides as they are printed, without their unit; figures that compare unequal are never printed equal."""
    scale = 100 if unit == "%" else 1
    whole = unit != "%" and left.denominator == 1 and right.denominator == 1
    return show_pair(left * scale, right * scale, 0 if whole else 2, grouping=True)


def pair(left: Fraction, right: Fraction, unit: str) -> tuple[str, str]:
    """Both sides with their unit."""
    shown = sides(left, right, unit)
    if unit == "%":
        return f"{shown[0]}%", f"{shown[1]}%"
    return f"{shown[0]}{_after(unit, left)}", f"{shown[1]}{_after(unit, right)}"


def _after(unit: str, value: Fraction) -> str:
    """A unit as it follows a figure in the language of the screen."""
    return after(unit, screen_language(), abs(value) == 1)


def signed(value: Fraction | Decimal, unit: str, digits: int = 2) -> str:
    """A difference with its sign and unit; digits are added until something of it is left."""
    exact = Fraction(value)
    if exact.denominator == 1 and unit not in ("pp", "%"):
        digits = 0
    while exact and not show(exact, digits).strip("-0."):
        digits += 1
    sign = "\u2212" if exact < 0 else "+" if exact > 0 else ""
    return f"{sign}{show(abs(exact), digits, grouping=True)}{_after(unit, exact)}"
