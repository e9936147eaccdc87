"""Passing a filing on, and signing it. A token takes no signature: the person gives the password each time, and the
digest of what was before the eyes (docs/api.md, Tokens; docs/decisions/0020)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from assessments import workflow
from assessments.api.scopes import Scope
from assessments.api.views.common import acting, named, subject
from assessments.api.views.once import answered, once
from assessments.api.views.problems import Problem
from assessments.api.views.signing import ItemOut, signature
from assessments.filings.form_layout import form_pages
from assessments.filings.remarks import open_remarks
from assessments.models import ApiToken, Assessment
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow import TRANSITIONS
from assessments.workflow.duties import needs_answer
from assessments.workflow.shown import Kept, content_digest
from assessments.workflow.step import Transition
from scorecard.access.reauthentication import Signature
from scorecard.ui.problems import FieldError

router = Router(tags=["steps"])


class StepName(Schema):
    """A step that the person's role takes from here."""

    name: str
    title: str


class StepList(Schema):
    """The steps that the person's role takes from here, whether or not something stands against them yet."""

    items: list[StepName]


class StepOut(Schema):
    """What a step does, what stands against it, and what it would sign; ``digest`` is null where it signs nothing."""

    name: str
    title: str
    consequence: str
    reasons: list[str]
    needs_reason: bool
    needs_password: bool
    open_remarks: int
    content: list[ItemOut]
    digest: str | None


class StepIn(Schema):
    """What a step is told."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field("", max_length=4000)
    digest: str | None = Field(None, max_length=64, description="As GET gave it, where the step signs something.")
    password: str | None = Field(None, max_length=200, description="Of the person, where the step is a signature.")
    code: str = Field("", max_length=40, description="Of a second factor, where the page asks for one.")
    leave_open: bool = Field(False, description="Go on although remarks of the supervisor have no answer.")


class StepDone(Schema):
    """Where the filing stands after the step, and the version that was made of it."""

    filing: str
    review: str
    version: int | None
    digest: str | None


@router.get(
    "/assessments/{int:pk}/steps",
    response=StepList,
    **named("steps.get", gettext_lazy("The steps that can be taken from here")),
)
def listed(request: HttpRequest, pk: int) -> dict[str, Any]:
    rows = workflow.available(actor=acting(request), assessment=subject(request, pk))
    return {"items": [{"name": row.name, "title": str(row.title)} for row in rows if row.of_filing()]}


@router.get(
    "/assessments/{int:pk}/steps/{slug:name}",
    response=StepOut,
    **named("step.get", gettext_lazy("What a step would do, and what it would sign")),
)
def look(request: HttpRequest, pk: int, name: str) -> dict[str, Any]:
    row, assessment, kept = _row(name), subject(request, pk), Kept()
    against = workflow.check(name, actor=acting(request), assessment=assessment, reason="-", kept=kept)
    content = list(row.content(assessment, kept)) if row.content is not None else []
    return {
        "name": name,
        "title": str(row.title),
        "consequence": str(row.consequence),
        "reasons": [str(reason) for reason in against.reasons],
        "needs_reason": _needs_reason(row, assessment),
        "needs_password": row.signature,
        "open_remarks": _open(request, row, assessment),
        "content": [{"key": item.key, "label": item.label, "text": item.text} for item in content],
        "digest": content_digest(content) if row.content is not None else None,
    }


@router.post(
    "/assessments/{int:pk}/steps/{slug:name}",
    response={200: StepDone},
    **named("step.post", gettext_lazy("Take a step; sign")),
)
def take(request: HttpRequest, pk: int, name: str, payload: StepIn, response: HttpResponse) -> Status[Any]:
    row, assessment = _row(name), subject(request, pk)
    token: ApiToken = request.api_token  # type: ignore[attr-defined]
    needed = Scope.SIGN if row.signature else Scope.STEPS
    if needed not in token.scopes:
        raise Problem(403, detail=_("This token does not include what the step needs: %(scope)s.") % {"scope": needed})
    errors = []
    if _needs_reason(row, assessment) and not payload.reason.strip():
        errors.append(FieldError("/reason", _("Give a reason: those who must act on it will read it.")))
    if row.content is not None and not payload.digest:
        errors.append(FieldError("/digest", _("Send the digest of what you had before you: GET gives it.")))
    if (left := _open(request, row, assessment)) and not payload.leave_open:
        words = ngettext(
            "%(count)d remark of the supervisor is left without an answer",
            "%(count)d remarks of the supervisor are left without an answer",
            left,
        )
        errors.append(FieldError("/leave_open", words % {"count": left}))
    if errors:
        raise Problem(422, errors=errors)
    signed = signature(request, payload.password, payload.code) if row.signature and not answered(request) else None
    return once(request, response, lambda: _take(request, row, assessment, payload, signed))


def _take(
    request: HttpRequest, row: Transition, assessment: Assessment, payload: StepIn, signed: Signature | None
) -> dict[str, Any]:
    if row.signature and signed is None:  # the answer that was to be given again is gone
        raise Problem(422, "password")
    kept, seen = Kept(), None
    if row.content is not None:
        if content_digest(row.content(assessment, kept)) != payload.digest:
            words = _("What you had before you has changed since; nothing has been done. Read it again.")
            raise Problem(409, "conflict", errors=[FieldError("/digest", words)])
        seen = workflow.shown(row.name, assessment, kept)
    done = workflow.perform(
        row.name,
        actor=acting(request),
        assessment_id=assessment.pk,
        reason=payload.reason,
        seen_version=assessment.version.number if assessment.version is not None else None,
        seen=seen,
        signed=signed,
    )
    version = done.version
    return {
        "filing": done.filing_state,
        "review": done.review_state,
        "version": version.number if version is not None else None,
        "digest": version.digest if version is not None else None,
    }


def _row(name: str) -> Transition:
    row = TRANSITIONS.get(name)
    if row is None or not row.of_filing():
        raise Http404
    return row


def _needs_reason(row: Transition, assessment: Assessment) -> bool:
    return row.reason or (row.name == "pass_to_reviewer" and needs_answer(assessment))


def _open(request: HttpRequest, row: Transition, assessment: Assessment) -> int:
    """How many remarks of the supervisor a step that leads on would leave without an answer."""
    if row.back:
        return 0
    return len(open_remarks(acting(request), assessment, form_pages(engine_rulebook(assessment.round.rulebook))))
