"""What must hold after each fault (docs/reliability.md): settled by itself, nothing lost, nothing twice, verified."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from fault_person import PATIENCE, Failed
from fault_servers import wait_for
from fault_year import YEAR, Case, Half


def forget_connection() -> None:
    """Take a new connection for the next reading: the database may have been away."""
    from django.db import connections

    connections.close_all()


@contextmanager
def away() -> Iterator[None]:
    """A database that cannot be read by this script either is a page that fails: to be tried again."""
    from django.db import InterfaceError, OperationalError

    try:
        yield
    except (OperationalError, InterfaceError) as error:
        forget_connection()
        raise Failed(f"the database: {error}") from error


def reads(what: Any) -> bool:
    """Whether it is true now; False while the database cannot be read."""
    from django.db import InterfaceError, OperationalError

    try:
        return bool(what())
    except (OperationalError, InterfaceError):
        forget_connection()
        return False


def unsettled() -> str:
    """What is still under way, in words; blank where nothing is."""
    from django.utils import timezone

    from assessments.models import FilingVersion
    from scorecard.inbox.services import due
    from scorecard.jobs.models import Job

    if jobs := list(Job.objects.filter(state__in=["queued", "running"])[:3]):
        return f"jobs wait: {', '.join(f'{job.kind} {job.state} {job.attempt}' for job in jobs)}"
    if bare := FilingVersion.objects.filter(runs__isnull=True).first():
        return f"version {bare.pk} has no score"
    if row := due(timezone.now()).first():
        return f"a message waits: {row.key} {row.error}"
    return ""


def swept_since(moment: Any) -> bool:
    """Whether a sweep has begun after this moment of the database's clock: beat and worker work."""
    from scorecard.jobs.models import SweepMark

    return SweepMark.objects.filter(begun_at__gt=moment).exists()


def settle(product: Any) -> None:
    """Wait, without a hand, until the service is ready, its background work is done, and sweeps go on."""
    from scorecard.jobs.clock import database_now

    until = time.monotonic() + PATIENCE
    wait_for(product.ready, PATIENCE, "the web server is ready")
    forget_connection()
    wait_for(lambda: reads(lambda: bool(database_now())), until - time.monotonic(), "the database is read")
    since = database_now()
    said = ""

    def settled() -> bool:
        nonlocal said
        said = "" if reads(lambda: swept_since(since)) else "no sweep has begun"
        if not said and not reads(lambda: not unsettled()):
            said = "work is left"
        return not said

    try:
        wait_for(settled, until - time.monotonic(), "the background work is done")
    except TimeoutError as error:
        raise TimeoutError(f"{error}: {said}; {unsettled()}") from error


def check_data(case: Case, upto: int) -> int:
    """Every step of the year up to this one is there once and whole; the system as a whole is verified. How many files
    without a row there were, which are taken away.
    """
    for step in YEAR[: upto + 1]:
        if (count := step.counted(case)) != 1:
            raise AssertionError(f"{step.name} is there {count} times")
    _jobs_and_scores()
    return _files() + _verified()


def _jobs_and_scores() -> None:
    from django.db.models import Count

    from assessments.models import FilingVersion
    from banks.models import FactEntry
    from scorecard.inbox.models import Message, Reminder
    from scorecard.jobs.models import Job

    if failed := Job.objects.filter(state="failed").first():
        raise AssertionError(f"job {failed} failed: {failed.error}")
    for version in FilingVersion.objects.all():  # the supervisor's own figures ask for one more score
        given = FactEntry.objects.filter(bank=version.assessment.bank_id, fact="fee_violations").count()
        system = version.runs.filter(kind="system").count()
        if system != 1 + given or version.assessment.system_run is None:
            raise AssertionError(f"version {version.pk} has {system} scores of the system, {1 + given} were asked for")
    told = Message.objects.values("reminder", "person").annotate(n=Count("id")).filter(n__gt=1)
    if told.exists():
        raise AssertionError("somebody was told twice of the same")
    if Reminder.objects.filter(tries__gt=0, sent_at=None).exists():
        raise AssertionError("a message cannot be sent")


def _files() -> int:
    from django.utils import timezone

    from assessments.filings.evidence_files import GRACE, compare_evidence_files, remove_orphans

    found = compare_evidence_files(now=timezone.now() + GRACE + timedelta(minutes=1))
    if found.missing:
        raise Half(f"rows without their file: {', '.join(found.missing)}")
    return remove_orphans(found.orphans)


def _verified() -> int:
    from django.db import connection

    from scorecard.audit.comparison import compare
    from scorecard.audit.triggers import missing
    from scorecard.audit.verification import known_checkpoints, verify

    wrong = [f"verify_audit: event {item.seq}: {item.reason}" for item in verify(known_checkpoints())]
    wrong += [f"verify_data: {item.reason}" for item in compare()]
    wrong += [f"the trigger {name} of {table} is missing" for table, name in missing(connection)]
    if wrong:
        raise AssertionError("; ".join(wrong[:3]))
    return 0
