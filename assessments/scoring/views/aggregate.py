"""The city's figures of a round: read out of the newest snapshot, so that opening the page adds nothing up."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assessments.access import get_round
from assessments.models import Review, Round, RoundSnapshot
from assessments.rounds.selectors import newest_snapshot
from assessments.rounds.tables import grade_kind
from assessments.rounds.views import round_context
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.city import city_figures
from assessments.scoring.city_charts import target_chart
from assessments.scoring.selectors import running_job
from assessments.scoring.statistics import MIN_GROUP, request_snapshot
from banks.models import Category, EntityKind
from banks.views.common import actor_of
from scorecard.audit.reading import record_reading
from scorecard.charts import Bar, Bars, BulletBars, Chart, Columns
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.rational import Fraction
from scorecard.words.formats import moment
from scorecard.words.language import in_language
from scorecard.words.sources import provenance


@require_GET
def round_aggregate(request: HttpRequest, pk: int) -> HttpResponse:
    """Totals, growth, targets, grades and points of all banks of a round, beside what the report states."""
    round_ = get_round(actor_of(request), pk)
    kind = request.GET.get("banks", "")
    kind = kind if kind in EntityKind.values else ""
    snapshot = newest_snapshot(round_, kind)
    kinds = [("", _("All institutions"), not kind), *((one.value, one.label, one == kind) for one in EntityKind)]
    context: dict[str, Any] = round_context(request, round_) | {
        "snapshot": snapshot,
        "job": running_job(round_),
        "kind": kind,
        "kinds": kinds,
        "only": EntityKind(kind).label if kind else "",
    }
    if snapshot is not None:
        record_reading("assessments.list.read", actor=actor_of(request), name="figures of a round", target=round_)
        rulebook = engine_rulebook(round_.rulebook)
        figures = city_figures(actor_of(request), round_, snapshot, beside=not kind)
        context |= {
            "content": snapshot.content,
            "finished": finished(snapshot.content),
            "figures": figures,
            "compared": [figure for figure in figures if figure.agrees is not None],
            "agreeing": sum(figure.agrees is True for figure in figures),
            "open_filings": snapshot.content["banks"] - snapshot.content["submitted"],
            "charts": charts(round_, rulebook, snapshot),
            "facts": facts(rulebook, snapshot),
            "targets": targets(rulebook, snapshot),
            "categories": categories(rulebook, snapshot),
            "grades": [in_language(grade.name) for grade in rulebook.grades],
            "stages": [
                (Review(state).label, count)
                for state in Review.values
                if (count := snapshot.content["states"].get(state, 0))
            ],
            "min_group": MIN_GROUP,
        }
    return render(request, "rounds/aggregate.html", context)


@require_POST
def round_snapshot(request: HttpRequest, pk: int) -> HttpResponse:
    """Compute the figures again in the background."""
    round_ = get_round(actor_of(request), pk)
    request_snapshot(actor=actor_of(request), round_=round_)
    return redirect("round-aggregate", pk)


def charts(round_: Round, rulebook: Rulebook, snapshot: RoundSnapshot) -> list[Chart]:
    """Targets, grades, sections and categories as charts; each only where there is something to draw."""
    content = snapshot.content
    source = _("%(round)s; %(count)d banks with finished totals") % {"round": round_.title, "count": finished(content)}
    drawn: dict[str, Any] = {"source": source, "as_of": moment(snapshot.made_at)}
    found = [target_chart(rulebook, content, **drawn)]
    if finished(content):
        found += [
            grade_chart(rulebook, content, **drawn),
            section_chart(rulebook, content, **drawn),
            category_chart(content, **drawn),
        ]
    return [chart for chart in found if chart is not None]


def finished(content: dict[str, Any]) -> int:
    """How many totals the statistics hold; figures that were computed before totals were told apart hold all."""
    return int(content.get("finished", content["scored"]))


def grade_chart(rulebook: Rulebook, content: dict[str, Any], **drawn: Any) -> Chart:
    """How many banks have each grade."""
    counts, order = content["grades"], [grade.id for grade in rulebook.grades]
    best = max(rulebook.grades, key=lambda grade: counts.get(grade.id, 0))
    words = {"grade": in_language(best.name), "count": counts.get(best.id, 0), "all": finished(content)}
    return Columns(
        finding=_("Most banks are graded %(grade)s: %(count)d of %(all)d.") % words,
        bars=[
            Bar(in_language(grade.name), counts.get(grade.id, 0), kind=grade_kind(order, grade.id))
            for grade in rulebook.grades
        ],
        count_label=_("Banks"),
        unit="家",
        **drawn,
    )


def section_chart(rulebook: Rulebook, content: dict[str, Any], **drawn: Any) -> Chart | None:
    """Mean and median of each top section against its maximum; None where no section has one."""
    sections = [
        (rulebook.sections[name], values)
        for name, values in content["sections"].items()
        if name in rulebook.sections and not rulebook.sections[name].parent and rulebook.sections[name].max > 0
    ]
    if not sections:
        return None
    weakest, values = min(sections, key=lambda pair: _share(pair[1]["mean"], pair[1]["max"]))
    words = {"section": in_language(weakest.name), "mean": values["mean"], "max": values["max"]}
    return BulletBars(
        finding=_("%(section)s is weakest: on average %(mean)s of %(max)s points.") % words,
        bars=[
            Bar(f"{section.id} {in_language(section.name)}", v["mean"], top=v["max"], mark=v["median"])
            for section, v in sections
        ],
        mark_label=_("Median"),
        unit="point",
        **drawn,
    )


def category_chart(content: dict[str, Any], **drawn: Any) -> Chart | None:
    """The mean of each category, the highest first; None where fewer than two are large enough to be shown."""
    groups = [(code, values) for code, values in content["categories"].items() if "mean" in values]
    if len(groups) < 2:
        return None
    groups.sort(key=lambda pair: _share(pair[1]["mean"], "1"), reverse=True)
    words = {"category": Category(groups[0][0]).label, "mean": groups[0][1]["mean"]}
    return Bars(
        finding=_("%(category)s: the highest mean, %(mean)s points.") % words,
        bars=[Bar(Category(code).label, values["mean"]) for code, values in groups],
        unit="point",
        **drawn,
    )


def _share(part: str, whole: str) -> Any:
    return Fraction(part) / Fraction(whole)


def facts(rulebook: Rulebook, snapshot: RoundSnapshot) -> list[dict[str, Any]]:
    """The city's sums by fact, in the order of the rulebook."""
    return [
        {"label": in_language(rulebook.facts[fact].label), "unit": rulebook.facts[fact].unit} | item
        for fact, item in snapshot.content["facts"].items()
        if fact in rulebook.facts
    ]


def targets(rulebook: Rulebook, snapshot: RoundSnapshot) -> list[dict[str, Any]]:
    """By target, how many banks meet it."""
    return [
        {
            "name": in_language(target.name),
            "source": provenance(target.source),
            "basis": target.basis,
        }
        | snapshot.content["targets"][name]
        for name, target in rulebook.targets.items()
        if name in snapshot.content["targets"]
    ]


def categories(rulebook: Rulebook, snapshot: RoundSnapshot) -> list[dict[str, Any]]:
    """Statistics by category, in the order of the register; too small a group shows its size alone."""
    return [
        {"name": category.label, "small": "mean" not in values}
        | values
        | {"grade_counts": [values.get("grades", {}).get(grade.id, 0) for grade in rulebook.grades]}
        for category in Category
        if (values := snapshot.content["categories"].get(category.value)) is not None
    ]
