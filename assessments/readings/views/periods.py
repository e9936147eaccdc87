"""The periods, one that is opened, and the banks of one."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments.models import ReadingPeriod
from assessments.readings.circulars import visible_circulars
from assessments.readings.city import city_standing
from assessments.readings.city_goal import city_goal
from assessments.readings.computing import compute_again
from assessments.readings.forms import PeriodForm
from assessments.readings.present import gap_words, goal_view, lines_of
from assessments.readings.selectors import banks_of, get_period, periods_with_counts
from assessments.readings.services import WrongPeriod, open_period
from assessments.readings.tables import BankFilters, BankTable, OwnPeriodTable, PeriodFilters, PeriodTable
from assessments.reviews.views.assessment import acting
from assessments.rounds.tables import admits
from assessments.rulebooks.cache import engine_rulebook
from scorecard.access.roles import READ_ROLES
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.filters import BaseFilterSet
from scorecard.tables import BaseTable, FilteredListView


class PeriodList(FilteredListView):
    """Every period, the newest first."""

    filterset_class = PeriodFilters
    title = export_name = gettext_lazy("Readings through the year")
    template_name = "readings/list.html"

    @property
    def table_class(self) -> type[BaseTable]:  # type: ignore[override]
        return OwnPeriodTable if acting(self.request).is_bank_person else PeriodTable

    def get_queryset(self) -> QuerySet[Any]:
        return periods_with_counts(acting(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_open = admits("reading-open", acting(self.request))
        return super().get_context_data(**kwargs) | {"may_open": may_open}

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        data = {"list": "reading periods", "format": kind, "rows": count, "filters": filters}
        record("assessments.list.exported", actor=self.request.user, data=data)


@require_http_methods(["GET", "POST"])
def reading_open(request: HttpRequest) -> HttpResponse:
    """Open a period: the banks' people are told."""
    form = PeriodForm(request.POST if request.method == "POST" else None, user=acting(request))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                period = open_period(actor=acting(request), **form.cleaned_data)
            except WrongPeriod as error:
                for name, reasons in error.fields.items():
                    for reason in reasons:
                        form.add_error(name or None, str(reason))
            else:
                messages.success(request, _("%(period)s is open; the banks are told.") % {"period": period.title})
                return redirect("reading-period", period.pk)
    context = {
        "title": _("Open a period"),
        "crumbs": [(_("Readings through the year"), reverse("reading-list")), (_("Open a period"), "")],
        "lead": _("Banks file the figures of the targets from 1 January to the last day of the period."),
        "consequences": [
            _("The people of every bank that is on the register on the last day of the period are told."),
            _("Which figures they file follows from the targets of the rulebook, and stays so for this period."),
        ],
        "form": form,
        "submit": _("Open the period"),
        "cancel_url": reverse("reading-list"),
    }
    return render(request, "includes/confirm.html", context, status=status)


def reading_period(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One period: a supervisor sees its banks, a bank's people their own reading."""
    actor = acting(request)
    if actor.bank_id is not None:
        get_period(actor, pk)
        return redirect("reading-bank", pk, actor.bank_id)
    answer: HttpResponseBase = PeriodBanks.as_view()(request, pk=pk)
    return answer


@require_POST
def reading_compute(request: HttpRequest, pk: int) -> HttpResponse:
    """Work out the standings of a period again."""
    count = compute_again(actor=acting(request), period_id=pk)
    words = ngettext("%(n)d standing has been computed again.", "%(n)d standings have been computed again.", count)
    messages.success(request, words % {"n": count})
    return redirect("reading-period", pk)


@require_GET
def reading_city(request: HttpRequest, pk: int) -> HttpResponse:
    """The city at a reading, out of the sums of its banks."""
    actor = acting(request)
    period = get_period(actor, pk)
    record_reading("assessments.list.read", actor=actor, name="readings", target=period)
    found = city_standing(actor, period)
    rulebook = engine_rulebook(period.rulebook)
    lines = []
    if found is not None:
        for line in lines_of(rulebook, found.content, with_forecast=True):
            unit = found.content["targets"][line.day.id]["day"]["unit"]
            years = [(draw.year, gap_words(draw.margin, unit), draw.met) for draw in found.years[line.day.id]]
            lines.append((line, years))
    here = reverse("reading-period", args=[pk])
    crumbs = [(_("Readings through the year"), reverse("reading-list")), (period.title, here), (_("The city"), "")]
    context = {
        "period": period,
        "city": found,
        "lines": lines,
        "goal": goal_view(city_goal(actor, period)),
        "crumbs": crumbs,
        "circulars": list(visible_circulars(actor).filter(period=period)),
        "may_issue": found is not None and admits("circular-issue", actor),
    }
    return render(request, "readings/city.html", context)


class PeriodBanks(FilteredListView):
    """The banks of one period, and how far each is."""

    table_class = BankTable
    template_name = "readings/period.html"

    @cached_property
    def period(self) -> ReadingPeriod:
        """The period on the screen."""
        return get_period(acting(self.request), self.kwargs["pk"])

    @property
    def title(self) -> str:
        return self.period.title

    @property
    def export_name(self) -> str:
        return _("Readings %(period)s") % {"period": self.period.title}

    @cached_property
    def filterset(self) -> BaseFilterSet:
        return BankFilters(
            self.request.GET,
            queryset=self.get_queryset(),
            request=self.request,
            period=self.period,
            figures=self.figures,
        )

    @property
    def figures(self) -> bool:
        """Whether the reader may read figures: the administrator follows who has filed."""
        return acting(self.request).holds(*READ_ROLES)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Readings through the year"), reverse("reading-list")), (self.period.title, "")]

    def get_queryset(self) -> QuerySet[Any]:
        return banks_of(acting(self.request), self.period)

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"period": self.period, "figures": self.figures}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = acting(self.request)
        return super().get_context_data(**kwargs) | {
            "period": self.period,
            "may_read": admits("reading-sheet", actor),
            "may_import": admits("reading-import", actor),
            "may_compute": admits("reading-compute", actor),
        }

    def on_read(self) -> None:
        record_reading("assessments.list.read", actor=self.request.user, name="readings", target=self.period)

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        data = {"list": "readings", "format": kind, "rows": count, "filters": filters}
        record("assessments.list.exported", actor=self.request.user, target=self.period, data=data)
