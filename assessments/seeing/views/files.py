"""Pictures as files."""

import io
from collections.abc import Iterable

from django.http import HttpResponse
from django.utils import timezone

from scorecard.charts.marks import Layout
from scorecard.charts.pictures import standalone
from scorecard.documents.pictures import to_png
from scorecard.exports import CONTENT_TYPES, Sheet, disposition, write_sheets

TYPES = {"svg": "image/svg+xml", "png": "image/png"}


def picture_response(kind: str, name: str, layout: Layout, label: str, notes: str) -> HttpResponse:
    """A download named ``name`` with today's date, as ``svg`` or ``png``."""
    svg = standalone(layout, label, notes)
    body = svg.encode() if kind == "svg" else to_png(svg)
    found = HttpResponse(body, content_type=TYPES[kind])
    found["Content-Disposition"] = disposition(f"{name}-{timezone.localdate():%Y%m%d}.{kind}")
    return found


def workbook_response(name: str, sheets: Iterable[Sheet]) -> HttpResponse:
    """A workbook of several sheets as a download with today's date."""
    made = io.BytesIO()
    write_sheets(made, sheets)
    found = HttpResponse(made.getvalue(), content_type=CONTENT_TYPES["xlsx"])
    found["Content-Disposition"] = disposition(f"{name}-{timezone.localdate():%Y%m%d}.xlsx")
    return found
