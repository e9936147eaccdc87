"""Exact numbers: reading, rounding in one place, and showing them.

"Not lower than" means that equality passes, so all arithmetic is on exact rationals (`fractions.Fraction`). Points are
rounded only where the rulebook says, here, with a named mode. Showing rounds too, but never makes two figures that
compare unequal look equal (:func:`show_pair`).
"""

from __future__ import annotations

from decimal import Decimal

from scorecard.engine.values.rational import Fraction

ROUNDING_MODES = ("half_up", "half_even", "down", "up")


def to_decimal(value: Fraction) -> Decimal:
    """Return a terminating rational as the decimal with as few digits as it needs.

    Raises ValueError when it does not terminate: such a value must be rounded by the rulebook first.
    """
    digits = terminating_digits(value)
    if digits is None:
        raise ValueError(f"{value} has no finite decimal")
    return scaled(value.numerator * 10**digits // value.denominator, digits)


def scaled(units: int, digits: int) -> Decimal:
    """Return `units` / 10**digits without trailing zeros, exact whatever the decimal context is."""
    if units == 0:
        return Decimal(0)
    while digits > 0 and units % 10 == 0:
        units //= 10
        digits -= 1
    return Decimal(f"{units}E-{digits}")


def terminating_digits(value: Fraction) -> int | None:
    """Return how many decimals `value` needs, or None when its decimal expansion never ends."""
    rest = value.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest //= 2
        twos += 1
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    if rest != 1:
        return None
    return twos if twos > fives else fives


def round_units(value: Fraction | Decimal | int, digits: int, mode: str = "half_up") -> int:
    """Round `value` to `digits` decimals and return it in units of 10**-digits.

    half_up rounds a tie away from zero (the usual 四舍五入), half_even to the even neighbour, down towards zero, up
    away from zero.
    """
    numerator, denominator = value.as_integer_ratio()
    whole: int
    whole, rest = divmod(abs(numerator) * 10**digits, denominator)
    if mode == "half_up":
        up = 2 * rest >= denominator
    elif mode == "half_even":
        up = 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1)
    elif mode == "down":
        up = False
    elif mode == "up":
        up = rest > 0
    else:
        raise ValueError(f"unknown rounding mode {mode!r}")
    whole += up
    return -whole if numerator < 0 else whole


def round_points(value: Fraction, digits: int, mode: str = "half_up") -> Decimal:
    """Round to a decimal; the one place where points are rounded."""
    return scaled(round_units(value, digits, mode), digits)


def round_ceiling(value: Decimal, digits: int) -> Decimal:
    """Return the lowest figure of so many decimals that is not below `value`."""
    numerator, denominator = value.as_integer_ratio()
    return scaled(-(-numerator * 10**digits // denominator), digits)


def exact(value: Fraction | Decimal | bool | str | None) -> str | bool | None:
    """Return a value for JSON: an exact decimal when it terminates, else ``p/q``; truth values and texts as they
    are.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    digits = terminating_digits(value)
    if digits is None:
        return f"{value.numerator}/{value.denominator}"
    return plain(to_decimal(value))


def plain(value: Decimal) -> str:
    """Return a decimal without exponent and without trailing zeros."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def show(value: Fraction | Decimal | int, digits: int = 2, *, grouping: bool = False) -> str:
    """Return `value` rounded half up to `digits` decimals, with all its decimals written out.

    A value that is not zero is never shown as a negative zero.
    """
    units = round_units(value, digits)
    sign = "-" if units < 0 else ""
    whole, rest = divmod(abs(units), 10**digits)
    text = f"{whole:,}" if grouping else str(whole)
    return f"{sign}{text}.{rest:0{digits}d}" if digits else f"{sign}{text}"


def show_pair(
    left: Fraction | Decimal | int, right: Fraction | Decimal | int, digits: int = 2, *, grouping: bool = False
) -> tuple[str, str]:
    """Show two figures side by side; figures that compare unequal are never printed equal.

    Digits are added until they differ; when the difference is beyond 60 decimals the exact values are written.
    """
    for places in range(digits, max(digits, 60) + 1):
        shown = show(left, places, grouping=grouping), show(right, places, grouping=grouping)
        if shown[0] != shown[1] or left == right:
            return shown
    return str(exact(Fraction(left))), str(exact(Fraction(right)))
