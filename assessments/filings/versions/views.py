"""Pages of the versions of a filing: read whole, the receipt, the documents."""

from dataclasses import replace
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from assessments.access import get_assessment
from assessments.filings.selectors import get_draft
from assessments.filings.submission import draft_content
from assessments.filings.versions.contents import content_of, explained, frozen_content, parts, properties_words
from assessments.filings.versions.differences import changes
from assessments.filings.versions.document import FILING, RECEIPT, version_document
from assessments.filings.versions.jobs import ask_for_document
from assessments.filings.versions.receipts import CHECKED, PASSED, SUBMIT, receipt_of, times_of
from assessments.filings.versions.selectors import get_version, numbers_of, return_sources, version_numbered
from assessments.filings.views.common import acting
from assessments.models import FilingVersion
from assessments.workflow.reading import gives_receipt, readable_steps
from scorecard.audit.services import record
from scorecard.documents.kept import CONTENT_TYPES, kept
from scorecard.exports import disposition

# The steps by which a submitted filing goes back to the bank.
SENT_BACK = ("refuse", "return_for_correction")


def _read(request: HttpRequest, pk: int, number: int, page: str) -> FilingVersion:
    """The version; a supervisor who opens it leaves a trace."""
    version = get_version(acting(request), pk, number)
    if not acting(request).is_bank_person:
        record(
            "assessments.assessment.viewed",
            actor=acting(request),
            target=version.assessment,
            bank_id=version.assessment.bank_id,
            data={"page": page, "version": number},
        )
    return version


def _frame(request: HttpRequest, version: FilingVersion) -> dict[str, Any]:
    receipt, times = receipt_of(version), times_of(version)
    return {
        "assessment": version.assessment,
        "round": version.assessment.round,
        "version": version,
        "number": receipt.number,
        "proof": receipt.step if receipt.step is not None and gives_receipt(acting(request), receipt.step) else None,
        "times": times,
        "prepared": times.by(PASSED, version.prepared_by),
        "checked": times.by(CHECKED, version.checked_by),
        "signed": times.by(SUBMIT, version.signed_by),
    }


@never_cache
@require_safe
def version_detail(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One version whole, as it was signed."""
    version = _read(request, pk, number, "version")
    content = replace(content_of(version), sources=return_sources(version))
    context = _frame(request, version) | {
        "content": content,
        "parts": list(parts(content)),
        "properties": properties_words(content),
        "explained": explained(content),
    }
    return render(request, "versions/detail.html", context)


@never_cache
@require_safe
def receipt_page(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The receipt of a submission: number, time, digest, and the files that prove it."""
    version = _read(request, pk, number, "receipt")
    return render(request, "versions/receipt.html", _frame(request, version))


@never_cache
@require_safe
def version_changes(request: HttpRequest, pk: int, old: int, number: int) -> HttpResponse:
    """What the bank changed from one version to a later one, and why it was sent back in between."""
    after = _read(request, pk, number, "changes")
    before = version_numbered(after.assessment, old)
    returned = [
        step
        for step in readable_steps(acting(request), after.assessment)
        if step.record.transition in SENT_BACK and before.submitted_at < step.record.at < after.submitted_at
    ]
    context = {
        "assessment": after.assessment,
        "round": after.assessment.round,
        "before": before,
        "after": after,
        "pages": changes(content_of(before), content_of(after)),
        "returned": returned,
        "others": list(numbers_of(after.assessment)),
    }
    return render(request, "versions/changes.html", context)


@never_cache
@require_safe
def draft_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What the bank has changed in its draft since the version that was sent back; nobody else reads a draft."""
    assessment = get_assessment(acting(request), pk)
    if assessment.version is None:
        raise Http404
    draft = get_draft(assessment)
    before = version_numbered(assessment, assessment.version.number)
    context = {
        "assessment": assessment,
        "round": assessment.round,
        "before": before,
        "after": None,
        "pages": changes(content_of(before), frozen_content(draft.rulebook, draft_content(draft))),
        "returned": [],
        "others": list(numbers_of(assessment)),
    }
    return render(request, "versions/changes.html", context)


@never_cache
@require_GET
def document(request: HttpRequest, pk: int, number: int, what: str, form: str) -> HttpResponseBase:
    """A document of a version as a file; one that is not made yet is asked for, and the work's page leads back here."""
    if what not in (FILING, RECEIPT) or form not in CONTENT_TYPES:
        raise Http404
    version = get_version(acting(request), pk, number)
    made = kept(version_document(version, what), form)
    if made is None:
        return redirect("job-detail", ask_for_document(acting(request), version, what, form).pk)
    here = version.assessment
    record(
        "assessments.filing.document",
        actor=acting(request),
        target=here,
        bank_id=here.bank_id,
        data={"version": number, "document": what, "form": form},
    )
    title = _("Filing") if what == FILING else _("Receipt of a filing")
    name = f"{title} {here.round.code} {here.bank_name} v{number}.{form}"
    return file_response(made.open("rb"), name, form)


def file_response(stream: Any, name: str, form: str) -> FileResponse:
    """The file; a PDF opens in the browser, where nothing of it may run."""
    response = FileResponse(stream, content_type=CONTENT_TYPES[form])
    words = disposition(name)
    response["Content-Disposition"] = words.replace("attachment", "inline", 1) if form == "pdf" else words
    response["Content-Security-Policy"] = "script-src 'none'; base-uri 'none'; frame-ancestors 'self'"
    response["Cache-Control"] = "private, no-store"
    return response
