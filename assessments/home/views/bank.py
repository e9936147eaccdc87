"""The bank's home: what to do next, with the deadline, and the state of every part of the filing."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assessments.access import get_assessment, visible_assessments
from assessments.filings.selectors import get_draft
from assessments.filings.tasks import last_return, next_step, send_back_steps, tasks
from assessments.filings.views.common import acting, deadline_of, sections
from assessments.models import Assessment, Notice, RoundState
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.results import grade_name, score_view


@require_safe
def bank_home(request: HttpRequest) -> HttpResponse:
    """The filing of the newest open round, and the rounds before it."""
    mine = (
        visible_assessments(acting(request))
        .select_related("bank", "round__rulebook", "version", "system_run", "checked_by", "signed_by", "saved_by")
        .order_by("-round__year", "-round__id")
    )
    rows = list(mine)
    current = next((row for row in rows if row.round.state == RoundState.OPEN), None)
    context: dict[str, Any] = {"earlier": _earlier(rows, current), "notices": _notices(rows)}
    if current is not None:
        context |= _filing(request, current)
    return render(request, "bank/home.html", context)


@require_safe
def filing_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The task list of one filing."""
    assessment = get_assessment(acting(request), pk)
    context = _filing(request, assessment) | {"earlier": [], "notices": _notices([assessment]), "single": True}
    return render(request, "bank/home.html", context)


def _filing(request: HttpRequest, assessment: Assessment) -> dict[str, Any]:
    draft = get_draft(assessment)
    return {
        "assessment": assessment,
        "round": assessment.round,
        "due": deadline_of(assessment),
        "submitted": assessment.signed_by_id is not None,
        "next": next_step(acting(request), draft),
        "send_back": send_back_steps(acting(request), assessment),
        "tasks": tasks(draft),
        "returned": last_return(assessment),
        "score": score_view(draft.rulebook, draft.result, draft.self_total),
        "sections": sections(draft),
    }


def _notices(rows: list[Assessment]) -> list[Notice]:
    """The notices of these assessments, the newest first; those not yet acknowledged are shown on top."""
    return list(
        Notice.objects.filter(rating__assessment__in=rows)
        .select_related("rating__assessment__round", "acknowledged_by")
        .order_by("-issued_at")
    )


def _earlier(rows: list[Assessment], current: Assessment | None) -> list[dict[str, Any]]:
    """Other rounds with what the bank knows of their outcome."""
    told = {
        notice.rating.assessment_id: notice.rating
        for notice in Notice.objects.filter(rating__assessment__in=rows).select_related("rating")
    }
    found = []
    for row in rows:
        if current is not None and row.pk == current.pk:
            continue
        rating = told.get(row.pk)
        rulebook = engine_rulebook(row.round.rulebook)
        found.append(
            {
                "assessment": row,
                "points": rating.points if rating else "",
                "grade": grade_name(rulebook, rating.grade) if rating else "",
                "decided": rating is not None,
            }
        )
    return found
