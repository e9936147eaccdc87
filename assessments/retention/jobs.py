"""The background work of retention."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import job_kind


@job_kind("assessments.apply_retention", title=_("Removal of what is kept no longer"))
def apply_retention_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Remove what is older than it is kept, unless it is held."""
    from assessments.retention.services import apply_retention

    return apply_retention(job, progress)
