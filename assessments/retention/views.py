"""The page of retention: what is kept for how long, and what is held."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.models import LegalHold
from assessments.retention.forms import HoldForm, LiftForm
from assessments.retention.kinds import KINDS
from assessments.retention.services import lift_hold, set_hold
from banks.views.common import actor_of
from scorecard.access.decisions import RoleDenied
from scorecard.access.roles import Role


@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: HttpRequest) -> HttpResponse:
    """The kinds with their times; the holds, which a decision maker sets and lifts."""
    actor = actor_of(request)
    may = actor.holds(Role.DECISION_MAKER)
    lifting = request.method == "POST" and "hold" in request.POST
    form = HoldForm(request.POST if request.method == "POST" and not lifting else None)
    lift = LiftForm(request.POST) if lifting else None
    if request.method == "POST":
        if not may:
            raise RoleDenied(_("Your role does not open this page."))
        if lift is not None and lift.is_valid():
            lift_hold(actor=actor, hold_id=lift.cleaned_data["hold"], reason=lift.cleaned_data["reason"])
            return redirect("retention")
        if lift is None and form.is_valid():
            round_, bank = form.cleaned_data["round"], form.cleaned_data["bank"]
            set_hold(
                actor=actor,
                round_id=round_.pk if round_ else None,
                bank_id=bank.pk if bank else None,
                reason=form.cleaned_data["reason"],
            )
            return redirect("retention")
    holds = list(LegalHold.objects.select_related("round", "bank", "set_by", "lifted_by")[:200])
    typed = lift["hold"].value() if lift is not None else ""
    standing = [
        (hold, lift if str(hold.pk) == typed else LiftForm(initial={"hold": hold.pk}))
        for hold in holds
        if hold.lifted_at is None
    ]
    context = {
        "title": _("Retention"),
        "crumbs": [(_("Home"), reverse("home")), (_("Retention"), "")],
        "kinds": KINDS,
        "standing": standing,
        "lifted": [hold for hold in holds if hold.lifted_at is not None],
        "form": form,
        "may": may,
    }
    failed = bool(form.errors or (lift is not None and lift.errors))
    return render(request, "retention/page.html", context, status=422 if failed else 200)
