"""The page on which a supervisor gives one bank a later day."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from assessments.access import get_standing
from assessments.filings.extensions import extend_filing
from assessments.filings.views.common import acting
from scorecard.access.decisions import Refused
from scorecard.words.formats import moment


class ExtensionForm(forms.Form):
    """Until when, and why."""

    until = forms.DateTimeField(
        label=gettext_lazy("The bank may file until"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": gettext_lazy("Give date and time."),
            "invalid": gettext_lazy("Write the day and time like 2018-03-01 17:00."),
        },
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Give the reason.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one bank a later day. The administrator gets here from the round, an officer from the round or the case."""
    assessment = get_standing(acting(request), pk)
    form = ExtensionForm(request.POST if request.method == "POST" else None)
    back, status = reverse("round-detail", args=[assessment.round_id]), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                extend_filing(
                    actor=acting(request),
                    assessment_id=pk,
                    until=form.cleaned_data["until"],
                    reason=form.cleaned_data["reason"],
                )
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, str(reason))
            else:
                messages.success(request, _("%(bank)s has a later day.") % {"bank": assessment.bank})
                return redirect(back)
    title = _("Give %(bank)s a later day") % {"bank": assessment.bank}
    context = {
        "title": title,
        "crumbs": [(_("Rounds"), reverse("round-list")), (assessment.round.title, back), (title, "")],
        "lead": _("The bank may file until %(at)s.") % {"at": moment(assessment.files_until)},
        "consequences": [
            _("Only this bank may file until the new day; the round's deadline stays."),
            _("Days late are still counted from the round's deadline."),
        ],
        "form": form,
        "submit": _("Give the later day"),
        "cancel_url": back,
    }
    return render(request, "includes/confirm.html", context, status=status)
