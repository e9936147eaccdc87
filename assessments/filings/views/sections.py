"""The sections of a filing: who fills in which, which the reviewer has marked as checked."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from assessments import workflow
from assessments.access import get_assessment
from assessments.filings.sections.assignments import (
    assign_sections,
    assigned,
    assignment_digest,
    preparers,
    sections_of,
)
from assessments.filings.sections.marks import mark_section, marked_pages, marks_of
from assessments.filings.selectors import CHECK_PAGE, REPORT_PAGE, get_draft
from assessments.filings.views.common import acting, deadline_of, sections
from assessments.models import Assessment
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow.machine import ASSIGN_SECTIONS
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.ui.ids import typed_id

FIELD = "assign-"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sections_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Every section with who fills it in, what is missing and who has checked it. A POST assigns them."""
    assessment = get_assessment(acting(request), pk)
    if request.method != "POST":
        return _page(request, assessment)
    try:
        rows = assign_sections(
            actor=acting(request),
            assessment_id=pk,
            seen=request.POST.get("seen", ""),
            wanted=_wanted(request, assessment),
        )
    except Refused as refused:
        if ASSIGN_SECTIONS not in workflow.capabilities(actor=acting(request), assessment=assessment):
            raise
        return _page(request, assessment, refused.reasons, 409 if isinstance(refused, Stale) else 422)
    messages.success(request, _("The sections are assigned.") if rows else _("Nothing was changed."))
    return redirect("filing-sections", pk)


def _wanted(request: HttpRequest, assessment: Assessment) -> dict[str, int | None]:
    """By section, whom the page names; what it does not name stays as it is."""
    known = sections_of(engine_rulebook(assessment.round.rulebook))
    sent = {page: request.POST[FIELD + page] for page in known if FIELD + page in request.POST}
    return {page: typed_id(text) or (0 if text else None) for page, text in sent.items()}


def _page(request: HttpRequest, assessment: Assessment, reasons: Any = (), status: int = 200) -> HttpResponse:
    draft = get_draft(assessment)
    taken, marks, known = assigned(assessment), marks_of(draft), set(marked_pages(draft))
    may_assign = ASSIGN_SECTIONS in workflow.capabilities(actor=acting(request), assessment=assessment)
    people = list(preparers(assessment)) if may_assign else []
    rows = [
        {
            "id": page,
            "title": title,
            "url": url,
            "missing": missing,
            "holder": taken.get(page),
            "chosen": _chosen(request, page, taken),
            "name": FIELD + page,
            "mark": marks.get(page),
        }
        for page, title, url, missing in sections(draft)
        if page in known or page in (REPORT_PAGE, CHECK_PAGE)
    ]
    context = {
        "assessment": assessment,
        "round": assessment.round,
        "due": deadline_of(assessment),
        "rows": rows,
        "people": people,
        "may_assign": may_assign,
        "seen": assignment_digest(assessment),
        "reasons": list(reasons),
    }
    return render(request, "bank/sections.html", context, status=status)


def _chosen(request: HttpRequest, page: str, taken: dict[str, User]) -> int | None:
    """Who is chosen in the list of a section: what was sent, after a refusal; else who has it."""
    if request.method == "POST" and FIELD + page in request.POST:
        return typed_id(request.POST[FIELD + page])
    return taken[page].pk if page in taken else None


@require_POST
def mark(request: HttpRequest, pk: int, page: str) -> HttpResponse:
    """Mark a section as checked, or take the mark back."""
    checked = request.POST.get("checked") == "1"
    row = mark_section(
        actor=acting(request), assessment_id=pk, page=page, seen=request.POST.get("seen", ""), checked=checked
    )
    if row is not None:
        messages.success(request, _("The section is marked as checked.") if checked else _("The mark is taken back."))
    names = {REPORT_PAGE: "filing-report", CHECK_PAGE: "filing-check"}
    return redirect(names[page], pk) if page in names else redirect("filing-section", pk, page)
