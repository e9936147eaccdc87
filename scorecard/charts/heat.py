"""Heat maps: a table whose cells are shaded in steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import pgettext

from .base import Chart
from .marks import SMALL, Element, Layout, Number, bare, number, px, rect, said, text_at, text_width, tick_text


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
        marks: list[Element] = []
        turned = any(text_width(code, SMALL) > cell - 2 for code in self.codes)
        top = (max((text_width(code, SMALL) for code in self.codes), default=0) + 8) if turned else 20.0
        for index, code in enumerate(self.codes):
            x = label_room + cell * (index + 0.5)
            mark = text_at(x + (4 if turned else 0), top - 6, code, head_css, "start" if turned else "middle")
            if turned:
                mark = Element(
                    mark.tag,
                    mark.attrs | {"transform": f"rotate(-90 {px(x + 4)} {px(top - 6)})"},
                    mark.text,
                    str(self.columns[index]),
                )
            else:
                mark = Element(mark.tag, mark.attrs, mark.text, str(self.columns[index]))
            marks.append(mark)
        for r, (label, row) in enumerate(zip(self.labels, self.values, strict=True)):
            y = top + r * height
            marks.append(text_at(0, y + height / 2 + 4, label, "c-small", room=label_room - 6, size=SMALL))
            for c, value in enumerate(row):
                x = label_room + cell * c
                title = f"{label} · {self.columns[c]} · {said(value, self.unit)}"
                step = heat_step(value, low, high)
                marks.append(
                    rect(x + 1, y + 1, cell - 2, height - 2, "heat-none" if step is None else f"heat-{step}", title)
                )
                if write and value is not None:
                    marks.append(
                        text_at(
                            x + cell / 2,
                            y + height / 2 + 4,
                            bare(value, self.unit),
                            "c-heat " + ("heat-ink-high" if (step or 0) >= 3 else "heat-ink-low"),
                            "middle",
                        )
                    )
        y = top + height * len(self.labels) + 12
        words_end = label_room
        marks.append(text_at(label_room, y + 10, tick_text(low, self.unit), "c-small"))
        words_end += text_width(tick_text(low, self.unit), SMALL) + 8
        for step in range(5):
            marks.append(rect(words_end + step * 20, y, 18, 12, f"heat-{step}"))
        marks.append(text_at(words_end + 106, y + 10, tick_text(high, self.unit), "c-small"))
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
