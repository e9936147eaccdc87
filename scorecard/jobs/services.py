"""Asking for work, doing it, and sweeping up what was lost. See ``docs/architecture.md``, Background work."""

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from scorecard.access.decisions import Refused

from .broker import hand_over, messages_waiting, publish
from .clock import database_now
from .models import Job, JobState, SweepMark
from .parts import PartsPending, part_ended, without_living_parts
from .progress import JobLost, Progress
from .registry import find_lost_work, get_kind, kinds_of, queues
from .unavailable import DATABASE_AWAY, is_unavailable

logger = logging.getLogger(__name__)

SWEPT = 500  # most jobs of a queue that one sweep hands over
PAUSES = 7  # how often the pause before a further hand-over doubles
LONGEST_PAUSE = 3600  # seconds


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
                    Job.objects.filter(pk=job_id, token=token, state=JobState.RUNNING).update(heartbeat=Now())
                except DATABASE_AWAY as error:  # the next beat may reach it
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
    state "done" are written together. A passing fault (``Retry``) puts the job back; the sweeper starts it again after
    ``JOB_STALE_SECONDS``, ``JOB_MAX_ATTEMPTS`` times at most. A database that is busy or away costs no attempt, and no
    more does a disk that is full or read-only (``is_unavailable``): once there is room the work goes on by itself.
    """
    token = str(uuid.uuid4())
    claimed = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING, token=token, heartbeat=Now(), started_at=Now(), attempt=F("attempt") + 1
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
        mine.update(token="", attempt=0, heartbeat=Now())
        return "waiting"
    except OperationalError as error:
        return _put_back(job_id, mine, error)
    except Retry as error:
        if job.attempt >= settings.JOB_MAX_ATTEMPTS:
            logger.exception("Job %s (%s) failed %s times.", job_id, job.kind, job.attempt)
            _end(job, mine, state=JobState.FAILED, error=str(error))
            return "failed"
        mine.update(state=JobState.QUEUED, token="", published_at=Now(), heartbeat=None, error=str(error))
        return "retry"
    except Refused as error:
        _end(job, mine, state=JobState.FAILED, error=str(error))
        return "failed"
    except Exception as error:
        if is_unavailable(error):
            return _put_back(job_id, mine, error)
        logger.exception("Job %s (%s) failed.", job_id, job.kind)
        _end(job, mine, state=JobState.FAILED, error=f"{type(error).__name__}: {error}")
        raise
    known = Job.objects.values_list("total", flat=True).get(pk=job_id)
    done = F("total") if known else F("done")
    return "done" if _end(job, mine, state=JobState.DONE, result=result, error="", done=done) else "lost"


def _end(job: Job, mine: QuerySet[Job], **values: Any) -> bool:
    """Write the end of a run, if the row is still its own; with the last part of a parent, the parent goes on."""
    with transaction.atomic():
        written = bool(mine.update(finished_at=Now(), heartbeat=Now(), **values))
        if written and job.parent_id is not None:
            part_ended(job.parent_id)
    return written


def _put_back(job_id: int, mine: QuerySet[Job], error: Exception) -> str:
    """Queue a job again that met a fault of database or disk, which is not the job's and counts as no start.

    While the database stays away the worker waits for it, ``JOB_STALE_SECONDS`` at most; then the row is left to the
    sweeper, as if the worker were lost.
    """
    until = time.monotonic() + settings.JOB_STALE_SECONDS
    while True:
        try:
            mine.update(
                state=JobState.QUEUED,
                token="",
                published_at=Now(),
                heartbeat=None,
                error=str(error),
                attempt=F("attempt") - 1,
            )
            return "retry"
        except DATABASE_AWAY:
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            connection.close()
            time.sleep(1)


def sweep() -> dict[str, int]:
    """Re-queue running jobs whose heartbeat is stale, and hand over queued jobs that the broker may have lost.

    A job that was started ``JOB_MAX_ATTEMPTS`` times without an end is failed with a word that says so, so that one
    that kills its worker cannot do so for ever. Times are compared by the database's clock alone: those of web, worker
    and beat may differ. One sweep runs at a time; another that comes meanwhile does nothing.
    """
    nothing = {"requeued": 0, "published": 0, "given_up": 0}
    now = database_now()
    if not _is_mine(now):
        return nothing
    stale = now - timedelta(seconds=settings.JOB_STALE_SECONDS)
    running = without_living_parts(
        Job.objects.filter(state=JobState.RUNNING).filter(Q(heartbeat__lt=stale) | Q(heartbeat__isnull=True))
    )
    given_up = running.filter(attempt__gte=settings.JOB_MAX_ATTEMPTS).update(
        state=JobState.FAILED, token="", finished_at=now, error="The worker was lost each time this job was started."
    )
    requeued = running.update(state=JobState.QUEUED, token="", published_at=None, heartbeat=None)
    find_lost_work()
    return {"requeued": requeued, "published": _publish_again(now), "given_up": given_up}


def _is_mine(now: datetime) -> bool:
    """Whether no other sweep began within half of the time between two sweeps; this one then counts as begun."""
    since = now - timedelta(seconds=settings.JOB_SWEEP_SECONDS / 2)
    SweepMark.objects.get_or_create(pk=1)
    begun = SweepMark.objects.filter(pk=1).filter(Q(begun_at__lt=since) | Q(begun_at__isnull=True))
    return bool(begun.update(begun_at=now))


def _publish_again(now: datetime) -> int:
    """Hand over what was never handed over, and what the broker has lost; returns how many were.

    A queued job whose message still waits in the broker is not published again: the broker's own count of messages
    says how many of a queue's jobs can be lost at most. Where the broker gives no count, the pause that doubles with
    every hand-over, from ``JOB_STALE_SECONDS`` to an hour, keeps messages from piling up.
    """
    queued = Job.objects.filter(state=JobState.QUEUED)
    late = Q(published_at__isnull=True)
    for times in range(PAUSES + 1):
        pause = timedelta(seconds=min(settings.JOB_STALE_SECONDS * 2**times, LONGEST_PAUSE))
        reached = Q(publications__gt=times) if times == PAUSES else Q(publications=times + 1)
        late |= (reached | Q(publications=0) if times == 0 else reached) & Q(published_at__lt=now - pause)
    published = 0
    for queue in queues():
        kinds = kinds_of(queue)
        waiting = queued.filter(kind__in=kinds)
        room = SWEPT
        depth = messages_waiting(queue)
        if depth is not None:
            handed_over = waiting.filter(published_at__isnull=False).count()
            never = waiting.filter(published_at__isnull=True).count()
            room = min(SWEPT, never + max(0, handed_over - depth))
        for job_id in (
            waiting.filter(late)
            .order_by(F("published_at").asc(nulls_first=True), "id")[:room]
            .values_list("pk", flat=True)
        ):
            handed = hand_over(job_id)
            if handed is False:
                return published
            published += bool(handed)
    return published
