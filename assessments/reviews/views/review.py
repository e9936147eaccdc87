"""The review of one assessment, indicator by indicator.

The page works without script. With it, points are saved in place, and narrative, figures, evidence and explanation of
an indicator open beside the list.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from assessments import workflow
from assessments.access import get_assessment
from assessments.reviews.forms import CommentForm
from assessments.reviews.selectors import ReviewSheet
from assessments.reviews.services.points import set_points
from assessments.reviews.views import present
from assessments.reviews.views.assessment import acting, blocking, head, open_assessment
from assessments.reviews.views.sheet import (
    SHOWN,
    folded,
    may_comment,
    pane,
    pane_context,
    row_context,
    sections,
    shown_number,
)
from assessments.workflow.machine import REVIEW_POINTS
from scorecard.access.decisions import Refused, Stale

# The keyboard, in the words of the help; the script reads none of this.
KEYS: tuple[tuple[str, Any], ...] = (
    ("j k", gettext_lazy("next and previous indicator")),
    ("e", gettext_lazy("open narrative, figures and evidence beside it")),
    ("a", gettext_lazy("agree with the system's points")),
    ("n", gettext_lazy("next indicator that is still to be looked at")),
    ("0 … 9", gettext_lazy("give so many points, then write the reason")),
    ("+ -", gettext_lazy("half a point more or less")),
    ("Ctrl Enter", gettext_lazy("save from the reason")),
    ("Esc", gettext_lazy("leave a field, close what is open beside")),
    ("?", gettext_lazy("this help")),
)


@require_GET
def review_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One assessment, one indicator per row; ``?indicator=`` opens what the row depends on beside the list."""
    assessment = open_assessment(request, pk, page="review")
    sheet = ReviewSheet(assessment)
    if request.headers.get("HX-Request") and request.headers.get("HX-Target") == "pane":
        return pane(request, sheet, request.GET.get("indicator", ""), "review-detail")
    return sheet_page(request, sheet)


def sheet_page(
    request: HttpRequest, sheet: ReviewSheet, problem: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The whole page; ``problem`` is what stood against points that were just sent."""
    assessment, actor = sheet.assessment, acting(request)
    editable = REVIEW_POINTS in workflow.capabilities(actor=actor, assessment=assessment)
    chosen = sheet.row(request.GET.get("indicator", ""))
    context = head(request, assessment)
    shown = request.GET.get("rows", "")
    shown = shown if shown in SHOWN else "open" if editable else "all"
    keep = problem["indicator"] if problem else chosen.id if chosen else ""
    context |= {
        "sheet": sheet,
        "editable": editable,
        "bar": present.score_bar(sheet),
        "sections": [
            section | {"rows": [row_context(sheet, row, editable, problem) for row in section["rows"]]}
            for section in folded(sheet, shown, keep)
        ],
        "shown": shown,
        "shows": [
            ("open", _("What needs something"), sum(not row.settled for row in sheet.rows)),
            ("missing", _("Evidence missing"), sum(row.missing_evidence for row in sheet.rows)),
            ("all", _("All indicators"), len(sheet.rows)),
        ],
        "lacking": blocking(context["forward"], actor, assessment),
        "pane_url": reverse("review-detail", args=[assessment.pk]),
        "general_comments": [remark for remark in sheet.comments if not remark.indicator],
        "whole_form": CommentForm(prefix="all"),
        "may_comment": may_comment(request, assessment),
        "problem": problem,
        "keys": KEYS,
    }
    if chosen:
        context |= pane_context(request, sheet, chosen)
    return render(request, "supervisor/review.html", context, status=status)


@require_POST
def review_points(request: HttpRequest, pk: int, indicator: str) -> HttpResponse:
    """Save the points of one indicator. With htmx the row comes back alone, with the score above it renewed."""
    agree = "agree" in request.POST
    if agree and "without_evidence" not in request.POST and (asked := _asked(request, pk, indicator)):
        return asked
    typed, reason = request.POST.get("points", ""), request.POST.get("reason", "")
    problem: dict[str, Any] | None = None
    status = 200
    try:
        set_points(
            actor=acting(request),
            assessment_id=pk,
            version=shown_number(request, "version"),
            indicator=indicator,
            revision=shown_number(request, "revision"),
            points=None if agree else typed,
            reason=reason,
        )
    except Stale as error:
        status, problem = 409, {"stale": True, "reasons": list(error.reasons)}
    except Refused as error:
        status, problem = 422, {"stale": False, "reasons": list(error.reasons)}
    if problem:
        problem |= {"indicator": indicator, "points": "" if agree else typed, "reason": reason}
    return _answer(request, ReviewSheet(get_assessment(acting(request), pk)), indicator, problem, status)


def _asked(request: HttpRequest, pk: int, indicator: str) -> HttpResponse | None:
    """The question that comes before agreeing where evidence was asked for and none is there; None where it is."""
    sheet = ReviewSheet(get_assessment(acting(request), pk))
    row = sheet.row(indicator)
    if row is None or not row.missing_evidence or row.system is None:
        return None
    problem = {
        "stale": False,
        "asks": True,
        "reasons": [_("Evidence was asked for and the bank handed in none. Agree with the points all the same?")],
        "indicator": indicator,
        "points": "",
        "reason": request.POST.get("reason", ""),
    }
    return _answer(request, sheet, indicator, problem, 422)


def _answer(
    request: HttpRequest, sheet: ReviewSheet, indicator: str, problem: dict[str, Any] | None, status: int
) -> HttpResponse:
    """The row alone for htmx, else the whole page, or the way back to it once all is saved."""
    pk, row = sheet.assessment.pk, sheet.row(indicator)
    if row is None:
        raise Http404
    if problem:
        problem |= {"name": f"{row.id} {row.name}"}
    if request.headers.get("HX-Request"):
        editable = REVIEW_POINTS in workflow.capabilities(actor=acting(request), assessment=sheet.assessment)
        context = head(request, sheet.assessment)
        context |= {
            "this": row_context(sheet, row, editable, problem),
            "sections": sections(sheet),
            "lacking": blocking(context["forward"], acting(request), sheet.assessment),
            "bar": present.score_bar(sheet),
            "pane_url": reverse("review-detail", args=[pk]),
            "saved": problem is None,
        }
        return render(request, "supervisor/parts/row_saved.html", context, status=status)
    if problem:
        return sheet_page(request, sheet, problem, status)
    messages.success(request, _("%(name)s: saved.") % {"name": f"{row.id} {row.name}"})
    return redirect(f"{reverse('review-detail', args=[pk])}#{indicator}")
