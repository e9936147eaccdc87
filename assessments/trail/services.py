"""Verifying the audit trail in the background: walking the whole chain takes time that grows with it."""

from typing import Any

from django.utils.translation import gettext as _

from assessments.trail.selectors import VERIFY_JOB
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.audit.services import record, verify
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.services import enqueue

BREAKS_KEPT = 100


def request_verification(*, actor: User) -> Job:
    """Queue a walk over the whole trail; while one waits or runs, asking again returns it."""
    if not actor.holds(Role.AUDITOR):
        raise Refused([_("Only the auditor verifies the trail.")])
    return enqueue(VERIFY_JOB, key="trail", actor=actor)


def verify_trail(job: Job, progress: Progress) -> dict[str, Any]:
    """Walk the chain from its first event and keep where it breaks. Records what was found as an event of its own."""
    last = Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    progress.update(0, last)
    breaks = list(verify())
    record(
        "assessments.audit.verified",
        actor=job.created_by,
        data={"events": last, "breaks": [item.seq for item in breaks[:BREAKS_KEPT]], "count": len(breaks)},
    )
    return {
        "events": last,
        "count": len(breaks),
        "breaks": [{"seq": item.seq, "reason": item.reason} for item in breaks[:BREAKS_KEPT]],
    }
