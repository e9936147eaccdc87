"""The two Celery tasks. They hold no rule: they call a service."""

from celery import shared_task

from . import services
from .context import doing


@shared_task(name="scorecard.jobs.run_job", ignore_result=True)
def run_job(job_id: int) -> str:
    """Do one job by its id."""
    with doing(job_id):
        return services.run(job_id)


@shared_task(name="scorecard.jobs.sweep", ignore_result=True)
def sweep() -> dict[str, int]:
    """Sweep lost and unpublished jobs."""
    return services.sweep()
