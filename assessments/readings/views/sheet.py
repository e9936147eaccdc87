"""The supervisor's sheet of a period: out as a workbook, and in again after a look at every change."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from assessments.models import ReadingPeriod
from assessments.readings.forms import ReadingsWorkbookForm
from assessments.readings.selectors import get_period
from assessments.readings.sheet import Plan, give_readings, packed, plan_sheet, sheets, unpacked
from assessments.readings.views.periods import PeriodBanks
from assessments.reviews.views.assessment import acting
from scorecard.access.decisions import Refused, Stale, TooLarge
from scorecard.exports import Sheet
from scorecard.ui.previews import opened_preview, sealed_preview
from scorecard.workbook_views import WholeSheetsView

SALT = "assessments.readings.import"
MEGABYTE = 1024 * 1024
MAX_BYTES = 10 * MEGABYTE
SHOWN = 300  # changes and problems that a page lists


class ReadingSheet(WholeSheetsView, PeriodBanks):
    """The workbook with the figures of every bank."""

    def count(self) -> int:
        return self.get_queryset().count()

    def get_sheets(self, table: Any) -> list[Sheet]:
        return sheets(acting(self.request), self.period)


@require_http_methods(["GET", "POST"])
def reading_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Upload the workbook, see every problem by its cell or every change, then write all of it or nothing."""
    period = get_period(acting(request), pk)
    if request.method == "POST" and "payload" in request.POST:
        return _write(request, period)
    form = ReadingsWorkbookForm(request.POST or None, request.FILES or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, period, form, status=422 if request.method == "POST" else 200)
    upload = form.cleaned_data["file"]
    if upload.size > MAX_BYTES:
        raise TooLarge(MAX_BYTES // MEGABYTE)
    try:
        plan = plan_sheet(acting(request), period, upload.read())
    except Refused as error:
        for reason in error.reasons:
            form.add_error("file", str(reason))
        return _page(request, period, form, status=422)
    name = upload.name[-80:]
    if plan.problems:
        context = {"problems": plan.problems[:SHOWN], "problem_count": len(plan.problems), "file": name}
        return _page(request, period, form, status=422, **context)
    shown: dict[str, Any] = {"changes": plan.changes[:SHOWN], "more": max(0, len(plan.changes) - SHOWN)}
    return _page(request, period, form, file=name, plan=plan, payload=_pack(request, period, plan, name), **shown)


def _pack(request: HttpRequest, period: ReadingPeriod, plan: Plan, name: str) -> str:
    content = {"file": name, "given": packed(plan.given)}
    return sealed_preview(SALT, acting(request), str(period.pk), content)


def _page(
    request: HttpRequest, period: ReadingPeriod, form: ReadingsWorkbookForm, status: int = 200, **more: Any
) -> HttpResponse:
    title = _("Take readings from a workbook")
    here = reverse("reading-period", args=[period.pk])
    crumbs = [(_("Readings through the year"), reverse("reading-list")), (period.title, here), (title, "")]
    context = {"period": period, "form": form, "title": title, "crumbs": crumbs, "back": here}
    return render(request, "readings/import.html", context | more, status=status)


def _write(request: HttpRequest, period: ReadingPeriod) -> HttpResponse:
    try:
        shown = opened_preview(SALT, acting(request), str(period.pk), request.POST["payload"])
        given = unpacked(shown["given"])
        note = _("from the workbook %(file)s") % {"file": shown["file"]}
        sure = bool(request.POST.get("sure"))
        made = give_readings(actor=acting(request), period_id=period.pk, given=given, note=note, sure=sure)
    except Refused as error:
        status = 409 if isinstance(error, Stale) else 422
        return _page(request, period, ReadingsWorkbookForm(), status=status, refused=error.reasons)
    words = ngettext(
        "The reading of %(n)d bank has been taken from the file.",
        "The readings of %(n)d banks have been taken from the file.",
        len(made),
    )
    messages.success(request, words % {"n": len(made)})
    return redirect("reading-period", period.pk)
