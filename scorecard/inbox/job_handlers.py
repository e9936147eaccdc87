"""The background work of messages: one job sends whatever is due, and each sweep asks for it while something is."""

import time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import finds_lost_work, job_kind
from scorecard.jobs.services import enqueue

from . import sending, services

SEND = "inbox.send"
PLAN_SECONDS = 60.0  # between two looks at the calendar, in each process that sweeps

_planned_at: list[float] = []


@job_kind(SEND, title=_("Sending of messages"))
def send_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Send what is due: to the inboxes first, then digests, then the mails."""
    reminders = services.send_due(timezone.now())
    progress.update(reminders)
    digests = sending.write_digests(timezone.now())
    mails = sending.send_mails(timezone.now())
    return {"reminders": reminders, "digests": digests, "mails": mails}


@finds_lost_work
def ask_for_sending() -> int:
    """Write what the calendar says, at most once a minute, and ask for the sending of what is due."""
    now = timezone.now()
    clock = time.monotonic()
    if not _planned_at or clock - _planned_at[0] >= PLAN_SECONDS:
        _planned_at[:] = [clock]
        services.plan(now)
    if not services.due(now).exists() and not sending.digests_due(now) and not sending.waiting(now):
        return 0
    enqueue(SEND, key="", actor=None)
    return 1
