"""Handing a case to another officer, second reviewer or decision maker."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.reviews.forms import AssignForm, ReassignForm
from assessments.reviews.services.assigning import RECORDS, able, assign_reviewer
from assessments.reviews.services.officers import reassign_officer
from assessments.reviews.views.assessment import HAND_TITLES, PAGES, acting, head, open_assessment
from assessments.workflow.duties import ASSIGNED
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role


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


@require_http_methods(["GET", "POST"])
def review_assign(request: HttpRequest, pk: int, role: str) -> HttpResponse:
    """Hand the second review or the decision to somebody else, or take it over, with a reason."""
    assessment = open_assessment(request, pk, page="assigned")
    if role not in RECORDS:
        raise Http404
    present = getattr(assessment, f"{ASSIGNED[role]}_id")
    people = [person for person in able(assessment, role) if person.pk != present]
    initial = {"seen": present, "person": request.GET.get("person")}
    form = AssignForm(request.POST or None, people=people, initial=initial)
    reasons: list[str] = []
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            chosen = form.cleaned_data["person"]
            try:
                assign_reviewer(
                    actor=acting(request),
                    assessment_id=pk,
                    role=role,
                    person_id=chosen,
                    seen=form.cleaned_data["seen"],
                    reason=form.cleaned_data["reason"],
                )
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                name = {"name": User.objects.get(pk=chosen)}
                messages.success(request, _("The case is with %(name)s now.") % name)
                return redirect(PAGES[Role(role)], pk)
    context = head(request, assessment, HAND_TITLES[role]) | {
        "form": form,
        "reasons": reasons,
        "title": HAND_TITLES[role],
        "cancel_url": reverse(PAGES[Role(role)], args=[pk]),
    }
    return render(request, "supervisor/assign.html", context, status=status)
