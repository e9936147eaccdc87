"""Charts drawn on the server as SVG: no script, no inline style, printable, each with its figures in a table below.

A chart is data plus ``layout(width)``, a pure function to marks with their geometry, which the tests check by
numbers. Every chart is drawn for three widths; the style sheet shows the one that fits, so text is hardly scaled.
Values are exact until they become coordinates; floats are for pixels alone.
"""

from .bars import Bars, Columns
from .base import Chart
from .bullets import Bar, BulletBars
from .dots import DotPlot
from .dumbbell import Dumbbell, Pair
from .heat import HeatMap, heat_step
from .lines import Lines, Series, spread
from .marks import MEDIUM, NARROW, WIDE, Element, Layout, fit, number, px, said, scale, text_at, text_width, ticks

__all__ = [
    "MEDIUM",
    "NARROW",
    "WIDE",
    "Bar",
    "Bars",
    "BulletBars",
    "Chart",
    "Columns",
    "DotPlot",
    "Dumbbell",
    "Element",
    "HeatMap",
    "Layout",
    "Lines",
    "Pair",
    "Series",
    "fit",
    "heat_step",
    "number",
    "px",
    "said",
    "scale",
    "spread",
    "text_at",
    "text_width",
    "ticks",
]
