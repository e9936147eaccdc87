"""All points, figures and grades of a round as one workbook, for those who see assessments."""

from typing import Any

from django.utils.translation import gettext as _

from assessments.reviews.round_figures.results import facts_sheet, points_sheet
from assessments.rounds.tables import stage_words
from assessments.rounds.views import RoundDetail
from banks.views.common import actor_of
from scorecard.audit.services import record
from scorecard.exports import Sheet
from scorecard.workbook_views import SheetsView


class RoundWorkbook(SheetsView, RoundDetail):
    """The banks that the filters of the round's list leave: sheets of points, of figures and answers, of grades."""

    @property
    def export_name(self) -> str:
        return _("Points and figures of %(round)s") % {"round": self.round.title}

    def get_table_kwargs(self) -> dict[str, Any]:
        return super().get_table_kwargs() | {"settings": {"columns": list(self.table_class.base_columns)}}

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        data = {"kind": "points and figures", "rows": count, "filters": filters, "points": True}
        record("assessments.list.exported", actor=actor_of(self.request), target=self.round, data=data)

    def get_sheets(self, table: Any) -> list[Sheet]:
        cases = table.data.data
        grades = Sheet(_("Grades and targets"), table.export_head(), table.export_rows(), fixed=1)
        facts = facts_sheet(cases, self.round, self.rulebook, stage_words)
        return [points_sheet(cases, self.rulebook, stage_words), facts, grades]
