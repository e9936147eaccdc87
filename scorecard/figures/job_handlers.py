"""The background work of this app."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import job_kind

from .services import JOB_KIND, run_job


@job_kind(JOB_KIND, title=_("Load report figures"))
def load_figures(job: Job, progress: Progress) -> dict[str, Any]:
    """Load or reject one uploaded fixture."""
    return run_job(job, progress.update)
