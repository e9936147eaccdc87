"""Figures, money, differences and times in words, as a reader at the supervisor expects them.

Amounts keep every digit: what is shown is rounded half up for reading, the exact value goes into the title (hover) and
into exports. Nothing here computes; it only writes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import UNIT_LABELS
from scorecard.words.language import in_language, screen_language

MINUS = "\u2212"
YUAN = {"元": 1, "万元": 10_000, "亿元": 100_000_000}
TWO_DECIMALS = frozenset({"亿元", "万元", "bn", "m", "k", "percent", "%", "pp"})

# Units that only screens know: the scales of amounts in English, and the codes of the report's records. Every other
# unit is called by the name that the rule language gives it (``scorecard.engine.values.units``).
SCREEN_UNITS: dict[str, Text] = {
    "bn": Text("十亿元", "billion CNY"),
    "m": Text("百万元", "million CNY"),
    "k": Text("千元", "thousand CNY"),
    "万户": Text("万户", "10,000 borrowers"),
    "倍": Text("倍", "times"),
    "fraction": Text("%", "%"),
    "percent": Text("%", "%"),
    "pp": Text("个百分点", "percentage points"),
    "bp": Text("个基点", "basis points"),
    "day": UNIT_LABELS["天"],
    "year": UNIT_LABELS["年"],
    "point": UNIT_LABELS["分"],
}


def unit_name(unit: str) -> str:
    """The unit in the language of the screen; a unit that is not listed is shown as it is."""
    return in_language(SCREEN_UNITS.get(unit) or UNIT_LABELS.get(unit) or unit)


def unit_after(unit: str) -> str:
    """The unit as it follows a number: one that begins with a number of its own is told apart (9.1 × CNY 10,000)."""
    name = unit_name(unit)
    return f"× {name}" if name.startswith("CNY 1") else name


def to_number(value: Any) -> Decimal | Fraction | None:
    """A number out of a Decimal, a Fraction, an int or the engine's exact text (``"p/q"`` too); None when it is none.

    Floats are refused with ``TypeError``: money and rates are exact from end to end.
    """
    if value is None or value == "" or isinstance(value, bool):
        return None
    if isinstance(value, float):
        raise TypeError("A figure is a Decimal, a Fraction or exact text, never a float.")
    if isinstance(value, Decimal | Fraction):
        return value
    try:
        return Fraction(value) if isinstance(value, str) and "/" in value else Decimal(value)
    except (InvalidOperation, ValueError):
        return None


def rounded(value: Decimal | Fraction, digits: int) -> Decimal:
    """Rounded half up (四舍五入) to ``digits`` decimals, for reading."""
    if isinstance(value, Fraction):
        scale = 10**digits
        twice = 2 * abs(value.numerator) * scale + value.denominator
        units = twice // (2 * value.denominator)
        return Decimal(-units if value < 0 else units).scaleb(-digits)
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def exact_text(value: Decimal | Fraction) -> str:
    """Every digit, in plain notation; a value whose decimals never end is written as the fraction it is."""
    if isinstance(value, Fraction):
        rest = value.denominator
        for prime in (2, 5):
            while rest % prime == 0:
                rest //= prime
        if rest != 1:
            return f"{value.numerator}/{value.denominator}"
        digits = len(str(value.denominator)) * 4
        value = rounded(value, digits).normalize()
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def grouped(value: Decimal, *, sign: bool = False) -> str:
    """Digits in groups of three; a real minus sign; with ``sign`` a plus sign before gains."""
    text = f"{abs(value):,f}"
    if value < 0 and any(ch in "123456789" for ch in text):
        return MINUS + text
    return ("+" if sign and value > 0 else "") + text


@dataclass(frozen=True)
class WrittenFigure:
    """A figure ready for the screen: ``text`` with ``unit`` beside it, and the ``exact`` value with its own unit."""

    text: str
    unit: str
    exact: str

    def __str__(self) -> str:
        return f"{self.text} {self.unit}".strip()


def show(
    value: Any, unit: str = "", digits: int | None = None, *, sign: bool = False, keep: bool = False
) -> WrittenFigure | None:
    """Write one figure the way a reader expects it, or None when there is no number.

    - 万元 from 10,000 on are shown as 亿元; 元 from 10,000 on as 万元. Two decimals for both. On an English page
      amounts are shown in thousands, millions or billions of yuan. ``keep`` leaves the unit as it is, for a column or a
      form whose unit stands elsewhere.
    - ``fraction`` is shown as a percentage with two decimals, ``percent`` likewise; ``pp`` with two decimals.
    - any other unit keeps the decimals it has, at most four, unless ``digits`` says.
    """
    number = to_number(value)
    if number is None:
        return None
    exact = f"{exact_text(number)} {unit_after(unit) if unit != 'fraction' else ''}".strip()
    if unit == "fraction":
        number, unit = number * 100, "percent"
        exact = f"{exact_text(number)} %"
    elif not keep and unit in YUAN:
        number, unit = _amount(number, unit)
    if digits is None:
        if unit in TWO_DECIMALS:
            digits = 2
        else:
            text = exact_text(number)
            digits = 2 if "/" in text else min(4, len(text.partition(".")[2]))
    return WrittenFigure(grouped(rounded(number, digits), sign=sign), unit_after(unit), exact)


def _amount(value: Decimal | Fraction, unit: str) -> tuple[Decimal | Fraction, str]:
    """An amount in the unit that suits its size and the language of the screen, exact."""
    yuan = Fraction(value) * YUAN[unit]
    if screen_language() == "en":
        scales = [(10**9, "bn"), (10**6, "m"), (10**3, "k")]
    else:
        scales = [(YUAN[name], name) for name in ("亿元", "万元")]
    for scale, name in scales:
        if abs(yuan) >= scale:
            return yuan / scale, name
    return (yuan / scales[-1][0], scales[-1][1]) if unit != "元" else (yuan, "元")


def understood(value: Decimal, unit: str) -> str:
    """What a figure was taken to be, in the unit that suits its size: ``= 1.2 亿元``; ``≈`` where digits are left out.

    In Chinese an amount that suits its own unit is told in yuan, and a large count in tens of thousands; of any other
    figure there is nothing to tell that does not stand beside it.
    """
    number: Decimal | Fraction = value
    if unit in YUAN:
        number, suits = _amount(value, unit)
        if screen_language() == "zh" and unit != "元" and (suits == unit or -1 < number < 1):
            number, suits = Fraction(number) * YUAN[suits], "元"
        unit = suits
    elif unit == "户" and abs(value) >= 10_000 and screen_language() == "zh":
        number, unit = Fraction(value) / 10_000, "万户"
    else:
        return ""
    shown = rounded(number, 4)
    text = grouped(Decimal(exact_text(shown)))
    return f"{'=' if Fraction(shown) == Fraction(number) else '≈'} {text} {unit_after(unit)}"


@dataclass(frozen=True)
class Deadline:
    """An instant in words and as a date. ``kind`` is neutral, attention (three days or less) or bad (past)."""

    words: str
    at: datetime
    kind: str


def deadline(at: datetime, now: datetime | None = None, *, done: bool = False) -> Deadline:
    """How long is left until ``at`` (aware), in whole days above one day, hours above one hour, else minutes.

    What is over says so; with ``done`` (nothing is due any more) only the date is of interest. A day is 24 hours: a
    deadline at 17:00 is never "today" in one place and "1 day" in another.
    """
    now = now or timezone.now()
    left = at - now
    if done:
        return Deadline("", at, "neutral")
    if left <= timedelta(0):
        return Deadline(_("Overdue by {time}").format(time=_span(-left)), at, "bad")
    kind = "attention" if left <= timedelta(days=3) else "neutral"
    return Deadline(_("{time} left").format(time=_span(left)), at, kind)


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes >= 24 * 60:
        days = minutes // (24 * 60)
        return ngettext("{n} day", "{n} days", days).format(n=days)
    if minutes >= 60:
        hours = minutes // 60
        return ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    minutes = max(1, minutes)
    return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)


def moment(at: datetime | None) -> str:
    """``2026-12-01 17:00`` in Shanghai time; a dash where there is none."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else "—"


def day(at: datetime) -> str:
    """``2026-12-01`` in Shanghai."""
    return timezone.localtime(at).strftime("%Y-%m-%d")


def size(count: int) -> str:
    """Bytes in words: B, KB, MB."""
    if count < 1024:
        return f"{count} B"
    if count < 1024 * 1024:
        return f"{count / 1024:.0f} KB"
    return f"{count / 1024 / 1024:.1f} MB"


@dataclass(frozen=True)
class Basis:
    """Where a rule's number comes from, in a word and in a sentence that the reader can act on."""

    word: Any
    meaning: Any


BASES: dict[str, Basis] = {
    "sourced": Basis(
        pgettext_lazy("basis", "Sourced"),
        gettext_lazy("The number or rule stands in the cited document of the supervisor."),
    ),
    "reconstructed": Basis(
        pgettext_lazy("basis", "Reconstructed"),
        gettext_lazy(
            "The supervisor has not published this number. It was reconstructed for this system from what is "
            "published, and is not the supervisor's own."
        ),
    ),
    "proposed": Basis(
        pgettext_lazy("basis", "Proposed"),
        gettext_lazy(
            "This system proposes the number; the supervisor has not published it and it is not the supervisor's own."
        ),
    ),
    "report_named": Basis(
        pgettext_lazy("basis", "Named in the report"),
        gettext_lazy("The report names the item; its number is not the supervisor's own unless the source says so."),
    ),
}
