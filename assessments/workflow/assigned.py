"""Who is assigned to a case by rule when a step brings it to a role (docs/workflow.md, Whose case it is)."""

from collections.abc import Iterator, Sequence
from typing import Any, TypedDict

from django.db.models import Count, Q
from django.utils import timezone

from assessments.models import Assessment, Correction, Review, RoundState
from assessments.workflow import duties
from assessments.workflow.shown import Kept
from assessments.workflow.step import AnyStep, Guard, Step
from banks.models import StandIn, User
from scorecard.access.roles import Role
from scorecard.access.row_security import unbound

# What keeps a person from a part of a case.
SECOND_REVIEW: tuple[Guard, ...] = (duties.not_the_first_reviewer,)
DECISION: tuple[Guard, ...] = (duties.not_a_reviewer, duties.no_part_in_the_objection)
OBJECTION: tuple[Guard, ...] = (duties.took_no_part,)

# Where a case waits for the person who is assigned.
WAITS: dict[str, Q] = {
    Role.SECOND_REVIEWER: Q(review_state=Review.SECOND),
    Role.DECISION_MAKER: Q(review_state__in=[Review.DECISION, Review.DECIDED])
    | Q(correction_state__in=[Correction.LODGED, Correction.DECISION, Correction.DECIDED]),
}


class Assigned(TypedDict):
    """Who was assigned by the step."""

    assigned: int


def assign(step: AnyStep, role: str) -> Assigned | None:
    """Assign somebody to the case that the step brings to the role; a bank's step looks past its own rows for it."""
    with unbound():
        chosen = choose(step.assessment, role)
    setattr(step.assessment, duties.ASSIGNED[role], chosen)
    return {"assigned": chosen.pk} if chosen is not None else None


def choose(assessment: Assessment, role: str, *, but: int | None = None) -> User | None:
    """Who is to have the case in this role: whoever has it already; else, of those who may and are here, the one for
    whom the fewest cases wait. None where nobody may. ``but`` is somebody who is to have it no longer.
    """
    people = [person for person in people_of(role) if person.pk != but]
    able = [person for person in people if not any(kept_from(person, assessment, role))]
    present = getattr(assessment, f"{duties.ASSIGNED[role]}_id")
    for person in able:
        if person.pk == present:
            return person
    if len(able) < 2:
        return able[0] if able else None
    today = timezone.localdate()
    absences = StandIn.objects.filter(absent__in=able, since__lte=today, until__gte=today, ended_at=None)
    away = set(absences.values_list("absent", flat=True))
    load = _load(role, able)
    here = [person for person in able if person.pk not in away] or able
    return min(here, key=lambda person: (*load.get(person.pk, (0, 0)), person.pk))


def kept_from(person: User, assessment: Assessment, role: str, kept: Kept | None = None) -> Iterator[Any]:
    """Every reason why the part of this role in the case is not for this person: four eyes, as the case stands.
    ``kept`` is what a page of many cases has read of this person and this case."""
    step: AnyStep = Step(person, assessment, timezone.now(), kept=kept or {})
    for guard in _excluding(assessment, role):
        yield from guard(step)


def _excluding(assessment: Assessment, role: str) -> tuple[Guard, ...]:
    if role == Role.SECOND_REVIEWER:
        return SECOND_REVIEW
    return OBJECTION if assessment.correction_state == Correction.LODGED else DECISION


def people_of(role: str) -> list[User]:
    """The active supervisors who hold a role, by number."""
    return list(User.objects.filter(bank=None, is_active=True, grants__role=role).order_by("pk"))


def _load(role: str, people: Sequence[User]) -> dict[int, tuple[int, int]]:
    """By person: the cases of open rounds that wait for them, and all of theirs in open rounds."""
    field = duties.ASSIGNED[role]
    rows = Assessment.objects.taking_part().filter(round__state=RoundState.OPEN, **{f"{field}__in": people})
    counted = rows.order_by().values(field).annotate(waiting=Count("pk", filter=WAITS[role]), every=Count("pk"))
    return {row[field]: (row["waiting"], row["every"]) for row in counted}
