"""Handing over everything that is open with a person, in one step."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.reviews.staff import cases_of, open_work
from banks.models import User
from banks.services.banks import hand_over_banks
from banks.services.people import set_roles
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.services import record

from .live_measures import hand_measures
from .officers import hand_case
from .shared import length_objections


@transaction.atomic
def hand_over(*, actor: User, person_id: int, successors: Mapping[str, int | None], reason: str) -> dict[str, Any]:
    """Give a person's work to others: a case officer's cases and banks to another case officer; any other role to
    somebody of the same side who takes it on as well.

    ``successors`` maps roles with open work to people; None leaves that role's work where it is. For the administrator
    (people and banks) and, a case officer's work alone, for a decision maker (the head). Each case and each bank has
    its own event and the whole one. Duties that exclude each other are refused as everywhere. Raises ``Refused``.
    """
    person = User.objects.select_for_update().get(pk=person_id)
    held = set(person.grants.values_list("role", flat=True)) | {Role.CASE_OFFICER.value}
    work = {found.role.value: found for found in open_work(person, held)}
    people = {user.pk: user for user in User.objects.filter(pk__in=[pk for pk in successors.values() if pk])}
    chosen = {role: people[pk] for role, pk in successors.items() if pk in people}
    administrator = actor.holds(Role.ADMINISTRATOR)
    reasons: list[Any] = list(length_objections(reason))
    if not administrator and not (actor.holds(Role.DECISION_MAKER) and set(chosen) <= {Role.CASE_OFFICER}):
        reasons.append(_("An administrator hands work over; a decision maker that of a case officer."))
    if not reason.strip():
        reasons.append(_("Give a reason: those who must act on it will read it."))
    if not chosen:
        reasons.append(_("Choose at least one person who takes the work."))
    for role, successor in chosen.items():
        if role not in work:
            reasons.append(_("Nothing of the role %(role)s is open.") % {"role": Role(role).label})
        if successor == person or not successor.is_active or successor.bank_id != person.bank_id:
            reasons.append(
                _("%(name)s cannot take this work; choose somebody active of the same side.") % {"name": successor}
            )
        elif role == Role.CASE_OFFICER and not successor.holds(Role.CASE_OFFICER):
            reasons.append(_("Choose a case officer who is active."))
    if reasons:
        raise Refused(reasons)
    done: dict[str, Any] = {"person": person.pk, "reason": reason.strip(), "to": {}}
    for role, successor in chosen.items():
        done["to"][role] = successor.pk
        if role == Role.CASE_OFFICER:
            done |= _hand_over_cases(actor, person, successor, reason.strip())
        elif not successor.grants.filter(role=role).exists():
            roles = set(successor.grants.values_list("role", flat=True)) | {role}
            set_roles(actor=actor, person=successor, roles=roles)
    record("assessments.work.handed_over", actor=actor, target=person, bank_id=person.bank_id, data=done)
    return done


def _hand_over_cases(actor: User, person: User, successor: User, reason: str) -> dict[str, int]:
    cases = list(cases_of(person).select_for_update(of=("self",)).select_related("officer", "version"))
    for case in cases:
        hand_case(case, successor, actor, reason)
    measures = hand_measures(actor, person, successor, reason)
    banks = hand_over_banks(actor=actor, person=person, successor=successor)
    return {"cases": len(cases), "banks": banks, "measures": measures}
