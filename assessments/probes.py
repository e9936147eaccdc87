"""What the business adds to the health of the service: what the last verification found."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments.models import ContentScan, ScanState
from assessments.trail.selectors import DATA_JOB, VERIFY_JOB
from scorecard import scanner
from scorecard.jobs.models import Job, JobState
from scorecard.operations.probes import ATTENTION, BAD, GOOD, Found, long_words, probe

LONG_WAIT = 600  # seconds that an upload may wait for its check


@probe("unscanned_seconds", gettext_lazy("Check of uploads for malware"))
def scanning() -> Found:
    """Whether clamd answers, and how long the oldest upload has waited for it."""
    if not scanner.is_set():
        return Found(GOOD, _("No scanner is set: uploads are not looked through for malware."), 0)
    waiting = ContentScan.objects.filter(state=ScanState.WAITING).order_by("asked_at")
    oldest = waiting.values_list("asked_at", flat=True).first()
    age = max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0
    if not scanner.answers():
        return Found(
            BAD, _("clamd does not answer; uploads wait, and nobody opens them."), age, _("Start clamd again.")
        )
    if age > LONG_WAIT:
        words = _("An upload has waited for %(time)s.") % {"time": long_words(age)}
        return Found(
            BAD, words, age, _("See that a worker runs, and whether the page of jobs names a check that failed.")
        )
    return Found(GOOD, _("clamd answers."), age)


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
