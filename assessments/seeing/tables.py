"""The heat map as a table: a row for each bank, a column for each indicator, every cell a link to the reason."""

from decimal import Decimal
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from assessments.models import Assessment
from assessments.scoring.same_items import points_range
from assessments.seeing.heat import Cell, row_of
from scorecard.columns import Column, FigureColumn
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.tables import BaseTable
from scorecard.ui.templatetags.ui import DASH
from scorecard.words.language import in_language

PREFIX = "of_"
# A page of more banks than these is neither picture nor table that anybody reads, and takes long to write.
LONGEST_PAGE = 100


def cell_text(cell: Cell) -> str:
    """What stands in a cell: the percentage, or the points where an indicator only takes some away; a sign for none."""
    if cell.awaited:
        return pgettext("points awaited, in a cell as wide as two digits", "…")
    if cell.points is None:
        return "–"
    shown = plain(cell.points) if cell.percent is None else str(cell.percent)
    return shown.replace("-", "−")


def cell_words(cell: Cell) -> str:
    """The same in words: points of how many, or why there are none."""
    most = plain(cell.indicator.max)
    if cell.awaited:
        return _("up to %(most)s points awaited") % {"most": most}
    if cell.points is None:
        return _("not applicable")
    words = _("%(points)s of %(most)s points") % {"points": plain(cell.points), "most": most}
    if cell.state == "not_applicable":
        return f"{words} · " + _("not applicable")
    if cell.state == "unanswered":
        return f"{words} · " + _("unanswered")
    return words


def reason_url(case: Assessment, indicator: str) -> str:
    """Where the reason stands: the indicator on the result page of the version and the run that the cell is of."""
    run = case.counted_run
    if run is None:
        return ""
    kept: Any = case
    if not hasattr(kept, "reason_page"):  # one address for thirty cells
        page = reverse("assessment-result", args=[case.pk, run.version.number])
        kept.reason_page = f"{page}?kind={run.kind}#ind-"
    return f"{kept.reason_page}{indicator}"


def total_words(case: Assessment) -> str:
    """The total; while points are awaited the range in which it lies; blank without a score."""
    low, high = points_range(case.counted_run)
    if low is None or high is None:
        return ""
    return plain(low) if low == high else f"{plain(low)}–{plain(high)}"


class CellColumn(Column):
    """One indicator."""

    def __init__(self, place: int, **kwargs: Any) -> None:
        super().__init__(css="num heat-cell", empty_values=(), orderable=False, accessor="pk", **kwargs)
        self.place = place

    def _cell(self, record: Assessment, table: Any) -> Cell | None:
        cells = row_of(table.rulebook, record)
        return cells[self.place] if cells else None

    def render(self, record: Any, table: Any) -> Any:
        cell = self._cell(record, table)
        if cell is None:
            return DASH
        return format_html(
            '<a class="heat-link heat-{}" href="{}" title="{}">{}</a>',
            "awaited" if cell.awaited else "none" if cell.step is None else cell.step,
            reason_url(record, cell.indicator.id),
            cell_words(cell),
            cell_text(cell),
        )

    def value(self, record: Any, table: Any) -> Any:  # type: ignore[override]
        """The points, every digit; what is awaited or does not apply in words, never as 0."""
        cell = self._cell(record, table)
        if cell is None:
            return None
        if cell.points is not None:
            return cell.points
        return pgettext("points", "awaited") if cell.awaited else _("not applicable")


class HeatTable(BaseTable):
    """The banks of a round by indicator. Not sorted by any indicator or total: awaited points are no points yet."""

    bank = Column(verbose_name=gettext_lazy("Bank"), accessor="bank", css="wrap", orderable=False)
    code = Column(verbose_name=gettext_lazy("Bank code"), accessor="bank__code", orderable=False, export_only=True)
    category = Column(verbose_name=gettext_lazy("Category"), accessor="said_category", css="nowrap", orderable=False)
    total = FigureColumn(
        verbose_name=gettext_lazy("Total"), unit="point", accessor="pk", empty_values=(), orderable=False
    )
    pending = FigureColumn(
        verbose_name=gettext_lazy("Points awaited"),
        unit="point",
        accessor="pk",
        empty_values=(),
        orderable=False,
        export_only=True,
    )

    caption = gettext_lazy("Share of the points of each indicator, by bank")
    empty_title = gettext_lazy("No bank takes part yet")
    empty_hint = gettext_lazy("Opening the round makes one assessment for every bank on the register.")
    default_columns: ClassVar[tuple[str, ...]] = ()

    class Meta(BaseTable.Meta):
        model = Assessment
        fields = ()
        sequence = ("bank", "code", "category", "total", "pending", "...")

    def __init__(self, *args: Any, rulebook: Rulebook, **kwargs: Any) -> None:
        self.rulebook = rulebook
        extra = [
            (f"{PREFIX}{name}", CellColumn(place, verbose_name=f"{name} {in_language(spec.name)}"))
            for place, (name, spec) in enumerate(rulebook.indicators.items())
        ]
        super().__init__(*args, extra_columns=extra, **kwargs)
        if self.page_size is not None:
            self.page_size = min(self.page_size, LONGEST_PAGE)

    @cached_property
    def codes(self) -> dict[str, str]:
        """Column → the indicator's id, which heads it on the screen; its name is in the columns' menu and in files."""
        return {f"{PREFIX}{name}": name for name in self.rulebook.indicators}

    @property
    def heads(self) -> list[dict[str, Any]]:
        """Indicators are headed by their ids: thirty names side by side cannot be read."""
        found = super().heads
        for column, head in zip(self.shown, found, strict=True):
            head["title"] = self.codes.get(column.name, head["title"])
        return found

    def export_head(self) -> list[str]:
        """Each indicator with the most points that it can have."""
        most = {f"{PREFIX}{name}": plain(spec.max) for name, spec in self.rulebook.indicators.items()}
        return [
            _("%(name)s (of %(most)s points)") % {"name": head, "most": most[column.name]}
            if column.name in most
            else head
            for column, head in zip(self.export_columns(), super().export_head(), strict=True)
        ]

    def render_bank(self, record: Assessment) -> Any:
        url = reverse("review-detail", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, record.bank_name)

    def value_bank(self, record: Assessment) -> str:
        return record.bank_name

    def render_category(self, record: Assessment) -> str:
        return record.category_words

    value_category = render_category

    def render_total(self, record: Assessment) -> Any:
        return total_words(record) or DASH

    def value_total(self, record: Assessment) -> Decimal | None:
        """A finished total; one that awaits points is none."""
        low, high = points_range(record.counted_run)
        return low if low == high else None

    def value_pending(self, record: Assessment) -> Decimal | None:
        low, high = points_range(record.counted_run)
        return None if low is None or high is None else high - low
