"""How far a running job is, said by the run that owns its row."""

from typing import Any

from django.db.models import Sum
from django.db.models.functions import Now

from .models import Job, JobState


class JobLost(Exception):
    """This run was given up for lost and another took over; it must stop and write nothing more."""


def count_up(parent_id: int) -> None:
    """The parent has done what its parts have done; that is its heartbeat too."""
    done = Job.objects.filter(parent=parent_id).aggregate(done=Sum("done"))["done"] or 0
    Job.objects.filter(pk=parent_id, state=JobState.RUNNING).update(done=done, heartbeat=Now())


class Progress:
    """A running job's own way to say how far it is. Every call is a heartbeat."""

    def __init__(self, job_id: int, token: str, parent_id: int | None = None) -> None:
        self.job_id, self.token, self.parent_id = job_id, token, parent_id

    def update(self, done: int, total: int | None = None) -> None:
        """Set done (and total). Raises ``JobLost`` when another run owns the row by now."""
        values: dict[str, Any] = {"done": done, "heartbeat": Now()}
        if total is not None:
            values["total"] = total
        if not Job.objects.filter(pk=self.job_id, token=self.token, state=JobState.RUNNING).update(**values):
            raise JobLost(self.job_id)
        if self.parent_id is not None:
            count_up(self.parent_id)
