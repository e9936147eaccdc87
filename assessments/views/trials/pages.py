"""Trials of a changed rulebook: the list, the form, the result, its export, and the draft of the next version."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments.access import visible_rounds
from assessments.filtersets.trials import TrialFilters
from assessments.models import Assessment, Round, RulebookVersion, ScoreKind
from assessments.models.trials import Trial
from assessments.rulebook_cache import engine_rulebook
from assessments.selectors.results import grade_name, say, unit_word
from assessments.selectors.round_parameters import set_texts, with_values
from assessments.selectors.rounds import published_rulebooks
from assessments.selectors.trial_reasons import reasons_of
from assessments.selectors.trials import Mover, get_trial, mean_of, migration, movers, spread_of, visible_trials
from assessments.services.trials import TrialFaulty, build_draft, run_again, start_trial, trial_diff, trial_rulebook
from assessments.tables.rounds import admits
from assessments.tables.trials import TrialTable, category_word
from assessments.views.bank.common import acting
from scorecard.access.decisions import Refused
from scorecard.audit.services import record
from scorecard.charts import Bar, Chart, Columns, HeatMap
from scorecard.engine.knobs import IN, OFF, ON, SWITCH, Knob, tunables, users_of
from scorecard.engine.numbers import plain
from scorecard.engine.rulebook import Rulebook
from scorecard.exports import CONTENT_TYPES, disposition, export_response
from scorecard.tables import FilteredListView
from scorecard.ui.formats import moment

from .compare import group_row

FIELD = "v-"  # and the path: the name of a field of the form
NUMBERED = ("indicators.", "sections.")  # entries that are known by their ids
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


# --- The form --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KnobField:
    """One number of the rulebook as a field: what it is today, what was typed, what is wrong with that."""

    name: str
    id: str
    label: str
    form: str
    value: str  # as it stands today, to tell a change by
    now: str  # the same in words
    unit: str
    typed: str
    error: str
    options: list[tuple[str, str]]


@dataclass(frozen=True)
class EntryFields:
    """One indicator, grade, cap … with its numbers, its source and its basis."""

    id: str
    name: str
    source: str
    basis: str
    fields: list[KnobField]
    touched: bool


@require_http_methods(["GET", "POST"])
def trial_create(request: HttpRequest) -> HttpResponse:
    """Choose a past round, change numbers of its rulebook, and start the trial."""
    submitted = Exists(Assessment.objects.filter(round=OuterRef("pk"), version__isnull=False))
    rounds = list(
        visible_rounds(acting(request)).filter(submitted).select_related("rulebook").defer("rulebook__content")
    )
    if not rounds:
        return render(request, "trials/none.html")
    sent = request.POST if request.method == "POST" else request.GET
    model = _copied(request)
    # The selects name what to show next; the hidden fields name what the numbers on the page belong to.
    turning = any(sent.get(f"next_{of}", sent.get(of)) != sent.get(of) for of in ("round", "rulebook"))
    turning = turning or "show" in sent
    wanted = sent.get("next_round") or sent.get("round") or (str(model.round_id) if model else "")
    if request.method == "POST" and all(str(row.pk) != wanted for row in rounds):
        raise Http404  # a trial runs on the round that was asked for, never on another one
    round_ = _chosen_round(rounds, wanted)
    versions = list(published_rulebooks(acting(request)).filter(code=round_.rulebook.code).order_by("-published_at"))
    wanted = sent.get("next_rulebook") or sent.get("rulebook") or (str(model.rulebook_id) if model else "")
    if request.method == "POST" and not turning and all(str(row.pk) != wanted for row in versions):
        raise Http404
    version = _chosen_version(versions, round_, wanted)
    year = set_texts(round_)
    rulebook = with_values(engine_rulebook(version), year)
    typed, problems, status = _from_model(model, rulebook), {}, 200
    reasons: list[Any] = []
    if request.method == "POST":
        typed = {key.removeprefix(FIELD): request.POST[key] for key in request.POST if key.startswith(FIELD)}
    if request.method == "POST" and turning:
        known = tunables(rulebook)
        if gone := [path for path in typed if typed[path].strip() and path not in known]:
            messages.warning(
                request,
                ngettext(
                    "%(count)d typed number has no place in this version and is left out.",
                    "%(count)d typed numbers have no place in this version and are left out.",
                    len(gone),
                )
                % {"count": len(gone)},
            )
        if "show" not in sent:
            reasons = [_("The round or the rulebook was changed. Check its numbers below, then start the trial.")]
    elif request.method == "POST":
        try:
            trial = start_trial(
                actor=acting(request),
                round_id=round_.pk,
                rulebook_id=version.pk,
                name=sent.get("name", ""),
                note=sent.get("note", ""),
                typed=typed,
            )
            messages.success(request, _("The trial is started. Its result stays on this page."))
            return redirect("trial-detail", trial.pk)
        except TrialFaulty as error:
            status = 422
            for problem in error.problems:
                sentence = f"{say(problem.message)} {say(problem.remedy)}"
                if problem.path:
                    problems[problem.path] = sentence
                else:
                    reasons.append(sentence)
        except Refused as error:
            reasons, status = list(error.reasons), 409
    groups = [group for group in _groups(rulebook, typed, problems, year) if group["entries"]]
    context = {
        "rounds": rounds,
        "round": round_,
        "versions": versions,
        "version": version,
        "groups": groups,
        "name": sent.get("name", ""),
        "note": sent.get("note", ""),
        "name_error": problems.get("name", ""),
        "note_error": problems.get("note", ""),
        "errors": _summary(rulebook, problems, reasons),
        "scored": round_.assessments.filter(version__isnull=False).count(),
    }
    return render(request, "trials/form.html", context, status=status)


def _copied(request: HttpRequest) -> Trial | None:
    """The trial whose numbers the form starts from, where the address names one."""
    pk = request.GET.get("from", "")
    return get_trial(acting(request), int(pk)) if pk.isdecimal() and len(pk) < 12 else None


def _chosen_round(rounds: list[Round], pk: str) -> Round:
    return next((row for row in rounds if str(row.pk) == pk), rounds[0])


def _chosen_version(versions: list[RulebookVersion], round_: Round, pk: str) -> RulebookVersion:
    wanted = pk if any(str(row.pk) == pk for row in versions) else str(round_.rulebook_id)
    found = next((row for row in versions if str(row.pk) == wanted), None)
    if found is None:
        raise Http404
    return found


def _from_model(model: Trial | None, rulebook: Rulebook) -> dict[str, str]:
    """The chosen values of another trial as they are typed."""
    if model is None:
        return {}
    knobs = tunables(rulebook)
    return {path: _typed(knobs[path], value) for path, value in model.overlay["chosen"].items() if path in knobs}


def _typed(knob: Knob, stored: str) -> str:
    return plain(Decimal(stored) * 100) if knob.form == "percent" else stored


def _groups(
    rulebook: Rulebook, typed: Mapping[str, str], errors: Mapping[str, str], year: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """The numbers by section of the rulebook, then weights and limits of sections, targets, shared figures, grades,
    caps, adjustments, and values of the year.
    """
    knobs = tunables(rulebook)
    entries: dict[str, list[Knob]] = {}
    for knob in knobs.values():
        entries.setdefault(knob.entry, []).append(knob)
    # A definition that one indicator alone uses stands behind it; the others have a place of their own.
    own: dict[str, list[str]] = {}
    shared: list[str] = []
    for entry in (e for e, numbers in entries.items() if numbers[0].group == "definitions"):
        users = users_of(rulebook, entry)
        if len(users) == 1:
            own.setdefault(f"indicators.{users[0]}", []).append(entry)
        else:
            shared.append(entry)

    def drawn(wanted: Iterable[str]) -> list[EntryFields]:
        return [_entry(rulebook, e, entries[e], typed, errors, year) for e in wanted]

    for section in rulebook.top_sections:
        mine = [f"indicators.{i.id}" for i in rulebook.indicators_of(section.id)]
        wanted = [entry for indicator in mine for entry in (indicator, *own.get(indicator, ()))]
        yield {"title": f"{section.id} {say(section.name)}", "entries": drawn(e for e in wanted if e in entries)}
    titles = {
        "sections": _("Weights and limits of sections and of the total"),
        "targets": _("Targets"),
        "definitions": _("Figures that several rules use"),
        "grades": _("Grade boundaries"),
        "caps": _("Caps and floors"),
        "adjustments": _("Adjustment of the supervisory rating"),
        "parameters": _("Values set for the year"),
    }
    for group, title in titles.items():
        mine = [e for e, numbers in entries.items() if numbers[0].group == group]
        yield {"title": title, "entries": drawn(shared if group == "definitions" else mine)}


def _entry(
    rulebook: Rulebook,
    entry: str,
    knobs: list[Knob],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    year: Mapping[str, str],
) -> EntryFields:
    first = knobs[0]
    source = say(first.source.cite) if first.source else ""
    is_set = first.group == "parameters" and entry.partition(".")[2] in year
    return EntryFields(
        id=entry.partition(".")[2] if entry.startswith(NUMBERED) else "",
        # The cases of an adjustment share its name; each is known by its condition.
        name=say(first.label if first.group == "adjustments" else first.name),
        source=_("set for this round") if is_set else source,
        basis="" if is_set else first.basis,
        fields=[_field(rulebook, knob, typed, errors) for knob in knobs],
        touched=any(typed.get(k.path, "").strip() not in ("", k.value) or k.path in errors for k in knobs),
    )


def _field(rulebook: Rulebook, knob: Knob, typed: Mapping[str, str], errors: Mapping[str, str]) -> KnobField:
    options: list[tuple[str, str]] = []
    now = knob.value
    if knob.form == SWITCH:
        options, now = [(ON, _("applies")), (OFF, _("does not apply"))], _("applies")
    elif knob.form == "grade":
        options = [(grade.id, say(grade.name)) for grade in rulebook.grades]
        now = grade_name(rulebook, knob.value)
    return KnobField(
        name=f"{FIELD}{knob.path}",
        id=_anchor(knob.path),
        label=_("Points") if knob.group == "adjustments" and IN not in knob.path else say(knob.label),
        form=knob.form,
        value=knob.value,
        now=now,
        unit=unit_word(knob.unit),
        typed=typed.get(knob.path, knob.value if options else ""),
        error=errors.get(knob.path, ""),
        options=options,
    )


def _anchor(path: str) -> str:
    return "id_" + path.replace(".", "-").replace(IN, "-n")


def _summary(rulebook: Rulebook, problems: Mapping[str, str], reasons: list[Any]) -> list[tuple[str, str, str]]:
    """Errors for the summary on top: link, label, message."""
    knobs = tunables(rulebook)
    own = {"name": _("Name of the trial"), "note": _("Why it is tried")}
    found = [("", "", str(reason)) for reason in reasons]
    for path, text in problems.items():
        label = own[path] if path in own else say(knobs[path].label)
        found.append((f"#{_anchor(path)}", label, text))
    return found


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
