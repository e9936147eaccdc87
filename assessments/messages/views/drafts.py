"""The drafts of a round: how far each is, who was there last, and reminding the banks of them (催报)."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from assessments.access import get_round
from assessments.messages.filtersets import DraftFilters
from assessments.messages.forms import UrgeForm
from assessments.messages.selectors import draft_standings
from assessments.messages.tables import DraftTable
from assessments.messages.urging import urge_banks, urgeable
from assessments.messages.words import urged_words
from assessments.models import Assessment, Round
from assessments.rounds.views import OfRound, round_context
from assessments.workflow.telling import about
from banks.views.common import actor_of
from scorecard.access.decisions import Refused
from scorecard.audit.services import record
from scorecard.tables import FilteredListView, KeyPaginator
from scorecard.ui.ids import typed_ids

NAMED = 60  # banks that the page of a reminder names


class RoundDrafts(OfRound, FilteredListView):
    """Every filing of a round that is with its bank."""

    table_class, filterset_class = DraftTable, DraftFilters
    template_name = "rounds/drafts.html"
    export_name = gettext_lazy("Drafts of the round")
    paginator_class = KeyPaginator

    def get_queryset(self) -> QuerySet[Any]:
        rows = draft_standings(actor_of(self.request), self.round)
        found: QuerySet[Any] = rows.annotate(may_urge=Exists(self.urgeable.order_by().filter(pk=OuterRef("pk"))))
        return found

    @cached_property
    def urgeable(self) -> QuerySet[Assessment]:
        """The filings of which the reader may remind the banks."""
        return urgeable(actor_of(self.request), self.round.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = round_context(self.request, self.round)
        query = self.request.GET.copy()
        query["all"] = "1"
        return super().get_context_data(
            **context, may_urge=self.urgeable.exists(), all_url=f"{self._urge()}?{query.urlencode()}", **kwargs
        )

    def _urge(self) -> str:
        return reverse("round-urge", args=[self.round.pk])

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        record(
            "assessments.list.exported",
            actor=actor_of(self.request),
            target=self.round,
            data={"list": "drafts", "kind": kind, "rows": count, "filters": filters},
        )


@require_http_methods(["GET", "POST"])
def round_urge(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind chosen banks of their filing: the words, what a bank will read, and the sending of it."""
    actor = actor_of(request)
    round_ = get_round(actor, pk)
    chosen = _chosen(request, round_)
    form = UrgeForm(request.POST if request.method == "POST" else None, initial={"text": _default_text()})
    status, preview = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid() and "send" in request.POST:
            try:
                count = urge_banks(
                    actor=actor, round_id=pk, assessment_ids=_posted(request), text=form.cleaned_data["text"]
                )
            except Refused as refused:
                status = 409
                form.refuse(refused.reasons)
            else:
                words = ngettext("%(count)d bank is reminded.", "%(count)d banks are reminded.", count)
                messages.success(request, words % {"count": count})
                return redirect("round-drafts", pk)
        elif form.is_valid():
            status = 200
            preview = _preview(chosen[0], form.cleaned_data["text"]) if chosen else None
    back = reverse("round-drafts", args=[pk])
    context = {
        "round": round_,
        "form": form,
        "chosen": chosen[:NAMED],
        "count": len(chosen),
        "banks": ",".join(str(case.pk) for case in chosen),
        "more": max(0, len(chosen) - NAMED),
        "preview": preview,
        "cancel_url": back,
        "crumbs": [(round_.title, reverse("round-detail", args=[pk])), (_("Drafts"), back), (_("Remind banks"), "")],
    }
    return render(request, "rounds/urge.html", context, status=status)


def _posted(request: HttpRequest) -> list[int]:
    """The filings of the form, in one field: a form has no room for a field of each bank of a large round."""
    return typed_ids([*request.POST.get("banks", "").split(","), *request.POST.getlist("bank")])


def _chosen(request: HttpRequest, round_: Round) -> list[Assessment]:
    """The banks that are ticked, or with ``all`` those of the list with its filters, of which the reader may remind."""
    actor = actor_of(request)
    rows = urgeable(actor, round_.pk).order_by("bank__code")
    if request.method == "GET" and request.GET.get("all"):
        listed = DraftFilters(request.GET, queryset=draft_standings(actor, round_), request=request).qs
        return list(rows.filter(pk__in=listed.order_by().values("pk")))
    ticked = _posted(request) or typed_ids(request.GET.getlist("bank"))
    return list(rows.filter(pk__in=ticked))


def _preview(case: Assessment, text: str) -> Any:
    """The message as this bank will read it."""
    return urged_words({**about(case), "text": text, "until": case.files_until.isoformat()})


def _default_text() -> str:
    return _(
        "Please complete, check, sign and submit your filing in time. If something stands in the way, talk to your "
        "case officer."
    )
