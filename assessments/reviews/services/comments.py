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
    reply_to: int | None = None,
) -> Comment:
    """Write a remark on one indicator (or on the whole), for the bank or for supervisors only; a bank answers one.

    A bank's preparer answers remarks that are marked for the bank (docs/workflow.md, Roles); the answer is seen by both
    sides. A supervisor's answer keeps the audience of what it answers.
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
    hidden = asked is None or (actor.is_bank_person and not asked.for_bank)
    if reply_to and hidden:
        reasons.append(_("The remark that you answer is not there any more. Reload the page."))
    if actor.is_bank_person:
        if not actor.holds(Role.BANK_PREPARER):
            reasons.append(_("The preparer of your bank answers the supervisor's remarks."))
        if not reply_to:
            reasons.append(_("A bank answers remarks of the supervisor; choose the remark that you answer."))
        for_bank = True
    elif not actor.holds(*REVIEW_ROLES):
        reasons.append(_("Your role does not write remarks."))
    elif assessment.version_id is None:
        reasons.append(_("The bank has not submitted anything yet to remark on."))
    if reasons:
        raise Refused(reasons)
    if asked is not None:
        indicator, for_bank = asked.indicator, asked.for_bank
    made = Comment.objects.create(
        assessment=assessment, indicator=indicator, reply_to=asked, for_bank=for_bank, text=text, author=actor
    )
    record(
        "assessments.review.comment",
        actor=actor,
        target=assessment,
        bank_id=assessment.bank_id,
        data={"comment": made.pk, "indicator": indicator, "for_bank": for_bank, "reply_to": reply_to}
        | duties.stood_in(actor, assessment),
    )
    if for_bank:
        kind = "assessments.answered" if actor.is_bank_person else "assessments.asked"
        tell_of(kind, assessment, f"remark:{made.pk}", remark=made.pk, indicator=indicator)
    return made
