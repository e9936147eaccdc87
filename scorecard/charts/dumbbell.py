"""Dumbbells: two figures of a row side by side, this year and the year or threshold it is held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from scorecard.words import formats

from .base import Chart
from .marks import Element, Layout, Number, circle, line, number, said, scale, text_at, text_width


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
    """Targets: both rates as two dots, the margin beside them, met or missed in a word. Rows of one unit share a scale,
    so that a wide gap looks wide beside a narrow one.
    """

    pairs: Sequence[Pair]

    def layout(self, width: int) -> Layout:
        narrow = width < 500
        right_room = 0.0 if narrow else max(text_width(self._verdict(pair)[0]) for pair in self.pairs) * 1.06 + 12
        label_room = 0.0 if narrow else min(190.0, max(text_width(str(pair.label)) for pair in self.pairs) + 16)
        start, end = label_room + 56, width - right_room - 56
        marks: list[Element] = []
        y = 0.0
        for pair in self.pairs:
            base = y + (58 if narrow else 40)
            verdict, css = self._verdict(pair)
            if narrow:
                marks.append(text_at(0, y + 15, pair.label, "c-strong", room=width - text_width(verdict) - 12))
                marks.append(text_at(width, y + 15, verdict, css, "end"))
            else:
                marks.append(text_at(0, base + 4.5, pair.label, "c-strong", room=label_room - 12))
                marks.append(text_at(width, base + 4.5, verdict, css, "end", room=right_room - 4))
            if pair.left is None or pair.right is None:
                marks.append(text_at((start + end) / 2, base + 4.5, _("no figure yet"), "c-small", "middle"))
            else:
                left, right = number(pair.left), number(pair.right)
                low, high = self._span(pair.unit)
                x1, x2 = scale(left, low, high, start, end), scale(right, low, high, start, end)
                marks.append(line(start - 40, base, end + 40, base, "c-grid", 1))
                marks.append(line(x1, base, x2, base, "c-good-line" if pair.met else "c-bad-line", 4))
                marks.append(circle(x2, base, 6, "c-hollow c-axis", self._side(pair.right_label, pair.right, pair), 2))
                marks.append(circle(x1, base, 6, "c-own", self._side(pair.left_label, pair.left, pair)))
                marks.append(
                    text_at(
                        x1,
                        base - 12,
                        self._side(pair.left_label, pair.left, pair),
                        "",
                        self._anchor(x1, start, end),
                    )
                )
                marks.append(
                    text_at(
                        x2,
                        base + 23,
                        self._side(pair.right_label, pair.right, pair),
                        "c-small",
                        self._anchor(x2, start, end),
                    )
                )
            y = base + 38
        return Layout(width, int(y), tuple(marks))

    def _span(self, unit: str) -> tuple[float, float]:
        """The lowest and the highest side of all rows of a unit."""
        sides = [number(side) for p in self.pairs if p.unit == unit for side in (p.left, p.right) if side is not None]
        return min(sides), max(sides)

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
    def _anchor(here: float, start: float, end: float) -> str:
        """Words beside a dot run towards the middle of the drawing, where there is room."""
        place = (here - start) / (end - start)
        return "start" if place < 0.4 else "end" if place > 0.6 else "middle"

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
