"""Sending a filing back to the bank for correction."""

from datetime import datetime

from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.models import Assessment
from assessments.workflow.payloads import ReturnPayload
from banks.models import User
from scorecard.access.decisions import Refused


def return_filing(
    *, actor: User, assessment_id: int, name: str, reason: str, due_at: datetime | None, seen_version: int
) -> Assessment:
    """Send a filing back for correction, with the day until which the bank may submit again.

    ``name`` is ``refuse`` or ``return_for_correction``. Where the round's filing deadline is over, a day is needed: the
    bank could not submit otherwise. It lies ahead and not after the round's review deadline.
    """
    if not workflow.TRANSITIONS[name].returns_filing():
        raise ValueError(f"{name} does not return a filing.")
    assessment = get_assessment(actor, assessment_id)
    now, calendar = timezone.now(), assessment.round
    reasons = list(workflow.check(name, actor=actor, assessment=assessment).reasons)
    if not reason.strip():
        reasons.append(_("Give a reason: those who must act on it will read it."))
    if due_at is None and assessment.files_until <= now:
        reasons.append(_("The filing deadline is over: give the bank a day until which it may submit again."))
    if due_at is not None and due_at <= now:
        reasons.append(_("The day for the resubmission must lie ahead."))
    if due_at is not None and due_at > calendar.review_deadline:
        reasons.append(
            _("The day for the resubmission must not be after the review deadline, %(at)s.")
            % {"at": f"{localtime(calendar.review_deadline):%Y-%m-%d %H:%M}"}
        )
    if reasons:
        raise Refused(reasons)
    return workflow.perform(
        name,
        actor=actor,
        assessment_id=assessment_id,
        reason=reason,
        seen_version=seen_version,
        payload=ReturnPayload(due_at),
    )
