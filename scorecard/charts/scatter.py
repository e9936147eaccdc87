"""Banks by two figures: a dot for each with words and address, or, where there are too many, how many lie in a cell.

Lines mark limits; their words stand beside them. A dot beyond the ends of an axis is drawn hollow at its edge, and its
words say where it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .grid import linked
from .marks import SMALL, Element, Layout, circle, line, px, rect, scale, text_at, tick_text, ticks

WIDTH, HEIGHT = 860, 470
LEFT, RIGHT, TOP, BOTTOM = 44, 16, 40, 44


@dataclass(frozen=True)
class Dot:
    """One bank, in the units of the axes."""

    x: float
    y: float
    title: str
    href: str = ""


@dataclass(frozen=True)
class Tile:
    """How many banks lie in a cell of the plane."""

    left: float
    right: float
    low: float
    high: float
    count: int
    title: str


@dataclass(frozen=True)
class Limit:
    """A line at a value of an axis (``upright`` at one of the lower axis) with its words."""

    at: float
    words: str
    upright: bool = False


@dataclass(frozen=True, kw_only=True)
class Scatter:
    """``ends`` are the outermost values that are drawn: (left, right, low, high)."""

    finding: str
    across: str
    up: str
    ends: tuple[float, float, float, float]
    dots: Sequence[Dot] = ()
    tiles: Sequence[Tile] = ()
    limits: Sequence[Limit] = ()

    def layout(self) -> Layout:
        """The drawing at its one size."""
        xs = [dot.x for dot in self.dots] + [end for t in self.tiles for end in (t.left, t.right)]
        ys = [dot.y for dot in self.dots] + [end for t in self.tiles for end in (t.low, t.high)]
        xs += [limit.at for limit in self.limits if limit.upright]
        ys += [limit.at for limit in self.limits if not limit.upright]
        left, right, low, high = self.ends
        self_x = ticks(max(left, min(xs, default=0)), min(right, max(xs, default=1)))
        self_y = ticks(max(low, min(ys, default=0)), min(high, max(ys, default=1)))
        plane = _Plane(self_x[0], self_x[-1], self_y[0], self_y[-1])
        marks = [*self._axes(plane, self_x, self_y), *(plane.tile(t, self.most) for t in self.tiles)]
        marks += [mark for limit in self.limits for mark in plane.limit(limit)]
        marks += [plane.dot(dot) for dot in self.dots]
        return Layout(WIDTH, HEIGHT, tuple(marks))

    @property
    def most(self) -> int:
        """Banks in the fullest cell."""
        return max((tile.count for tile in self.tiles), default=1)

    def _axes(self, plane: "_Plane", xs: Sequence[float], ys: Sequence[float]) -> Iterator[Element]:
        for x in xs:
            yield line(plane.x(x), TOP, plane.x(x), HEIGHT - BOTTOM, "c-grid")
            yield text_at(plane.x(x), HEIGHT - BOTTOM + 16, tick_text(x, ""), "c-small", "middle")
        for y in ys:
            yield line(LEFT, plane.y(y), WIDTH - RIGHT, plane.y(y), "c-grid")
            yield text_at(LEFT - 6, plane.y(y) + 4, tick_text(y, ""), "c-small", "end")
        yield text_at(WIDTH - RIGHT, HEIGHT - 8, self.across + " →", "c-small c-strong", "end")
        yield text_at(LEFT, 14, "↑ " + self.up, "c-small c-strong")


@dataclass(frozen=True)
class _Plane:
    left: float
    right: float
    low: float
    high: float

    def x(self, value: float) -> float:
        return scale(value, self.left, self.right, LEFT, WIDTH - RIGHT)

    def y(self, value: float) -> float:
        return scale(value, self.low, self.high, HEIGHT - BOTTOM, TOP)

    def dot(self, dot: Dot) -> Element:
        x, y = min(self.right, max(self.left, dot.x)), min(self.high, max(self.low, dot.y))
        css = "c-own c-dot" if (x, y) == (dot.x, dot.y) else "c-hollow c-own-line"
        return linked(dot.href, [circle(self.x(x), self.y(y), 5, css, stroke=1.5)], dot.title)

    def tile(self, tile: Tile, most: int) -> Element:
        left, right = self.x(tile.left), self.x(tile.right)
        top, foot = self.y(tile.high), self.y(tile.low)
        step = min(4, tile.count * 5 // (most + 1))
        drawn = [rect(left + 0.5, top + 0.5, right - left - 1, foot - top - 1, f"heat-{step}")]
        if right - left >= 14:
            ink = "heat-ink-high" if step >= 3 else "heat-ink-low"
            drawn.append(text_at((left + right) / 2, (top + foot) / 2 + 4, tile.count, f"c-cell {ink}", "middle"))
        return linked("", drawn, tile.title)

    def limit(self, limit: Limit) -> Iterator[Element]:
        if limit.upright:
            x = self.x(limit.at)
            yield line(x, TOP, x, HEIGHT - BOTTOM, "c-mark", 1.4, "5 3")
            mark = text_at(x + 5, HEIGHT - BOTTOM - 6, limit.words, "c-small c-halo")
        else:
            y = self.y(limit.at)
            yield line(LEFT, y, WIDTH - RIGHT, y, "c-mark", 1.4, "5 3")
            mark = text_at(WIDTH - RIGHT - 2, y - 5, limit.words, "c-small c-halo", "end")
        yield Element(mark.tag, mark.attrs | {"font-size": px(SMALL)}, mark.text)
