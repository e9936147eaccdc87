"""The background work of filings: looking uploads through for malware."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.filings.scanning import JOB, ask_unasked, scan_content
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import finds_lost_work, job_kind


@job_kind(JOB, title=_("Check of a file for malware"))
def scan_content_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Look one content through: ``params`` holds the id of its check, and whether it is done once more."""
    return {"state": scan_content(job.params["scan"], again=job.params.get("again", False))}


@finds_lost_work
def find_unscanned_files() -> int:
    """Ask for the checks of uploads that wait and that no job is about to make."""
    return ask_unasked()
