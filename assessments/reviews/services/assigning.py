"""Whose case it is for the second review and for the decision: handing it to somebody else, with a reason."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.models import HANDED_DECISION, HANDED_SECOND, Assessment, StepRecord
from assessments.workflow import assigned, duties
from assessments.workflow.step import AnyStep, Step
from assessments.workflow.telling import tell_of
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.services import record

from .shared import length_objections

RECORDS: dict[str, str] = {Role.SECOND_REVIEWER.value: HANDED_SECOND, Role.DECISION_MAKER.value: HANDED_DECISION}
EVENTS: dict[str, str] = {
    Role.SECOND_REVIEWER.value: "assessments.review.second_assigned",
    Role.DECISION_MAKER.value: "assessments.review.decider_assigned",
}


@transaction.atomic
def assign_reviewer(
    *,
    actor: User,
    assessment_id: int,
    role: str,
    person_id: int | None,
    seen: int | None,
    reason: str,
    listed: str = "",
) -> Assessment:
    """Hand the second review or the decision of a case to somebody else, while the case waits for that role.

    A second reviewer hands on an own case and takes over somebody else's; a decision maker hands over every one.
    ``seen`` is who was assigned on the screen: where that has changed since, ``Stale``. ``listed`` is the digest of the
    signed list of which it is an entry (docs/many.md). Raises ``Refused`` with every reason.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    present = getattr(assessment, f"{duties.ASSIGNED[role]}_id")
    if present != seen:
        raise Stale([_("The case has been handed to somebody else since you opened it.")], present)
    person = User.objects.filter(pk=person_id, bank=None, is_active=True).first() if person_id else None
    step: AnyStep = Step(actor, assessment, timezone.now(), reason.strip())
    reasons: list[Any] = [*duties.round_is_open(step), *length_objections(reason)]
    if not actor.holds(role, Role.DECISION_MAKER):
        reasons.append(_("Only who holds the role, or a decision maker, hands this part of a case over."))
    elif not actor.holds(Role.DECISION_MAKER) and actor.pk not in (present, person_id):
        reasons.append(_("You can take over a case of somebody else, and hand on a case of yours."))
    if not waits_for_role(assessment, role):
        reasons.append(_("The case does not wait for this role now."))
    if person is None or not person.holds(role):
        reasons.append(_("Choose somebody active who holds the role."))
    elif person.pk == present:
        reasons.append(_("%(name)s has the case already.") % {"name": person})
    elif any(assigned.kept_from(person, assessment, role)):
        reasons.append(_("%(name)s took an earlier part in this case; choose somebody else.") % {"name": person})
    if not step.reason:
        reasons.append(_("Give a reason: those who must act on it will read it."))
    if reasons:
        raise Refused(reasons)
    hand_part(assessment, role, person, actor, step.reason, listed)
    return assessment


def hand_part(
    assessment: Assessment, role: str, person: User | None, actor: User, reason: str, listed: str = ""
) -> None:
    """Give a locked case to somebody else in this role, or to nobody, with its record among the steps and one event."""
    field = duties.ASSIGNED[role]
    before = getattr(assessment, f"{field}_id")
    setattr(assessment, field, person)
    assessment.save(update_fields=[field])
    kept = StepRecord.objects.create(
        assessment=assessment,
        transition=RECORDS[role],
        version=assessment.version,
        reason=reason,
        actor=actor,
        handed_to=person,
    )
    said = {"from": before, "to": person.pk if person else None, "reason": reason}
    data = said | ({"list": listed} if listed else {})
    record(
        EVENTS[role],
        actor=actor,
        target=assessment,
        bank_id=assessment.bank_id,
        data=data,
        seals=[kept],
    )
    if person is not None:
        tell_of("assessments.handed", assessment, f"handed:{kept.pk}", to=person.pk, role=role)


def waits_for_role(assessment: Assessment, role: str) -> bool:
    """Whether a step that only the assigned person of this role takes leads on from here."""
    guard = duties.GUARD_OF[role]
    return any(guard in row.guards and row.starts_from(assessment) for row in workflow.TRANSITIONS.values())


def where_waiting(role: str) -> Q:
    """The same in a query of assessments."""
    guard, found = duties.GUARD_OF[role], Q(pk__in=[])
    for row in workflow.TRANSITIONS.values():
        if guard in row.guards:
            found |= row.where()
    return found


def may_assign(actor: User, assessment: Assessment, role: str) -> bool:
    """Whether the page of this step is offered: to whom it may hand it over, to whom it may be taken from."""
    return actor.holds(role, Role.DECISION_MAKER) and waits_for_role(assessment, role)


def may_take(actor: User, assessment: Assessment, role: str) -> bool:
    """Whether the actor may take the part over from somebody else."""
    present = getattr(assessment, f"{duties.ASSIGNED[role]}_id")
    return (
        present not in (None, actor.pk)
        and actor.holds(role)
        and waits_for_role(assessment, role)
        and not any(assigned.kept_from(actor, assessment, role))
    )


def able(assessment: Assessment, role: str) -> list[User]:
    """Who may have this part of the case: active, of the role, kept from it by no duty."""
    return [one for one in assigned.people_of(role) if not any(assigned.kept_from(one, assessment, role))]
