"""The second review: where the officer departed from the system, where the bank saw itself higher, and why."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from assessments.reviews.forms import CommentForm
from assessments.reviews.selectors import ReviewSheet
from assessments.reviews.views import present
from assessments.reviews.views.assessment import acting, blocking, head, open_assessment
from assessments.reviews.views.sheet import may_comment, pane, pane_context, row_context


@require_GET
def review_second(request: HttpRequest, pk: int) -> HttpResponse:
    """Differences first, then every other indicator that the officer looked at, then the rest; nothing can be changed
    here.

    A second reviewer confirms the whole or sends it back with a reason; remarks go to the officer.
    """
    assessment = open_assessment(request, pk, page="second review")
    sheet = ReviewSheet(assessment)
    if request.headers.get("HX-Request") and request.headers.get("HX-Target") == "pane":
        return pane(request, sheet, request.GET.get("indicator", ""), "review-second")
    differing = [row_context(sheet, row, False) for row in sheet.rows if row.differs]
    agreed = [row_context(sheet, row, False) for row in sheet.rows if row.entry and not row.differs]
    rest = [row_context(sheet, row, False) for row in sheet.rows if not row.entry]
    context = head(request, assessment)
    context |= {
        "sheet": sheet,
        "bar": present.score_bar(sheet),
        "differing": differing,
        "agreed": agreed,
        "rest": rest,
        "shift": sum(
            (row.judged - row.system for row in sheet.differing if row.judged is not None and row.system is not None), 0
        ),
        "lacking": blocking(context["forward"], acting(request), assessment),
        "pane_url": reverse("review-second", args=[assessment.pk]),
        "may_comment": may_comment(request, assessment),
        "general_comments": [remark for remark in sheet.comments if not remark.indicator],
        "whole_form": CommentForm(prefix="all"),
        "comments_from": "second",
    }
    if chosen := sheet.row(request.GET.get("indicator", "")):
        context |= pane_context(request, sheet, chosen)
    return render(request, "supervisor/second.html", context)
