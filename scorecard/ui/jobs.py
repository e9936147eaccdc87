"""A job in words, for its bar and its page."""

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from scorecard.jobs.models import Job, JobState
from scorecard.jobs.registry import get_kind
from scorecard.links import Link

from .job_pages import failures, result_link

KINDS: dict[str, str] = {
    JobState.QUEUED: "info",
    JobState.RUNNING: "info",
    JobState.DONE: "good",
    JobState.FAILED: "bad",
}


@dataclass(frozen=True)
class JobView:
    """What a page shows of a job. ``result`` is the page of its result, once there is one."""

    pk: int
    title: Any
    state: str
    state_word: str
    kind: str
    active: bool
    known: bool
    percent: int
    done: int
    total: int | None
    rate: str
    note: str
    result: Link | None
    failures: list[tuple[str, Link | None]] = field(default_factory=list)


def describe(job: Job) -> JobView:
    """The job in words: state, done of total, rate, what failed, where the result is (``job_pages``).

    A failed job's own error text is for the log: the reader gets a sentence.
    """
    return JobView(
        pk=job.pk,
        title=get_kind(job.kind).title,
        state=job.state,
        state_word=str(JobState(job.state).label),
        kind=KINDS[JobState(job.state)],
        active=job.active,
        known=job.total is not None or not job.active,
        percent=job.percent,
        done=job.done,
        total=job.total,
        rate=_rate(job),
        note=_note(job),
        result=result_link(job),
        failures=failures(job),
    )


def _rate(job: Job) -> str:
    if job.started_at is None or not job.done:
        return ""
    seconds = ((job.finished_at or timezone.now()) - job.started_at).total_seconds()
    return f"{job.done / seconds:.0f}" if seconds >= 1 and job.done >= seconds else ""


def _note(job: Job) -> str:
    if job.state == JobState.QUEUED and job.attempt:
        return _("The work was interrupted and will start again by itself. You can leave this page.")
    if job.state == JobState.QUEUED:
        return _("Waiting for the worker. You can leave this page; the work goes on and is found again here.")
    if job.state == JobState.RUNNING:
        return _("You can leave this page; the work goes on and is found again here.")
    if job.state == JobState.FAILED:
        return _(
            "The work could not be finished. Start it again; if it fails again, give the administrator the number "
            "{number}."
        ).format(number=job.pk)
    return ""
