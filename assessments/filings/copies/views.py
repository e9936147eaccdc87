"""Pages of what branches of one bank let each other take over."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from assessments.access import get_assessment, visible_assessments
from assessments.filings.copies.offers import end_offer, get_offer, made_by, made_to, offer, siblings
from assessments.filings.copies.taking import pieces, take_over
from assessments.filings.selectors import get_draft
from assessments.filings.views.common import acting, deadline_of, may_edit
from banks.forms.banks import Day
from banks.models import Bank
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.engine import format_fact
from scorecard.words.language import in_language, screen_language


class OfferForm(forms.Form):
    """To whom, from when until when."""

    to = forms.ModelChoiceField(
        label=gettext_lazy("Offered to"), queryset=Bank.objects.none(), empty_label=gettext_lazy("— choose —")
    )
    since = Day(label=gettext_lazy("From"))
    until = Day(label=gettext_lazy("Until"), help_text=gettext_lazy("The last day of the offer; it still counts."))

    def __init__(self, *args: Any, near: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = near  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def offers(request: HttpRequest, pk: int) -> HttpResponse:
    """What other branches offer, what the own bank offers, and offering it."""
    actor = acting(request)
    assessment = get_assessment(actor, pk)
    near = siblings(assessment.bank)
    form = OfferForm(request.POST if request.method == "POST" else None, near=near)
    if request.method == "POST" and not actor.holds(Role.BANK_SIGNATORY):
        raise Refused([_("A signatory of your bank allows it.")])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            offer(actor=actor, assessment_id=pk, to=data["to"].pk, since=data["since"], until=data["until"])
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(None, str(reason))
        else:
            messages.success(request, _("The branch may take it over from the first day on."))
            return redirect("filing-offers", pk)
    context = {
        "assessment": assessment,
        "round": assessment.round,
        "due": deadline_of(assessment),
        "form": form if actor.holds(Role.BANK_SIGNATORY) and near and assessment.version_id else None,
        "near": bool(near),
        "given": made_by(assessment),
        "offered": made_to(assessment),
        "today": timezone.localdate(),
        "may_end": actor.holds(Role.BANK_SIGNATORY),
    }
    return render(request, "bank/offers.html", context, status=422 if form.errors else 200)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an offer early."""
    row = end_offer(actor=acting(request), offer_id=pk)
    messages.success(request, _("The offer has ended."))
    here = visible_assessments(acting(request)).filter(round=row.round_id).first()
    return redirect("filing-offers", here.pk) if here is not None else redirect("home")


@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, pk: int, offer_id: int) -> HttpResponse:
    """What one branch offers, and taking it over into what is still empty."""
    actor = acting(request)
    assessment = get_assessment(actor, pk)
    row = get_offer(actor, assessment, offer_id)
    reasons: list[Any] = []
    if request.method == "POST":
        try:
            chosen = request.POST.getlist("indicator")
            count, reasons = take_over(actor=actor, assessment_id=pk, offer_id=offer_id, indicators=chosen)
        except Refused as refused:
            if not may_edit(request, assessment):
                raise
            reasons = list(refused.reasons)
        else:
            words = ngettext("%(n)d indicator taken over.", "%(n)d indicators taken over.", count)
            messages.success(request, words % {"n": count})
            if not reasons:
                return redirect("filing-offer", pk, offer_id)
    record("assessments.offer.read", actor=actor, bank_id=row.giver_id, data={"offer": row.pk, "by": actor.bank_id})
    draft = get_draft(get_assessment(actor, pk))
    rows = []
    for piece in pieces(draft, row):
        indicator = draft.rulebook.indicators[piece.indicator]
        answers = [
            (in_language(draft.rulebook.facts[fact].label), _answer(draft.rulebook.facts[fact], value))
            for fact, value in piece.answers.items()
        ]
        title = f"{indicator.id} {in_language(indicator.name)}"
        rows.append({"piece": piece, "title": title, "answers": answers, "any": bool(piece)})
    context = {"assessment": assessment, "round": assessment.round, "due": deadline_of(assessment), "rows": rows}
    context |= {"offer": row, "reasons": reasons, "may_edit": may_edit(request, assessment)}
    context["may_take"] = context["may_edit"] and any(one["any"] for one in rows)
    return render(request, "bank/offer.html", context, status=422 if reasons else 200)


def _answer(spec: Any, value: Any) -> str:
    return format_fact(spec, value, screen_language())
