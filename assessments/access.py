"""Whose assessments a person may see. Every read of an assessment starts here."""

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.http import Http404

from scorecard.access.decisions import Hidden
from scorecard.access.roles import READ_ROLES, Role
from scorecard.access.row_security import unbound
from scorecard.access.single import single

from .models import Assessment, Comment, Notice, Round, RoundState
from .models.assessments import TakingPart

if TYPE_CHECKING:
    from banks.models import User


def visible_assessments(actor: "User") -> TakingPart:
    """A bank's people see their own bank's; case officers, second reviewers, decision makers and auditors see all.

    The administrator runs rounds and reads no assessment (docs/workflow.md, Roles).
    """
    if actor.bank_id is not None:
        return Assessment.objects.filter(bank=actor.bank_id).exclude(round__state=RoundState.PLANNED)
    return Assessment.objects.all() if actor.holds(*READ_ROLES) else Assessment.objects.none()


def visible_standings(actor: "User") -> TakingPart:
    """Whose standing in a round somebody may follow: those whose assessments they see; the administrator, who runs
    rounds, follows every bank but reads nothing of what it files or scores. A page must show them states alone.
    """
    if actor.bank_id is None and actor.holds(Role.ADMINISTRATOR) and not actor.holds(*READ_ROLES):
        return Assessment.objects.all()
    return visible_assessments(actor)


def get_assessment(actor: "User", pk: int, *, lock: bool = False) -> Assessment:
    """One assessment, or 404: ``Hidden`` (recorded) for one that exists and is not the actor's to see.

    ``lock`` locks the row for the running transaction.
    """
    queryset = visible_assessments(actor).filter(pk=pk)
    if lock:
        queryset = queryset.select_for_update(of=("self",))
    found = single(queryset.select_related("bank", "round", "round__rulebook", "version"))
    if found is None:
        with unbound():
            other = single(Assessment.objects.filter(pk=pk))
        if other is not None:
            raise Hidden(bank_id=other.bank_id, target=other)
        raise Http404
    return found


def get_standing(actor: "User", pk: int, *, lock: bool = False) -> Assessment:
    """One assessment for those who follow its standing (``visible_standings``), or 404. Its content is not theirs."""
    queryset = visible_standings(actor).filter(pk=pk)
    if lock:
        queryset = queryset.select_for_update(of=("self",))
    found = single(queryset.select_related("bank", "round", "officer"))
    if found is None:
        with unbound():
            other = single(Assessment.objects.filter(pk=pk))
        if other is not None:
            raise Hidden(bank_id=other.bank_id, target=other)
        raise Http404
    return found


def visible_comments(actor: "User", assessment: Assessment) -> QuerySet[Comment]:
    """The remarks on an assessment that an access function has given, the oldest first: a bank's people read those
    between bank and supervisor and those inside their bank, supervisors all but the latter.
    """
    rows = Comment.objects.filter(assessment=assessment).select_related("author").order_by("id")
    if actor.bank_id is not None:
        return rows.filter(Q(for_bank=True) | Q(inside=True))
    return rows.filter(inside=False)


def visible_notices(actor: "User") -> QuerySet[Notice]:
    """The notices that hold of the assessments that the actor may see, the newest first."""
    return (
        Notice.objects.filter(rating__assessment__in=visible_assessments(actor), replaced_by=None)
        .select_related("rating__assessment__round", "acknowledged_by")
        .order_by("-issued_at")
    )


def visible_rounds(actor: "User") -> QuerySet[Round]:
    """Supervisors see every round; a bank sees the opened rounds in which it has an assessment."""
    if actor.bank_id is not None:
        return Round.objects.exclude(state=RoundState.PLANNED).filter(assessments__bank=actor.bank_id).distinct()
    return Round.objects.all() if actor.roles else Round.objects.none()


def get_round(actor: "User", pk: int) -> Round:
    """One round, or 404."""
    found = single(visible_rounds(actor).select_related("rulebook").filter(pk=pk))
    if found is None:
        other = single(Round.objects.filter(pk=pk))
        if other is not None:
            raise Hidden(target=other)
        raise Http404
    return found
