"""Handing over everything that is open with a person, in one step."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.reviews.staff import assigned_to, cases_of, open_work
from assessments.workflow import assigned
from banks.models import User
from banks.services.banks import hand_over_banks
from banks.services.people import set_roles
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.services import record

from .assigning import RECORDS, hand_part
from .live_measures import hand_measures
from .officers import hand_case
from .shared import length_objections

# The roles in which a person has cases.
OF_CASES = frozenset({Role.CASE_OFFICER.value, *RECORDS})


@transaction.atomic
def hand_over(*, actor: User, person_id: int, successors: Mapping[str, int | None], reason: str) -> dict[str, Any]:
    """Give a person's work to others: a case officer's cases and banks to another case officer; any other role to
    somebody of the same side who takes it on as well, with the cases that are assigned to the person in it.

    ``successors`` maps roles with open work to people; None leaves that role's work where it is. For the administrator
    (people and banks) and, as long as nobody is granted a role by it, for a decision maker (the head). Each case and
    each bank has its own event and the whole one. Duties that exclude each other are refused as everywhere. Raises
    ``Refused``.
    """
    person = User.objects.select_for_update().get(pk=person_id)
    held = set(person.grants.values_list("role", flat=True)) | OF_CASES
    work = {found.role.value: found for found in open_work(person, held)}
    people = {user.pk: user for user in User.objects.filter(pk__in=[pk for pk in successors.values() if pk])}
    chosen = {role: people[pk] for role, pk in successors.items() if pk in people}
    administrator = actor.holds(Role.ADMINISTRATOR)
    reasons: list[Any] = list(length_objections(reason))
    if not administrator and not (actor.holds(Role.DECISION_MAKER) and set(chosen) <= OF_CASES):
        reasons.append(_("An administrator hands work over; a decision maker that of those who work on cases."))
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
        elif role in OF_CASES and not administrator and not successor.holds(role):
            reasons.append(_("Choose somebody active who holds the role."))
    if reasons:
        raise Refused(reasons)
    done: dict[str, Any] = {"person": person.pk, "reason": reason.strip(), "to": {}}
    for role, successor in chosen.items():
        done["to"][role] = successor.pk
        if role == Role.CASE_OFFICER:
            done |= _hand_over_cases(actor, person, successor, reason.strip())
            continue
        if not successor.grants.filter(role=role).exists():
            roles = set(successor.grants.values_list("role", flat=True)) | {role}
            set_roles(actor=actor, person=successor, roles=roles)
        if role in RECORDS:
            done |= {f"{role}_cases": _hand_over_parts(actor, person, successor, role, reason.strip())}
    record("assessments.work.handed_over", actor=actor, target=person, bank_id=person.bank_id, data=done)
    return done


def _hand_over_parts(actor: User, person: User, successor: User, role: str, reason: str) -> int:
    """Give each case that waits for the person in this role to the successor; where a duty excludes that one, or the
    role is not granted yet, to who is next by rule, or to nobody, where nobody may: then whoever may acts.
    """
    fresh = User.objects.get(pk=successor.pk)  # with the role that was granted just now
    cases = list(assigned_to(person, role).select_for_update(of=("self",)).select_related("version", "bank", "round"))
    for case in cases:
        fits = fresh.holds(role) and not any(assigned.kept_from(fresh, case, role))
        hand_part(case, role, fresh if fits else assigned.choose(case, role, but=person.pk), actor, reason)
    return len(cases)


def _hand_over_cases(actor: User, person: User, successor: User, reason: str) -> dict[str, int]:
    cases = list(cases_of(person).select_for_update(of=("self",)).select_related("officer", "version"))
    for case in cases:
        hand_case(case, successor, actor, reason)
    measures = hand_measures(actor, person, successor, reason)
    banks = hand_over_banks(actor=actor, person=person, successor=successor)
    return {"cases": len(cases), "banks": banks, "measures": measures}
