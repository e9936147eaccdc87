"""Asking for work, doing it, and sweeping up what was lost. See ``docs/architecture.md``, Background work."""

import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from scorecard.access.decisions import Refused

from .broker import hand_over, publish
from .models import Job, JobState
from .parts import PartsPending, part_ended, without_living_parts
from .progress import JobLost, Progress
from .registry import get_kind

logger = logging.getLogger(__name__)


class Retry(Exception):
    """A handler met a passing fault that has a name; the sweeper runs the job again."""


def enqueue(
    kind: str,
    *,
    key: str,
    actor: Any,
    params: dict[str, Any] | None = None,
    total: int | None = None,
    parent: Job | None = None,
    bank_id: int | None = None,
) -> Job:
    """Write the job row in the caller's transaction and hand it to the broker once that has committed.

    While a job of this kind and key is waiting or running, that row is returned and nothing is added. A broker that
    cannot be reached is no error here: the row stays queued, and the sweeper hands it over when it can.
    """
    get_kind(kind)
    while True:
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    kind=kind,
                    key=key,
                    params=params or {},
                    total=total,
                    parent=parent,
                    bank_id=bank_id,
                    created_by=actor if getattr(actor, "pk", None) else None,
                )
            break
        except IntegrityError:
            active = Job.objects.filter(kind=kind, key=key, state__in=[JobState.QUEUED, JobState.RUNNING]).first()
            if active is not None:
                return active  # else it ended between the two statements: ask again
    # Robust: the caller's work is committed by then, and no fault of the hand-over may turn it into an error page.
    transaction.on_commit(lambda: publish(job.pk), robust=True)
    return job


@contextmanager
def _beating(job_id: int, token: str) -> Iterator[None]:
    """Keep the job's heartbeat fresh from a thread of its own while the handler works.

    A handler may be silent for longer than ``JOB_STALE_SECONDS`` (one long computation, one long transaction); that
    its process is alive is what the heartbeat says. The thread dies with the process, and so does the heartbeat.
    """
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(settings.JOB_STALE_SECONDS / 3):
                try:
                    Job.objects.filter(pk=job_id, token=token, state=JobState.RUNNING).update(heartbeat=timezone.now())
                except OperationalError as error:  # a busy or lost database; the next beat may reach it
                    logger.warning("The heartbeat of job %s could not be written (%s).", job_id, error)
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name=f"heartbeat of job {job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def run(job_id: int) -> str:
    """Do one job if it is this run's to do; returns the state it ended in, or retry, waiting, lost or skipped.

    A message that arrives twice finds the row running or finished and does nothing. The handler's result and the
    state "done" are written together. A passing fault (``Retry``, or a database that is busy or away) puts the job
    back; the sweeper starts it again after ``JOB_STALE_SECONDS``, ``JOB_MAX_ATTEMPTS`` times at most.
    """
    now, token = timezone.now(), str(uuid.uuid4())
    claimed = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING, token=token, heartbeat=now, started_at=now, attempt=F("attempt") + 1
    )
    if not claimed:
        return "skipped"
    job = Job.objects.get(pk=job_id)
    mine = Job.objects.filter(pk=job_id, token=token, state=JobState.RUNNING)
    try:
        with _beating(job_id, token):
            result = get_kind(job.kind).handler(job, Progress(job_id, token, job.parent_id)) or {}
    except JobLost:
        return "lost"
    except PartsPending:
        mine.update(token="", attempt=0, heartbeat=timezone.now())
        return "waiting"
    except (Retry, OperationalError) as error:
        if job.attempt >= settings.JOB_MAX_ATTEMPTS:
            logger.exception("Job %s (%s) failed %s times.", job_id, job.kind, job.attempt)
            _end(job, mine, state=JobState.FAILED, error=str(error))
            return "failed"
        mine.update(state=JobState.QUEUED, token="", published_at=timezone.now(), heartbeat=None, error=str(error))
        return "retry"
    except Refused as error:
        _end(job, mine, state=JobState.FAILED, error=str(error))
        return "failed"
    except Exception as error:
        logger.exception("Job %s (%s) failed.", job_id, job.kind)
        _end(job, mine, state=JobState.FAILED, error=f"{type(error).__name__}: {error}")
        raise
    known = Job.objects.values_list("total", flat=True).get(pk=job_id)
    done = F("total") if known else F("done")
    return "done" if _end(job, mine, state=JobState.DONE, result=result, error="", done=done) else "lost"


def _end(job: Job, mine: QuerySet[Job], **values: Any) -> bool:
    """Write the end of a run, if the row is still its own; with the last part of a parent, the parent goes on."""
    now = timezone.now()
    with transaction.atomic():
        written = bool(mine.update(finished_at=now, heartbeat=now, **values))
        if written and job.parent_id is not None:
            part_ended(job.parent_id)
    return written


def sweep() -> dict[str, int]:
    """Re-queue running jobs whose heartbeat is stale, and hand over queued jobs that the broker may have lost.

    A job that was started ``JOB_MAX_ATTEMPTS`` times without an end is failed with a word that says so, so that one
    that kills its worker cannot do so for ever.
    """
    now = timezone.now()
    stale = now - timedelta(seconds=settings.JOB_STALE_SECONDS)
    running = without_living_parts(
        Job.objects.filter(state=JobState.RUNNING).filter(Q(heartbeat__lt=stale) | Q(heartbeat__isnull=True))
    )
    given_up = running.filter(attempt__gte=settings.JOB_MAX_ATTEMPTS).update(
        state=JobState.FAILED, token="", finished_at=now, error="The worker was lost each time this job was started."
    )
    requeued = running.update(state=JobState.QUEUED, token="", published_at=None, heartbeat=None)
    waiting = Job.objects.filter(state=JobState.QUEUED).filter(Q(published_at__isnull=True) | Q(published_at__lt=stale))
    published = 0
    for job_id in waiting.order_by("id").values_list("pk", flat=True)[:500]:
        handed = hand_over(job_id)
        if handed is False:
            break
        published += bool(handed)
    return {"requeued": requeued, "published": published, "given_up": given_up}
