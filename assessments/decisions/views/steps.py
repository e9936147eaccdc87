"""The page before a supervisor's step. It stands above the reviews, since sending the notice shows the letter."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments import workflow
from assessments.decisions.notices import preview_notice
from assessments.decisions.selectors import get_rating
from assessments.decisions.views.notice import letter_context
from assessments.models import Assessment
from assessments.reviews.forms import ReturnForm
from assessments.reviews.services.returns import return_filing
from assessments.reviews.views.assessment import (
    OWN_PAGES,
    acting,
    assessment_url,
    blocking,
    head,
    open_assessment,
    sealed,
)
from assessments.reviews.views.sheet import shown_number
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.results import grade_name
from assessments.workflow import Transition, duties
from assessments.workflow.duties import needs_answer
from scorecard.access.decisions import Refused, Stale
from scorecard.ui.forms import ConfirmForm
from scorecard.words.formats import moment

# The steps whose page shows the decision that they are about.
OF_A_DECISION = (
    "ask_taking_back", "take_back", "keep_decision", "ask_correction", "confirm_correction", "keep_notice",
    "close_unchanged",
)  # fmt: skip
SENDING = ("issue_notice", "issue_correction")


@require_http_methods(["GET", "POST"])
def review_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The last look before a step: what will happen and to whom, a reason or a signature where one is asked."""
    row = workflow.TRANSITIONS.get(name)
    if row is None or row.by_bank():
        raise Http404
    if name in OWN_PAGES:
        return redirect(OWN_PAGES[name], pk)
    assessment = open_assessment(request, pk, page=f"step {name}")
    if row.returns_filing():
        return _return_step(request, assessment, row)
    actor = acting(request)
    asks = row.reason or (duties.answered in row.guards and needs_answer(assessment))
    form = ConfirmForm(request.POST or None, user=actor, reason="required" if asks else "", signature=row.signature)
    reasons = blocking(row, actor, assessment, reason="-")
    status, stale = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                workflow.perform(
                    name,
                    actor=actor,
                    assessment_id=pk,
                    reason=form.cleaned_data.get("reason", ""),
                    seen_version=shown_number(request, "version") or None,  # 0 where the bank has filed nothing
                    seen=request.POST.get("seen", ""),
                    signed=form.signature,
                )
            except Stale as error:
                stale, status = error, 409
                reasons = [] if isinstance(error.current, list) else [str(reason) for reason in error.reasons]
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                return _done(request, assessment, row)
    context = _step_context(request, assessment, row, form, reasons) | sealed(request, name, assessment, stale)
    rating = get_rating(assessment)
    if rating is not None and name in SENDING and not reasons:
        context |= letter_context(preview_notice(rating, timezone.now()))
    elif rating is not None and name in OF_A_DECISION:
        rulebook = engine_rulebook(assessment.round.rulebook)
        context |= {"rating": rating, "grade": grade_name(rulebook, rating.grade) if rating.grade else ""}
    return render(request, "supervisor/step.html", context, status=status)


def _return_step(request: HttpRequest, assessment: Assessment, row: Transition) -> HttpResponse:
    """A return has a day beside its reason."""
    actor = acting(request)
    form = ReturnForm(request.POST or None)
    reasons = blocking(row, actor, assessment, reason="-")
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return_filing(
                    actor=actor,
                    assessment_id=assessment.pk,
                    name=row.name,
                    reason=form.cleaned_data["reason"],
                    due_at=form.cleaned_data["due_at"],
                    seen_version=shown_number(request, "version"),
                )
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                return _done(request, assessment, row)
    context = _step_context(request, assessment, row, form, reasons)
    context["warning"] = _("The filing deadline of the round is %(filing)s, the review deadline %(review)s.") % {
        "filing": moment(assessment.round.filing_deadline),
        "review": moment(assessment.round.review_deadline),
    }
    return render(request, "supervisor/step.html", context, status=status)


def _step_context(
    request: HttpRequest, assessment: Assessment, row: Transition, form: Any, reasons: list[str]
) -> dict[str, Any]:
    return head(request, assessment, row.title) | {
        "step": row,
        "form": form,
        "reasons": reasons,
        "version": assessment.version.number if assessment.version else 0,
        "cancel_url": assessment_url(acting(request), assessment),
        "danger": row.back,
    }


def _done(request: HttpRequest, assessment: Assessment, row: Transition) -> HttpResponse:
    words = {"step": row.title, "bank": assessment.bank}
    messages.success(request, _("%(bank)s: “%(step)s” is done.") % words)
    if row.name == "accept":
        return redirect("review-detail", assessment.pk)
    if row.name in SENDING:
        return redirect("notice-detail", assessment.pk)
    return redirect(f"{reverse('review-queue')}?scope=own")
