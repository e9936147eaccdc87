"""What is open with a person: cases and banks of a case officer, and what waits for the roles that the person holds."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Assessment, Correction, Filing, LiveMeasure, Review, RoundState
from assessments.workflow import TRANSITIONS
from assessments.workflow.assigned import WAITS
from assessments.workflow.duties import ASSIGNED
from banks.models import Bank, RoleGrant, User
from scorecard.access.roles import Role

# Where a filing or a case waits for whoever holds the role. A case officer has cases of their own instead.
WAITING: dict[str, Q] = {
    Role.BANK_PREPARER: Q(filing_state=Filing.PREPARING),
    Role.BANK_REVIEWER: Q(filing_state=Filing.CHECKING),
    Role.BANK_SIGNATORY: Q(filing_state=Filing.SIGNING) | Q(review_state=Review.NOTIFIED),
    Role.SECOND_REVIEWER: Q(review_state=Review.SECOND),
    Role.DECISION_MAKER: Q(review_state__in=[Review.DECISION, Review.DECIDED]),
}


@dataclass(frozen=True)
class OpenWork:
    """What is open with a person in one role. ``others`` counts who else holds the role and is active; ``assigned`` how
    many of the cases are this person's by assignment."""

    role: Role
    cases: int
    banks: int = 0
    others: int = 0
    measures: int = 0
    assigned: int = 0

    @property
    def words(self) -> str:
        """The same in a sentence."""
        if self.role == Role.CASE_OFFICER:
            return officer_words(self.cases, self.banks, self.measures)
        found = ngettext(
            "%(role)s: %(count)d case waits for this role.", "%(role)s: %(count)d cases wait for this role.", self.cases
        ) % {"role": self.role.label, "count": self.cases}
        if self.assigned:
            found += _("Assigned to this person: %(count)d; to be handed over.") % {"count": self.assigned}
        if not self.others:
            return found + _("Nobody else holds it; hand it over first.")
        return found + _("Others who hold it: %(count)d.") % {"count": self.others}


@dataclass(frozen=True)
class LeftWork:
    """Cases and banks that are still with somebody who can no longer act on them; ``parts`` are the cases that are
    assigned to this person for the second review or the decision."""

    person: User
    cases: int
    banks: int
    measures: int = 0
    parts: int = 0

    @property
    def words(self) -> str:
        """The same in a sentence."""
        own = self.cases or self.banks or self.measures
        found = officer_words(self.cases, self.banks, self.measures) if own else ""
        if self.parts:
            found += _("Second review or decision assigned: %(count)d; to be handed over.") % {"count": self.parts}
        return found


def officer_words(cases: int, banks: int, measures: int) -> str:
    """The open cases, the banks and the measures of a case officer, in a sentence."""
    found = {"cases": cases, "banks": banks, "measures": measures}
    if not measures:
        return _("Case officer: open cases %(cases)d, banks in charge %(banks)d; to be handed over.") % found
    return (
        _("Case officer: open cases %(cases)d, banks in charge %(banks)d, measures %(measures)d; to be handed over.")
        % found
    )


def cases_of(person: User) -> QuerySet[Assessment]:
    """The cases of open rounds that a case officer has, and that have not left the first review."""
    states = Q(pk__in=[])
    for row in TRANSITIONS.values():
        if Role.CASE_OFFICER in row.roles:
            states |= row.where()
    # A filing that is with its bank comes to the same officer, who answers the bank until then.
    states |= Q(review_state=Review.NONE)
    return Assessment.objects.taking_part().filter(states, officer=person, round__state=RoundState.OPEN)


def assigned_to(person: User, role: str) -> QuerySet[Assessment]:
    """The cases of open rounds that wait for this person, to whom they are assigned, in this role."""
    mine = {ASSIGNED[role]: person}
    return Assessment.objects.taking_part().filter(WAITS[role], round__state=RoundState.OPEN, **mine)


def banks_of(person: User) -> QuerySet[Bank]:
    """The banks on the register that a case officer is in charge of."""
    still = Q(active_to__isnull=True) | Q(active_to__gte=timezone.localdate())
    return Bank.objects.filter(still, case_officer=person)


def measures_of(person: User) -> QuerySet[LiveMeasure]:
    """The measures in the register that a person owns and that bind today."""
    return LiveMeasure.objects.binding(timezone.localdate()).filter(owner=person)


def open_work(person: User, roles: Collection[str]) -> list[OpenWork]:
    """What is open with a person in these roles, in the product's order; a role with nothing open is left out."""
    found = []
    for role in (role for role in Role if role in roles):
        if role == Role.CASE_OFFICER:
            measures = measures_of(person).count()
            work = OpenWork(role, cases_of(person).count(), banks_of(person).count(), measures=measures)
        elif role in WAITING:
            here = Assessment.objects.taking_part().filter(WAITING[role], round__state=RoundState.OPEN)
            if person.bank_id is not None:
                here = here.filter(bank=person.bank_id)
            assigned = 0
            if role in WAITS:  # of the cases that wait for the role, those of other people are not this person's
                here = here.filter(Q(**{ASSIGNED[role]: person}) | Q(**{ASSIGNED[role]: None}))
                assigned = assigned_to(person, role).count()
                here = here | assigned_to(person, role)
            others = holders(person, role).exclude(pk=person.pk).count()
            work = OpenWork(role, here.count(), others=others, assigned=assigned)
        else:
            continue
        if work.cases or work.banks or work.measures:
            found.append(work)
    return found


def holders(person: User, role: str) -> QuerySet[User]:
    """Who holds the role on the person's side and is active."""
    return User.objects.filter(is_active=True, bank=person.bank_id, grants__role=role).order_by("name_sort", "username")


def all_holders() -> QuerySet[User]:
    """Everybody who works on cases or to whom one is assigned, whatever they are today; for filters."""
    assigned = Q()
    for name in ASSIGNED.values():
        assigned |= Q(pk__in=Assessment.objects.exclude(**{name: None}).values(name))
    grants = RoleGrant.objects.filter(role__in=list(ASSIGNED)).values("user")
    people = User.objects.filter(assigned | Q(pk__in=grants), bank=None)
    return people.order_by("name_sort", "username")


def sentences(person: User, roles: Collection[str]) -> list[Any]:
    """``open_work`` in words, as the register asks before somebody is made inactive or loses a role."""
    return [work.words for work in open_work(person, roles)]


def _left_counts(gone: QuerySet[User]) -> tuple[Counter[int], Counter[int]]:
    """By person: how many banks stay in the charge of somebody who is no case officer any more (``gone``), and how many
    cases wait for somebody who is assigned in another role and is inactive or holds it no more. One query.
    """
    banks = Bank.objects.filter(Q(active_to__isnull=True) | Q(active_to__gte=timezone.localdate()))
    counted = [_counted("banks", banks, "case_officer", gone)]
    for role, waits in WAITS.items():
        without = User.objects.exclude(is_active=True, grants__role=role)
        rows = Assessment.objects.taking_part().filter(waits, round__state=RoundState.OPEN)
        counted.append(_counted("parts", rows, ASSIGNED[role], without))
    found: dict[str, Counter[int]] = {"banks": Counter(), "parts": Counter()}
    for kind, person, count in counted[0].union(*counted[1:], all=True):
        found[kind][person] += count
    return found["banks"], found["parts"]


def _counted(kind: str, rows: QuerySet[Any], field: str, people: QuerySet[User]) -> QuerySet[Any]:
    told = rows.filter(**{f"{field}__in": people}).order_by().annotate(kind=Value(kind, CharField()))
    counted: QuerySet[Any] = told.values_list("kind", field).annotate(count=Count("pk"))
    return counted


def left_work() -> list[LeftWork]:
    """Everybody who is inactive or holds a role no more and still has cases or banks in it. Few queries, and two for
    each such person."""
    gone = User.objects.exclude(is_active=True, grants__role=Role.CASE_OFFICER)
    in_charge, parts = _left_counts(gone)
    here = Assessment.objects.taking_part().filter(officer__in=gone, round__state=RoundState.OPEN)
    here = here.exclude(review_state__in=[Review.SECOND, Review.DECISION, Review.DECIDED])
    settled = Q(review_state__in=[Review.NOTIFIED, Review.ACKNOWLEDGED]) & ~Q(correction_state=Correction.REOPENED)
    with_cases = here.exclude(settled).values("officer")
    owners = LiveMeasure.objects.binding(timezone.localdate()).filter(owner__in=gone).values("owner")
    left = Q(pk__in=list(in_charge)) | Q(pk__in=with_cases) | Q(pk__in=owners) | Q(pk__in=list(parts))
    people = User.objects.filter(left).annotate(still_officer=~Q(pk__in=gone)).order_by("name_sort", "username")
    return [
        LeftWork(
            person,
            0 if person.still_officer else cases_of(person).count(),
            in_charge[person.pk],
            0 if person.still_officer else measures_of(person).count(),
            parts[person.pk],
        )
        for person in people
    ]
