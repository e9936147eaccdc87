"""What is watched: each probe asks one thing and says how it stands, in words and as a number.

``bad`` means that the service is degraded: it serves, but something that it needs or promises is not there. Apps add
probes of their own in ``<app>/probes.py``. Nothing here names a bank or a person.
"""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scorecard.audit.checkpoints import last_checkpoint
from scorecard.audit.declared import Declared
from scorecard.audit.models import Event
from scorecard.jobs.clock import database_now
from scorecard.jobs.models import Job, JobState, SweepMark
from scorecard.jobs.registry import kinds_of, queues

logger = logging.getLogger(__name__)

GOOD, ATTENTION, BAD = "good", "attention", "bad"


@dataclass(frozen=True)
class Found:
    """What a probe found. ``number`` is for the metrics, in the unit of its name; ``mend`` says what to do."""

    state: str
    said: str
    number: float | None = None
    mend: str = ""


@dataclass(frozen=True)
class Probe:
    """One thing that is watched: its name for machines, with the unit of its number, and its title for people."""

    name: str
    title: Any
    ask: Callable[[], Found]


_probes: dict[str, Probe] = {}
_declared = Declared("probes")


def probe(name: str, title: Any) -> Callable[[Callable[[], Found]], Callable[[], Found]]:
    """Register a probe; once each."""

    def add(ask: Callable[[], Found]) -> Callable[[], Found]:
        if name in _probes:
            raise ValueError(f"The probe {name} is registered twice.")
        _probes[name] = Probe(name, title, ask)
        return ask

    return add


def examine() -> dict[str, tuple[Any, Found]]:
    """Ask every probe. One that fails is bad and says so; the others are asked all the same."""
    _declared.load()
    found: dict[str, tuple[Any, Found]] = {}
    for one in _probes.values():
        try:
            found[one.name] = (one.title, one.ask())
        except Exception:  # a fault of what is watched is what the probe is for
            logger.exception("The probe %s failed.", one.name)
            found[one.name] = (one.title, Found(BAD, _("It could not be asked; the log says why.")))
    return found


def is_degraded(found: dict[str, tuple[Any, Found]]) -> bool:
    """Whether some probe is bad."""
    return any(one.state == BAD for _title, one in found.values())


def long_words(seconds: float) -> str:
    """A time in the unit that reads best."""
    whole = int(seconds)
    if whole < 120:
        return ngettext("%(count)s second", "%(count)s seconds", whole) % {"count": whole}
    if whole < 7200:
        return ngettext("%(count)s minute", "%(count)s minutes", whole // 60) % {"count": whole // 60}
    return ngettext("%(count)s hour", "%(count)s hours", whole // 3600) % {"count": whole // 3600}


def _ago(at: datetime) -> float:
    return max(0.0, (timezone.now() - at).total_seconds())


# --- The probes ------------------------------------------------------------------------------------------------------
@probe("clock_skew_seconds", gettext_lazy("Clock of this machine"))
def clock() -> Found:
    """How far this machine's clock is from the database's, less the time that asking took."""
    before = timezone.now()
    there = database_now()
    after = timezone.now()
    skew = max(0.0, (before - there).total_seconds(), (there - after).total_seconds())
    words = _("%(seconds).1f s from the database's clock.") % {"seconds": skew}
    if skew <= settings.HEALTH_CLOCK_SECONDS:
        return Found(GOOD, words, skew)
    return Found(BAD, words, skew, _("Let both machines take their time from the same NTP server."))


@probe("last_sweep_seconds", gettext_lazy("Scheduler and workers"))
def sweep() -> Found:
    """How long ago a worker last looked for lost work; the scheduler asks for it every few seconds."""
    begun = SweepMark.objects.filter(pk=1).values_list("begun_at", flat=True).first()
    mend = _('See that the scheduler (beat) and a worker of the queue "default" run.')
    if begun is None:
        return Found(BAD, _("No worker has looked for lost work yet."), None, mend)
    age = _ago(begun)
    words = _("A worker last looked for lost work %(time)s ago.") % {"time": long_words(age)}
    return (
        Found(GOOD, words, age) if age <= max(60.0, 10 * settings.JOB_SWEEP_SECONDS) else Found(BAD, words, age, mend)
    )


def oldest_waiting(queue: str) -> tuple[int, float]:
    """How many jobs of a queue wait, and for how many seconds the oldest has; parents that wait for parts aside."""
    waiting = Job.objects.filter(state=JobState.QUEUED, kind__in=kinds_of(queue), shards__isnull=True)
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    return waiting.count(), _ago(oldest) if oldest else 0.0


@probe("queue_age_seconds", gettext_lazy("Waiting work"))
def queue_age() -> Found:
    """How long the oldest job has waited, over all queues."""
    found = {queue: oldest_waiting(queue) for queue in queues()}
    count, age = sum(each[0] for each in found.values()), max((each[1] for each in found.values()), default=0.0)
    if not count:
        return Found(GOOD, _("Nothing waits."), 0.0)
    words = ngettext(
        "%(count)s job waits, the oldest for %(time)s.", "%(count)s jobs wait, the oldest for %(time)s.", count
    )
    words = words % {"count": count, "time": long_words(age)}
    if age <= settings.HEALTH_QUEUE_SECONDS:
        return Found(GOOD, words, age)
    late = ", ".join(queue for queue, each in found.items() if each[1] > settings.HEALTH_QUEUE_SECONDS)
    return Found(BAD, words, age, _("Start more workers of these queues: %(queues)s.") % {"queues": late})


@probe("failed_jobs_day", gettext_lazy("Failed work"))
def failed_jobs() -> Found:
    """Jobs that were given up since yesterday."""
    since = timezone.now() - timedelta(days=1)
    count = Job.objects.filter(state=JobState.FAILED, finished_at__gte=since).count()
    if not count:
        return Found(GOOD, _("None within a day."), 0)
    words = ngettext("%(count)s job failed within a day.", "%(count)s jobs failed within a day.", count)
    return Found(ATTENTION, words % {"count": count}, count, _("The list of background work says why."))


@probe("broker_up", gettext_lazy("Broker"))
def broker() -> Found:
    """Whether the broker answers. Without it work waits in the database, and starts later."""
    try:
        with current_app.connection_for_write(connect_timeout=2) as found:
            found.default_channel  # noqa: B018  opening it asks the server
    except Exception as error:  # the transports raise their own errors
        logger.warning("The broker does not answer (%s).", error)
        mend = _("Start Redis again. Work waits in the database until then; nothing is lost.")
        return Found(BAD, _("It does not answer."), 0, mend)
    return Found(GOOD, _("It answers."), 1)


@probe("disk_free_percent", gettext_lazy("Disk"))
def disk() -> Found:
    """What is free where data and files are."""
    usage = shutil.disk_usage(settings.DATA_DIR)
    free = 100 * usage.free / usage.total
    words = _("%(free).0f %% free (%(gigabytes).1f GB).") % {"free": free, "gigabytes": usage.free / 1e9}
    if free >= settings.HEALTH_DISK_PERCENT:
        return Found(GOOD, words, free)
    return Found(BAD, words, free, _("Make room in the data folder, or give it a larger disk."))


@probe("checkpoint_age_seconds", gettext_lazy("Checkpoints of the audit trail"))
def checkpoint() -> Found:
    """For how long the oldest event has stood there that no signed checkpoint covers."""
    known = last_checkpoint()
    size = known.size if known else 0
    newest = Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    mend = _("Run verify_audit; see that the key of the trail and the file of checkpoints are there and writable.")
    if newest < size:
        return Found(BAD, _("The trail is shorter than its newest checkpoint."), None, mend)
    at = Event.objects.filter(seq=size + 1).values_list("at", flat=True).first()
    age = _ago(at) if at else 0.0
    words = _("The newest covers %(size)s of %(newest)s events.") % {"size": size, "newest": newest}
    return Found(GOOD, words, age) if age <= settings.HEALTH_CHECKPOINT_SECONDS else Found(BAD, words, age, mend)


@probe("backup_age_seconds", gettext_lazy("Backup"))
def backup() -> Found:
    """How long ago the newest backup was made, as the trail tells."""
    made = Event.objects.filter(event="operations.backup.made").order_by("-seq").values_list("at", flat=True).first()
    limit = settings.HEALTH_BACKUP_HOURS * 3600
    mend = _("Run manage.py backup; see that the nightly timer is on.")
    if made is None:
        words = _("None was made with this database.")
        return Found(BAD, words, None, mend) if limit else Found(ATTENTION, words)
    age = _ago(made)
    words = _("The newest was made %(time)s ago.") % {"time": long_words(age)}
    return Found(GOOD, words, age) if not limit or age <= limit else Found(BAD, words, age, mend)
