"""Evidence: upload, withdraw, download."""

from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from assessments.access import get_assessment
from assessments.filings.drafts import against_editing
from assessments.filings.evidence import (
    MAX_FILES,
    add_evidence,
    get_evidence,
    open_evidence,
    reuse_evidence,
    withdraw_evidence,
)
from assessments.filings.evidence_kinds import ACCEPTED
from assessments.filings.evidence_names import add_by_name
from assessments.filings.form_layout import form_pages
from assessments.filings.scanning import require_open
from assessments.filings.selectors import Draft, get_draft
from assessments.filings.views.common import acting, deadline_of, may_edit, page_context
from assessments.filings.views.uploads import keep_each
from assessments.rulebooks.cache import engine_rulebook
from scorecard.access.decisions import Refused
from scorecard.ui.ids import typed_id
from scorecard.words.language import in_language


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, pk: int, indicator: str) -> HttpResponse:
    """Take files for one indicator, or (``existing``) one that supports another indicator already.

    Each file is taken or refused by itself. For htmx the list of files comes back, with what was wrong; else the page.
    """
    assessment = get_assessment(acting(request), pk)
    if request.method != "POST":
        return _upload_page(request, pk, indicator)
    uploads, existing = request.FILES.getlist("file"), typed_id(request.POST.get("existing", ""))
    reasons: list[Any] = []
    if uploads or existing is None:
        reasons += keep_each(
            uploads,
            lambda upload: add_evidence(actor=acting(request), assessment_id=pk, indicator=indicator, upload=upload),
        )
    if existing is not None:
        try:
            reuse_evidence(actor=acting(request), assessment_id=pk, evidence_id=existing, indicator=indicator)
        except Refused as refused:
            reasons += refused.reasons
    if request.headers.get("HX-Request"):
        return _files(request, pk, indicator, reasons)
    if reasons:
        return _upload_page(request, pk, indicator, reasons)
    draft = get_draft(assessment)
    return redirect(_place(pk, draft.form_pages.page_of_indicator[indicator], indicator))


def _place(pk: int, page: str, indicator: str) -> str:
    return reverse("filing-section", args=[pk, page]) + f"#ind-{indicator}"


def _context(request: HttpRequest, pk: int, indicator: str, reasons: list[Any]) -> dict[str, Any]:
    draft = get_draft(get_assessment(acting(request), pk))
    if indicator not in draft.form_pages.items:
        raise Http404
    item = draft.form_pages.items[indicator]
    return page_context(request, draft, draft.form_pages.page_of_indicator[indicator]) | {
        "item_id": indicator,
        "item": item,
        "evidence": draft.evidence.get(indicator, []),
        "reasons": reasons,
        "errors": [("", "", reason) for reason in reasons],
        "others": _others(draft, indicator),
        "back": _place(pk, draft.form_pages.page_of_indicator[indicator], indicator),
    }


def _others(draft: Draft, indicator: str) -> list[tuple[int, str]]:
    """The files of other indicators that could support this one too, each content once."""
    seen = {row.sha256 for row in draft.evidence.get(indicator, [])}
    found = []
    for name, rows in draft.evidence.items():
        for row in rows:
            if name != indicator and row.sha256 not in seen:
                seen.add(row.sha256)
                found.append((row.pk, f"{name} {row.name}"))
    return found


def _files(request: HttpRequest, pk: int, indicator: str, reasons: list[Any]) -> HttpResponse:
    context = _context(request, pk, indicator, reasons)
    return render(request, "bank/_evidence.html", context, status=422 if reasons else 200)


def _upload_page(request: HttpRequest, pk: int, indicator: str, reasons: list[Any] | None = None) -> HttpResponse:
    context = _context(request, pk, indicator, reasons or [])
    if not may_edit(request, context["assessment"]):
        raise Refused([_("The filing cannot be changed at this stage. Reload the page.")])
    return render(request, "bank/upload.html", context, status=422 if reasons else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def everything(request: HttpRequest, pk: int) -> HttpResponse:
    """The files of the whole filing, and many new ones at once, each for the indicators that its name begins with."""
    assessment = get_assessment(acting(request), pk)
    reasons: list[Any] = []
    if request.method == "POST":
        if not may_edit(request, assessment):
            raise Refused(against_editing(acting(request), assessment))
        known = form_pages(engine_rulebook(assessment.round.rulebook)).page_of_indicator

        def keep(upload: Any) -> None:
            add_by_name(actor=acting(request), assessment_id=pk, upload=upload, known=known)

        if not (reasons := keep_each(request.FILES.getlist("file"), keep)):
            return redirect("filing-evidence", pk)
    draft = get_draft(assessment)
    rows = [
        {
            "title": f"{item.indicator.id} {in_language(item.indicator.name)}",
            "url": _place(pk, draft.form_pages.page_of_indicator[item.indicator.id], item.indicator.id),
            "asked": item.indicator.evidence,
            "files": draft.evidence.get(item.indicator.id, []),
        }
        for item in draft.form_pages.items.values()
        if item.asked
    ]
    context = {"assessment": assessment, "round": assessment.round, "due": deadline_of(assessment), "rows": rows}
    context |= {"may_edit": may_edit(request, assessment), "reasons": reasons, "accepted": ACCEPTED}
    context |= {"max_mb": settings.MAX_UPLOAD_MB, "max_files": MAX_FILES}
    return render(request, "bank/evidence.html", context, status=422 if reasons else 200)


@require_POST
def withdraw(request: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """Take one file out of the draft."""
    row = withdraw_evidence(actor=acting(request), assessment_id=pk, evidence_id=evidence)
    if request.headers.get("HX-Request"):
        return _files(request, pk, row.indicator, [])
    draft = get_draft(get_assessment(acting(request), pk))
    return redirect(_place(pk, draft.form_pages.page_of_indicator[row.indicator], row.indicator))


@require_GET
def download(request: HttpRequest, pk: int) -> FileResponse:
    """One file as a download; the reader and the file stand in the trail.

    ``?view=1`` shows a PDF or a picture in the frame beside the text: never anything whose content could be a page, and
    in a frame of our own pages alone.
    """
    handed = open_evidence(actor=acting(request), evidence_id=pk)
    shown = request.GET.get("view") == "1" and handed.row.shows_inline
    response = FileResponse(
        handed.stream, as_attachment=not shown, filename=handed.name, content_type=handed.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    if shown:
        # A sandbox would keep the browser's own viewer of PDFs from opening; scripts of any kind stay shut out.
        response["Content-Security-Policy"] = "script-src 'none'; base-uri 'none'; frame-ancestors 'self'"
        response["X-Frame-Options"] = "SAMEORIGIN"
    else:
        response["Content-Security-Policy"] = "sandbox; default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


@never_cache
@require_safe
def view(request: HttpRequest, pk: int) -> HttpResponse:
    """A PDF or a picture inside a page of ours; 404 for a kind that a browser does not show."""
    row = get_evidence(acting(request), pk)
    require_open(row)
    if not row.shows_inline:
        raise Http404
    return render(request, "bank/evidence_view.html", {"file": row, "round": row.assessment.round})
