"""Whose case it is: handing it to another officer."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.models import HANDED, Assessment, StepRecord
from assessments.workflow import duties
from assessments.workflow.step import AnyStep, Step
from assessments.workflow.telling import tell_of
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.services import record

from .shared import length_objections


@transaction.atomic
def reassign_officer(
    *, actor: User, assessment_id: int, officer_id: int | None, seen_officer: int | None, reason: str, listed: str = ""
) -> Assessment:
    """Hand the case to another case officer, with a reason, before it has left the first review.

    An officer hands on an own case and takes over somebody else's; a decision maker hands over every case.

    ``seen_officer`` is the officer that was on the screen: where the case has changed hands since, ``Stale``.
    ``listed`` is the digest of the signed list of which it is an entry (docs/many.md).
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    if assessment.officer_id != seen_officer:
        raise Stale([_("The case has been handed to somebody else since you opened it.")], assessment.officer)
    officer = User.objects.filter(pk=officer_id, bank=None, is_active=True).first() if officer_id else None
    step: AnyStep = Step(actor, assessment, timezone.now(), reason.strip())
    reasons: list[Any] = [*duties.round_is_open(step), *length_objections(reason)]
    if not actor.holds(Role.CASE_OFFICER, Role.DECISION_MAKER):
        reasons.append(_("Only a case officer or a decision maker hands a case to another officer."))
    elif not actor.holds(Role.DECISION_MAKER) and actor.pk not in (assessment.officer_id, officer_id):
        reasons.append(_("You can take over a case of somebody else, and hand on a case of yours."))
    if not may_reassign(assessment):
        reasons.append(_("The case has left the first review; its officer stays on record."))
    if officer is None or not officer.holds(Role.CASE_OFFICER):
        reasons.append(_("Choose a case officer who is active."))
    elif officer.pk == assessment.officer_id:
        reasons.append(_("%(name)s has the case already.") % {"name": officer})
    if not step.reason:
        reasons.append(_("Give a reason: those who must act on it will read it."))
    if reasons:
        raise Refused(reasons)
    if officer is not None:
        hand_case(assessment, officer, actor, step.reason, listed)
    return assessment


def hand_case(assessment: Assessment, officer: User, actor: User, reason: str, listed: str = "") -> None:
    """Give a locked case to another officer, with its record among the steps and one event."""
    before, assessment.officer = assessment.officer, officer
    assessment.save(update_fields=["officer"])
    kept = StepRecord.objects.create(
        assessment=assessment,
        transition=HANDED,
        version=assessment.version,
        reason=reason,
        actor=actor,
        handed_to=officer,
    )
    record(
        "assessments.review.reassigned",
        actor=actor,
        target=assessment,
        bank_id=assessment.bank_id,
        data={
            "from": before.pk if before else None,
            "to": officer.pk,
            "reason": reason,
            **({"list": listed} if listed else {}),
        },
        seals=[assessment, kept],
    )
    tell_of("assessments.handed", assessment, f"handed:{kept.pk}", officer=officer.pk)


def may_reassign(assessment: Assessment) -> bool:
    """Whether the case is still before or in the first review: where a case officer's step leads on from."""
    rows = workflow.TRANSITIONS.values()
    return any(Role.CASE_OFFICER in row.roles and row.starts_from(assessment) for row in rows)
