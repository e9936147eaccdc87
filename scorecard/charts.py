"""Charts drawn on the server as SVG: no script, no inline style, printable, each with its figures in a table below.

A chart is data plus ``layout(width)``, a pure function to marks with their geometry, which the tests check by
numbers. Every chart is drawn for three widths; the style sheet shows the one that fits, so text is hardly scaled.
Values are exact until they become coordinates; floats are for pixels alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, log10
from statistics import median
from typing import Any
from unicodedata import east_asian_width

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from scorecard.ui import formats

WIDE, MEDIUM, NARROW = 720, 540, 360
SIZE, SMALL = 13, 12
Number = Decimal | Fraction | int | str


# --- Marks --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """One SVG element: its name, its attributes, its text, and the words that a pointer resting on it shows."""

    tag: str
    attrs: dict[str, str]
    text: str = ""
    title: str = ""


@dataclass(frozen=True)
class Layout:
    """A drawing: its size in pixels and its marks in the order of painting."""

    width: int
    height: int
    marks: tuple[Mark, ...]


def px(value: float) -> str:
    """A coordinate with at most one decimal."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def rect(x: float, y: float, w: float, h: float, css: str, title: str = "", rx: float = 2) -> Mark:
    """A rectangle; a width below nothing is drawn as nothing."""
    return Mark(
        "rect",
        {"x": px(x), "y": px(y), "width": px(max(0, w)), "height": px(max(0, h)), "rx": px(rx), "class": css},
        title=title,
    )


def line(x1: float, y1: float, x2: float, y2: float, css: str, width: float = 1, dash: str = "") -> Mark:
    """A straight line."""
    attrs = {"x1": px(x1), "y1": px(y1), "x2": px(x2), "y2": px(y2), "stroke-width": px(width), "class": css}
    return Mark("line", attrs | ({"stroke-dasharray": dash} if dash else {}))


def circle(cx: float, cy: float, r: float, css: str, title: str = "", stroke: float = 0) -> Mark:
    """A dot."""
    attrs = {"cx": px(cx), "cy": px(cy), "r": px(r), "class": css}
    return Mark("circle", attrs | ({"stroke-width": px(stroke)} if stroke else {}), title=title)


def words(
    x: float, y: float, text: Any, css: str = "", anchor: str = "start", room: float = 0, size: int = SIZE
) -> Mark:
    """A text whose baseline starts (or ends, or is centred) at a point; cut to ``room`` pixels, whole in its title."""
    full = str(text)
    shown = fit(full, room, size) if room else full
    attrs = {"x": px(x), "y": px(y), "class": css, "text-anchor": anchor}
    return Mark("text", {k: v for k, v in attrs.items() if v and v != "start"}, shown, full if shown != full else "")


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


# --- Scales -------------------------------------------------------------------------------------------------------


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


# --- Charts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Chart(ABC):
    """What every chart says in words: ``finding`` is its title (a sentence), then unit, source and date.

    ``basis`` is the basis of the numbers where it is not "sourced" and is shown as a badge beside them.
    """

    finding: Any
    unit: str = ""
    source: Any = ""
    as_of: Any = ""
    basis: str = ""
    small: bool = field(default=False)

    @abstractmethod
    def layout(self, width: int) -> Layout:
        """The drawing at this width."""

    @abstractmethod
    def head(self) -> list[str]:
        """The heads of the table below."""

    @abstractmethod
    def rows(self) -> list[list[str]]:
        """The figures of the table below; the first cell names the row."""

    def render(self) -> SafeString:
        """The figure element: finding, drawings, table. A ``small`` one (for table cells) is the drawing alone."""
        if self.small:
            context = {"chart": self, "drawing": self.layout(160), "css": "chart-small"}
            return render_to_string("includes/charts/drawing.svg.html", context)
        context = {
            "chart": self,
            "wide": self.layout(WIDE),
            "medium": self.layout(MEDIUM),
            "narrow": self.layout(NARROW),
            "unit_word": formats.unit_name(self.unit),
        }
        return render_to_string("includes/charts/chart.html", context)


@dataclass(frozen=True)
class Bar:
    """One bar: ``value`` of ``top`` (its maximum, for bullet bars), ``mark`` a comparison such as last year's."""

    label: Any
    value: Number | None
    top: Number | None = None
    mark: Number | None = None
    own: bool = False
    url: str = ""


def above(bars: Sequence[Bar], width: int) -> bool:
    """Whether labels stand above their bars: on narrow drawings, and where one would take over 40 % of the width."""
    return width < 500 or max(text_width(str(bar.label)) for bar in bars) + 12 > width * 0.4


@dataclass(frozen=True, kw_only=True)
class BulletBars(Chart):
    """Sections against their maximum on one scale of points, from zero; ``mark_label`` says what the marks are."""

    bars: Sequence[Bar]
    mark_label: Any = ""

    def layout(self, width: int) -> Layout:
        narrow = above(self.bars, width)
        top = max(number(bar.top or 0) for bar in self.bars)
        label_room = 0.0 if narrow else max(text_width(str(bar.label)) for bar in self.bars) + 12
        value_room = max(text_width(self._value(bar)) for bar in self.bars) + 10
        start, end = label_room, width - value_room
        step, height = (44, 14) if narrow else (32, 16)
        marks: list[Mark] = []
        y = 4.0
        for bar in self.bars:
            line_y = y + (20 if narrow else 0)
            middle = line_y + height / 2 + 4.5
            if narrow:
                marks.append(words(0, y + 13, bar.label, room=width - 4))
            else:
                marks.append(words(0, middle, bar.label, room=label_room - 10))
            full = scale(number(bar.top or 0), 0, top, start, end)
            marks.append(rect(start, line_y, full - start, height, "c-track"))
            if bar.value is not None:
                reach = scale(min(max(number(bar.value), 0), top), 0, top, start, end)
                marks.append(
                    rect(start, line_y + 3, reach - start, height - 6, "c-own", f"{bar.label} {self._value(bar)}")
                )
            if bar.mark is not None:
                at = scale(min(max(number(bar.mark), 0), top), 0, top, start, end)
                marks.append(line(at, line_y - 2, at, line_y + height + 2, "c-mark", 2))
            marks.append(words(width, middle, self._value(bar), "c-strong", "end"))
            y += step
        if self.mark_label and any(bar.mark is not None for bar in self.bars):
            marks += [
                line(start + 1, y + 2, start + 1, y + 14, "c-mark", 2),
                words(start + 8, y + 13, self.mark_label, "c-small"),
            ]
            y += 22
        return Layout(width, int(y + 2), tuple(marks))

    def _value(self, bar: Bar) -> str:
        return f"{bare(bar.value)} / {bare(bar.top)}"

    def head(self) -> list[str]:
        heads = [pgettext("chart", "Item"), pgettext("chart", "Value"), _("Maximum")]
        return [*heads, str(self.mark_label)] if self.mark_label else heads

    def rows(self) -> list[list[str]]:
        rows = []
        for bar in self.bars:
            row = [str(bar.label), bare(bar.value), bare(bar.top)]
            rows.append([*row, bare(bar.mark)] if self.mark_label else row)
        return rows


@dataclass(frozen=True)
class Pair:
    """Both sides of a target. ``met`` is None while a side has no value; ``margin`` is left minus right, exact."""

    label: Any
    left: Number | None
    right: Number | None
    left_label: Any
    right_label: Any
    unit: str
    met: bool | None
    margin: Number | None = None


@dataclass(frozen=True, kw_only=True)
class Dumbbell(Chart):
    """Targets: both rates as two dots on the row's own scale, the margin beside them, met or missed in a word."""

    pairs: Sequence[Pair]

    def layout(self, width: int) -> Layout:
        narrow = width < 500
        right_room = 0.0 if narrow else max(text_width(self._verdict(pair)[0]) for pair in self.pairs) * 1.06 + 12
        label_room = 0.0 if narrow else min(190.0, max(text_width(str(pair.label)) for pair in self.pairs) + 16)
        start, end = label_room + 56, width - right_room - 56
        marks: list[Mark] = []
        y = 0.0
        for pair in self.pairs:
            base = y + (58 if narrow else 40)
            verdict, css = self._verdict(pair)
            if narrow:
                marks.append(words(0, y + 15, pair.label, "c-strong", room=width - text_width(verdict) - 12))
                marks.append(words(width, y + 15, verdict, css, "end"))
            else:
                marks.append(words(0, base + 4.5, pair.label, "c-strong", room=label_room - 12))
                marks.append(words(width, base + 4.5, verdict, css, "end", room=right_room - 4))
            if pair.left is None or pair.right is None:
                marks.append(words((start + end) / 2, base + 4.5, _("no figure yet"), "c-small", "middle"))
            else:
                left, right = number(pair.left), number(pair.right)
                low, high = min(left, right), max(left, right)
                x1, x2 = scale(left, low, high, start, end), scale(right, low, high, start, end)
                marks.append(line(start - 40, base, end + 40, base, "c-grid", 1))
                marks.append(line(x1, base, x2, base, "c-good-line" if pair.met else "c-bad-line", 4))
                marks.append(circle(x2, base, 6, "c-hollow c-axis", self._side(pair.right_label, pair.right, pair), 2))
                marks.append(circle(x1, base, 6, "c-own", self._side(pair.left_label, pair.left, pair)))
                equal = left == right
                marks.append(
                    words(
                        x1,
                        base - 12,
                        self._side(pair.left_label, pair.left, pair),
                        "",
                        *self._anchor(x1, x2, equal),
                    )
                )
                marks.append(
                    words(
                        x2,
                        base + 23,
                        self._side(pair.right_label, pair.right, pair),
                        "c-small",
                        *self._anchor(x2, x1, equal),
                    )
                )
            y = base + 38
        return Layout(width, int(y), tuple(marks))

    @staticmethod
    def _digits(pair: Pair) -> int | None:
        """Decimals with which sides that are unequal look unequal, and their margin is not nothing; None: as usual."""
        if pair.left is None or pair.right is None or pair.left == pair.right:
            return None
        unit, margin = Dumbbell._margin(pair)
        tried: tuple[int | None, ...] = (None, *range(3, 19))
        for digits in tried:
            sides = said(pair.left, pair.unit, digits) != said(pair.right, pair.unit, digits)
            if sides and (margin is None or any(c in "123456789" for c in said(margin, unit, digits))):
                return digits
        return 18

    @staticmethod
    def _side(label: Any, value: Any, pair: Pair) -> str:
        return f"{label} {said(value, pair.unit, Dumbbell._digits(pair))}"

    @staticmethod
    def _margin(pair: Pair) -> tuple[str, Any]:
        unit = "pp" if pair.unit in ("fraction", "percent", "%") else pair.unit
        margin = formats.to_number(pair.margin)
        return unit, margin * 100 if margin is not None and pair.unit == "fraction" else margin

    @staticmethod
    def _anchor(here: float, other: float, equal: bool) -> tuple[str]:
        return ("middle",) if equal or abs(here - other) < 1 else (("start",) if here < other else ("end",))

    @staticmethod
    def _verdict(pair: Pair) -> tuple[str, str]:
        if pair.met is None:
            return "—", "c-small"
        unit, margin = Dumbbell._margin(pair)
        word = pgettext("target", "met") if pair.met else pgettext("target", "missed")
        said_margin = said(margin, unit, Dumbbell._digits(pair), sign=True)
        return (
            f"{word} {said_margin}" if margin is not None else word,
            "c-strong c-good" if pair.met else "c-strong c-bad",
        )

    def head(self) -> list[str]:
        return [_("Target"), _("Own side"), pgettext("target", "Compared with"), _("Outcome and margin")]

    def rows(self) -> list[list[str]]:
        return [
            [
                str(pair.label),
                self._side(pair.left_label, pair.left, pair),
                self._side(pair.right_label, pair.right, pair),
                self._verdict(pair)[0],
            ]
            for pair in self.pairs
        ]


@dataclass(frozen=True, kw_only=True)
class DotPlot(Chart):
    """One value against its peers: the own dot marked and named, the others unnamed, the median as a line.

    ``small`` draws the strip alone, for a table cell.
    """

    values: Sequence[Number]
    own: Number | None
    own_label: Any = ""
    minimum: Number | None = None
    maximum: Number | None = None

    def layout(self, width: int) -> Layout:
        everyone = [number(v) for v in self.values] + ([number(self.own)] if self.own is not None else [])
        if not everyone:
            return Layout(width, 24, (words(0, 16, "—", "c-small"),))
        low = number(self.minimum) if self.minimum is not None else min(everyone)
        high = number(self.maximum) if self.maximum is not None else max(everyone)
        pad = 8 if self.small else 28
        radius = 3 if self.small else 5
        base = 12.0 if self.small else 62.0
        marks = [line(pad, base, width - pad, base, "c-grid", 1)]
        taken: dict[int, int] = {}
        for value in sorted(number(v) for v in self.values):
            at = scale(value, low, high, pad, width - pad)
            slot = round(at / (radius * 2))
            level = taken.get(slot, 0)
            taken[slot] = level + 1
            marks.append(
                circle(
                    at,
                    base - min(level, 0 if self.small else 5) * radius * 1.6,
                    radius,
                    "c-other",
                    said(str(Decimal(repr(value))), self.unit),
                )
            )
        if self.values:
            middle = scale(median(number(v) for v in self.values), low, high, pad, width - pad)
            marks.append(line(middle, base - 9, middle, base + 9, "c-axis", 2))
            if not self.small:
                marks.append(
                    words(
                        middle,
                        base + 24,
                        _("median {value}").format(value=said(self.median, self.unit)),
                        "c-small",
                        "middle",
                    )
                )
        if self.own is not None:
            at = scale(number(self.own), low, high, pad, width - pad)
            marks.append(circle(at, base, radius + 2, "c-own", f"{self.own_label} {said(self.own, self.unit)}".strip()))
            if not self.small:
                anchor = "start" if at < width / 3 else "end" if at > width * 2 / 3 else "middle"
                x = max(0, at - 8) if anchor == "start" else min(width, at + 8) if anchor == "end" else at
                marks.append(line(at, 22, at, base - radius - 3, "c-own-line", 1))
                marks.append(
                    words(x, 15, f"{self.own_label} {said(self.own, self.unit)}".strip(), "c-strong c-own", anchor)
                )
        if self.small:
            return Layout(width, 24, tuple(marks))
        marks.append(words(0, base + 42, tick_text(low, self.unit), "c-small"))
        marks.append(words(width, base + 42, tick_text(high, self.unit), "c-small", "end"))
        return Layout(width, int(base + 50), tuple(marks))

    @property
    def median(self) -> Decimal | Fraction:
        """The exact median of the others."""
        values = sorted(Fraction(formats.to_number(v) or 0) for v in self.values)
        half = len(values) // 2
        return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2

    def head(self) -> list[str]:
        return [pgettext("chart", "Whose"), pgettext("chart", "Value")]

    def rows(self) -> list[list[str]]:
        rows = (
            [[str(self.own_label or pgettext("chart", "own")), said(self.own, self.unit)]]
            if self.own is not None
            else []
        )
        if self.values:
            ordered = sorted(self.values, key=number)
            rows += [
                [_("lowest of {n} others").format(n=len(ordered)), said(ordered[0], self.unit)],
                [_("median of the others"), said(self.median, self.unit)],
                [_("highest of the others"), said(ordered[-1], self.unit)],
            ]
        return rows


@dataclass(frozen=True)
class Series:
    """One line: a value for each place of the axis, None where there is none."""

    label: Any
    values: Sequence[Number | None]
    own: bool = False


@dataclass(frozen=True, kw_only=True)
class Lines(Chart):
    """Values over years: with two places a slope chart, with more a line chart; each line is named at its end.

    ``zero`` starts the scale at zero.
    """

    places: Sequence[Any]
    series: Sequence[Series]
    zero: bool = False

    def layout(self, width: int) -> Layout:
        narrow = width < 500
        found = [number(v) for one in self.series for v in one.values if v is not None]
        if not found:
            return Layout(width, 40, (words(0, 20, "—", "c-small"),))
        grid = ticks(0 if self.zero else min(found), max(found))
        low, high = grid[0], grid[-1]
        tags = {one.label: f"{one.label} {bare(self._last(one), self.unit)}" for one in self.series}
        left = max(text_width(tick_text(t, self.unit), SMALL) for t in grid) + 10
        right = 8.0 if narrow else min(220.0, max(text_width(tag) for tag in tags.values()) + 14)
        top, height = 14.0, 170.0
        bottom = top + height
        marks: list[Mark] = []
        for tick in grid:
            at = scale(tick, low, high, bottom, top)
            marks += [
                line(left, at, width - right, at, "c-grid", 1),
                words(left - 8, at + 4, tick_text(tick, self.unit), "c-small", "end"),
            ]
        inset = 0.0 if len(self.places) > 1 else (width - right - left) / 2
        xs = [
            scale(i, 0, max(1, len(self.places) - 1), left + inset + 6, width - right - 8)
            for i in range(len(self.places))
        ]
        every = max(1, ceil(len(self.places) * 44 / max(1, width - left - right)))
        for i, place in enumerate(self.places):
            if i % every == 0 or i == len(self.places) - 1:
                half = text_width(str(place), SMALL) / 2
                if xs[i] < half:  # a long first word stays inside the drawing, and so does a long last one
                    marks.append(words(0, bottom + 18, place, "c-small"))
                elif xs[i] + half > width:
                    marks.append(words(width, bottom + 18, place, "c-small", "end"))
                else:
                    marks.append(words(xs[i], bottom + 18, place, "c-small", "middle"))
        ends: list[tuple[float, Series]] = []
        for one in sorted(self.series, key=lambda s: s.own):
            css = "c-own-line" if one.own else "c-other-line"
            dots: list[tuple[float, float]] = []
            for x, value in zip(xs, one.values, strict=True):
                if value is None:
                    dots = []
                    continue
                y = scale(number(value), low, high, bottom, top)
                if dots:
                    marks.append(line(*dots[-1], x, y, css, 2.5 if one.own else 1.5))
                dots.append((x, y))
                marks.append(
                    circle(
                        x,
                        y,
                        4 if one.own else 3,
                        "c-own" if one.own else "c-other",
                        f"{one.label} {said(value, self.unit)}",
                    )
                )
            if self._last(one) is not None:
                ends.append((scale(number(self._last(one) or 0), low, high, bottom, top), one))
        y = bottom + 28
        if narrow:
            for _at, one in ends:
                marks += [
                    rect(left, y + 4, 12, 4, "c-own" if one.own else "c-other", rx=1),
                    words(
                        left + 18, y + 11, tags[one.label], "c-strong" if one.own else "c-small", room=width - left - 22
                    ),
                ]
                y += 20
        else:
            for at, one in spread(ends, 16, top, bottom):
                marks.append(
                    words(
                        width - right + 6,
                        at + 4.5,
                        tags[one.label],
                        "c-strong c-own" if one.own else "c-small",
                        room=right - 6,
                    )
                )
        return Layout(width, int(y + 4), tuple(marks))

    @staticmethod
    def _last(one: Series) -> Number | None:
        return next((v for v in reversed(one.values) if v is not None), None)

    def head(self) -> list[str]:
        return [pgettext("chart", "Item"), *(str(place) for place in self.places)]

    def rows(self) -> list[list[str]]:
        return [[str(one.label), *(bare(v, self.unit) for v in one.values)] for one in self.series]


def spread(places: Sequence[tuple[float, Any]], gap: float, low: float, high: float) -> list[tuple[float, Any]]:
    """Move labels apart until none is nearer than ``gap`` to the next, keeping their order and staying in the range."""
    ordered = sorted(places, key=lambda place: place[0])
    placed: list[float] = []
    for at, _what in ordered:
        placed.append(max(at, placed[-1] + gap) if placed else max(at, low))
    limit = max(high, low + gap * (len(placed) - 1))
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - gap
    return [(at, what) for at, (_old, what) in zip(placed, ordered, strict=True)]


@dataclass(frozen=True, kw_only=True)
class Bars(Chart):
    """Horizontal bars from zero, to the left where a value is below it; the own one stands out. Figures at the ends."""

    bars: Sequence[Bar]

    def layout(self, width: int) -> Layout:
        narrow = above(self.bars, width)
        found = [number(bar.value) for bar in self.bars if bar.value is not None] or [0.0]
        low, high = min(0.0, *found), max(0.0, *found)
        label_room = 0.0 if narrow else max(text_width(str(bar.label)) for bar in self.bars) + 12
        room = max(text_width(bare(bar.value, self.unit)) for bar in self.bars) + 10
        start, end = label_room + (room if low < 0 else 0), width - room
        zero = scale(0, low, high, start, end) if low != high else start
        step, height = (42, 14) if narrow else (28, 16)
        marks: list[Mark] = []
        y = 4.0
        for bar in self.bars:
            line_y = y + (19 if narrow else 0)
            middle = line_y + height / 2 + 4.5
            css = "c-strong" if bar.own else ""
            marks.append(
                words(0, y + 13 if narrow else middle, bar.label, css, room=width - 4 if narrow else label_room - 10)
            )
            if bar.value is None:
                marks.append(words(zero + 6, middle, "—", "c-small"))
            else:
                value = number(bar.value)
                at = scale(value, low, high, start, end) if low != high else start
                marks.append(
                    rect(
                        min(zero, at),
                        line_y,
                        abs(at - zero),
                        height,
                        "c-own" if bar.own else "c-other",
                        f"{bar.label} {said(bar.value, self.unit)}",
                    )
                )
                marks.append(
                    words(
                        at + 6 if value >= 0 else at - 6,
                        middle,
                        bare(bar.value, self.unit),
                        css,
                        "start" if value >= 0 else "end",
                    )
                )
            y += step
        marks.append(line(zero, 0, zero, y - 4, "c-axis", 1))
        return Layout(width, int(y), tuple(marks))

    def head(self) -> list[str]:
        return [pgettext("chart", "Item"), pgettext("chart", "Value")]

    def rows(self) -> list[list[str]]:
        return [[str(bar.label), bare(bar.value, self.unit)] for bar in self.bars]


@dataclass(frozen=True, kw_only=True)
class HeatMap(Chart):
    """Rows × columns in five steps from ``low`` to ``high`` (of the values when not given); None is an empty cell.

    ``codes`` are the short heads that stand over the columns, ``columns`` their full names (in the table and on hover).
    """

    labels: Sequence[Any]
    columns: Sequence[Any]
    codes: Sequence[str]
    values: Sequence[Sequence[Number | None]]
    low: Number | None = None
    high: Number | None = None

    def layout(self, width: int) -> Layout:
        narrow = width < 500
        found = [number(v) for row in self.values for v in row if v is not None] or [0.0]
        low = number(self.low) if self.low is not None else min(found)
        high = number(self.high) if self.high is not None else max(found)
        label_room = min(
            110.0 if narrow else 200.0, max((text_width(str(label), SMALL) for label in self.labels), default=0) + 8
        )
        cell = (width - label_room) / max(1, len(self.columns))
        height = 20 if narrow else 24
        write = cell >= 34
        head_css = "c-small"
        marks: list[Mark] = []
        turned = any(text_width(code, SMALL) > cell - 2 for code in self.codes)
        top = (max((text_width(code, SMALL) for code in self.codes), default=0) + 8) if turned else 20.0
        for index, code in enumerate(self.codes):
            x = label_room + cell * (index + 0.5)
            mark = words(x + (4 if turned else 0), top - 6, code, head_css, "start" if turned else "middle")
            if turned:
                mark = Mark(
                    mark.tag,
                    mark.attrs | {"transform": f"rotate(-90 {px(x + 4)} {px(top - 6)})"},
                    mark.text,
                    str(self.columns[index]),
                )
            else:
                mark = Mark(mark.tag, mark.attrs, mark.text, str(self.columns[index]))
            marks.append(mark)
        for r, (label, row) in enumerate(zip(self.labels, self.values, strict=True)):
            y = top + r * height
            marks.append(words(0, y + height / 2 + 4, label, "c-small", room=label_room - 6, size=SMALL))
            for c, value in enumerate(row):
                x = label_room + cell * c
                title = f"{label} · {self.columns[c]} · {said(value, self.unit)}"
                step = heat_step(value, low, high)
                marks.append(
                    rect(x + 1, y + 1, cell - 2, height - 2, "heat-none" if step is None else f"heat-{step}", title)
                )
                if write and value is not None:
                    marks.append(
                        words(
                            x + cell / 2,
                            y + height / 2 + 4,
                            bare(value, self.unit),
                            "c-heat " + ("heat-ink-high" if (step or 0) >= 3 else "heat-ink-low"),
                            "middle",
                        )
                    )
        y = top + height * len(self.labels) + 12
        words_end = label_room
        marks.append(words(label_room, y + 10, tick_text(low, self.unit), "c-small"))
        words_end += text_width(tick_text(low, self.unit), SMALL) + 8
        for step in range(5):
            marks.append(rect(words_end + step * 20, y, 18, 12, f"heat-{step}"))
        marks.append(words(words_end + 106, y + 10, tick_text(high, self.unit), "c-small"))
        return Layout(width, int(y + 18), tuple(marks))

    def head(self) -> list[str]:
        return [pgettext("chart", "Item"), *(str(column) for column in self.columns)]

    def rows(self) -> list[list[str]]:
        return [
            [str(label), *(bare(v, self.unit) for v in row)]
            for label, row in zip(self.labels, self.values, strict=True)
        ]


def heat_step(value: Number | None, low: float, high: float) -> int | None:
    """Which of the five steps a value falls into; None for no value. The top of the range belongs to the last step."""
    if value is None:
        return None
    share = 1.0 if high <= low else (number(value) - low) / (high - low)
    return min(4, max(0, int(share * 5)))


@dataclass(frozen=True, kw_only=True)
class Columns(Chart):
    """Counts in classes (a histogram, or how many have each grade), from zero, each with its count on top."""

    bars: Sequence[Bar]
    count_label: Any = ""

    def layout(self, width: int) -> Layout:
        top, height = 20.0, 130.0
        bottom = top + height
        highest = max((number(bar.value or 0) for bar in self.bars), default=0) or 1
        slot = width / max(1, len(self.bars))
        column = min(64.0, slot * 0.72)
        marks = [line(0, bottom, width, bottom, "c-axis", 1)]
        longest = max((text_width(str(bar.label), SMALL) for bar in self.bars), default=0)
        every = ceil(longest / slot) if len(self.bars) > 6 else 1
        for index, bar in enumerate(self.bars):
            middle = slot * (index + 0.5)
            y = scale(number(bar.value or 0), 0, highest, bottom, top)
            title = f"{bar.label}: {said(bar.value, self.unit)}"
            marks.append(rect(middle - column / 2, y, column, bottom - y, "c-own" if bar.own else "c-other", title))
            marks.append(words(middle, y - 6, bare(bar.value, self.unit), "c-strong" if bar.own else "", "middle"))
            if index % every == 0:
                marks.append(
                    words(
                        middle,
                        bottom + 17,
                        bar.label,
                        "c-strong" if bar.own else "c-small",
                        "middle",
                        room=slot * every,
                    )
                )
        return Layout(width, int(bottom + 26), tuple(marks))

    def head(self) -> list[str]:
        return [pgettext("chart", "Class"), str(self.count_label or pgettext("chart", "Count"))]

    def rows(self) -> list[list[str]]:
        return [[str(bar.label), bare(bar.value, self.unit)] for bar in self.bars]
