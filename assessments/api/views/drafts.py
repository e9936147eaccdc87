"""The draft: read, saved in part, checked, and scored provisionally. The pages' services do all of it."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from assessments import workflow
from assessments.api.values import place_of, points_out, read_change, value_out
from assessments.api.views.common import Both, acting, both, named, subject
from assessments.api.views.once import once
from assessments.api.views.problems import Problem, pointer
from assessments.filings.drafts import Conflict, DraftValue, save_draft
from assessments.filings.form_layout import own_facts
from assessments.filings.keys import Key, Kind
from assessments.filings.scoring_input import CHECK_PREFIX
from assessments.filings.selectors import Draft, Gap, get_draft
from assessments.models import Assessment
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow.machine import EDIT_DRAFT
from banks.models import FactSource
from scorecard.access.decisions import Stale
from scorecard.engine import Rulebook
from scorecard.ui.problems import FieldError

router = Router(tags=["draft"])
MOST_NAMES = 2_000


class AnswerOut(Schema):
    """What the bank says to an indicator."""

    narrative: str
    self_points: str | None
    not_applicable: bool


class DraftOut(Schema):
    """A draft. A figure that nobody has given yet is null."""

    assessment: int
    revision: int
    editable: bool
    facts: dict[str, str | None]
    last_year: dict[str, str]
    answers: dict[str, AnswerOut]
    report: str
    explanations: dict[str, str]
    self_total: str | None


class AnswerIn(Schema):
    """What is to change of an answer; what is not named stays."""

    model_config = ConfigDict(extra="forbid")
    narrative: str | None = None
    self_points: str | None = Field(None, description="Null or an empty text: none.")
    not_applicable: bool | None = None


class DraftIn(Schema):
    """What a save changes. What is not named stays."""

    model_config = ConfigDict(extra="forbid")
    revision: int = Field(ge=0, le=2**31 - 1, description="The revision of the draft that the caller had read.")
    facts: dict[str, str | None] = Field(default_factory=dict, max_length=MOST_NAMES)
    answers: dict[str, AnswerIn] = Field(default_factory=dict, max_length=MOST_NAMES)
    report: str | None = None
    explanations: dict[str, str] = Field(
        default_factory=dict, max_length=MOST_NAMES, description="By the id of the check, as GET …/checks names it."
    )


class SavedOut(Schema):
    """The revision to carry from now on, and what was written, as JSON pointers."""

    revision: int
    written: list[str]


class GapOut(Schema):
    """One thing that is missing or wrong; ``field`` says where it stands in the body of a save."""

    kind: str
    page: str
    field: str
    label: str
    text: str


class FindingOut(Schema):
    """What a check of the rulebook finds. An error blocks the filing, a warning asks for an explanation."""

    id: str
    severity: str
    message: Both
    facts: list[str]
    explanation: str


class ChecksOut(Schema):
    """What stands against passing the filing on."""

    revision: int
    complete: bool
    gaps: list[GapOut]
    findings: list[FindingOut]


class ScoreOut(Schema):
    """The provisional score of the draft as it stands; ``result`` is what the engine concludes, numbers as texts."""

    revision: int
    total: str
    max: str
    pending: str
    grade_before: str
    grade: str
    self_total: str | None
    result: dict[str, Any]


@router.get(
    "/assessments/{int:pk}/draft",
    response={200: DraftOut, 304: None},
    **named("draft.get", gettext_lazy("The draft as it stands")),
)
def read_draft(request: HttpRequest, pk: int, response: HttpResponse) -> Any:
    found = draft_json(get_draft(subject(request, pk)), EDIT_DRAFT in _capabilities(request, pk))
    response["ETag"] = etag(found)
    if request.headers.get("If-None-Match") == response["ETag"]:
        return HttpResponse(status=304, headers={"ETag": response["ETag"]})
    return found


@router.patch(
    "/assessments/{int:pk}/draft",
    response={200: SavedOut},
    **named("draft.patch", gettext_lazy("Save figures, answers, texts and own points")),
)
def save(request: HttpRequest, pk: int, payload: DraftIn, response: HttpResponse) -> Status[Any]:
    assessment = subject(request, pk)
    rulebook = engine_rulebook(assessment.round.rulebook)
    return once(request, response, lambda: _save(request, assessment, rulebook, payload))


@transaction.atomic
def _save(request: HttpRequest, assessment: Assessment, rulebook: Rulebook, payload: DraftIn) -> dict[str, Any]:
    """All or nothing: a machine that sends one wrong figure mends it and sends the whole again."""
    _hold_to_etag(request, assessment)
    answers = {name: answer.model_dump(exclude_unset=True) for name, answer in payload.answers.items()}
    change, errors = read_change(rulebook, payload.facts, answers, payload.report, payload.explanations)
    try:
        saved = save_draft(
            actor=acting(request),
            assessment_id=assessment.pk,
            revision=payload.revision,
            change=change,
            source=FactSource.API,
        )
    except Stale as stale:
        found = [_conflict(rulebook, each) for each in stale.current]
        raise Problem(409, "conflict", detail=" ".join(map(str, stale.reasons)), errors=found) from stale
    if errors := errors | saved.errors:
        raise Problem(422, errors=[FieldError(pointer(*place_of(key)), text) for key, text in errors.items()])
    return {"revision": saved.revision, "written": [pointer(*place_of(key)) for key in saved.written]}


def _hold_to_etag(request: HttpRequest, assessment: Assessment) -> None:
    """Refuse where the caller wants no merge and the draft is another one."""
    wanted = request.headers.get("If-Match", "")
    if not wanted or wanted.strip() == "*":
        return
    locked = Assessment.objects.select_for_update(of=("self",)).select_related("bank", "round__rulebook", "version")
    now = etag(draft_json(get_draft(locked.get(pk=assessment.pk)), EDIT_DRAFT in _capabilities(request, assessment.pk)))
    if now not in [part.strip() for part in wanted.split(",")]:
        raise Problem(412, "precondition-failed", errors=[FieldError("If-Match", _("Read the draft again."))])


def _capabilities(request: HttpRequest, pk: int) -> frozenset[str]:
    return workflow.capabilities(actor=acting(request), assessment=subject(request, pk))


@router.get(
    "/assessments/{int:pk}/checks",
    response=ChecksOut,
    **named("checks.get", gettext_lazy("What is missing, and what the checks find")),
)
def checks(request: HttpRequest, pk: int) -> dict[str, Any]:
    draft = get_draft(subject(request, pk))
    return {
        "revision": draft.assessment.revision,
        "complete": not draft.gaps,
        "gaps": [_gap(gap) for gap in draft.gaps],
        "findings": [
            {
                "id": finding.id,
                "severity": finding.severity,
                "message": both(finding.message),
                "facts": list(finding.facts),
                "explanation": draft.explanation(finding),
            }
            for finding in draft.checks
        ],
    }


@router.get(
    "/assessments/{int:pk}/score",
    response=ScoreOut,
    **named("score.get", gettext_lazy("The provisional score of the draft")),
)
def score(request: HttpRequest, pk: int) -> dict[str, Any]:
    draft = get_draft(subject(request, pk))
    outcome = draft.result.outcome()
    return {
        "revision": draft.assessment.revision,
        "total": outcome["total"],
        "max": outcome["max"],
        "pending": outcome["pending"],
        "grade_before": outcome["grade"]["before"],
        "grade": outcome["grade"]["after"],
        "self_total": points_out(draft.self_total),
        "result": outcome,
    }


def draft_json(draft: Draft, editable: bool) -> dict[str, Any]:
    """A draft as JSON."""
    specs = own_facts(draft.rulebook)
    before = {fact: value_out(spec, draft.last_year(spec)) for fact, spec in specs.items()}
    answered = draft.gathered.answer_json()
    return {
        "assessment": draft.assessment.pk,
        "revision": draft.assessment.revision,
        "editable": editable,
        "facts": {fact: value_out(spec, draft.value(spec)) for fact, spec in specs.items()},
        "last_year": {fact: value for fact, value in before.items() if value is not None},
        "answers": {name: answer | {"self_points": answer["self_points"] or None} for name, answer in answered.items()},
        "report": draft.narrative("_report"),
        "explanations": {
            name.removeprefix(CHECK_PREFIX): answer.narrative
            for name, answer in draft.answers.items()
            if name.startswith(CHECK_PREFIX)
        },
        "self_total": points_out(draft.self_total),
    }


def etag(found: dict[str, Any]) -> str:
    """What names exactly this state of a draft."""
    text = json.dumps(found, sort_keys=True, ensure_ascii=False)
    return f'"{found["revision"]}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"'


def _gap(gap: Gap) -> dict[str, str]:
    return {
        "kind": gap.kind,
        "page": gap.page,
        "field": pointer(*place_of(gap.key)),
        "label": gap.label,
        "text": gap.text,
    }


def _conflict(rulebook: Rulebook, conflict: Conflict) -> FieldError:
    values = {
        "mine": _text(rulebook, conflict.key, conflict.mine),
        "theirs": _text(rulebook, conflict.key, conflict.theirs),
    }
    words = {"label": conflict.label, "name": conflict.by or _("the system")}
    message = _("“%(label)s” was changed by %(name)s since you read it.") % words
    return FieldError(pointer(*place_of(conflict.key)), message, values)


def _text(rulebook: Rulebook, key: Key, value: DraftValue) -> Any:
    if key.kind == Kind.FACT:
        return value_out(rulebook.facts[key.id], value)
    return points_out(value) if key.kind == Kind.SELF_POINTS else value  # type: ignore[arg-type]
