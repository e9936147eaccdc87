"""The result: opened down to facts, rule and clause. For the bank itself and for those supervisors who read."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from assessments.access import get_assessment
from assessments.filings.forms import difference
from assessments.filings.views.common import acting, deadline_of
from assessments.models import Assessment, FilingVersion, ScoreKind, ScoreRun
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.stored_values import to_engine
from assessments.scoring.results import grade_name, node_json, score_view, section_chart, section_views, target_chart
from assessments.scoring.runs import explain_run, score_again
from assessments.scoring.selectors import runs_of, scoring_job, told_rating, versions_of
from scorecard.audit.services import record
from scorecard.engine import Rulebook, format_fact
from scorecard.ui.jobs import describe
from scorecard.words.language import in_language, screen_language
from scorecard.words.sources import provenance


def _version(assessment: Assessment, number: int | None) -> FilingVersion | None:
    """The version asked for, or the newest; 404 for a number that does not exist."""
    versions = versions_of(assessment)
    if number is None:
        return versions.first()
    return get_object_or_404(versions, number=number)


def _viewed(request: HttpRequest, assessment: Assessment, page: str, version: FilingVersion | None) -> None:
    """A supervisor who opens a bank's result is part of the trail; a bank in its own file is not."""
    if not acting(request).is_bank_person:
        record(
            "assessments.assessment.viewed",
            actor=acting(request),
            target=assessment,
            bank_id=assessment.bank_id,
            data={"page": page, "version": version.number if version else None},
        )


@never_cache
@require_safe
def result(request: HttpRequest, pk: int, number: int | None = None) -> HttpResponse:
    """One version's score; while it is being scored, its progress, which turns into the result by itself."""
    assessment = get_assessment(acting(request), pk)
    version = _version(assessment, number)
    _viewed(request, assessment, "result", version)
    context: dict[str, Any] = {
        "assessment": assessment,
        "round": assessment.round,
        "due": deadline_of(assessment),
        "version": version,
        "versions": list(versions_of(assessment)),
    }
    if version is None:
        return render(request, "result/none.html", context)
    version.assessment = assessment
    runs = runs_of(acting(request), version)
    if not runs:
        return render(request, "result/progress.html", context | _progress_context(assessment, version))
    run = _chosen(runs, request.GET.get("kind", ""))
    return render(request, "result/detail.html", context | _result_context(request, assessment, version, run, runs))


@never_cache
@require_safe
def progress(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The progress alone, asked for twice a second; once the score is there, the page that asked is loaded again."""
    assessment = get_assessment(acting(request), pk)
    version = get_object_or_404(versions_of(assessment), number=number)
    version.assessment = assessment
    if runs_of(acting(request), version):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "result/_progress.html", _progress_context(assessment, version))


def _progress_context(assessment: Assessment, version: FilingVersion) -> dict[str, Any]:
    job = scoring_job(version)
    return {"assessment": assessment, "version": version, "job": describe(job) if job else None}


def _chosen(runs: dict[str, ScoreRun], kind: str) -> ScoreRun:
    """The reviewed score where there is one, unless the system's is asked for."""
    if kind in runs:
        return runs[kind]
    return runs.get(ScoreKind.REVIEWED) or runs[ScoreKind.SYSTEM]


def _result_context(
    request: HttpRequest, assessment: Assessment, version: FilingVersion, run: ScoreRun, runs: dict[str, ScoreRun]
) -> dict[str, Any]:
    rulebook = engine_rulebook(assessment.round.rulebook)
    run.version.assessment = assessment
    found = explain_run(run)
    outcome = found.outcome()
    score = score_view(rulebook, outcome, self_total=Decimal(version.self_total) if version.self_total else None)
    rating = told_rating(acting(request), assessment)
    source = _("%(round)s, version %(number)d") % {"round": assessment.round.title, "number": version.number}
    return {
        "run": run,
        "kinds": [(ScoreKind(kind).label, kind, kind == run.kind) for kind in runs] if len(runs) > 1 else [],
        "reviewed": run.kind == ScoreKind.REVIEWED,
        "score": score,
        "rating": rating,
        "rating_grade": grade_name(rulebook, rating.grade) if rating and rating.grade else "",
        "sections": section_views(rulebook, found),
        "section_chart": section_chart(rulebook, outcome, source=source),
        "target_chart": target_chart(score, source=source),
        "facts": _facts(rulebook, version, run),
        "missing": [in_language(fact.label) for fact in found.missing if fact.state == "not_supplied"],
        "adjustment": found.adjustment,
        "adjustment_because": in_language(found.adjustment.because) if found.adjustment else "",
        "measures": [
            (in_language(m.label), in_language(m.because), provenance(m.source), m.basis) for m in found.measures
        ],
        "rulebook": rulebook,
        "rulebook_title": in_language(rulebook.title),
        "rulebook_basis": rulebook.basis,
    }


def _facts(rulebook: Rulebook, version: FilingVersion, run: ScoreRun) -> list[dict[str, Any]]:
    """Every fact that the score depends on, with last year's where it is known."""
    language, found = screen_language(), []
    known = {**version.facts, **run.inputs["facts"]}
    before = version.history.get("-1", {})
    for fact, spec in rulebook.facts.items():
        if fact not in known:
            continue
        value = to_engine(spec, **known[fact])
        last = to_engine(spec, **before[fact]) if fact in before else None
        found.append(
            {
                "label": in_language(spec.label),
                "value": format_fact(spec, value, language),
                "last": format_fact(spec, last, language) if last is not None else "",
                "change": difference(spec, value, last),
                "by": spec.supplied_by,
            }
        )
    return found


@never_cache
@require_safe
def explain(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The whole explanation of a version's score as one tree, from the total down; a fragment for htmx."""
    assessment = get_assessment(acting(request), pk)
    version = _version(assessment, number)
    _viewed(request, assessment, "explanation", version)
    if version is None:
        raise Http404
    version.assessment = assessment
    runs = runs_of(acting(request), version)
    if not runs:
        return redirect("assessment-result", pk)
    run = _chosen(runs, request.GET.get("kind", ""))
    run.version.assessment = assessment
    context = {
        "assessment": assessment,
        "round": assessment.round,
        "due": deadline_of(assessment),
        "version": version,
        "run": run,
        "node": node_json(explain_run(run).trace),
    }
    return render(request, "result/explanation.html", context)


@require_POST
def rescore(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the score of the current version once more, after a job that could not be finished."""
    score_again(actor=acting(request), assessment_id=pk)
    messages.info(request, _("The score has been asked for again."))
    return redirect("assessment-result", pk)
