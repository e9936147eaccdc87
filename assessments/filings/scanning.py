"""Uploads that wait until they are found free of malware: quarantine (docs/scanning.md)."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import ContentScan, Evidence, ScanState
from assessments.workflow.telling import tell_of
from scorecard import scanner
from scorecard.access.decisions import NotShown, Refused
from scorecard.access.row_security import unbound
from scorecard.audit.services import record
from scorecard.jobs.models import Job, JobState
from scorecard.jobs.services import enqueue

JOB = "assessments.scan_content"
TOLD = "assessments.file_refused"


def asked(sha256: str) -> ContentScan | None:
    """The check of a content that somebody is uploading, asked for in the same transaction; None without a scanner.

    What is known to be clean is not looked through again. Raises ``Refused`` for what is known to hold malware.
    """
    if not scanner.is_set():
        return None
    scan, _made = ContentScan.objects.get_or_create(sha256=sha256)
    if scan.state == ScanState.REFUSED:
        raise Refused([_("Malware was found in this file (%(name)s); it is not taken.") % {"name": scan.malware}])
    if scan.state == ScanState.WAITING:
        _ask(scan)
    return scan


def _ask(scan: ContentScan) -> None:
    enqueue(JOB, key=scan.sha256, actor=None, params={"scan": scan.pk})


def refused_names(files: QuerySet[Evidence]) -> str:
    """The names of these files in which malware was found, and which are not withdrawn."""
    refused = files.filter(withdrawn_at=None, scan__state=ScanState.REFUSED).order_by("pk")
    return _(", ").join(refused.values_list("name", flat=True))


def require_open(row: Evidence) -> None:
    """Refuse to hand out the content of a file that is not found clean. Whatever reads a content asks here first."""
    if row.held == ScanState.WAITING:
        raise NotShown([_("This file is still being checked for malware. Open it again in some minutes.")])
    if row.held and row.scan is not None:
        words = _("Malware was found in this file (%(name)s); nobody opens it. Its name and SHA-256 are kept.")
        raise NotShown([words % {"name": row.scan.malware}])


def scan_content(scan_id: int, *, again: bool = False) -> str:
    """Look one content through and write what was found; returns its state. What has its answer is not asked for it
    ``again`` unless told so, and what is refused stays refused.

    Raises ``ScannerAway`` where the scanner does not answer: the job then waits for it.
    """
    with unbound():
        scan = ContentScan.objects.get(pk=scan_id)
        rows = list(scan.files.order_by("pk"))
    if not rows or not _open_question(scan, again):
        return scan.state
    for row in rows:
        try:
            with row.file.open("rb") as stream:
                malware = scanner.malware_in(stream)
        except FileNotFoundError:  # by retention, or lost: another row may have the same content
            continue
        except scanner.TooLargeToScan:
            raise Refused([_("The scanner takes no file of this size; raise StreamMaxLength in clamd.conf.")]) from None
        return _answered(scan_id, malware[:200], again)
    raise Refused([_("The content of this file is not kept any more, so it is not looked through.")])


def _open_question(scan: ContentScan, again: bool) -> bool:
    return scan.state == ScanState.WAITING or (again and scan.state == ScanState.CLEAN)


@transaction.atomic
def _answered(scan_id: int, malware: str, again: bool) -> str:
    """Write the answer with one event for each file of this content; tell the banks that hold it of malware."""
    with unbound():
        scan = ContentScan.objects.select_for_update().get(pk=scan_id)
        if not _open_question(scan, again):
            return scan.state
        scan.state, scan.malware = (ScanState.REFUSED if malware else ScanState.CLEAN), malware
        scan.answered_at = timezone.now()
        scan.save()
        for row in scan.files.select_related("assessment__bank", "assessment__round__rulebook").order_by("pk"):
            bank_id = row.assessment.bank_id
            data = {"indicator": row.indicator, "name": row.name, "sha256": row.sha256, "outcome": scan.state}
            if malware:
                data["malware"] = malware
            record("assessments.evidence.scanned", actor=None, target=row, bank_id=bank_id, data=data)
            if malware and row.withdrawn_at is None:
                told = {"file": row.name, "indicator": row.indicator, "malware": malware}
                tell_of(TOLD, row.assessment, f"scan:{row.pk}", **told)
    return scan.state


def ask_unasked() -> int:
    """Ask for the checks that wait without a job; returns how many. One whose job has failed waits for a person, who
    starts it again on the page of jobs."""
    if not scanner.is_set():
        return 0
    known = Job.objects.filter(kind=JOB).exclude(state=JobState.DONE).values("key")
    waiting = list(ContentScan.objects.filter(state=ScanState.WAITING).exclude(sha256__in=known)[:500])
    for scan in waiting:
        _ask(scan)
    return len(waiting)


@transaction.atomic
def scan_everything() -> int:
    """Ask for every kept content once more, with today's list of malware; returns how many.

    What was found clean before stays open meanwhile. What was taken while no scanner was set waits from now on.
    """
    with unbound():
        for sha256 in list(Evidence.objects.filter(scan=None).values_list("sha256", flat=True).distinct()):
            scan, _made = ContentScan.objects.get_or_create(sha256=sha256)
            Evidence.objects.filter(scan=None, sha256=sha256).update(scan=scan)
        asked_again = ContentScan.objects.exclude(state=ScanState.REFUSED)
        for scan in asked_again:
            enqueue(JOB, key=f"{scan.sha256}:again", actor=None, params={"scan": scan.pk, "again": True})
        return len(asked_again)
