"""The background work of archives."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import job_kind


@job_kind("assessments.make_archive", title=_("Complete file"))
def make_archive_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Write the complete file of a round or a bank."""
    from assessments.archives.services import make_archive

    return make_archive(job, progress)
