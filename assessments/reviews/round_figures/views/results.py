"""All points, figures and grades of a round as one workbook, for those who see assessments."""

import tempfile
from typing import Any

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.reviews.round_figures.results import facts_sheet, points_sheet
from assessments.rounds.tables import stage_words
from assessments.rounds.views import RoundDetail
from banks.views.common import actor_of
from scorecard.audit.services import record
from scorecard.exports import CONTENT_TYPES, Sheet, disposition, write_sheets
from scorecard.tables import WAITED_ROWS


class RoundWorkbook(RoundDetail):
    """The banks that the filters of the round's list leave: sheets of points, of figures and answers, of grades."""

    waited_rows = WAITED_ROWS // 3  # three sheets

    @property
    def export_name(self) -> str:
        return _("Points and figures of %(round)s") % {"round": self.round.title}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The file, or the work that writes it."""
        return self.export(self.build_table(), "xlsx")

    def get_table_kwargs(self) -> dict[str, Any]:
        return super().get_table_kwargs() | {"settings": {"columns": list(self.table_class.base_columns)}}

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        data = {"kind": "points and figures", "rows": count, "filters": filters, "points": True}
        record("assessments.list.exported", actor=actor_of(self.request), target=self.round, data=data)

    def write_file(self, target: Any, kind: str, name: str, table: Any) -> None:
        cases = table.data.data
        grades = Sheet(_("Grades and targets"), table.export_head(), table.export_rows(), fixed=1)
        write_sheets(
            target,
            [
                points_sheet(cases, self.rulebook, stage_words),
                facts_sheet(cases, self.round, self.rulebook, stage_words),
                grades,
            ],
        )

    def file_response(self, kind: str, name: str, table: Any) -> HttpResponseBase:
        target = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it
        self.write_file(target, kind, name, table)
        target.seek(0)
        response = FileResponse(target, content_type=CONTENT_TYPES["xlsx"])
        response["Content-Disposition"] = disposition(f"{name}-{timezone.localdate():%Y%m%d}.xlsx")
        response["Cache-Control"] = "no-store"
        return response
