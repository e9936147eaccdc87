"""Taking a bank out of an open round, and adding one that was forgotten."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.access import get_round
from assessments.models import Round
from assessments.rounds.forms import ParticipantForm
from assessments.rounds.participants import add_bank, take_bank_out
from banks.views.common import actor_of
from scorecard.access.decisions import Refused


@require_http_methods(["GET", "POST"])
def round_bank_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a bank to an open round; where the filing deadline is over, giving it a later day comes next."""
    round_ = get_round(actor_of(request), pk)
    form = ParticipantForm(request.POST if request.method == "POST" else None, round_=round_, out=False)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = add_bank(actor=actor_of(request), round_id=pk, bank_id=data["bank"].pk, reason=data["reason"])
        except Refused as refused:
            _refuse(form, refused)
        else:
            messages.success(request, _("%(bank)s takes part now.") % {"bank": made.bank})
            if timezone.now() > round_.filing_deadline:
                messages.warning(request, _("The filing deadline is over: give the bank a later day."))
                return redirect("filing-extend", made.pk)
            return redirect("round-about", pk)
    consequences = [
        _("The bank gets an assessment with its case officer, and can file until the round's deadline."),
        _("Last year's closing figures are carried forward as this year's opening figures, marked as carried."),
        _("A bank that had been taken out goes on where it stood."),
    ]
    return _page(request, round_, form, _("Add a bank"), consequences)


@require_http_methods(["GET", "POST"])
def round_bank_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a bank out of an open round."""
    round_ = get_round(actor_of(request), pk)
    form = ParticipantForm(request.POST if request.method == "POST" else None, round_=round_, out=True)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            gone = take_bank_out(
                actor=actor_of(request),
                round_id=pk,
                bank_id=data["bank"].pk,
                leaving=data["leaving"],
                reason=data["reason"],
            )
        except Refused as refused:
            _refuse(form, refused)
        else:
            messages.success(request, _("%(bank)s has been taken out of the round.") % {"bank": gone.bank})
            return redirect("round-about", pk)
    consequences = [
        _("What the bank has filed stays readable; nothing of it changes any more."),
        _("It is counted, summed, ranked and compared no more, from the next scoring of the round on."),
        _("It can be added again while the round is open."),
    ]
    return _page(request, round_, form, _("Take a bank out"), consequences)


def _refuse(form: ParticipantForm, refused: Refused) -> None:
    for reason in refused.reasons:
        form.add_error(None, str(reason))


def _page(
    request: HttpRequest, round_: Round, form: ParticipantForm, title: str, consequences: list[Any]
) -> HttpResponse:
    back = reverse("round-detail", args=[round_.pk])
    context = {
        "title": title,
        "crumbs": [(_("Rounds"), reverse("round-list")), (round_.title, back), (title, "")],
        "consequences": consequences,
        "form": form,
        "submit": title,
        "cancel_url": back,
    }
    return render(request, "includes/confirm.html", context, status=422 if form.errors else 200)
