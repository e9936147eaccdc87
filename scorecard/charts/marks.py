"""Marks of a drawing and the words on its axes: what every chart is put together from."""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, log10
from typing import Any
from unicodedata import east_asian_width

from scorecard.engine.values.rational import Fraction
from scorecard.words import formats

WIDE, MEDIUM, NARROW = 720, 540, 360
SIZE, SMALL = 13, 12
Number = Decimal | Fraction | int | str


@dataclass(frozen=True)
class Element:
    """One SVG element: its name, its attributes, its text, and the words that a pointer over it shows.

    Elements within it (``children``) are written by ``pictures``, not by the template of plain charts.
    """

    tag: str
    attrs: dict[str, str]
    text: str = ""
    title: str = ""
    children: tuple["Element", ...] = ()


@dataclass(frozen=True)
class Layout:
    """A drawing: its size in pixels and its marks in the order of painting."""

    width: int
    height: int
    marks: tuple[Element, ...]


def px(value: float) -> str:
    """A coordinate with at most one decimal."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def rect(x: float, y: float, w: float, h: float, css: str, title: str = "", rx: float = 2) -> Element:
    """A rectangle; a width below nothing is drawn as nothing."""
    return Element(
        "rect",
        {"x": px(x), "y": px(y), "width": px(max(0, w)), "height": px(max(0, h)), "rx": px(rx), "class": css},
        title=title,
    )


def line(x1: float, y1: float, x2: float, y2: float, css: str, width: float = 1, dash: str = "") -> Element:
    """A straight line."""
    attrs = {"x1": px(x1), "y1": px(y1), "x2": px(x2), "y2": px(y2), "stroke-width": px(width), "class": css}
    return Element("line", attrs | ({"stroke-dasharray": dash} if dash else {}))


def circle(cx: float, cy: float, r: float, css: str, title: str = "", stroke: float = 0) -> Element:
    """A dot."""
    attrs = {"cx": px(cx), "cy": px(cy), "r": px(r), "class": css}
    return Element("circle", attrs | ({"stroke-width": px(stroke)} if stroke else {}), title=title)


def text_at(
    x: float, y: float, text: Any, css: str = "", anchor: str = "start", room: float = 0, size: int = SIZE
) -> Element:
    """A text whose baseline starts (or ends, or is centred) at a point; cut to ``room`` pixels, whole in its title."""
    full = str(text)
    shown = fit(full, room, size) if room else full
    attrs = {"x": px(x), "y": px(y), "class": css, "text-anchor": anchor}
    return Element("text", {k: v for k, v in attrs.items() if v and v != "start"}, shown, full if shown != full else "")


def text_width(text: str, size: int = SIZE) -> float:
    """About how wide a text is: a Chinese character is one em, anything else a little over half."""
    return sum(1.0 if east_asian_width(ch) in "WFA" else 0.58 for ch in text) * size


def fit(text: str, room: float, size: int = SIZE) -> str:
    """The text, or as much of it as ``room`` pixels take, ending in an ellipsis."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "…", size) > room:
        text = text[:-1]
    return text + "…"


def number(value: Number) -> float:
    """A value as a coordinate needs it. Raises ``ValueError`` for what is no number."""
    exact = formats.to_number(value)
    if exact is None:
        raise ValueError(f"{value!r} is not a figure and cannot be drawn.")
    return float(exact)


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round values that cover ``low`` to ``high``, the ends included: steps of 1, 2, 2.5 or 5 times a power of ten."""
    if high <= low:
        high = low + (abs(low) or 1)
    raw = (high - low) / count
    power = 10 ** floor(log10(raw))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= raw * (1 - 1e-9))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def scale(value: float, low: float, high: float, start: float, end: float) -> float:
    """The pixel of a value on a line from ``start`` to ``end``; the middle when there is only one value."""
    return (start + end) / 2 if high == low else start + (value - low) / (high - low) * (end - start)


def said(value: Any, unit: str = "", digits: int | None = None, *, sign: bool = False) -> str:
    """A figure with its unit, as the page writes it; a dash when there is none."""
    shown = formats.show(value, unit, digits, sign=sign, keep=True)
    return "—" if shown is None else str(shown)


def bare(value: Any, unit: str = "", digits: int | None = None) -> str:
    """A figure without its unit."""
    shown = formats.show(value, unit, digits, keep=True)
    return "—" if shown is None else shown.text


def tick_text(value: float, unit: str) -> str:
    """A round value of the axis, with no more decimals than it has."""
    exact = Decimal(repr(value)) * (100 if unit == "fraction" else 1)
    return formats.grouped(Decimal(formats.exact_text(exact)))
