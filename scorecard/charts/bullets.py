"""Bullet bars: what was reached of what could be, one bar a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from .base import Chart
from .marks import Element, Layout, Number, bare, line, number, rect, scale, text_at, text_width


@dataclass(frozen=True)
class Bar:
    """One bar: ``value`` of ``top`` (its maximum, for bullet bars), ``mark`` a comparison such as last year's.

    ``digits`` are the decimals that its figure has where it was printed; without them the unit decides. ``kind`` (good,
    info, attention, bad) colours a column that stands for something better or worse.
    """

    label: Any
    value: Number | None
    top: Number | None = None
    mark: Number | None = None
    own: bool = False
    url: str = ""
    digits: int | None = None
    kind: str = ""


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
        marks: list[Element] = []
        y = 4.0
        for bar in self.bars:
            line_y = y + (20 if narrow else 0)
            middle = line_y + height / 2 + 4.5
            if narrow:
                marks.append(text_at(0, y + 13, bar.label, room=width - 4))
            else:
                marks.append(text_at(0, middle, bar.label, room=label_room - 10))
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
            marks.append(text_at(width, middle, self._value(bar), "c-strong", "end"))
            y += step
        if self.mark_label and any(bar.mark is not None for bar in self.bars):
            marks += [
                line(start + 1, y + 2, start + 1, y + 14, "c-mark", 2),
                text_at(start + 8, y + 13, self.mark_label, "c-small"),
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
