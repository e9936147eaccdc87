"""Work that is shared out: a parent job cuts itself into parts, each a job row of its own, and ends after the last.

The parent's handler runs twice. The first time it makes its parts (``enqueue(..., parent=job)``, in one transaction)
and raises ``PartsPending``: the parent stays "running" with no worker of its own. Whichever part ends last queues
the parent again, in the transaction that ends the part; the handler then finds every part ended and finishes. A part
that is lost is swept like any job; a parent with living parts is not, because its parts are what is at work.
"""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from .broker import publish
from .models import Job, JobState
from .progress import count_up

LIVING = (JobState.QUEUED, JobState.RUNNING)


class PartsPending(Exception):
    """Raised by a parent's handler whose parts have not all ended; the last of them runs the handler again."""


def without_living_parts(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Leave out parents that wait for a part."""
    return jobs.exclude(Exists(Job.objects.filter(parent=OuterRef("pk"), state__in=LIVING)))


def part_ended(parent_id: int) -> None:
    """Queue the parent again if this was its last living part. Call in the transaction that ends the part.

    The lock on the parent puts the ends of two parts one after the other: the second sees that the first has ended.
    """
    Job.objects.select_for_update().get(pk=parent_id)
    count_up(parent_id)
    if Job.objects.filter(parent=parent_id, state__in=LIVING).exists():
        return
    woken = Job.objects.filter(pk=parent_id, state=JobState.RUNNING).update(
        state=JobState.QUEUED, token="", published_at=None, heartbeat=None, attempt=0
    )
    if woken:
        transaction.on_commit(lambda: publish(parent_id), robust=True)
