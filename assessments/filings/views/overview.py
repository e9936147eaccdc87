"""The task list of one filing: what to do next, with the deadline, and the state of every part."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments.access import get_assessment, visible_notices
from assessments.filings.remarks import open_remarks
from assessments.filings.returns.intake import comes_from_returns
from assessments.filings.selectors import get_draft
from assessments.filings.standing import standing
from assessments.filings.views.common import acting, deadline_of, sections
from assessments.filings.views.tasks import last_return, next_step, recalls, send_back_steps, tasks
from assessments.models import Assessment, Notice
from assessments.objections.selectors import current_objection
from assessments.rounds.working_days import objection_words
from assessments.scoring.results import explained_score


@require_safe
def filing_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The task list of one filing."""
    assessment = get_assessment(acting(request), pk)
    notices = list(visible_notices(acting(request)).filter(rating__assessment=assessment))
    context = overview(request, assessment, notices) | {"earlier": [], "letters": with_words(notices), "single": True}
    return render(request, "bank/home.html", context)


def with_words(notices: list[Notice]) -> list[tuple[Notice, str]]:
    """Each notice with until when the bank may object to it."""
    return [(notice, objection_words(notice.appeal_until, timezone.now())) for notice in notices]


def overview(request: HttpRequest, assessment: Assessment, notices: list[Notice]) -> dict[str, Any]:
    """What the task list shows of a filing; the start page of a bank shows the same of its present one.

    ``notices`` are those that the reader may see; the one of this assessment tells its outcome.
    """
    draft = get_draft(assessment)
    notice = next((one for one in notices if one.rating.assessment_id == assessment.pk), None)
    return {
        "standing": standing(assessment, notice),
        "objection": current_objection(assessment) if notice is not None else None,
        "assessment": assessment,
        "round": assessment.round,
        "due": deadline_of(assessment),
        "submitted": assessment.signed_by_id is not None,
        "next": next_step(acting(request), draft, notice),
        "send_back": send_back_steps(acting(request), assessment),
        "recalls": recalls(acting(request), assessment),
        "tasks": tasks(draft),
        "remarks": open_remarks(acting(request), assessment, draft.form_pages),
        "returned": last_return(assessment),
        "score": explained_score(draft.rulebook, draft.result, draft.self_total),
        "sections": sections(draft),
        "from_returns": comes_from_returns(draft.rulebook),
    }
