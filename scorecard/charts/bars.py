"""Plain bars and columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.utils.translation import pgettext

from .base import Chart
from .bullets import Bar, above
from .marks import SMALL, Element, Layout, bare, line, number, rect, said, scale, text_at, text_width


@dataclass(frozen=True, kw_only=True)
class Bars(Chart):
    """Horizontal bars from zero, to the left where a value is below it; the own one stands out. Figures at the ends."""

    bars: Sequence[Bar]

    def layout(self, width: int) -> Layout:
        narrow = above(self.bars, width)
        found = [number(bar.value) for bar in self.bars if bar.value is not None] or [0.0]
        low, high = min(0.0, *found), max(0.0, *found)
        label_room = 0.0 if narrow else max(text_width(str(bar.label)) for bar in self.bars) + 12
        room = max(text_width(bare(bar.value, self.unit, bar.digits)) for bar in self.bars) + 10
        start, end = label_room + (room if low < 0 else 0), width - room
        zero = scale(0, low, high, start, end) if low != high else start
        step, height = (42, 14) if narrow else (28, 16)
        marks: list[Element] = []
        y = 4.0
        for bar in self.bars:
            line_y = y + (19 if narrow else 0)
            middle = line_y + height / 2 + 4.5
            css = "c-strong" if bar.own else ""
            marks.append(
                text_at(0, y + 13 if narrow else middle, bar.label, css, room=width - 4 if narrow else label_room - 10)
            )
            if bar.value is None:
                marks.append(text_at(zero + 6, middle, "—", "c-small"))
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
                        f"{bar.label} {said(bar.value, self.unit, bar.digits)}",
                    )
                )
                marks.append(
                    text_at(
                        at + 6 if value >= 0 else at - 6,
                        middle,
                        bare(bar.value, self.unit, bar.digits),
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
        return [[str(bar.label), bare(bar.value, self.unit, bar.digits)] for bar in self.bars]


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
            css = f"c-{bar.kind}" if bar.kind else "c-own" if bar.own else "c-other"
            marks.append(rect(middle - column / 2, y, column, bottom - y, css, title))
            marks.append(text_at(middle, y - 6, bare(bar.value, self.unit), "c-strong" if bar.own else "", "middle"))
            if index % every == 0:
                marks.append(
                    text_at(
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
