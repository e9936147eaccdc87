"""The background work of identity: the alert of an emergency."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from scorecard.identity.emergency import ALERT, alert
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import job_kind


@job_kind(ALERT, title=_("Alert of an emergency"))
def emergency_alert(job: Job, progress: Progress) -> dict[str, Any]:
    """Tell the office's own alarm that an account for emergencies was used."""
    alert(job.params["use"])
    return {}
