"""What every chart has: its finding in words, its drawings for three widths, and its figures in a table."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from scorecard.words import formats

from .marks import MEDIUM, NARROW, WIDE, Layout


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
