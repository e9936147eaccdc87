"""The people whom a message about a case reaches, as they stand at the moment of sending."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.timezone import localdate

from assessments.models import Assessment
from banks.models import StandIn, User
from scorecard.access.roles import BANK_ROLES, Role


def bank_people(bank_ids: Iterable[int], *roles: str) -> QuerySet[User]:
    """The active people of banks who hold one of these roles; any role of a bank where none is named."""
    wanted = roles or tuple(BANK_ROLES)
    return User.objects.filter(bank__in=list(bank_ids), is_active=True, grants__role__in=wanted).distinct()


def supervisors(*roles: str) -> QuerySet[User]:
    """The active supervisors who hold one of these roles."""
    return User.objects.filter(bank=None, is_active=True, grants__role__in=roles).distinct()


def officers_of(case: Assessment) -> list[int]:
    """The case officer and who stands in today; every case officer where nobody has the case."""
    if case.officer_id is None:
        return list(supervisors(Role.CASE_OFFICER).values_list("pk", flat=True))
    today = localdate()
    away = StandIn.objects.filter(absent=case.officer_id, since__lte=today, until__gte=today, ended_at=None)
    return [case.officer_id, *away.values_list("person", flat=True)]


def second_reviewers(case: Assessment) -> list[int]:
    """The second reviewers who may take the case: not who took the first review of it."""
    people = supervisors(Role.SECOND_REVIEWER).exclude(pk__in=_known(case.officer_id, case.reviewed_by_id))
    return list(people.values_list("pk", flat=True))


def decision_makers(case: Assessment) -> list[int]:
    """The decision makers who may decide the case: not who reviewed it."""
    took_part = _known(case.officer_id, case.reviewed_by_id, case.second_by_id)
    return list(supervisors(Role.DECISION_MAKER).exclude(pk__in=took_part).values_list("pk", flat=True))


def _known(*ids: int | None) -> list[int]:
    return [pk for pk in ids if pk is not None]
