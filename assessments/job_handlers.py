"""What the app's background work does. Each handler takes ids out of the job and calls a service."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import assessments.scoring.jobs
import assessments.trials.jobs  # noqa: F401
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import job_kind


@job_kind("assessments.score_version", title=_("Scoring of a submission"), queue="scoring")
def score_version_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Score one version: ``params`` holds its id and the kind of score."""
    from assessments.scoring.runs import score_version

    run = score_version(version_id=job.params["version"], kind=job.params["kind"], job=job)
    return {"run": run.pk, "url": reverse("assessment-result", args=[run.assessment_id])}
