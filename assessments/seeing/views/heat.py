"""The page of the heat map: the picture of one page of banks, the same as a table, and both as files."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Assessment
from assessments.rounds.filtersets import StandingFilters
from assessments.rounds.views import OfRound, round_context
from assessments.seeing.heat import heat_cases, least_reached, row_of
from assessments.seeing.tables import LONGEST_PAGE, HeatTable, cell_text, cell_words, reason_url, total_words
from assessments.seeing.views.files import picture_response
from banks.views.common import actor_of
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.charts.grid import CellGrid, GridCell, GridRow
from scorecard.charts.pictures import markup
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.tables import BaseTable, FilteredListView, KeyPaginator
from scorecard.words.formats import moment
from scorecard.words.language import in_language


class HeatMapPage(OfRound, FilteredListView):
    """Banks by indicators, 25 to a page, category by category."""

    template_name = "seeing/heat.html"
    table_class, filterset_class = HeatTable, StandingFilters
    paginator_class = KeyPaginator
    page_sizes = (25, 50, LONGEST_PAGE)
    printed_rows = LONGEST_PAGE

    @property
    def export_name(self) -> str:
        return _("Heat map of %(round)s") % {"round": self.round.title}

    def get_queryset(self) -> QuerySet[Assessment]:
        return heat_cases(actor_of(self.request), self.round)

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"rulebook": self.rulebook}

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Rounds"), reverse("round-list")), (self.round.title, "")]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, the list as a file, or with ``?_picture=svg|png`` the picture of the page that is asked for."""
        kind = request.GET.get("_picture", "")
        return self.picture(kind) if kind in ("svg", "png") else super().get(request, *args, **kwargs)

    def picture(self, kind: str) -> HttpResponse:
        """The picture as a file; one event, as for a list that is exported."""
        table = self.build_table()
        self.paginate(table)
        cases = page_cases(table)
        self.on_export(kind, len(cases), {})
        grid = heat_grid(self.rulebook, cases)
        notes = f"{self.round.title} · {moment(timezone.now())}"
        return picture_response(kind, str(self.export_name), grid.layout(), grid.finding, notes)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cases = page_cases(kwargs["table"])
        grid = heat_grid(self.rulebook, cases) if cases else None
        return super().get_context_data(
            **round_context(self.request, self.round),
            grid=grid,
            drawing=markup(grid.layout(), grid.finding, "drawing-wide") if grid else "",
            rulebook=self.rulebook,
            **kwargs,
        )

    def on_read(self) -> None:
        record_reading(
            "assessments.list.read", actor=actor_of(self.request), name="heat map of a round", target=self.round
        )

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        record(
            "assessments.list.exported",
            actor=actor_of(self.request),
            target=self.round,
            data={"kind": kind, "rows": count, "filters": filters, "list": "heat map of a round"},
        )


def page_cases(table: BaseTable) -> list[Assessment]:
    """The cases of the page of a table."""
    return [row.record for row in table.page.object_list]


def heat_grid(rulebook: Rulebook, cases: Iterable[Assessment]) -> CellGrid:
    """The picture of these banks."""
    shown = list(cases)
    indicators = rulebook.indicators
    return CellGrid(
        finding=_finding(rulebook, shown),
        codes=list(indicators),
        names=[in_language(spec.name) for spec in indicators.values()],
        bands=[(f"{s.id} {in_language(s.name)}", len(rulebook.indicators_of(s.id))) for s in rulebook.top_sections],
        rows=[_row(rulebook, case) for case in shown],
        end_head=_("Total"),
        low=_("none of the points"),
        high=_("all of them"),
        awaited=_("awaited, not counted yet"),
        without=_("– not applicable"),
    )


def _row(rulebook: Rulebook, case: Assessment) -> GridRow:
    cells = [
        GridCell(
            cell.step,
            cell_text(cell),
            f"{case.bank_name} · {cell.indicator.id} {in_language(cell.indicator.name)} · {cell_words(cell)}",
            reason_url(case, cell.indicator.id),
            cell.awaited,
        )
        for cell in row_of(rulebook, case)
    ]
    end = total_words(case) or _("no points yet")
    return GridRow(case.bank_name, cells, end, reverse("review-detail", args=[case.pk]), case.category_words)


def _finding(rulebook: Rulebook, cases: list[Assessment]) -> str:
    """Where the banks of the page lose most."""
    found = least_reached(rulebook, cases)
    if found is None:
        return _("No bank of this page has points yet.")
    spec, share = found
    return _("Of these banks, least is reached in %(code)s %(name)s: %(percent)d%% of the points on average.") % {
        "code": spec.id,
        "name": in_language(spec.name),
        "percent": share * 100,
    }
