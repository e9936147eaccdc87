"""Trials of a changed rulebook: the list, the result, its export, and the draft of the next version."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from assessments.filings.views.common import acting
from assessments.models import ScoreKind
from assessments.models.trials import Trial
from assessments.rounds.selectors import published_rulebooks
from assessments.rounds.tables import admits
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.views.compare import group_row
from assessments.trials.filtersets import TrialFilters
from assessments.trials.reasons import reasons_of
from assessments.trials.selectors import Mover, get_trial, mean_of, migration, movers, spread_of, visible_trials
from assessments.trials.services import build_draft, run_again, trial_diff, trial_rulebook
from assessments.trials.tables import TrialTable, category_word
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.charts import Bar, Chart, Columns, HeatMap
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.exports import CONTENT_TYPES, disposition, export_response
from scorecard.tables import FilteredListView
from scorecard.words.formats import moment

PER_PAGE = 50


class TrialList(FilteredListView):
    """Every trial that the reader may see; results are not read here."""

    table_class, filterset_class = TrialTable, TrialFilters
    template_name = "trials/list.html"
    title, export_name = gettext_lazy("Trials of changed rulebooks"), gettext_lazy("Trials of changed rulebooks")

    def get_queryset(self) -> QuerySet[Trial]:
        return visible_trials(acting(self.request)).defer("result", "overlay", "rulebook__content")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Home"), reverse("home")), (self.title, "")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_create=admits("trial-create", acting(self.request)), **kwargs)

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        data = {"kind": kind, "rows": count, "filters": filters}
        record("assessments.list.exported", actor=self.request.user, data=data)


# --- The result ------------------------------------------------------------------------------------------------------


@require_GET
def trial_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What a trial changes and what came out: grades before and after, who moves and why."""
    trial = get_trial(acting(request), pk)
    before, after = engine_rulebook(trial.round.rulebook), trial_rulebook(trial)
    context: dict[str, Any] = {
        "trial": trial,
        "changes": [group_row(group) for group in trial_diff(trial).groups],
        "chosen": len(trial.overlay["chosen"]),
        "may_create": admits("trial-create", acting(request)),
        "later": published_rulebooks(acting(request))
        .filter(code=trial.rulebook.code, published_at__gt=trial.rulebook.published_at)
        .order_by("published_at"),
    }
    if trial.result is not None:
        record_reading("assessments.list.read", actor=acting(request), name="banks of a trial", target=trial)
        rows = trial.result["banks"]
        matrix = migration(rows, before, after)
        moving = movers(rows, reasons_of(trial, before, after))
        shown = [m for m in moving if m.steps] if request.GET.get("only") == "grade" else moving
        context |= {
            "matrix": matrix,
            "charts": _charts(trial, rows, before, after),
            "mean": (mean_of(rows, "before"), mean_of(rows, "after")),
            "movers": moving,
            "level": sum(not m.change for m in shown),
            "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
            "only_grade": request.GET.get("only") == "grade",
            "failures": trial.result["failures"],
        }
    return render(request, "trials/detail.html", context)


def _charts(trial: Trial, rows: list[dict[str, Any]], before: Rulebook, after: Rulebook) -> list[Chart]:
    """The matrix as a heat map, and the points before and after; nothing where no bank was scored."""
    if not rows:
        return []
    matrix = migration(rows, before, after)
    source = _("%(round)s; %(count)d banks") % {"round": trial.round.title, "count": len(rows)}
    as_of = moment(trial.finished_at) if trial.finished_at else ""
    regraded = matrix.up + matrix.down
    finding = ngettext(
        "%(count)d bank changes its grade: %(up)d up, %(down)d down.",
        "%(count)d banks change their grade: %(up)d up, %(down)d down.",
        regraded,
    ) % {"count": regraded, "up": matrix.up, "down": matrix.down}
    spread = spread_of(rows)
    return [
        HeatMap(
            finding=finding if regraded else _("No bank changes its grade."),
            labels=[_("before: %(grade)s") % {"grade": name} for _grade, name in matrix.rows],
            columns=[_("after: %(grade)s") % {"grade": name} for _grade, name in matrix.columns],
            codes=[name for _grade, name in matrix.columns],
            values=[[n or None for n in row] for row in matrix.counts],
            low=0,
            unit="家",
            source=source,
            as_of=as_of,
        ),
        Columns(
            finding=_("Before: %(mean)s points on average.") % {"mean": mean_of(rows, "before")},
            bars=[Bar(label, old) for label, old, _new in spread],
            count_label=_("Banks"),
            unit="家",
            source=source,
            as_of=as_of,
        ),
        Columns(
            finding=_("After: %(mean)s points on average.") % {"mean": mean_of(rows, "after")},
            bars=[Bar(label, new, own=new != old) for label, old, new in spread],
            count_label=_("Banks"),
            unit="家",
            source=source,
            as_of=as_of,
        ),
    ]


@require_POST
def trial_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Start the job of a trial once more, after one that could not be finished."""
    run_again(actor=acting(request), trial_id=pk)
    return redirect("trial-detail", pk)


@require_GET
def trial_export(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """Every bank that moves, with before and after and what changed, as a file."""
    trial = get_trial(acting(request), pk)
    if kind not in CONTENT_TYPES or trial.result is None:
        raise Http404
    before, after = engine_rulebook(trial.round.rulebook), trial_rulebook(trial)
    found = movers(trial.result["banks"], reasons_of(trial, before, after))
    data = {"kind": kind, "rows": len(found)}
    record("assessments.trial.exported", actor=acting(request), target=trial, data=data)
    head = [
        _("Bank code"),
        _("Bank"),
        _("Category"),
        _("Version"),
        _("Score"),
        _("Points before"),
        _("Points after"),
        _("Difference"),
        _("Grade before"),
        _("Grade after"),
        _("Grade before caps, before"),
        _("Grade before caps, after"),
        _("What makes up the difference, with what is behind it"),
        _("Targets, boundaries and caps, with what is behind them"),
    ]
    name = _("Trial %(number)d movers") % {"number": trial.pk}
    return export_response(kind, name, head, (_export_row(mover) for mover in found))


def _export_row(mover: Mover) -> list[Any]:
    return [
        mover.code,
        mover.name,
        category_word(mover.category),
        mover.version,
        str(ScoreKind(mover.kind).label),
        mover.before,
        mover.after,
        mover.change,
        mover.grade_before,
        mover.grade_after,
        mover.uncapped_before,
        mover.uncapped_after,
        _("; ").join(move.text for move in mover.moves),
        _("; ").join(move.text for move in mover.others),
    ]


@require_GET
def trial_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The next version of the rulebook as a draft to download: files for review, nothing is published."""
    name, content = build_draft(actor=acting(request), trial_id=pk)
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = disposition(name)
    response["Cache-Control"] = "no-store"
    return response
