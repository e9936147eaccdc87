"""The background work of the audit trail. The handlers call services."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import job_kind


@job_kind("assessments.verify_audit", title=_("Verification of the audit trail"))
def verify_audit_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Walk the whole trail and keep where it breaks."""
    from assessments.trail.services import verify_trail

    return verify_trail(job, progress)


@job_kind("assessments.verify_data", title=_("Comparison of the data with the audit trail"))
def verify_data_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Compare every sealed row and keep what differs."""
    from assessments.trail.services import verify_data

    return verify_data(job, progress)
