"""Rounds: the list, planning and changing, opening, closing, scoring, and the bank list of a round."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from assessments.access import get_round
from assessments.models import Assessment, Round, RoundState
from assessments.rounds.carrying import banks_without_base
from assessments.rounds.filtersets import ResultFilters, RoundFilters, StandingFilters
from assessments.rounds.forms import RoundForm
from assessments.rounds.parameters.selectors import parameter_views
from assessments.rounds.selectors import (
    former_round,
    participant_changes,
    round_progress,
    round_results,
    round_standings,
    rounds_with_counts,
)
from assessments.rounds.services import (
    change_round,
    create_round,
)
from assessments.rounds.tables import STATE_KINDS, RoundTable, StandingTable, admits
from assessments.rounds.tables.results import ResultTable
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.selectors import last_scoring, running_job
from banks.models import Bank
from banks.services.errors import Invalid
from banks.views.common import actor_of
from scorecard.access.decisions import Stale
from scorecard.access.roles import READ_ROLES
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.filters import BaseFilterSet
from scorecard.tables import FilteredListView
from scorecard.ui.forms import ConfirmForm
from scorecard.words.formats import moment


class RoundList(FilteredListView):
    """Every round with how far it is."""

    table_class, filterset_class = RoundTable, RoundFilters
    template_name = "rounds/list.html"
    title, export_name = gettext_lazy("Assessment rounds"), gettext_lazy("Assessment rounds")

    def get_queryset(self) -> QuerySet[Round]:
        return rounds_with_counts(actor_of(self.request))

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Home"), reverse("home")), (self.title, "")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_plan=admits("round-create", actor_of(self.request)), **kwargs)


# So many banks a page names of those that lack something; of a province there may be thousands.
MOST_NAMED = 20


def named_of(banks: QuerySet[Bank]) -> tuple[int, list[Bank], str]:
    """How many banks there are, those that a page names, and in words how many more there are."""
    count = banks.count()
    more = max(count - MOST_NAMED, 0)
    words = ngettext("and %(count)d more bank", "and %(count)d more banks", more) % {"count": more} if more else ""
    return count, list(banks[:MOST_NAMED]) if count else [], words


def posted(request: HttpRequest) -> Any:
    """What a form is bound to: nothing unless something was sent, even if what was sent is empty."""
    return request.POST if request.method == "POST" else None


def round_tabs(request: HttpRequest, round_: Round) -> list[tuple[Any, str]]:
    """The pages of one round that the reader may open."""
    pages = [
        (_("Banks"), "round-detail"),
        (_("Drafts"), "round-drafts"),
        (_("The city's figures"), "round-aggregate"),
        (_("Heat map"), "round-heat"),
        (_("Growth and bad loans"), "round-quadrant"),
        (_("Movement"), "round-movement"),
        *([(_("Outcome of measures"), "round-outcome")] if round_.is_closed else []),
        (_("Supervisor's figures"), "round-figures"),
        (_("Calendar and rules"), "round-about"),
    ]
    if engine_rulebook(round_.rulebook).parameters:
        pages.append((_("Values of the year"), "round-parameters"))
    return [(title, reverse(name, args=[round_.pk])) for title, name in pages if admits(name, actor_of(request))]


def round_context(request: HttpRequest, round_: Round) -> dict[str, Any]:
    """What every page of a round has: head, tabs, and the steps that the reader may take now."""
    user = actor_of(request)
    open_now = round_.state == RoundState.OPEN
    return {
        "round": round_,
        "state_kind": STATE_KINDS[RoundState(round_.state)],
        "tab_list": round_tabs(request, round_),
        "may_edit": admits("round-edit", user) and round_.state != RoundState.CLOSED,
        "may_open": admits("round-open", user) and round_.state == RoundState.PLANNED,
        "may_close": admits("round-close", user) and open_now,
        "may_change_banks": admits("round-bank-add", user) and open_now,
        "may_carry": admits("round-carry", user) and open_now,
        "may_score": admits("round-score", user) and open_now,
        "may_take_all": admits("round-workbook", user) and round_.state != RoundState.PLANNED,
        "may_try": admits("trial-create", user) and round_.state != RoundState.PLANNED,
        "filing_over": timezone.now() > round_.filing_deadline,
    }


class OfRound:
    """A class-based page of the round in its address."""

    request: HttpRequest
    kwargs: dict[str, Any]

    @cached_property
    def round(self) -> Round:
        """The round of the address, or 404."""
        return get_round(actor_of(self.request), self.kwargs["pk"])

    @cached_property
    def rulebook(self) -> Rulebook:
        """The round's rulebook."""
        return engine_rulebook(self.round.rulebook)


class RoundDetail(OfRound, FilteredListView):
    """The bank list of a round: for those who see assessments with points, for the administrator states alone."""

    template_name = "rounds/detail.html"

    @cached_property
    def with_points(self) -> bool:
        """Whether the reader sees points: the administrator never reads scores (docs/workflow.md, Roles)."""
        return bool(actor_of(self.request).holds(*READ_ROLES))

    @property
    def table_class(self) -> type[StandingTable]:  # type: ignore[override]
        return ResultTable if self.with_points else StandingTable

    @property
    def export_name(self) -> str:
        return _("Banks of %(round)s") % {"round": self.round.title}

    @cached_property
    def filterset(self) -> BaseFilterSet:
        """The filters; those on grade and targets only for who sees them."""
        if self.with_points:
            return ResultFilters(
                self.request.GET, queryset=self.get_queryset(), request=self.request, rulebook=self.rulebook
            )
        return StandingFilters(self.request.GET, queryset=self.get_queryset(), request=self.request)

    def get_queryset(self) -> QuerySet[Assessment]:
        read = round_results if self.with_points else round_standings
        return read(actor_of(self.request), self.round)

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"reader": actor_of(self.request)} | ({"rulebook": self.rulebook} if self.with_points else {})

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Rounds"), reverse("round-list")), (self.round.title, "")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **round_context(self.request, self.round),
            progress=round_progress(actor_of(self.request), self.round),
            job=running_job(self.round) if self.with_points else None,
            scored=last_scoring(self.round) if self.with_points else None,
            with_points=self.with_points,
            **(self._without_base() if admits("round-carry", actor_of(self.request)) else {}),
            target_names=self.rulebook.targets.values() if self.with_points else (),
            **kwargs,
        )

    def _without_base(self) -> dict[str, Any]:
        """The first banks of an open round that lack a base of last year, and how many more do."""
        if self.round.state != RoundState.OPEN:
            return {}
        count, named, more = named_of(banks_without_base(self.round))
        return {"without_base": named, "without_base_count": count, "without_base_more": more}

    def on_read(self) -> None:
        if self.with_points:
            record_reading(
                "assessments.list.read", actor=actor_of(self.request), name="banks of a round", target=self.round
            )

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        record(
            "assessments.list.exported",
            actor=actor_of(self.request),
            target=self.round,
            data={"kind": kind, "rows": count, "filters": filters, "points": self.with_points},
        )


@require_http_methods(["GET"])
def round_about(request: HttpRequest, pk: int) -> HttpResponse:
    """The calendar of a round and the rules it runs under."""
    round_ = get_round(actor_of(request), pk)
    calendar = [
        (_("Opening"), moment(round_.opens_at), _("Banks can file from this instant on.")),
        (_("Filing deadline"), moment(round_.filing_deadline), _("A submission at exactly this instant still counts.")),
        (_("Review deadline"), moment(round_.review_deadline), _("By then supervisors have decided every case.")),
    ]
    context = round_context(request, round_) | {
        "calendar": calendar,
        "former": former_round(actor_of(request), round_),
        "parameters": parameter_views(round_),
        "changes": participant_changes(actor_of(request), round_),
    }
    return render(request, "rounds/about.html", context)


@require_http_methods(["GET", "POST"])
def round_create(request: HttpRequest) -> HttpResponse:
    """Plan a round."""
    form = RoundForm(posted(request), user=actor_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = create_round(actor=actor_of(request), **form.values())
        except Invalid as error:
            form.refuse(error.fields)
        else:
            messages.success(request, _("The round is planned. Banks see it once you open it."))
            return redirect("round-detail", made.pk)
    rulebooks = form.fields["rulebook"].queryset.exists()  # type: ignore[attr-defined]
    context = {"form": form, "round": None, "rulebooks": rulebooks}
    context |= _changes(form, rounds_with_counts(actor_of(request)).first())
    return render(request, "rounds/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def round_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a round. Where somebody was faster, both are shown: what is typed, and what is kept now."""
    round_ = get_round(actor_of(request), pk)
    form = RoundForm(posted(request), user=actor_of(request), round_=round_)
    status, current = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                change_round(
                    actor=actor_of(request),
                    round_id=pk,
                    values=form.values(),
                    seen=form.cleaned_data["seen"],
                    agreed_deadline=form.cleaned_data["asked"],
                )
            except Invalid as error:
                form.refuse(error.fields)
                sent = request.POST.copy()
                sent["asked"] = sent.get("filing_deadline", "")  # about this one the page has asked
                form.data = sent
            except Stale as error:
                status, current = 409, error.current
                form.add_error(None, error.reasons[0])
                sent = request.POST.copy()
                sent["seen"] = str(current.revision)
                form.data = sent
            else:
                messages.success(request, _("The round has been changed."))
                return redirect("round-detail", pk)
    rows = _rows(current) if current is not None else []
    context = {"form": form, "round": round_, "current": rows, "rulebooks": True}
    context |= _changes(form, former_round(actor_of(request), round_))
    return render(request, "rounds/form.html", context, status=status)


def _changes(form: RoundForm, former: Round | None) -> dict[str, Any]:
    """The rulebooks on offer that differ from the one of the round before, so that one can look at what changes."""
    offered = form.fields["rulebook"].queryset  # type: ignore[attr-defined]
    return {"former": former, "others": [row for row in offered if former and row.pk != former.rulebook_id]}


def _rows(round_: Round) -> list[tuple[Any, Any]]:
    return [
        (_("Title in Chinese"), round_.title_zh),
        (_("Title in English"), round_.title_en or "—"),
        (_("Code"), round_.code),
        (_("Year assessed"), round_.year),
        (_("Rulebook"), str(round_.rulebook)),
        (_("Opening"), moment(round_.opens_at)),
        (_("Filing deadline"), moment(round_.filing_deadline)),
        (_("Review deadline"), moment(round_.review_deadline)),
        (_("Working days for an objection"), round_.appeal_days),
    ]


def confirm_page(request: HttpRequest, round_: Round, form: ConfirmForm, **context: Any) -> HttpResponse:
    back = reverse("round-detail", args=[round_.pk])
    crumbs = [(_("Rounds"), reverse("round-list")), (round_.title, back), (context["title"], "")]
    status = 409 if form.errors else 200
    return render(
        request, "rounds/confirm.html", {"form": form, "crumbs": crumbs, "cancel_url": back} | context, status=status
    )
