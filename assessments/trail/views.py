"""The audit trail for the auditor, its verification, and background work for the administrator."""

import json
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from assessments.trail.event import get_event
from assessments.trail.filtersets import EventFilters, JobFilters
from assessments.trail.receipts import step_receipt
from assessments.trail.selectors import newest_number, trail, verified
from assessments.trail.services import request_verification
from assessments.trail.tables import EventTable, JobTable, roles_in_words
from banks.views.common import actor_of
from scorecard.access.policy import url_policy
from scorecard.audit.models import Event
from scorecard.audit.registry import title as event_title
from scorecard.audit.services import record
from scorecard.jobs.models import Job
from scorecard.tables import FilteredListView, KeyPaginator
from scorecard.ui.access import visible_jobs


class TrailPaginator(KeyPaginator):
    """Pages of the trail. Its numbers have no gap, so a page of the whole trail follows from the newest number: neither
    counting nor passing over a million events is needed."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list.data.data  # type: ignore[attr-defined]
        return super().count if rows.query.where else newest_number(rows)

    def keys(self, rows: QuerySet[Event], start: int) -> list[int]:
        if rows.query.where or rows.query.order_by[:1] != ("-seq",):
            return super().keys(rows, start)
        newest = self.count - start
        return list(range(newest, max(0, newest - self.per_page), -1))


class AuditList(FilteredListView):
    """Every event: filters, export of what is filtered, and what the last verification found."""

    table_class, filterset_class = EventTable, EventFilters
    paginator_class = TrailPaginator
    template_name = "audit/list.html"
    title, export_name = gettext_lazy("Audit trail"), gettext_lazy("Audit trail")

    def get_queryset(self) -> QuerySet[Event]:
        return trail(actor_of(self.request))

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Home"), reverse("home")), (self.title, "")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(verified=verified(newest_number(Event.objects.all())), **kwargs)

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        data: dict[str, Any] = {"kind": kind, "rows": count, "filters": filters}
        if (searched := self.filterset.searched) is not None:
            data["searched"] = [searched.oldest[0], searched.newest[0]]
        record("assessments.audit.exported", actor=actor_of(self.request), data=data)


# Where the page of an object is, by its kind, and what of the object the address takes; the policy of that URL says who
# may follow it.
PAGES = {
    "banks.bank": ("bank-detail", attrgetter("pk")),
    "banks.user": ("person-detail", attrgetter("pk")),
    "assessments.assessment": ("review-detail", attrgetter("pk")),
    "assessments.round": ("round-detail", attrgetter("pk")),
    "assessments.rulebookversion": ("rulebook-detail", attrgetter("pk")),
    "assessments.trial": ("trial-detail", attrgetter("pk")),
    "assessments.scorerun": ("review-detail", attrgetter("version.assessment_id")),
    "assessments.notice": ("notice-detail", attrgetter("rating.assessment_id")),
    "assessments.objection": ("objection-detail", attrgetter("notice.rating.assessment_id")),
    "assessments.objectionletter": ("objection-letter", attrgetter("pk")),
    "assessments.livemeasure": ("measure-detail", attrgetter("pk")),
    "assessments.moneyclaim": ("claim-detail", attrgetter("pk")),
    "assessments.meeting": ("meeting-detail", attrgetter("pk")),
    "assessments.apitoken": ("token-detail", attrgetter("pk")),
    "figures.load": ("figures:load-detail", attrgetter("pk")),
    "jobs.job": ("job-detail", attrgetter("pk")),
}


@require_safe
def audit_event(request: HttpRequest, seq: int) -> HttpResponse:
    """One event: who, when, about what, with what was before and after, and where it stands in the chain."""
    shown = get_event(actor_of(request), seq)
    kind, object_id, name = shown.target
    page, argument = PAGES.get(shown.event.object_type.lower(), ("", attrgetter("pk")))
    admits = page and url_policy()[page].admits(actor_of(request).roles)
    context = {
        "shown": shown,
        "event": shown.event,
        "title": event_title(shown.event.event),
        "crumbs": [(_("Home"), reverse("home")), (_("Audit trail"), reverse("audit-list")), (str(seq), "")],
        "object_words": " ".join(part for part in (kind, name or object_id) if part),
        "object_url": reverse(page, args=[argument(shown.found)]) if admits and shown.found is not None else "",
        "roles": roles_in_words(shown.event.roles),
    }
    return render(request, "audit/event.html", context)


@require_POST
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Verify the whole trail in the background; the list shows what was found."""
    request_verification(actor=actor_of(request))
    return redirect("audit-list")


@require_safe
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt of a step as a file, which ``scripts/check_receipt.py`` checks without us."""
    assessment, step, made = step_receipt(actor_of(request), pk)
    name = f"{assessment.round.code}-{assessment.bank.code}-{step.transition}-{step.pk}.receipt.json"
    response = HttpResponse(json.dumps(made, ensure_ascii=False, indent=1), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class JobList(FilteredListView):
    """Background work: what runs, what failed, what is waiting."""

    table_class, filterset_class = JobTable, JobFilters
    title, export_name = gettext_lazy("Background work"), gettext_lazy("Background work")

    def get_queryset(self) -> QuerySet[Job]:
        return (
            visible_jobs(actor_of(self.request)).select_related("created_by").defer("params", "result").order_by("-id")
        )

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Home"), reverse("home")), (self.title, "")]
