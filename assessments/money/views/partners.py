"""A partner of a scheme on the screen: where it stands and why, and the step of a decision maker."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from assessments.filings.views.common import acting
from assessments.models import PartnerState
from assessments.money.partners import (
    change_partner,
    get_partners,
    shown_step,
    state_of,
    steps_from,
    visible_steps,
)
from assessments.money.selectors import Scheme, estimate_on_file, on_file
from assessments.rounds.tables import admits
from assessments.scoring.results import grade_name
from banks.access import get_bank
from banks.models import Bank, User
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.services import record
from scorecard.engine import format_fact
from scorecard.ui.forms import ConfirmForm
from scorecard.words.language import in_language, screen_language

KINDS = {"partner": "good", "suspended": "attention", "ended": "bad"}


class StepForm(ConfirmForm):
    """Where the partner is to stand, with a reason that the bank reads, and the password."""

    state = forms.ChoiceField(
        label=gettext_lazy("The partner is to be"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose where the partner is to stand."),
            "invalid_choice": gettext_lazy("Choose one of the states that the figures on file admit."),
        },
    )
    field_order = ("state", "reason", "password")

    def __init__(self, *args: Any, states: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(PartnerState.choices)
        self.fields["state"].choices = [(state, labels[PartnerState(state)]) for state in states]  # type: ignore[attr-defined]


@require_GET
def money_partner(request: HttpRequest, pk: int, bank: int) -> HttpResponse:
    """Where a bank stands as a partner, what the figures on file give, and every step with its reason."""
    actor = acting(request)
    scheme = get_partners(actor, pk)
    found = get_bank(actor, bank)
    _viewed(actor, scheme, found)
    return render(request, "money/partner.html", _context(request, scheme, found))


@never_cache
@require_http_methods(["GET", "POST"])
def money_partner_step(request: HttpRequest, pk: int, bank: int) -> HttpResponse:
    """A decision maker suspends the partner, takes it on again or ends it."""
    actor = acting(request)
    scheme = get_partners(actor, pk)
    found = get_bank(actor, bank)
    context = _context(request, scheme, found)
    form = StepForm(request.POST or None, user=actor, reason="required", signature=True, states=context["admitted"])
    status, stale, reasons = 200, None, []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said, seen = form.cleaned_data, request.POST.get("seen", "")
            try:
                change_partner(
                    actor=actor, scheme_id=pk, bank_id=bank, state=said["state"], reason=said["reason"], seen=seen
                )
            except Stale as error:
                stale, status = error, 409
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(request, _("The standing of the partner is changed; the bank reads it."))
                return redirect("money-partner", pk, bank)
    context |= {
        "form": form,
        "reasons": reasons,
        "deciding": True,
        "seen": (stale is None and request.POST.get("seen")) or shown_step(actor, scheme, found),
        "stale": stale is not None,
        "differences": stale.current if stale is not None else None,
    }
    _viewed(actor, scheme, found)
    return render(request, "money/partner.html", context, status=status)


def _viewed(actor: User, scheme: Scheme, bank: Bank) -> None:
    """The page of a step shows the same figures as the other one."""
    data = {"scheme": scheme.version.name}
    record("assessments.partner.viewed", actor=actor, target=bank, bank_id=bank.pk, data=data)


def _context(request: HttpRequest, scheme: Scheme, bank: Bank) -> dict[str, Any]:
    actor, lang = acting(request), screen_language()
    filed = on_file(actor, scheme, bank)
    told = estimate_on_file(scheme, filed)
    now = state_of(actor, scheme, bank)
    admitted = steps_from(now, told)
    return {
        "scheme": scheme,
        "bank": bank,
        "state": PartnerState(now).label,
        "kind": KINDS[now],
        "told": told,
        "figures": [
            (in_language(spec.label), filed.years[name], format_fact(spec, filed.facts[name], lang))
            for name, spec in scheme.facts.items()
            if name in filed.facts
        ],
        "steps": [
            (step, KINDS[step.state], grade_name(scheme.rulebook, step.standing))
            for step in visible_steps(actor, scheme).filter(bank=bank).order_by("-pk")
        ],
        "admitted": admitted,
        "may_step": bool(admitted) and admits("money-partner-step", actor),
        "bank_side": actor.is_bank_person,
    }
