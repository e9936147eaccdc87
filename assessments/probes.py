"""What the business adds to the health of the service: what the last verification found."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments.trail.selectors import DATA_JOB, VERIFY_JOB
from scorecard.jobs.models import Job, JobState
from scorecard.operations.probes import ATTENTION, BAD, GOOD, Found, probe


@probe("trail_breaks", gettext_lazy("Verification of trail and data"))
def verification() -> Found:
    """Breaks and differences that the newest verification of the trail and of the data found."""
    newest = [
        Job.objects.filter(kind=kind, state=JobState.DONE).order_by("-pk").first() for kind in (VERIFY_JOB, DATA_JOB)
    ]
    if None in newest:
        return Found(ATTENTION, _("Trail and data were not both verified yet; it is done every night."))
    count = sum(int(job.result.get("count", 0)) + len(job.result.get("triggers", ())) for job in newest if job)
    if not count:
        return Found(GOOD, _("Trail and data were whole."), 0)
    words = ngettext("%(count)s place does not hold.", "%(count)s places do not hold.", count) % {"count": count}
    return Found(BAD, words, count, _("Tell the auditor; the page of the audit trail names the places."))
