"""The background work of trials. The handler takes an id out of the job and calls a service."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import job_kind


@job_kind("assessments.run_trial", title=_("Trial of a changed rulebook"), queue="scoring")
def run_trial_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Score the banks of a round under the rulebook as it is and as it is tried."""
    from assessments.trials.services import run_trial

    return run_trial(job, progress)
