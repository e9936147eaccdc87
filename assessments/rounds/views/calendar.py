"""The calendar of working days: what the administrator keeps beside the announced holidays."""

from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from assessments.rounds.working_days import SOURCE_LENGTH, days_kept, known, set_day
from banks.views.common import actor_of
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role


class DayForm(forms.Form):
    """A day, whether it is worked, and where that is announced."""

    day = forms.DateField(
        label=gettext_lazy("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("Give the day."),
            "invalid": gettext_lazy("Write the day like 2027-02-06."),
        },
    )
    working = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[
            ("", gettext_lazy("— choose —")),
            ("no", gettext_lazy("holiday")),
            ("yes", gettext_lazy("working day")),
        ],
        error_messages={"required": gettext_lazy("Choose whether the day is worked.")},
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=SOURCE_LENGTH,
        help_text=gettext_lazy("The notice of the State Council with its number."),
        error_messages={"required": gettext_lazy("Say where the day is announced.")},
    )


@require_http_methods(["GET", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """The days that are kept; an administrator adds one with its source."""
    actor = actor_of(request)
    keeps = actor.holds(Role.ADMINISTRATOR)
    if request.method == "POST" and not keeps:
        raise Refused([_("Only an administrator keeps the calendar.")])
    form = DayForm(request.POST or None) if keeps else None
    reasons: list[str] = []
    status = 200
    if request.method == "POST" and form is not None:
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                set_day(actor=actor, day=data["day"], working=data["working"] == "yes", source=data["source"])
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(request, _("The day is kept. Notices that have been sent keep their last day."))
                return redirect("calendar")
    context = {"form": form, "reasons": reasons, "days": days_kept(), "years": _years()}
    return render(request, "rounds/calendar.html", context, status=status)


def _years() -> list[tuple[int, bool]]:
    """This year and the next, and whether their holidays are known."""
    this: date = timezone.localdate()
    return [(year, known(year)) for year in (this.year, this.year + 1)]
