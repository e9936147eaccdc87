"""Claims on the screen: the bank's signatory files, a decision maker decides, and the list says what came of them."""

from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django_tables2.utils import A

from assessments.filings.views.common import acting
from assessments.models import ClaimOutcome, MoneyClaim
from assessments.money.claims import (
    against_claiming,
    decide_claim,
    file_claim,
    get_claim,
    shown_claim,
    shown_decision,
    visible_claims,
)
from assessments.money.desk import claim_totals
from assessments.money.selectors import estimate_on_file, get_scheme, on_file
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.results import grade_name
from banks.access import get_bank
from banks.forms.choices import matching
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.columns import Column, MomentColumn
from scorecard.engine import format_fact
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.units import quantity
from scorecard.filters import BaseFilterSet
from scorecard.tables import BaseTable, FilteredListView
from scorecard.ui.forms import ConfirmForm
from scorecard.ui.templatetags.ui import chip
from scorecard.words.language import in_language, screen_language

KINDS = {"": "attention", "accepted": "good", "refused": "neutral"}
WAITING = gettext_lazy("to be decided")


@never_cache
@require_http_methods(["GET", "POST"])
def claim_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The signatory reads figures and amounts as they are on file, and files them as the bank's claim."""
    actor = acting(request)
    scheme = get_scheme(actor, pk)
    bank = get_bank(actor, actor.bank_id or 0)
    form = ConfirmForm(request.POST or None, user=actor, signature=True)
    status, stale = 200, None
    filed = on_file(actor, scheme, bank)
    told = estimate_on_file(scheme, filed)
    reasons = [str(reason) for reason in against_claiming(actor, scheme, bank, filed, told)]
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                claim = file_claim(actor=actor, scheme_id=pk, seen=request.POST.get("seen", ""))
            except Stale as error:
                stale, status, reasons = error, 409, []
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(request, _("The claim has been filed; its number is %(n)s.") % {"n": claim.number})
                return redirect("claim-detail", claim.pk)
    lang = screen_language()
    context = {
        "scheme": scheme,
        "bank": bank,
        "told": told,
        "figures": [
            (in_language(spec.label), filed.years[name], format_fact(spec, filed.facts[name], lang))
            for name, spec in scheme.facts.items()
            if name in filed.facts
        ],
        "form": form,
        "reasons": reasons,
        "seen": (stale is None and request.POST.get("seen")) or shown_claim(scheme, bank, filed, told),
        "stale": stale is not None,
        "differences": stale.current if stale is not None else None,
    }
    return render(request, "money/claim_file.html", context, status=status)


@require_GET
def claim_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One claim as it was filed, and what was decided of it."""
    claim = get_claim(acting(request), pk)
    record("assessments.claim.viewed", actor=acting(request), target=claim, bank_id=claim.bank_id)
    return render(request, "money/claim.html", _context(request, claim))


class DecideForm(ConfirmForm):
    """Accepted or refused, with a reason, and the password as signature. Nothing is chosen beforehand."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Decision on the claim"),
        choices=ClaimOutcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose whether the claim is accepted or refused.")},
    )
    field_order = ("outcome", "reason", "password")


@require_http_methods(["GET", "POST"])
def claim_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """A decision maker accepts or refuses a claim; the bank reads the reason at once."""
    actor = acting(request)
    claim = get_claim(actor, pk)
    form = DecideForm(request.POST or None, user=actor, reason="required", signature=True)
    status, stale = 200, None
    reasons = [_("This claim has been decided already.")] if claim.outcome else []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            accept = data["outcome"] == ClaimOutcome.ACCEPTED
            seen = request.POST.get("seen", "")
            try:
                decide_claim(actor=actor, claim_id=pk, accept=accept, reason=data["reason"], seen=seen)
            except Stale as error:
                stale, status, reasons = error, 409, []
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(request, _("The claim is decided; the bank reads it."))
                return redirect("claim-detail", pk)
    context = _context(request, claim) | {
        "form": form,
        "reasons": reasons,
        "deciding": True,
        "seen": (stale is None and request.POST.get("seen")) or shown_decision(claim),
        "stale": stale is not None,
        "differences": stale.current if stale is not None else None,
    }
    return render(request, "money/claim.html", context, status=status)


def _context(request: HttpRequest, claim: MoneyClaim) -> dict[str, Any]:
    rulebook, lang = engine_rulebook(claim.rulebook), screen_language()
    actor = acting(request)
    figures = []
    for name, kept in claim.facts.items():
        spec = rulebook.facts[name]
        figures.append((in_language(spec.label), kept["year"], kept["value"], spec))
    return {
        "claim": claim,
        "title": in_language(rulebook.title),
        "standing": grade_name(rulebook, claim.standing),
        "figures": [(label, year, _fact_words(spec, value)) for label, year, value, spec in figures],
        "amounts": [
            (
                in_language(one["label"]),
                quantity(Fraction(one["value"]), one["unit"], lang) if one["value"] else "—",
                one["basis"],
            )
            for one in claim.amounts
        ],
        "state": claim.get_outcome_display() if claim.outcome else WAITING,
        "kind": KINDS[claim.outcome],
        "may_decide": not claim.outcome and actor.holds(Role.DECISION_MAKER),
        "bank_side": actor.is_bank_person,
        "cancel_url": reverse("claim-detail", args=[claim.pk]),
    }


def _fact_words(spec: Any, value: str) -> str:
    """A kept figure as it is read: an option by its name, a number with its unit."""
    if value in getattr(spec, "options", {}):
        return in_language(spec.options[value])
    try:
        return quantity(Fraction(value), spec.unit, screen_language())
    except (ValueError, KeyError):
        return value


class ClaimTable(BaseTable):
    """One row per claim, the newest first."""

    number = Column(verbose_name=gettext_lazy("Receipt number"), linkify=("claim-detail", [A("pk")]), css="nowrap")
    bank = Column(
        verbose_name=gettext_lazy("Bank"), accessor="bank__name", order_by=("bank__name_sort", "pk"), css="wrap"
    )
    scheme = Column(
        verbose_name=gettext_lazy("Scheme"), accessor="rulebook__title", order_by=("rulebook__code", "pk"), css="wrap"
    )
    period = Column(verbose_name=gettext_lazy("Year"), css="nowrap tnum")
    amount = Column(verbose_name=gettext_lazy("Amounts"), accessor="amounts", orderable=False, css="wrap")
    filed = MomentColumn(verbose_name=gettext_lazy("Filed at"), accessor="filed_at")
    outcome = Column(verbose_name=gettext_lazy("Outcome"), empty_values=(), css="nowrap")
    decided = MomentColumn(verbose_name=gettext_lazy("Decided at"), accessor="decided_at")

    empty_title = gettext_lazy("No bank has claimed")
    empty_hint = gettext_lazy("A claim comes here once the signatory of a bank has filed it.")
    caption = gettext_lazy("Claims under money schemes")

    class Meta(BaseTable.Meta):
        model = MoneyClaim
        fields = ()
        sequence = ("number", "bank", "scheme", "period", "amount", "filed", "outcome", "decided")

    def render_amount(self, value: list[dict[str, Any]]) -> str:
        lang = screen_language()
        said = [
            f"{in_language(one['label'])} {quantity(Fraction(one['value']), one['unit'], lang)}"
            for one in value
            if one["value"]
        ]
        return str(_("; ")).join(said)

    value_amount = render_amount

    def render_outcome(self, record: MoneyClaim) -> Any:
        return chip(self.value_outcome(record), KINDS[record.outcome])

    def value_outcome(self, record: MoneyClaim) -> str:
        return str(record.get_outcome_display() if record.outcome else WAITING)


class ClaimFilters(BaseFilterSet):
    """Claims by what became of them, bank, scheme and year."""

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=[("open", WAITING), *ClaimOutcome.choices], method="by_state"
    )
    bank = django_filters.CharFilter(label=gettext_lazy("Bank"), method="by_bank")
    scheme = django_filters.CharFilter(
        label=gettext_lazy("Scheme"), field_name="rulebook__code", lookup_expr="icontains"
    )
    period = django_filters.CharFilter(label=gettext_lazy("Year"))

    class Meta:
        model = MoneyClaim
        fields: list[str] = []

    def by_state(self, queryset: QuerySet[MoneyClaim], name: str, value: str) -> QuerySet[MoneyClaim]:
        """Still to be decided, or by its outcome."""
        return queryset.filter(outcome="" if value == "open" else value)

    def by_bank(self, queryset: QuerySet[MoneyClaim], name: str, value: str) -> QuerySet[MoneyClaim]:
        """Part of a name or its initials, or the code."""
        return queryset.filter(matching(value, "bank__"))


class ClaimList(FilteredListView):
    """Every claim that the reader may see, with the totals of those accepted beside the report's own figures."""

    table_class, filterset_class = ClaimTable, ClaimFilters
    title = export_name = gettext_lazy("Claims under money schemes")
    template_name = "money/claims.html"

    def get_queryset(self) -> QuerySet[MoneyClaim]:
        return visible_claims(acting(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = acting(self.request)
        totals = [] if actor.is_bank_person else claim_totals(actor, visible_claims(actor))
        return super().get_context_data(**kwargs) | {"totals": totals}

    def on_read(self) -> None:
        record_reading("assessments.list.read", actor=self.request.user, name="claims")

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        record(
            "assessments.list.exported",
            actor=self.request.user,
            data={"list": "claims", "format": kind, "rows": count, "filters": filters},
        )
