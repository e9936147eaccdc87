"""One bank: its page, entering it, changing it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from banks.access import get_bank
from banks.fields import FIELDS, label
from banks.forms.banks import BankForm, initial
from banks.models import Bank
from banks.selectors.banks import bank_events, bank_names, bank_people, branches, predecessors, readable
from banks.services.banks import change_bank, create_bank
from banks.services.errors import Invalid
from banks.services.identifiers import identifier_warnings
from banks.tables import active_words
from banks.views.common import actor_of, add_errors, retype
from scorecard.access.decisions import Stale
from scorecard.access.policy import url_policy
from scorecard.access.roles import SUPERVISOR_ROLES, Role


@require_GET
def my_bank(request: HttpRequest) -> HttpResponse:
    """The page of the actor's own bank."""
    return redirect("bank-detail", actor_of(request).bank_id)


@require_GET
def bank_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What the register holds of a bank, who acts for it, and what was changed."""
    bank = get_bank(actor_of(request), pk)
    supervisor = actor_of(request).holds(*SUPERVISOR_ROLES)
    context = {
        "bank": bank,
        "active": active_words(bank),
        "warnings": identifier_warnings({name: getattr(bank, name) for name in ("uscc", "licence_code", "pboc_code")}),
        "names": bank_names(bank),
        "predecessors": predecessors(actor_of(request), bank),
        "branches": branches(actor_of(request), bank),
        "people": bank_people(actor_of(request), bank),
        "events": bank_events(bank) if supervisor else [],
        "may_edit": actor_of(request).holds(Role.ADMINISTRATOR),
        "may_list": supervisor,
        "own": actor_of(request).is_bank_person,
        "sees_figures": url_policy()["bank-facts"].admits(actor_of(request).roles),
    }
    return render(request, "banks/bank_detail.html", context)


@require_http_methods(["GET", "POST"])
def bank_create(request: HttpRequest) -> HttpResponse:
    """Enter a bank."""
    form = BankForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            bank = create_bank(actor=actor_of(request), values=form.values())
        except Invalid as error:
            add_errors(form, error)
        else:
            return _saved(request, bank, _("%(bank)s has been entered.") % {"bank": bank})
    status = 422 if form.is_bound else 200
    return render(request, "banks/bank_form.html", {"form": form, "bank": None}, status=status)


@require_http_methods(["GET", "POST"])
def bank_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a bank; where somebody else was faster, both are shown and nothing that was typed is lost."""
    bank = get_bank(actor_of(request), pk)
    form = BankForm(request.POST or None, bank=bank, initial=initial(bank))
    context: dict[str, Any] = {"form": form, "bank": bank}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            values = {name: value for name, value in form.values().items() if name != "code"}
            try:
                saved = change_bank(
                    actor=actor_of(request),
                    bank=bank,
                    revision=form.cleaned_data["revision"] or 0,
                    values=values,
                    since=form.cleaned_data["since"],
                )
            except Invalid as error:
                add_errors(form, error)
            except Stale as error:
                # From here on the form carries the revision that is shown beside it: saving again is a decision.
                retype(form, revision=str(error.current.revision))
                context["conflicts"] = differences(values, error.current)
                context["reasons"] = error.reasons
                status = 409
            else:
                return _saved(request, saved, _("%(bank)s has been saved.") % {"bank": saved})
    return render(request, "banks/bank_form.html", context, status=status)


def differences(values: dict[str, Any], current: Bank) -> list[tuple[str, str, str]]:
    """The fields in which the typed values differ from what the register holds now: label, typed, held."""
    typed = Bank(**{name: getattr(current, name) for name in FIELDS} | values)
    mine, theirs = readable(typed), readable(current)
    return [(label(name), mine[name], theirs[name]) for name in FIELDS if mine[name] != theirs[name]]


def _saved(request: HttpRequest, bank: Bank, words: str) -> HttpResponse:
    messages.success(request, words)
    found = identifier_warnings({name: getattr(bank, name) for name in ("uscc", "licence_code", "pboc_code")})
    for warnings in found.values():
        for warning in warnings:
            messages.warning(request, warning)
    return redirect("bank-detail", bank.pk)
