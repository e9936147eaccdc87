"""Two figures beside each other and the difference between them, as the screen tells them."""

from decimal import Decimal

from django.utils.translation import gettext as _

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
    sign = "\u2212" if exact < 0 else "+" if exact > 0 else ""
    return sign + _size(exact, unit, digits)


def margin_words(margin: Fraction | None, unit: str, op: str) -> str:
    """How far a target is exceeded, or how much is wanting to it; "" where a side has no value.

    ``margin`` is the left side less the right side, ``op`` the target's own sign: one that asks for more is a target
    that is passed or fallen short of, one that asks for less a limit that is kept or exceeded.
    """
    if margin is None:
        return ""
    size = _size(margin * 100, "pp") if unit == "%" else _size(margin, unit)
    if not margin:
        return _("exactly at the target")
    if op in (">=", ">"):
        text = _("%(size)s above the target") if margin > 0 else _("%(size)s short of the target")
    else:
        text = _("%(size)s above the limit") if margin > 0 else _("%(size)s below the limit")
    return text % {"size": size}


def _size(value: Fraction, unit: str, digits: int = 2) -> str:
    """A difference without its sign, with its unit; digits are added until something of it is left."""
    if value.denominator == 1 and unit not in ("pp", "%"):
        digits = 0
    while value and not show(value, digits).strip("-0."):
        digits += 1
    return f"{show(abs(value), digits, grouping=True)}{_after(unit, value)}"
