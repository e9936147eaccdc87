"""Remarks on a filing: between supervisors, or for the bank, which answers them."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.access import get_assessment
from assessments.models import Comment
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow import duties
from assessments.workflow.step import Step
from assessments.workflow.telling import tell_of
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import REVIEW_ROLES, Role
from scorecard.audit.services import record

from .shared import length_objections


@transaction.atomic
def write_comment(
    *,
    actor: User,
    assessment_id: int,
    text: str,
    indicator: str = "",
    for_bank: bool = False,
    inside: bool = False,
    reply_to: int | None = None,
) -> Comment:
    """Write a remark on one indicator (or on the whole), or answer one: an answer keeps the audience of its remark.

    A supervisor writes for the bank or for supervisors only, once there is a version. A bank's preparer asks the
    supervisor and answers remarks that are marked for the bank (docs/workflow.md, Roles); everybody of the bank writes
    ``inside``, which no supervisor reads.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    rulebook = engine_rulebook(assessment.round.rulebook)
    text = text.strip()
    asked = assessment.comments.filter(pk=reply_to).first() if reply_to else None
    reasons: list[Any] = [*duties.round_is_open(Step(actor, assessment, timezone.now())), *length_objections(text)]
    if not text:
        reasons.append(_("Write the remark before you send it."))
    if indicator and indicator not in rulebook.indicators:
        reasons.append(_("The rulebook has no indicator “%(id)s”.") % {"id": indicator})
    hidden = asked is None or (asked.inside if not actor.is_bank_person else not (asked.for_bank or asked.inside))
    if reply_to and hidden:
        reasons.append(_("The remark that you answer is not there any more. Reload the page."))
    if actor.is_bank_person:
        inside = asked.inside if asked is not None and not hidden else inside
        for_bank = not inside
        if for_bank and not actor.holds(Role.BANK_PREPARER):
            reasons.append(_("The preparer of your bank writes to the supervisor; you can write inside your bank."))
    elif not actor.holds(*REVIEW_ROLES):
        reasons.append(_("Your role does not write remarks."))
    elif assessment.version_id is None and asked is None:
        reasons.append(_("The bank has not submitted anything yet to remark on."))
    if reasons:
        raise Refused(reasons)
    if asked is not None:
        indicator, for_bank, inside = asked.indicator, asked.for_bank, asked.inside
    audience = {"for_bank": for_bank, "inside": inside and actor.is_bank_person}
    made = Comment.objects.create(
        assessment=assessment, indicator=indicator, reply_to=asked, text=text, author=actor, **audience
    )
    record(
        "assessments.review.comment",
        actor=actor,
        target=assessment,
        bank_id=assessment.bank_id,
        data={"comment": made.pk, "indicator": indicator, "reply_to": reply_to, **audience}
        | duties.stood_in(actor, assessment),
    )
    if made.for_bank or made.inside:
        kind = _kind(made, answers=asked is not None, by_bank=actor.is_bank_person)
        tell_of(kind, assessment, f"remark:{made.pk}", remark=made.pk, indicator=indicator)
    return made


def _kind(made: Comment, *, answers: bool, by_bank: bool) -> str:
    """As what a remark is told to whom it is for."""
    if made.inside:
        return "assessments.discussed"
    if by_bank:
        return "assessments.answered" if answers else "assessments.bank_asked"
    return "assessments.replied" if answers else "assessments.asked"
