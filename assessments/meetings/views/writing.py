"""Planning a meeting, arranging it, and writing down what was said."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.meetings import machine
from assessments.meetings.effects import grade_names
from assessments.meetings.forms import ArrangeForm, PlanForm, WriteForm
from assessments.meetings.paper import proposal_words
from assessments.meetings.selectors import cases_to_decide, get_meeting
from assessments.meetings.table import TABLE
from assessments.meetings.views.meeting import head
from assessments.models import Meeting
from assessments.reviews.views.assessment import acting
from scorecard.access.decisions import Refused, Stale


@require_http_methods(["GET", "POST"])
def meeting_plan(request: HttpRequest) -> HttpResponse:
    """Plan a meeting; what is on its agenda comes next."""
    form = PlanForm(request.POST or None, initial={"kind": request.GET.get("kind", "committee")})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = machine.plan_meeting(actor=acting(request), **form.cleaned_data)
            except Refused as error:
                for reason in error.reasons:
                    form.add_error(None, str(reason))
            else:
                return redirect("meeting-arrange", made.pk)
    title = _("Plan a meeting")
    context = {
        "title": title,
        "crumbs": [(_("Meetings"), reverse("meeting-list")), (title, "")],
        "consequences": [_("You are its secretary. Nobody is told before the agenda is handed out.")],
        "form": form,
        "submit": title,
        "cancel_url": reverse("meeting-list"),
    }
    return render(request, "includes/confirm.html", context, status=status)


@require_http_methods(["GET", "POST"])
def meeting_arrange(request: HttpRequest, pk: int) -> HttpResponse:
    """People, cases and points, before the agenda is handed out."""
    actor = acting(request)
    here = get_meeting(actor, pk)
    cases = list(cases_to_decide(actor, here)) if here.kind == "committee" else []
    form = ArrangeForm(request.POST or None, meeting=here, cases=cases)
    return _write(request, here, "arrange", form, "meetings/arrange.html", {})


@require_http_methods(["GET", "POST"])
def meeting_write(request: HttpRequest, pk: int) -> HttpResponse:
    """Attendance, results, dissent, follow-ups, until the chair signs."""
    here = get_meeting(acting(request), pk)
    form = WriteForm(request.POST or None, meeting=here)
    rows = [
        {
            "point": point,
            "fields": fields,
            "dissents": dissents,
            "dissented": any(bound.value() for bound in dissents) or any(bound.errors for bound in dissents),
            "proposal": proposal_words(point.proposal, grade_names(point)) if point.assessment_id else None,
        }
        for point, fields, dissents in form.of_points()
    ]
    return _write(request, here, "write", form, "meetings/write.html", {"rows": rows})


def _write(
    request: HttpRequest,
    here: Meeting,
    name: str,
    form: ArrangeForm | WriteForm,
    template: str,
    more: dict[str, Any],
) -> HttpResponse:
    actor, row = acting(request), TABLE[name]
    reasons = [str(reason) for reason in machine.check(name, actor=actor, meeting=here).reasons]
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                machine.take(
                    name,
                    actor=actor,
                    meeting_id=here.pk,
                    told=form.told(),
                    revision=form.cleaned_data["revision"],
                )
            except Stale as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
                reasons.append(
                    _("What you typed stands below. Look at the meeting first: saving replaces what is there.")
                )
                typed = request.POST.copy()
                typed["revision"] = str(error.current)
                form.data = typed
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(request, _("“%(step)s” is done.") % {"step": row.title})
                return redirect("meeting-detail", here.pk)
    context = head(request, here, row.title) | {"step": row, "form": form, "reasons": reasons, **more}
    context["cancel_url"] = reverse("meeting-detail", args=[here.pk])
    return render(request, template, context, status=status)
