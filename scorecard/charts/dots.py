"""Dot plots: where one stands among its peers."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from scorecard.engine.values.rational import Fraction
from scorecard.words import formats

from .base import Chart
from .marks import Element, Layout, Number, circle, line, number, rect, said, scale, text_at, tick_text

# Beyond so many peers a dot for each says no more than a count, and costs a mark each.
MOST_DOTS = 60
BINS = 30


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
            return Layout(width, 24, (text_at(0, 16, "—", "c-small"),))
        low = number(self.minimum) if self.minimum is not None else min(everyone)
        high = number(self.maximum) if self.maximum is not None else max(everyone)
        pad = 8 if self.small else 28
        radius = 3 if self.small else 5
        base = 12.0 if self.small else 62.0
        marks = [line(pad, base, width - pad, base, "c-grid", 1)]
        marks += (
            self._bins(low, high, pad, width, base)
            if len(self.values) > MOST_DOTS
            else self._dots(low, high, pad, width, base, radius)
        )
        if self.values:
            middle = scale(median(number(v) for v in self.values), low, high, pad, width - pad)
            marks.append(line(middle, base - 9, middle, base + 9, "c-axis", 2))
            if not self.small:
                marks.append(
                    text_at(
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
                    text_at(x, 15, f"{self.own_label} {said(self.own, self.unit)}".strip(), "c-strong c-own", anchor)
                )
        if self.small:
            return Layout(width, 24, tuple(marks))
        marks.append(text_at(0, base + 42, tick_text(low, self.unit), "c-small"))
        marks.append(text_at(width, base + 42, tick_text(high, self.unit), "c-small", "end"))
        return Layout(width, int(base + 50), tuple(marks))

    def _dots(self, low: float, high: float, pad: int, width: int, base: float, radius: int) -> list[Element]:
        """One dot for each peer; where several stand at one place they are stacked, in a small plot laid together."""
        marks, taken = [], dict[int, int]()
        for value in sorted(number(v) for v in self.values):
            at = scale(value, low, high, pad, width - pad)
            slot = round(at / (radius * 2))
            level = taken.get(slot, 0)
            taken[slot] = level + 1
            height = base - min(level, 0 if self.small else 5) * radius * 1.6
            marks.append(circle(at, height, radius, "c-other", said(str(Decimal(repr(value))), self.unit)))
        return marks

    def _bins(self, low: float, high: float, pad: int, width: int, base: float) -> list[Element]:
        """Columns of equal width whose height is the count of peers in each: the drawing's size does not grow."""
        counts: dict[int, int] = {}
        span = (high - low) or 1
        for value in map(number, self.values):
            place = min(BINS - 1, max(0, int((value - low) / span * BINS)))
            counts[place] = counts.get(place, 0) + 1
        most, room = max(counts.values()), 9.0 if self.small else 38.0
        each = (width - 2 * pad) / BINS
        marks = []
        for place, count in sorted(counts.items()):
            tall = max(1.5, room * count / most)
            edges = (round(Decimal(repr(low + span * edge / BINS)), 2) for edge in (place, place + 1))
            ends = [said(str(edge), self.unit) for edge in edges]
            words_of_bin = ngettext("{n} bank, {low} to {high}", "{n} banks, {low} to {high}", count)
            title = words_of_bin.format(n=count, low=ends[0], high=ends[1])
            marks.append(rect(pad + place * each, base - tall, each - 0.5, tall, "c-other", title, rx=0))
        return marks

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
