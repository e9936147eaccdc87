"""Verifying the trail, and the data against it, in the background: reading all of it takes time that grows with it."""

from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from assessments.trail.selectors import DATA_JOB, VERIFY_JOB
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.comparison import compare
from scorecard.audit.models import Event
from scorecard.audit.services import record, verify
from scorecard.audit.triggers import missing
from scorecard.audit.verification import known_checkpoints
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.services import enqueue

BREAKS_KEPT = 100


def request_verification(*, actor: User | None) -> Job:
    """Queue a walk over the whole trail and the comparison of the data with it; while one waits or runs, asking again
    returns it. ``actor`` None: the system, every night.
    """
    if actor is not None and not actor.holds(Role.AUDITOR):
        raise Refused([_("Only the auditor verifies the trail.")])
    enqueue(DATA_JOB, key="data", actor=actor)
    return enqueue(VERIFY_JOB, key="trail", actor=actor)


def verify_trail(job: Job, progress: Progress) -> dict[str, Any]:
    """Walk the trail from its first event, by chain, tree and checkpoints, and keep where it breaks. Records what was
    found as an event of its own.
    """
    last = Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    progress.update(0, last)
    known = known_checkpoints()
    breaks = list(verify(known, lambda done: progress.update(min(done, last))))
    newest = known.newest
    record(
        "assessments.audit.verified",
        actor=job.created_by,
        data={"events": last, "breaks": [item.seq for item in breaks[:BREAKS_KEPT]], "count": len(breaks)},
    )
    return {
        "events": last,
        "count": len(breaks),
        "checkpoint": newest.size if newest is not None else None,
        "breaks": [
            {"seq": item.seq, "reason": item.reason, "kind": item.kind, "until": item.until}
            for item in breaks[:BREAKS_KEPT]
        ],
    }


def verify_data(job: Job, progress: Progress) -> dict[str, Any]:
    """Compare every sealed row and file with the trail, and keep what differs. Records what was found as an event."""
    rows = 0

    def looked(done: int) -> None:
        nonlocal rows
        rows = done
        progress.update(done)

    found = list(compare(looked))
    triggers = sorted({table for table, _name in missing(connection)})
    data = {"rows": rows, "count": len(found), "triggers": triggers}
    record("assessments.data.verified", actor=job.created_by, data=data)
    return data | {
        "differences": [
            {"label": item.label, "rows": item.rows, "kind": item.kind, "seq": item.seq} for item in found[:BREAKS_KEPT]
        ],
    }
