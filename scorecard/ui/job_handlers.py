"""The background work of the frame: long exports."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from scorecard.exports import EXPORT_JOB
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import job_kind
from scorecard.ui.export_files import write_export


@job_kind(EXPORT_JOB, title=_("Export of a list"))
def export_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Write the file of a list that is too long for a page to wait for."""
    return write_export(job, progress)
