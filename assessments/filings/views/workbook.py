"""The workbook of a filing: download, upload, and what an uploaded file says."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from assessments.access import get_assessment
from assessments.filings.drafts import answer_label
from assessments.filings.fact_fields import anchor
from assessments.filings.forms import value_words
from assessments.filings.keys import Key, Kind
from assessments.filings.selectors import Draft, check_key
from assessments.filings.views.common import acting, deadline_of, may_edit
from assessments.filings.workbook.contents import held, values_of
from assessments.filings.workbook.gate import MAX_MB
from assessments.filings.workbook.services import (
    Plan,
    annotate_upload,
    download_workbook,
    plan_upload,
    take_workbook,
    upload_workbook,
)
from assessments.models import Assessment, UploadKind, WorkbookUpload
from scorecard.access.decisions import Refused, Stale
from scorecard.exports import CONTENT_TYPES, disposition
from scorecard.words.language import in_language

SHOWN = 10  # uploads that the page lists


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of the workbook; a POST uploads one."""
    assessment = get_assessment(acting(request), pk)
    if request.method != "POST":
        return _page(request, assessment)
    file = request.FILES.get("file")
    if file is None:
        return _page(request, assessment, [_("Choose the workbook to upload.")])
    try:
        upload = upload_workbook(actor=acting(request), assessment_id=pk, name=file.name or "", content=file.read())
    except Refused as refused:
        if not may_edit(request, assessment):
            raise
        return _page(request, assessment, refused.reasons)
    return redirect("filing-workbook-uploaded", pk, upload.pk)


def _page(request: HttpRequest, assessment: Assessment, reasons: Any = ()) -> HttpResponse:
    uploads = (
        WorkbookUpload.objects.filter(assessment=assessment, kind=UploadKind.WORKBOOK)
        .select_related("uploaded_by")
        .defer("content")
    )
    context = _frame(request, assessment) | {
        "reasons": list(reasons),
        "uploads": uploads[:SHOWN],
        "max_mb": MAX_MB,
    }
    return render(request, "bank/workbook.html", context, status=422 if reasons else 200)


def _frame(request: HttpRequest, assessment: Assessment) -> dict[str, Any]:
    return {
        "assessment": assessment,
        "round": assessment.round,
        "due": deadline_of(assessment),
        "may_edit": may_edit(request, assessment),
    }


@never_cache
@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The workbook with what stands in the draft."""
    assessment, content = download_workbook(actor=acting(request), assessment_id=pk)
    words = {"round": assessment.round.title, "bank": assessment.bank_name}
    name = _("Workbook %(round)s %(bank)s") % words
    return _file(content, f"{name} {timezone.localtime():%Y%m%d-%H%M}.xlsx")


@never_cache
@require_GET
def annotated_copy(request: HttpRequest, pk: int, upload: int) -> HttpResponse:
    """The uploaded file with what is wrong at its cells."""
    row, content = annotate_upload(actor=acting(request), assessment_id=pk, upload_id=upload)
    return _file(content, _("To mend %(name)s") % {"name": row.name})


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=CONTENT_TYPES["xlsx"])
    response["Content-Disposition"] = disposition(name)
    response["Cache-Control"] = "private, no-store"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def uploaded(request: HttpRequest, pk: int, upload: int) -> HttpResponse:
    """What an uploaded file says: what was taken, what is wrong, what is to be decided. A POST takes what is good."""
    assessment = get_assessment(acting(request), pk)
    status, reasons = 200, []
    if request.method == "POST":
        try:
            take_workbook(
                actor=acting(request),
                assessment_id=pk,
                upload_id=upload,
                digest=request.POST.get("digest", ""),
                choices={name: request.POST.get(name, "") for name in request.POST if ":" in name},
            )
        except Refused as refused:
            if not may_edit(request, assessment):
                raise
            status, reasons = (409 if isinstance(refused, Stale) else 422), list(refused.reasons)
        else:
            messages.success(request, _("The draft holds what was taken from the workbook."))
            return redirect("filing-workbook-uploaded", pk, upload)
    plan = plan_upload(actor=acting(request), assessment=assessment, upload_id=upload)
    context = _frame(request, assessment) | _outcome(plan) | {"reasons": reasons}
    return render(request, "bank/workbook_upload.html", context, status=status)


def _outcome(plan: Plan) -> dict[str, Any]:
    draft, web = plan.draft, values_of(plan.draft)
    return {
        "upload": plan.upload,
        "digest": plan.digest,
        "clear": plan.clear,
        "problems": plan.checked.problems,
        "lacking": plan.checked.lacking,
        "taken": [
            (_label(draft, key), sheet, cell, value_words(draft.rulebook, key, held(web, key)), _url(draft, key))
            for key, sheet, cell in ((_key(text), sheet, cell) for text, sheet, cell in plan.upload.taken)
        ],
        "waiting": [
            (_label(draft, key), plan.checked.places[key], value_words(draft.rulebook, key, value))
            for key, value in plan.merge.taken.items()
        ],
        "conflicts": [
            {
                "name": both.key.text,
                "label": _label(draft, both.key),
                "place": plan.checked.places[both.key],
                "base": value_words(draft.rulebook, both.key, both.base),
                "mine": value_words(draft.rulebook, both.key, both.typed),
                "theirs": value_words(draft.rulebook, both.key, both.web),
            }
            for both in plan.merge.conflicts
        ],
        "findings": _findings(plan),
    }


def _findings(plan: Plan) -> list[tuple[str, str, str]]:
    """What the checks say of the figures of the file: severity, message, where it is dealt with."""
    draft, taken = plan.draft, {_key(text).id for text, _sheet, _cell in plan.upload.taken}
    found = plan.findings or tuple(f for f in draft.checks if not taken.isdisjoint(f.facts))
    page = reverse("filing-check", args=[draft.assessment.pk])
    rows = [(each.severity, in_language(each.message), f"{page}#{anchor(check_key(each))}") for each in found]
    return sorted(rows, key=lambda row: row[0])


def _key(text: str) -> Key:
    kind, _colon, id = text.partition(":")
    return Key(Kind(kind), id)


def _label(draft: Draft, key: Key) -> str:
    if key.kind == Kind.FACT:
        return in_language(draft.rulebook.facts[key.id].label)
    return answer_label(draft.rulebook, key)


def _url(draft: Draft, key: Key) -> str:
    """Where an input stands on the web."""
    pages = draft.form_pages.page_of_fact if key.kind == Kind.FACT else draft.form_pages.page_of_indicator
    pk = draft.assessment.pk
    if key.id not in pages:
        return reverse("filing-check" if key.id.startswith("_check") else "filing-report", args=[pk])
    return reverse("filing-section", args=[pk, pages[key.id]]) + f"#{anchor(key)}"
