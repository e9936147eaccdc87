"""Lists that go out as a workbook of several sheets: at once, or written by a worker where they are long."""

import tempfile
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from scorecard.exports import CONTENT_TYPES, Sheet, disposition, write_sheets
from scorecard.tables import WAITED_ROWS, FilteredListView


class SheetsView(FilteredListView):
    """The rows that the filters of a list leave, in sheets of their own."""

    waited_rows = WAITED_ROWS // 3  # several sheets

    def get_sheets(self, table: Any) -> Sequence[Sheet]:
        """The sheets; ``table`` holds the rows."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The file, or the work that writes it."""
        return self.export(self.build_table(), "xlsx")

    def write_file(self, target: Any, kind: str, name: str, table: Any) -> None:
        write_sheets(target, self.get_sheets(table))

    def file_response(self, kind: str, name: str, table: Any) -> HttpResponseBase:
        target = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it
        self.write_file(target, kind, name, table)
        target.seek(0)
        response = FileResponse(target, content_type=CONTENT_TYPES["xlsx"])
        response["Content-Disposition"] = disposition(f"{name}-{timezone.localdate():%Y%m%d}.xlsx")
        response["Cache-Control"] = "no-store"
        return response


class WholeSheetsView(SheetsView):
    """Every row of a list, whatever the address asks: a workbook that is filled in and comes back."""

    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The file, or the work that writes it. No table is built."""
        count, name = self.count(), str(self.export_name)
        with transaction.atomic():
            self.on_export("xlsx", count, {})
            job = self.export_later("xlsx", name) if count > self.waited_rows else None
        return redirect("job-detail", job.pk) if job is not None else self.file_response("xlsx", name, None)
