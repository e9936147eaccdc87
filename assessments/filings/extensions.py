"""Giving one bank a later day for its filing, whether it has submitted before or not."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from assessments.access import get_standing
from assessments.models import Assessment, Review
from assessments.workflow import duties
from assessments.workflow.telling import tell_of
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.services import record


def may_extend(actor: User, assessment: Assessment) -> bool:
    """Whether this person gives this bank a later day: an officer or the administrator, while the bank files."""
    return actor.holds(Role.CASE_OFFICER, Role.ADMINISTRATOR) and not any(_state_reasons(assessment))


@transaction.atomic
def extend_filing(*, actor: User, assessment_id: int, until: datetime, reason: str) -> Assessment:
    """Give one bank until ``until`` (aware, and counting itself) to file, for a reason that the trail keeps.

    The day lies ahead, after the day that holds, and not after the round's review deadline. Raises ``Refused`` with
    every reason. Days late are still counted from the round's deadline.
    """
    assessment = get_standing(actor, assessment_id, lock=True)
    reasons = list(_state_reasons(assessment))
    if not actor.holds(Role.CASE_OFFICER, Role.ADMINISTRATOR):
        reasons.append(_("Only a case officer or the administrator gives a bank a later day."))
    if not reason.strip():
        reasons.append(_("Say why the bank gets a later day; the reason is kept in the trail."))
    before, review = assessment.files_until, assessment.round.review_deadline
    if until <= max(before, timezone.now()):
        reasons.append(
            _("The new day must lie ahead, and after the day until which the bank may file anyway, %(at)s.")
            % {"at": f"{localtime(before):%Y-%m-%d %H:%M}"}
        )
    if until > review:
        reasons.append(
            _("The new day must not be after the review deadline, %(at)s.")
            % {"at": f"{localtime(review):%Y-%m-%d %H:%M}"}
        )
    if reasons:
        raise Refused(reasons)
    assessment.due_at = until
    assessment.save(update_fields=["due_at"])
    data = {"from": before, "to": until, "reason": reason.strip()}
    bank_id = assessment.bank_id
    record(
        "assessments.filing.extended", actor=actor, target=assessment, bank_id=bank_id, data=data, seals=[assessment]
    )
    key = f"extended:{assessment.pk}:{until.isoformat()}"
    tell_of("assessments.extended", assessment, key, until=until.isoformat())
    return assessment


def _state_reasons(assessment: Assessment) -> Iterator[Any]:
    yield from duties.against_change(assessment)
    if assessment.review_state != Review.NONE:
        yield _("The filing is with the supervisor; return it, and give the day with the return.")
