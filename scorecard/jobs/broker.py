"""Handing queued jobs to the broker, a messenger that may lose everything. The row stays the truth."""

import logging
import time

from celery import current_app
from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now

from .models import Job, JobState
from .registry import get_kind

logger = logging.getLogger(__name__)

RUN_JOB = "scorecard.jobs.run_job"

# Until when this process does not try the broker again, on the monotonic clock. A broker that does not answer must not
# hold up one request after the other: after a failure the sweeper alone hands over for a while.
_silent_until = 0.0


def publish(job_id: int) -> bool:
    """Hand a queued job to the broker unless it failed just now; False when it was left to the sweeper."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return False
    handed = hand_over(job_id)
    if handed is False:
        _silent_until = time.monotonic() + settings.JOB_SWEEP_SECONDS
    return handed is True


def hand_over(job_id: int) -> bool | None:
    """True when the broker took the message, False when it could not be reached, None when there was nothing to do."""
    job = Job.objects.filter(pk=job_id, state=JobState.QUEUED).first()
    if job is None:
        return None
    try:
        current_app.tasks[RUN_JOB].apply_async(args=[job.pk], queue=get_kind(job.kind).queue, retry=False)
    except Exception as error:  # the transports raise their own errors; the row is swept whatever the error is
        logger.warning("Job %s could not be handed to the broker (%s); the sweeper will do it.", job.pk, error)
        return False
    Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(published_at=Now(), publications=F("publications") + 1)
    return True


def messages_waiting(queue: str) -> int | None:
    """How many messages the broker holds for a queue; None where it does not say."""
    try:
        with current_app.connection_for_write(connect_timeout=2) as connection:
            channel = connection.default_channel
            return int(channel.queue_declare(queue=queue, passive=True).message_count)
    except Exception as error:  # the transports raise their own errors; without a count the growing pause decides
        logger.info("The broker does not say what waits in %s (%s).", queue, error)
        return None
