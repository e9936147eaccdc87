"""Lines over the years."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.utils.translation import pgettext

from .base import Chart
from .marks import (
    SMALL,
    Element,
    Layout,
    Number,
    bare,
    circle,
    line,
    number,
    rect,
    said,
    scale,
    text_at,
    text_width,
    tick_text,
    ticks,
)


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
            return Layout(width, 40, (text_at(0, 20, "—", "c-small"),))
        grid = ticks(0 if self.zero else min(found), max(found))
        low, high = grid[0], grid[-1]
        tags = {one.label: f"{one.label} {bare(self._last(one), self.unit)}" for one in self.series}
        left = max(text_width(tick_text(t, self.unit), SMALL) for t in grid) + 10
        right = 8.0 if narrow else min(220.0, max(text_width(tag) for tag in tags.values()) + 14)
        top, height = 14.0, 170.0
        bottom = top + height
        marks: list[Element] = []
        for tick in grid:
            at = scale(tick, low, high, bottom, top)
            marks += [
                line(left, at, width - right, at, "c-grid", 1),
                text_at(left - 8, at + 4, tick_text(tick, self.unit), "c-small", "end"),
            ]
        inset = 0.0 if len(self.places) > 1 else (width - right - left) / 2
        xs = [
            scale(i, 0, max(1, len(self.places) - 1), left + inset + 6, width - right - 8)
            for i in range(len(self.places))
        ]
        marks += self._place_words(xs, bottom, width, width - left - right)
        ends: list[tuple[float, Series]] = []
        for one in sorted(self.series, key=lambda s: s.own):
            marks += self._drawn(one, xs, lambda value: scale(value, low, high, bottom, top))
            if self._last(one) is not None:
                ends.append((scale(number(self._last(one) or 0), low, high, bottom, top), one))
        if narrow:
            marks += self._key(ends, tags, left, bottom + 28, width)
            return Layout(width, int(bottom + 32 + 20 * len(ends)), tuple(marks))
        for at, one in spread(ends, 16, top, bottom):
            css = "c-strong c-own" if one.own else "c-small"
            marks.append(text_at(width - right + 6, at + 4.5, tags[one.label], css, room=right - 6))
        return Layout(width, int(bottom + 32), tuple(marks))

    def _place_words(self, xs: Sequence[float], bottom: float, width: int, room: float) -> list[Element]:
        """The words under the axis, as many as have room; the last one always stands."""
        marks: list[Element] = []
        every = max(1, ceil(len(self.places) * 44 / max(1, room)))
        for i, place in enumerate(self.places):
            if i % every == 0 or i == len(self.places) - 1:
                half = text_width(str(place), SMALL) / 2
                if xs[i] < half:  # a long first word stays inside the drawing, and so does a long last one
                    marks.append(text_at(0, bottom + 18, place, "c-small"))
                elif xs[i] + half > width:
                    marks.append(text_at(width, bottom + 18, place, "c-small", "end"))
                else:
                    marks.append(text_at(xs[i], bottom + 18, place, "c-small", "middle"))
        return marks

    def _drawn(self, one: Series, xs: Sequence[float], height: Callable[[float], float]) -> list[Element]:
        """One series: a dot for each value, joined where no value between them is missing."""
        marks: list[Element] = []
        css = "c-own-line" if one.own else "c-other-line"
        dots: list[tuple[float, float]] = []
        for x, value in zip(xs, one.values, strict=True):
            if value is None:
                dots = []
                continue
            y = height(number(value))
            if dots:
                marks.append(line(*dots[-1], x, y, css, 2.5 if one.own else 1.5))
            dots.append((x, y))
            radius, dot = (4, "c-own") if one.own else (3, "c-other")
            marks.append(circle(x, y, radius, dot, f"{one.label} {said(value, self.unit)}"))
        return marks

    def _key(
        self, ends: Sequence[tuple[float, Series]], tags: dict[Any, str], left: float, y: float, width: int
    ) -> list[Element]:
        """The names of the lines one under the other, where there is no room beside their ends."""
        marks: list[Element] = []
        for row, (_at, one) in enumerate(ends):
            at = y + 20 * row
            css = "c-strong" if one.own else "c-small"
            marks += [
                rect(left, at + 4, 12, 4, "c-own" if one.own else "c-other", rx=1),
                text_at(left + 18, at + 11, tags[one.label], css, room=width - left - 22),
            ]
        return marks

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
