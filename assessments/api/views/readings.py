"""Readings between two rounds: the periods, the own draft, what was confirmed. The pages' services do all of it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query, Router, Status

from assessments.api.values import bound_out, value_out
from assessments.api.views.common import Listed, Page, acting, both, listed, named
from assessments.api.views.once import answered, once
from assessments.api.views.problems import Problem, pointer
from assessments.api.views.reading_shapes import (
    ReadingConfirmationIn,
    ReadingConfirmationOut,
    ReadingConfirmedOut,
    ReadingDraftIn,
    ReadingDraftOut,
    ReadingFormOut,
    ReadingPeriodOut,
    ReadingSavedOut,
    ReadingStandingOut,
)
from assessments.api.views.signing import signature
from assessments.models import Reading, ReadingPeriod, ReadingSource
from assessments.readings.figures import (
    all_bases,
    findings,
    goal_facts,
    missing,
    read_figures,
    reading_facts,
    values_of,
)
from assessments.readings.goals import goals
from assessments.readings.present import warnings_of
from assessments.readings.selectors import (
    bank_by_code,
    bank_of_period,
    current,
    draft_of,
    get_period,
    newest_standing,
    periods_with_counts,
    state_of,
)
from assessments.readings.services import (
    against_confirming,
    before_of,
    begun,
    confirm_reading,
    is_late,
    reading_content,
    save_reading,
    shown_reading,
)
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow.shown import content_digest
from banks.models import Bank
from scorecard.access.decisions import Stale
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.engine import Rulebook
from scorecard.ui.problems import FieldError

router = Router(tags=["readings"])


def found_period(request: HttpRequest, pk: int) -> tuple[ReadingPeriod, Bank]:
    """The period and the own bank of the token's person, or 404."""
    actor = acting(request)
    period = get_period(actor, pk)
    return period, bank_of_period(actor, period, actor.bank_id or 0)


@router.get(
    "/readings",
    response=Listed[ReadingPeriodOut],
    **named("readings.get", gettext_lazy("The periods whose figures are filed between two rounds")),
)
def periods(request: HttpRequest, page: Query[Page]) -> dict[str, Any]:
    own = acting(request).bank_id is not None
    return listed(request, periods_with_counts(acting(request)), page, lambda row: _period(row, own))


@router.get(
    "/readings/{int:pk}",
    response=ReadingFormOut,
    **named("reading.get", gettext_lazy("One period, and the figures that it asks for")),
)
def one_period(request: HttpRequest, pk: int) -> dict[str, Any]:
    actor = acting(request)
    period = get_period(actor, pk)
    row = periods_with_counts(actor).get(pk=period.pk)
    rulebook = engine_rulebook(period.rulebook)
    base = all_bases(rulebook)
    figures = [
        {
            "id": id,
            "label": both(spec.label),
            "definition": both(spec.help),
            "unit": spec.unit,
            "decimals": spec.digits,
            "min": bound_out(spec, spec.min),
            "max": bound_out(spec, spec.max),
            "required": id not in goal_facts(rulebook),
            "base_of": base.get(id),
        }
        for id, spec in reading_facts(rulebook).items()
    ]
    return _period(row, actor.bank_id is not None) | {"facts": figures}


@router.get(
    "/readings/{int:pk}/draft",
    response=ReadingDraftOut,
    **named("reading-draft.get", gettext_lazy("The draft of the own reading as it stands")),
)
def read_draft(request: HttpRequest, pk: int) -> dict[str, Any]:
    period, bank = found_period(request, pk)
    draft = draft_of(period, bank.pk)
    if draft is not None:
        request.api_subject = draft  # type: ignore[attr-defined]
    stored = draft.facts if draft is not None else begun(period, bank.pk)
    return _draft(period, bank, draft) | {
        "editable": acting(request).holds(Role.BANK_PREPARER),
        "facts": _figures(period, stored),
        "unreadable": dict(draft.typed) if draft is not None else {},
        "note": draft.note if draft is not None else "",
    }


@router.patch(
    "/readings/{int:pk}/draft",
    response={200: ReadingSavedOut},
    **named("reading-draft.patch", gettext_lazy("Save figures of the own reading")),
)
def save(request: HttpRequest, pk: int, payload: ReadingDraftIn, response: HttpResponse) -> Status[Any]:
    period, bank = found_period(request, pk)
    return once(request, response, lambda: _save(request, period, bank, payload))


def _save(request: HttpRequest, period: ReadingPeriod, bank: Bank, payload: ReadingDraftIn) -> dict[str, Any]:
    """All or nothing: a machine that sends one wrong figure mends it and sends the whole again."""
    rulebook = engine_rulebook(period.rulebook)
    typed = {id: text or "" for id, text in payload.facts.items()}
    errors = {
        id: _("This period asks for no figure of this name.") for id in typed if id not in reading_facts(rulebook)
    }
    errors |= read_figures(rulebook, typed)[1]
    if errors:
        raise Problem(422, errors=[FieldError(pointer("facts", id), text) for id, text in errors.items()])
    try:
        draft, _none = save_reading(
            actor=acting(request),
            period_id=period.pk,
            typed=typed,
            note=payload.note,
            saves=payload.saves,
            source=ReadingSource.API,
        )
    except Stale as stale:
        now = {"theirs": stale.current.saves if stale.current is not None else 0}
        told = [FieldError("/saves", reason, now) for reason in stale.reasons]
        raise Problem(409, "conflict", errors=told) from stale
    return _draft(period, bank, draft)


@router.get(
    "/readings/{int:pk}/confirmation",
    response=ReadingConfirmationOut,
    **named("reading-confirmation.get", gettext_lazy("What a confirmation of the own reading would sign")),
)
def look(request: HttpRequest, pk: int) -> dict[str, Any]:
    period, bank = found_period(request, pk)
    draft = draft_of(period, bank.pk)
    content = list(reading_content(period, draft)) if draft is not None else []
    return {
        "reasons": [str(reason) for reason in against_confirming(acting(request), period, draft)],
        "content": [{"key": item.key, "label": item.label, "text": item.text} for item in content],
        "digest": content_digest(content) if draft is not None else None,
    }


@router.post(
    "/readings/{int:pk}/confirmation",
    response={200: ReadingConfirmedOut},
    **named("reading-confirmation.post", gettext_lazy("Confirm the own reading, with the password")),
)
def confirm(request: HttpRequest, pk: int, payload: ReadingConfirmationIn, response: HttpResponse) -> Status[Any]:
    period, bank = found_period(request, pk)
    if not answered(request):
        signature(request, payload.password, payload.code)
    return once(request, response, lambda: _confirm(request, period, bank, payload))


def _confirm(request: HttpRequest, period: ReadingPeriod, bank: Bank, payload: ReadingConfirmationIn) -> dict[str, Any]:
    draft, seen = draft_of(period, bank.pk), None
    if draft is not None:
        if content_digest(reading_content(period, draft)) != payload.digest:
            words = _("What you had before you has changed since; nothing has been done. Read it again.")
            raise Problem(409, "conflict", errors=[FieldError("/digest", words)])
        seen = shown_reading(period, draft)
    return _confirmed(period, bank, confirm_reading(actor=acting(request), period_id=period.pk, seen=seen))


@router.get(
    "/readings/{int:pk}/banks/{bank}",
    response=ReadingStandingOut,
    **named("reading-bank.get", gettext_lazy("What is on file of a bank, and where it stands")),
)
def standing(request: HttpRequest, pk: int, bank: str) -> dict[str, Any]:
    actor = acting(request)
    period = get_period(actor, pk)
    found = bank_by_code(actor, period, bank)
    now = current(period, found.pk)
    if now is None:
        raise Http404
    record("assessments.reading.viewed", actor=actor, target=found, bank_id=found.pk, data={"period": period.pk})
    kept = newest_standing(now)
    content: dict[str, Any] = (
        kept.content if kept is not None else {"targets": {}, "plan": {"share": None}, "warnings": []}
    )
    return _confirmed(period, found, now) | {
        "targets": _lines(engine_rulebook(period.rulebook), content["targets"]),
        "goals": _lines(goals(), content.get("goals", {})),
        "plan_share": content["plan"]["share"],
        "warnings": [
            {
                "serious": one["kind"] == "bad",
                "message": one["text"],
                "clause": one["clause"],
                "basis": one["basis"],
            }
            for one in warnings_of(content, bank_side=actor.is_bank_person)
        ],
    }


def _lines(rulebook: Rulebook, kept: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"id": id, "name": both(rulebook.targets[id].name)}
        | {part: one["day"][part] for part in ("state", "left", "right")}
        for id, one in kept.items()
        if id in rulebook.targets
    ]


def _period(row: Any, own: bool) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in ("year", "month", "kind", "ends_on", "due_on")}
    return found | {"id": row.pk, "rulebook": row.rulebook.name, "own": _own(row) if own else None}


def _own(row: Any) -> dict[str, Any]:
    day = timezone.localdate(row.first_at) if row.confirmed else timezone.localdate()
    return {"state": state_of(row.has_draft, row.confirmed), "confirmed": row.confirmed, "late": day > row.due_on}


def _draft(period: ReadingPeriod, bank: Bank, draft: Reading | None) -> dict[str, Any]:
    rulebook = engine_rulebook(period.rulebook)
    last = current(period, bank.pk)
    values = values_of(rulebook, draft.facts if draft is not None else begun(period, bank.pk))
    found = findings(rulebook, values, before_of(period, bank.pk)) if draft is not None else []
    return {
        "period": period.pk,
        "revision": draft.revision if draft is not None else (last.revision if last is not None else 0) + 1,
        "saves": draft.saves if draft is not None else 0,
        "missing": [spec.id for spec in missing(rulebook, values)],
        "findings": [{"blocks": one.error, "message": one.text, "facts": list(one.facts)} for one in found],
    }


def _figures(period: ReadingPeriod, stored: dict[str, dict[str, str]]) -> dict[str, str | None]:
    rulebook = engine_rulebook(period.rulebook)
    values = values_of(rulebook, stored)
    return {id: value_out(spec, values.get(id)) for id, spec in reading_facts(rulebook).items()}


def _confirmed(period: ReadingPeriod, bank: Bank, row: Reading) -> dict[str, Any]:
    first = Reading.objects.filter(period=period, bank=bank, revision=1).first()
    return {
        "period": period.pk,
        "bank": bank.code,
        "revision": row.revision,
        "source": row.source,
        "late": first is not None and is_late(period, first),
        "confirmed_at": row.confirmed_at.isoformat() if row.confirmed_at else None,
        "digest": row.digest,
        "facts": _figures(period, row.facts),
        "note": row.note,
    }
