"""Circulars on the screen: issued by a decision maker, read by supervisors whole and by each bank as its own copy."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from assessments.models import period_title
from assessments.readings.circulars import (
    NOT_FILED,
    TEXT_LENGTH,
    earlier_circulars,
    get_circular,
    issue_circular,
    open_copy,
    shown_circular,
    table_of,
)
from assessments.readings.present import outcome_words, percent_words
from assessments.readings.selectors import get_period
from assessments.reviews.views.assessment import acting
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.reading import record_reading
from scorecard.ui.forms import ConfirmForm
from scorecard.words.language import in_language

KINDS = {"met": "good", "missed": "bad", NOT_FILED: "neutral"}


class CircularForm(ConfirmForm):
    """An introduction in the decision maker's own words, and the password as signature."""

    text = forms.CharField(
        label=gettext_lazy("Introduction"),
        required=False,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Every bank reads it. What is asked of banks may stand here."),
    )
    field_order = ("text", "password")


def _table(body: dict[str, Any]) -> dict[str, Any]:
    """Rows and city as a page shows them."""
    return {
        "targets": [in_language(one["short"]) for one in body["targets"]],
        "rows": [
            (
                in_language(row["bank"]),
                [(outcome_words(state), KINDS.get(state, "neutral")) for state in row["targets"].values()],
                percent_words(row["plan"]),
            )
            for row in body["rows"]
        ],
        "counts": body["counts"],
        "city": [
            (in_language(one["name"]), one["left"], one["right"], one["unit"], *_outcome(one)) for one in body["city"]
        ],
        "met": [
            (in_language(one["short"]), body["counts"]["met"][one["id"]]) for one in body["targets"] if body["counts"]
        ],
    }


def _outcome(one: dict[str, Any]) -> tuple[str, str]:
    """The outcome of one of the city's targets, and the kind of its chip."""
    state = "missed" if one["counts_as_missed"] else one["state"]
    return outcome_words(state), KINDS.get(state, "neutral")


@never_cache
@require_http_methods(["GET", "POST"])
def circular_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """The last look at the table, and the signature under it."""
    actor = acting(request)
    period = get_period(actor, pk)
    form = CircularForm(request.POST or None, user=actor, signature=True)
    record_reading("assessments.list.read", actor=actor, name="readings", target=period)
    reasons: list[str] = []
    status, stale = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            text, seen = form.cleaned_data["text"], request.POST.get("seen", "")
            try:
                made = issue_circular(actor=actor, period_id=pk, text=text, seen=seen)
            except Stale as error:
                stale, status = error, 409
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(
                    request, _("Circular %(number)s has been sent to the banks.") % {"number": made.number}
                )
                return redirect("circular-detail", made.pk)
    table = table_of(actor, period)
    here = reverse("reading-period", args=[pk])
    title = _("Issue a circular")
    context = _table(table) | {
        "period": period,
        "form": form,
        "reasons": reasons,
        "earlier": earlier_circulars(period),
        "title": title,
        "crumbs": [(_("Readings through the year"), reverse("reading-list")), (period.title, here), (title, "")],
        "seen": (stale is None and request.POST.get("seen")) or shown_circular(period, table),
        "stale": stale is not None,
        "differences": stale.current if stale is not None else None,
        "cancel_url": here,
    }
    return render(request, "readings/circular_issue.html", context, status=status)


@require_GET
def circular_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The office's letter with every row, and which banks have opened their copies."""
    actor = acting(request)
    circular = get_circular(actor, pk)
    record_reading("assessments.list.read", actor=actor, name="circular", target=circular)
    here = reverse("reading-period", args=[circular.period_id])
    crumbs = [(_("Readings through the year"), reverse("reading-list")), (circular.period.title, here)]
    copies = list(circular.copies.select_related("bank", "read_by").order_by("bank__code"))
    context = _table(circular.body) | {
        "circular": circular,
        "title": circular.number,
        "lead": circular.period.title,
        "text": circular.body["text"],
        "letter": ("circular", circular.pk),
        "copies": copies,
        "opened": sum(one.read_at is not None for one in copies),
        "crumbs": [*crumbs, (circular.number, "")],
        "office": True,
    }
    return render(request, "readings/circular.html", context)


@never_cache
@require_GET
def circular_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """One bank's copy; that the bank has opened it is written down."""
    found = open_copy(actor=acting(request), pk=pk)
    body = found.body
    period = period_title(body["period"]["year"], body["period"]["month"], body["period"]["kind"])
    context = _table(body) | {
        "circular": found,
        "title": found.number,
        "lead": f"{period} · {in_language(body['bank'])}",
        "text": body["text"],
        "letter": ("circular-copy", found.pk),
        "crumbs": [(_("Readings through the year"), reverse("reading-list")), (found.number, "")],
        "office": False,
    }
    return render(request, "readings/circular.html", context)
