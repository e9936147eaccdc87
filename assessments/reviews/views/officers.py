"""Handing a case to another officer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.reviews.forms import ReassignForm
from assessments.reviews.services.officers import reassign_officer
from assessments.reviews.views.assessment import acting, head, open_assessment
from scorecard.access.decisions import Refused


@require_http_methods(["GET", "POST"])
def review_reassign(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the case to another officer, with a reason."""
    assessment = open_assessment(request, pk, page="officer")
    initial = {"seen_officer": assessment.officer_id, "officer": request.GET.get("officer")}
    form = ReassignForm(request.POST or None, assessment=assessment, initial=initial)
    reasons: list[str] = []
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                reassign_officer(
                    actor=acting(request),
                    assessment_id=pk,
                    officer_id=form.cleaned_data["officer"].pk,
                    seen_officer=form.cleaned_data["seen_officer"],
                    reason=form.cleaned_data["reason"],
                )
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(request, _("The case is with %(name)s now.") % {"name": form.cleaned_data["officer"]})
                return redirect("review-detail", pk)
    context = head(request, assessment, _("Hand to another officer")) | {
        "form": form,
        "reasons": reasons,
        "cancel_url": reverse("review-detail", args=[pk]),
    }
    return render(request, "supervisor/reassign.html", context, status=status)
