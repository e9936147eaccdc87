"""Handing the second review or the decision of many cases to somebody else."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from assessments.many.declared import Cells, ManyStep, names, points, version_words
from assessments.many.loading import DECIDERS, SECONDS, Entry
from assessments.many.shared import Attempt
from assessments.reviews.services.assigning import assign_reviewer, where_waiting
from assessments.workflow import duties
from assessments.workflow.shown import ShownItem
from banks.models import User
from scorecard.access.roles import Role


def _cells(role: str) -> Callable[[Entry], Cells]:
    def cells(entry: Entry) -> Cells:
        case = entry.case
        run, present = case.counted_run, getattr(case, duties.ASSIGNED[role])
        total = run.total if run is not None else ""
        return present or "", case.review_words, version_words(entry), points(total), _barred(entry)

    return cells


def _barred(entry: Entry) -> str:
    return names(str(person) for person in entry.kept["barred"])


def _content(role: str) -> Callable[[Entry], Iterable[ShownItem]]:
    field = duties.ASSIGNED[role]

    def content(entry: Entry) -> Iterable[ShownItem]:
        case, present = entry.case, getattr(entry.case, field)
        yield ShownItem("assigned", _("Who has it"), str(present.pk if present else ""), str(present or ""))
        yield ShownItem("state", _("State"), case.review_state, case.review_words)
        barred = ",".join(str(person.pk) for person in entry.kept["barred"])
        yield ShownItem("barred", _("Who may not take it"), barred, _barred(entry))

    return content


def _carry(role: str) -> Callable[[Attempt], None]:
    def carry(attempt: Attempt) -> None:
        case = attempt.entry.case
        assign_reviewer(
            actor=attempt.actor,
            assessment_id=case.pk,
            role=role,
            person_id=attempt.shared.person,
            seen=getattr(case, f"{duties.ASSIGNED[role]}_id"),
            reason=attempt.shared.reason,
            listed=attempt.listed,
        )

    return carry


def _where(role: str) -> Callable[[User], Q]:
    """Where the case waits for the role; a second reviewer's own cases, all of them for a decision maker."""

    def where(actor: User) -> Q:
        waiting = where_waiting(role)
        return waiting if actor.holds(Role.DECISION_MAKER) else waiting & Q(**{duties.ASSIGNED[role]: actor})

    return where


def _step(role: str, part: str, roles: Iterable[str], **words: Any) -> ManyStep:
    return ManyStep(
        roles=frozenset(roles),
        columns=(_lazy("Who has it"), _lazy("State"), _lazy("Filing"), _lazy("Points"), _lazy("Who may not take it")),
        cells=_cells(role),
        content=_content(role),
        carry=_carry(role),
        parts=(part,),
        asks=frozenset({"person", "reason"}),
        hands=role,
        where=_where(role),
        **words,
    )


STEPS: tuple[ManyStep, ...] = (
    _step(
        Role.SECOND_REVIEWER,
        SECONDS,
        (Role.SECOND_REVIEWER, Role.DECISION_MAKER),
        name="hand_second",
        title=_lazy("Hand to another second reviewer"),
        consequence=_lazy(
            "The second reviewer that you choose has these cases from now on, and reads your reason. A case in which "
            "that person took an earlier part stays where it is."
        ),
    ),
    _step(
        Role.DECISION_MAKER,
        DECIDERS,
        (Role.DECISION_MAKER,),
        name="hand_decision",
        title=_lazy("Hand to another decision maker"),
        consequence=_lazy(
            "The decision maker that you choose has these cases from now on, and reads your reason. A case in which "
            "that person took an earlier part stays where it is."
        ),
    ),
)
