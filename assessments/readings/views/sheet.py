"""The supervisor's sheet of a period: out as a workbook, and in again after a look at every change."""

import tempfile
from typing import Any

from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from assessments.models import ReadingPeriod
from assessments.readings.forms import ReadingsWorkbookForm
from assessments.readings.selectors import get_period
from assessments.readings.sheet import Given, Plan, give_readings, packed, plan_sheet, sheets, unpacked
from assessments.reviews.views.assessment import acting
from scorecard.access.decisions import Refused, Stale, TooLarge
from scorecard.audit.services import record
from scorecard.exports import CONTENT_TYPES, disposition, write_sheets

SALT = "assessments.readings.import"
PREVIEW_SECONDS = 3600
MEGABYTE = 1024 * 1024
MAX_BYTES = 10 * MEGABYTE
SHOWN = 300  # changes and problems that a page lists


@require_GET
def reading_sheet(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The workbook with the figures of every bank."""
    actor = acting(request)
    period = get_period(actor, pk)
    target = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it
    with transaction.atomic():
        counts = write_sheets(target, sheets(actor, period))
        data = {"list": "readings", "format": "xlsx", "rows": counts[0], "filters": {}}
        record("assessments.list.exported", actor=actor, target=period, data=data)
    target.seek(0)
    response = FileResponse(target, content_type=CONTENT_TYPES["xlsx"])
    name = _("Readings %(period)s") % {"period": period.title}
    response["Content-Disposition"] = disposition(f"{name}-{timezone.localdate():%Y%m%d}.xlsx")
    response["Cache-Control"] = "no-store"
    return response


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


def _page(
    request: HttpRequest, period: ReadingPeriod, form: ReadingsWorkbookForm, status: int = 200, **more: Any
) -> HttpResponse:
    title = _("Take readings from a workbook")
    here = reverse("reading-period", args=[period.pk])
    crumbs = [(_("Readings through the year"), reverse("reading-list")), (period.title, here), (title, "")]
    context = {"period": period, "form": form, "title": title, "crumbs": crumbs, "back": here}
    return render(request, "readings/import.html", context | more, status=status)


def _pack(request: HttpRequest, period: ReadingPeriod, plan: Plan, name: str) -> str:
    """What the preview shows, signed for this person and this hour: what is written is what was shown."""
    content = {"by": acting(request).pk, "period": period.pk, "file": name, "given": packed(plan.given)}
    return signing.dumps(content, salt=SALT, compress=True)


def _unpack(request: HttpRequest, period: ReadingPeriod) -> tuple[str, list[Given]]:
    try:
        content = signing.loads(request.POST["payload"], salt=SALT, max_age=PREVIEW_SECONDS)
    except signing.BadSignature as error:
        raise Refused([_("The preview is older than an hour; upload the file again.")]) from error
    if (content["by"], content["period"]) != (acting(request).pk, period.pk):
        raise Refused([_("The preview was somebody else's; upload the file again.")])
    return content["file"], unpacked(content["given"])


def _write(request: HttpRequest, period: ReadingPeriod) -> HttpResponse:
    try:
        name, given = _unpack(request, period)
        note = _("from the workbook %(file)s") % {"file": name}
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
