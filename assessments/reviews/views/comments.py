"""Remarks on one assessment."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.access import visible_comments
from assessments.models import Assessment
from assessments.reviews.forms import CommentForm
from assessments.reviews.selectors import ReviewSheet
from assessments.reviews.services.comments import write_comment
from assessments.reviews.views.assessment import acting, head, open_assessment
from assessments.reviews.views.sheet import may_comment
from scorecard.access.decisions import Refused
from scorecard.words.language import in_language


@require_http_methods(["GET", "POST"])
def review_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Every remark on one assessment in threads. The bank reads and answers those marked for it in its own pages."""
    actor = acting(request)
    assessment = open_assessment(request, pk, page="remarks")
    sheet = ReviewSheet(assessment)
    form = CommentForm(prefix=request.POST.get("prefix") or None)
    reasons: list[Any] = []
    status = 200
    if request.method == "POST":
        form = CommentForm(request.POST, prefix=request.POST.get("prefix") or None)
        if form.is_valid():
            data = form.cleaned_data
            try:
                write_comment(
                    actor=actor,
                    assessment_id=pk,
                    text=data["text"],
                    indicator=data["indicator"],
                    for_bank=bool(data["for_bank"]),
                    reply_to=data["reply_to"],
                )
            except Refused as error:
                reasons, status = list(error.reasons), 409
            else:
                messages.success(request, _("The remark is written."))
                return redirect(_after_comment(request, assessment, data["indicator"]))
        else:
            reasons, status = [error for errors in form.errors.values() for error in errors], 422
    names = {spec.id: f"{spec.id} {in_language(spec.name)}" for spec in sheet.rulebook.indicators.values()}
    remarks = list(visible_comments(actor, assessment))
    answers: dict[int, list[Any]] = {}
    for remark in remarks:
        if remark.reply_to_id:
            answers.setdefault(remark.reply_to_id, []).append(remark)
    threads = [
        {"remark": remark, "about": names.get(remark.indicator, ""), "answers": answers.get(remark.pk, [])}
        for remark in remarks
        if not remark.reply_to_id
    ]
    context = head(request, assessment, _("Remarks")) | {
        "threads": threads,
        "reasons": reasons,
        "form": form,
        "may_comment": may_comment(request, assessment),
    }
    return render(request, "supervisor/comments.html", context, status=status)


def _after_comment(request: HttpRequest, assessment: Assessment, indicator: str) -> str:
    """Back to where the remark was written: the list of remarks stays there, the sheet opens its row."""
    if request.POST.get("from") == "comments":
        return reverse("review-comment", args=[assessment.pk])
    page = reverse("review-second" if request.POST.get("from") == "second" else "review-detail", args=[assessment.pk])
    return f"{page}?indicator={indicator}#{indicator}" if indicator else page
