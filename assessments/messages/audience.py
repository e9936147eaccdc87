"""The people whom a message about a case reaches, as they stand at the moment of sending."""

from collections.abc import Iterable

from django.db.models import QuerySet

from assessments.models import Assessment
from banks.models import StandIn, User
from banks.selectors.people import acting_in
from scorecard.access.roles import BANK_ROLES, Role


def bank_people(bank_ids: Iterable[int], *roles: str) -> QuerySet[User]:
    """The active people of banks who act in one of these roles today; any role of a bank where none is named."""
    here = acting_in(roles or tuple(BANK_ROLES))
    return User.objects.filter(here, bank__in=list(bank_ids), is_active=True).distinct()


def supervisors(*roles: str) -> QuerySet[User]:
    """The active supervisors who hold one of these roles."""
    return User.objects.filter(bank=None, is_active=True, grants__role__in=roles).distinct()


def officers_of(case: Assessment) -> list[int]:
    """The case officer and who stands in today; every case officer where nobody has the case."""
    if case.officer_id is None:
        return list(supervisors(Role.CASE_OFFICER).values_list("pk", flat=True))
    return with_stand_ins(case.officer_id, Role.CASE_OFFICER)


def with_stand_ins(person: int, role: str) -> list[int]:
    """Somebody who is assigned, and who acts for them in this role today."""
    away = StandIn.objects.today().filter(absent=person)
    return [person, *away.filter(person__grants__role=role).values_list("person", flat=True)]


def stand_ins_of_bank(person: int) -> list[int]:
    """Who stands in today for a preparer of a bank."""
    return sorted(set(StandIn.objects.acting().filter(absent=person).values_list("person", flat=True)))


def second_reviewers(case: Assessment) -> list[int]:
    """The second reviewer who is assigned, and the stand-in; else all who may take the case: not who took the first
    review of it."""
    if case.second_reviewer_id is not None:
        return with_stand_ins(case.second_reviewer_id, Role.SECOND_REVIEWER)
    people = supervisors(Role.SECOND_REVIEWER).exclude(pk__in=_known(case.officer_id, case.reviewed_by_id))
    return list(people.values_list("pk", flat=True))


def decision_makers(case: Assessment) -> list[int]:
    """The decision maker who is assigned, and the stand-in; else all who may decide the case: not who reviewed it."""
    if case.decision_maker_id is not None:
        return with_stand_ins(case.decision_maker_id, Role.DECISION_MAKER)
    took_part = _known(case.officer_id, case.reviewed_by_id, case.second_by_id)
    return list(supervisors(Role.DECISION_MAKER).exclude(pk__in=took_part).values_list("pk", flat=True))


def _known(*ids: int | None) -> list[int]:
    return [pk for pk in ids if pk is not None]
