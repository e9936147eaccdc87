"""Handing over a person's work, and stand-ins for those who work on cases and are away."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from assessments.reviews.selectors import active_officers, active_reviewers
from assessments.reviews.services.handover import OF_CASES, hand_over
from assessments.reviews.staff import OpenWork, open_work
from assessments.reviews.views.assessment import acting
from banks.access import visible_stand_ins, visible_workers
from banks.forms.banks import Day
from banks.forms.choices import PersonChoice
from banks.models import User
from banks.selectors.people import people_with_roles
from banks.services.errors import Invalid
from banks.services.stand_ins import acts_as, end_stand_in, heads, name_stand_in
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role

REASON = gettext_lazy("Give a reason: those who must act on it will read it.")


class HandoverForm(forms.Form):
    """For each role with open work who takes it, and why."""

    def __init__(self, *args: Any, person: User, work: list[OpenWork], head: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for found in work:
            everybody = User.objects.filter(is_active=True, bank=person.bank_id).order_by("name_sort", "username")
            people = active_officers() if found.role == Role.CASE_OFFICER else everybody
            if head:  # who grants no roles
                people = everybody.filter(grants__role=found.role)
            self.fields[found.role] = PersonChoice(
                label=found.role.label,
                help_text=found.words,
                queryset=people.exclude(pk=person.pk),
                required=len(work) == 1,
                empty_label=_("— choose —"),
                error_messages={"required": _("Choose at least one person who takes the work.")},
            )
        self.fields["reason"] = forms.CharField(
            label=_("Reason"),
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 3}),
            error_messages={"required": REASON},
        )


@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that is open with a person, and one step that hands it over."""
    actor = acting(request)
    person = get_object_or_404(visible_workers(actor), pk=pk)
    held = set(person.grants.values_list("role", flat=True)) | OF_CASES
    head = not actor.holds(Role.ADMINISTRATOR)
    if head:
        held &= OF_CASES
    work = open_work(person, held)
    form = HandoverForm(request.POST if request.method == "POST" else None, person=person, work=work, head=head)
    back = reverse("person-edit", args=[pk]) if actor.holds(Role.ADMINISTRATOR) else reverse("home")
    if request.method == "POST" and form.is_valid():
        successors = {found.role.value: getattr(form.cleaned_data[found.role], "pk", None) for found in work}
        try:
            hand_over(actor=actor, person_id=pk, successors=successors, reason=form.cleaned_data["reason"])
        except Refused as error:
            _say(form, error.reasons)
        except Invalid as error:
            _say(form, [reason for reasons in error.fields.values() for reason in reasons])
        else:
            messages.success(request, _("The work of %(name)s has been handed over.") % {"name": person})
            return redirect(back)
    title = _("Hand over the work of %(name)s") % {"name": person}
    context = {
        "title": title,
        "crumbs": [(_("Home"), reverse("home")), (title, "")],
        "lead": "" if work else _("Nothing is open with this person."),
        "consequences": [
            _("Every open case and every bank in charge goes to the case officer chosen, with the reason."),
            _("For another role the person chosen takes the role on; some roles wait for a second administrator."),
            _(
                "Cases that are assigned for the second review or the decision go along; one in which the person "
                "chosen took an earlier part goes to whoever is next by rule."
            ),
        ],
        "form": form,
        "submit": _("Hand over"),
        "cancel_url": back,
    }
    return render(request, "includes/confirm.html", context, status=422 if form.errors else 200)


def _say(form: forms.Form, reasons: Iterable[Any]) -> None:
    for reason in reasons:
        form.add_error(None, str(reason))


class StandInForm(forms.Form):
    """Who is away, who acts, from when until when, and why."""

    absent = PersonChoice(
        label=gettext_lazy("Who is away"), queryset=User.objects.none(), empty_label=gettext_lazy("— choose —")
    )
    person = PersonChoice(
        label=gettext_lazy("Stand-in"),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("— choose —"),
        error_messages={"required": gettext_lazy("Choose somebody active who holds the role.")},
    )
    since = Day(label=gettext_lazy("From"))
    until = Day(label=gettext_lazy("Until"), help_text=gettext_lazy("The last day of the absence; it still counts."))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, error_messages={"required": REASON})

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        head = heads(actor)
        people = people_with_roles(actor) if actor.is_bank_person else active_reviewers()
        self.fields["absent"].queryset = people if head else people.filter(pk=actor.pk)  # type: ignore[attr-defined]
        self.fields["absent"].initial = None if head else actor.pk
        others = people if head else people.exclude(pk=actor.pk)
        self.fields["person"].queryset = others  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def stand_ins(request: HttpRequest) -> HttpResponse:
    """The stand-ins of today and to come, and naming one."""
    actor = acting(request)
    form = StandInForm(request.POST if request.method == "POST" else None, actor=actor)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            name_stand_in(
                actor=actor,
                absent_id=data["absent"].pk,
                person_id=data["person"].pk,
                since=data["since"],
                until=data["until"],
                reason=data["reason"],
            )
        except Refused as error:
            _say(form, error.reasons)
        else:
            messages.success(request, _("The stand-in is named."))
            return redirect("stand-ins")
    today = timezone.localdate()
    head, found = heads(actor), visible_stand_ins(actor)
    rows = [
        (row, row.since <= today, head or row.absent_id == actor.pk, acts_as(row.absent, row.person)) for row in found
    ]
    context = {"form": form, "rows": rows, "of_bank": actor.is_bank_person}
    return render(request, "banks/stand_ins.html", context, status=422 if form.errors else 200)


@require_POST
def stand_in_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a stand-in early."""
    end_stand_in(actor=acting(request), stand_in_id=pk)
    messages.success(request, _("The stand-in has ended."))
    return redirect("stand-ins")
