"""After the signature: the result, how it came about, and the letters."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from assessments.api.views.common import acting, named, subject
from assessments.models import Assessment, FilingVersion, Notice, ScoreKind, ScoreRun
from assessments.scoring.runs import explain_run, outcome_of
from assessments.scoring.selectors import runs_of, told_rating, versions_of
from scorecard.audit.services import record

router = Router(tags=["results"])


class VersionOut(Schema):
    """What was signed."""

    number: int
    digest: str
    submitted_at: datetime
    signed_by: str


class RatingOut(Schema):
    """What was decided, as far as the caller may know it."""

    points: str
    grade: str
    adjustment: str
    decided_at: datetime | None


class ResultOut(Schema):
    """The score of a version. ``state``: none (nothing submitted), scoring, scored. ``result`` is what the engine
    concludes, numbers as texts."""

    state: str
    version: VersionOut | None = None
    kind: str | None = None
    total: str | None = None
    pending: str | None = None
    grade_before: str | None = None
    grade: str | None = None
    result: dict[str, Any] | None = None
    rating: RatingOut | None = None


class ExplanationOut(Schema):
    """The whole explanation as a tree, from the total down."""

    version: int
    kind: str
    tree: dict[str, Any]


class NoticeOut(Schema):
    """A letter as it was sent."""

    id: int
    number: str
    holds: bool
    issued_at: datetime
    objection_until: datetime
    acknowledged_at: datetime | None
    body: dict[str, Any]


class NoticeList(Schema):
    """The letters of an assessment, the newest first."""

    items: list[NoticeOut]


class Which(Schema):
    """Which version, and which of its scores."""

    version: int | None = None
    kind: ScoreKind | None = None


@router.get(
    "/assessments/{int:pk}/result",
    response=ResultOut,
    **named("result.get", _("The score of what was submitted")),
)
def result(request: HttpRequest, pk: int, which: Query[Which]) -> dict[str, Any]:
    assessment = subject(request, pk)
    version = _version(assessment, which)
    if version is None:
        return {"state": "none"}
    found: dict[str, Any] = {
        "version": {
            "number": version.number,
            "digest": version.digest,
            "submitted_at": version.submitted_at,
            "signed_by": str(version.signed_by),
        }
    }
    run = _run(request, assessment, version, which)
    if run is None:
        return found | {"state": "scoring"}
    rating = told_rating(acting(request), assessment)
    found |= {
        "state": "scored",
        "kind": run.kind,
        "total": run.total,
        "pending": run.pending,
        "grade_before": run.grade_before,
        "grade": run.grade,
        "result": outcome_of(run),
    }
    if rating is not None:
        found["rating"] = {
            "points": rating.points,
            "grade": rating.grade,
            "adjustment": rating.adjustment,
            "decided_at": rating.decided_at,
        }
    return found


@router.get(
    "/assessments/{int:pk}/explanation",
    response=ExplanationOut,
    **named("explanation.get", _("How the score came about, down to figures, rules and clauses")),
)
def explanation(request: HttpRequest, pk: int, which: Query[Which]) -> dict[str, Any]:
    assessment = subject(request, pk)
    version = _version(assessment, which)
    run = _run(request, assessment, version, which) if version is not None else None
    node = explain_run(run).trace if run is not None else None
    if version is None or run is None or node is None:
        raise Http404
    return {"version": version.number, "kind": run.kind, "tree": node.to_json()}


@router.get(
    "/assessments/{int:pk}/notices",
    response=NoticeList,
    **named("notices.get", _("The letters as they were sent; each reading leaves a trace")),
)
def notices(request: HttpRequest, pk: int) -> dict[str, Any]:
    assessment = subject(request, pk)
    found = []
    for notice in Notice.objects.filter(rating__assessment=assessment).order_by("-pk"):
        data = {"number": notice.number, "assessment": assessment.pk}
        record("assessments.notice.read", actor=acting(request), target=notice, bank_id=assessment.bank_id, data=data)
        found.append(
            {
                "id": notice.pk,
                "number": notice.number,
                "holds": notice.rating_id == assessment.rating_id,
                "issued_at": notice.issued_at,
                "objection_until": notice.appeal_until,
                "acknowledged_at": notice.acknowledged_at,
                "body": notice.body,
            }
        )
    return {"items": found}


def _version(assessment: Assessment, which: Which) -> FilingVersion | None:
    """The version asked for, or the newest; 404 for a number that there is not."""
    rows = versions_of(assessment)
    if which.version is None:
        return rows.first()
    found = rows.filter(number=which.version).first() if 0 < which.version < 2**31 else None
    if found is None:
        raise Http404
    return found


def _run(request: HttpRequest, assessment: Assessment, version: FilingVersion, which: Which) -> ScoreRun | None:
    """The score asked for, as far as the caller may see it: the reviewed one where there is one."""
    version.assessment = assessment
    runs = runs_of(acting(request), version)
    run = runs.get(which.kind) if which.kind else runs.get(ScoreKind.REVIEWED) or runs.get(ScoreKind.SYSTEM)
    if run is None and which.kind and runs:
        raise Http404
    if run is not None:
        run.version.assessment = assessment
    return run
