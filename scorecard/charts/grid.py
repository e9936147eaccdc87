"""A grid of cells: rows in groups, columns in bands, each cell shaded in steps, with its own text, words and address.

Unlike ``HeatMap`` it knows cells that have no value for a reason (awaited, not applicable), keeps one width of cells
whatever the page, and each cell may lead somewhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from .marks import SMALL, Element, Layout, fit, px, rect, text_at, text_width

CELL, HEIGHT, END = 25, 24, 88
LEAST_LABEL, MOST_LABEL = 120.0, 250.0
HATCH = "hatch"


@dataclass(frozen=True)
class GridCell:
    """``step`` is 0 (least) to 4 (most), None for a cell without a value; ``hatched`` marks what is awaited."""

    step: int | None
    text: str
    title: str
    href: str = ""
    hatched: bool = False


@dataclass(frozen=True)
class GridRow:
    """A row: its name with an address, its cells, and what stands at its end. ``group`` heads the first of a group."""

    label: str
    cells: Sequence[GridCell]
    end: str
    href: str = ""
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class CellGrid:
    """``codes`` stand over the columns, ``names`` are their full names; ``bands`` are (name, number of columns)."""

    finding: str
    codes: Sequence[str]
    names: Sequence[str]
    bands: Sequence[tuple[str, int]]
    rows: Sequence[GridRow]
    end_head: str
    #: Words of the legend: least, most, awaited, the sign of what does not apply with its words.
    low: str
    high: str
    awaited: str
    without: str

    def layout(self) -> Layout:
        """The drawing, as wide as its columns ask."""
        marks: list[Element] = [_pattern(), *self._heads()]
        y, group = 44.0, None
        for row in self.rows:
            if row.group != group:
                group = row.group
                marks.append(text_at(0, y + 18, group, "c-small c-strong"))
                y += HEIGHT
            marks += self._row(row, y)
            y += HEIGHT
        marks += self._legend(y + 14)
        return Layout(self.width, int(y + 34), tuple(marks))

    @cached_property
    def label(self) -> float:
        """How wide the names are, in pixels."""
        widest = max((text_width(row.label, SMALL) for row in self.rows), default=0)
        return float(int(min(MOST_LABEL, max(LEAST_LABEL, widest + 12))))

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.label) + CELL * len(self.codes) + END

    def _heads(self) -> Iterator[Element]:
        start = 0
        for name, count in self.bands:
            x, wide = self.label + CELL * start, CELL * count
            yield rect(x + 1, 0, wide - 2, 20, "c-track", name)
            yield text_at(x + wide / 2, 14, fit(name, wide - 8, SMALL), "c-small", "middle")
            start += count
        for place, code in enumerate(self.codes):
            mark = text_at(self.label + CELL * (place + 0.5), 37, fit(code, CELL - 1, SMALL), "c-small", "middle")
            yield Element(mark.tag, mark.attrs, mark.text, f"{code} {self.names[place]}")
        yield text_at(self.label + CELL * len(self.codes) + END - 4, 37, self.end_head, "c-small", "end")

    def _row(self, row: GridRow, y: float) -> Iterator[Element]:
        name = text_at(
            0, y + 16, row.label, "c-small c-strong" if row.href else "c-small", room=self.label - 8, size=SMALL
        )
        yield linked(row.href, [Element(name.tag, name.attrs, name.text)], row.label)
        for place, cell in enumerate(row.cells):
            x = self.label + CELL * place
            css = "heat-none" if cell.step is None else f"heat-{cell.step}"
            drawn = [rect(x + 1, y + 1, CELL - 2, HEIGHT - 2, css)]
            if cell.hatched:
                over = rect(x + 1, y + 1, CELL - 2, HEIGHT - 2, "")
                drawn.append(Element("rect", over.attrs | {"fill": f"url(#{HATCH})"}))
            ink = "heat-ink-high" if (cell.step or 0) >= 3 else "heat-ink-low"
            drawn.append(text_at(x + CELL / 2, y + 16, cell.text, f"c-cell {ink}", "middle"))
            yield linked(cell.href, drawn, cell.title)
        yield text_at(self.label + CELL * len(self.codes) + END - 4, y + 16, row.end, "c-small c-strong", "end")

    def _legend(self, y: float) -> Iterator[Element]:
        x = self.label
        yield text_at(x, y + 10, self.low, "c-small")
        x += text_width(self.low, SMALL) + 8
        for step in range(5):
            yield rect(x + step * 20, y, 18, 12, f"heat-{step}")
        yield text_at(x + 106, y + 10, self.high, "c-small")
        x += 106 + text_width(self.high, SMALL) + 20
        yield rect(x, y, 18, 12, "heat-none")
        over = rect(x, y, 18, 12, "")
        yield Element("rect", over.attrs | {"fill": f"url(#{HATCH})"})
        yield text_at(x + 24, y + 10, self.awaited, "c-small")
        x += 24 + text_width(self.awaited, SMALL) + 20
        yield text_at(x, y + 10, self.without, "c-small")


def linked(href: str, drawn: Sequence[Element], title: str) -> Element:
    """The marks within a link; a table beside the picture has the same links for the keyboard."""
    if not href:
        return Element("g", {}, title=title, children=tuple(drawn))
    return Element("a", {"href": href, "tabindex": "-1"}, title=title, children=tuple(drawn))


def _pattern() -> Element:
    stroke = Element("path", {"d": "M-1 7 L7 -1 M-1 1 L1 -1 M5 7 L7 5", "class": "c-hatch"})
    size = {"width": px(6), "height": px(6), "patternUnits": "userSpaceOnUse"}
    return Element("defs", {}, children=(Element("pattern", {"id": HATCH, **size}, children=(stroke,)),))
