"""Reads of the audit trail, for the auditor."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from banks.models import Bank, User
from scorecard.access.roles import Role
from scorecard.audit.checkpoints import last_checkpoint
from scorecard.audit.models import Event
from scorecard.audit.notes import Checkpoint
from scorecard.jobs.models import Job

VERIFY_JOB, DATA_JOB = "assessments.verify_audit", "assessments.verify_data"
REFUSALS = ("access.denied", "access.hidden")


def midnight(day: date) -> datetime:
    """The first instant of a day in Shanghai."""
    return timezone.make_aware(datetime.combine(day, time.min))


def visible_events(actor: User) -> QuerySet[Event]:
    """The whole trail, for the auditor alone; it is about people and banks, and nobody else reads it."""
    return Event.objects.all() if actor.holds(Role.AUDITOR) else Event.objects.none()


def trail(actor: User) -> QuerySet[Event]:
    """The trail with the names of the banks concerned, newest first, in one query."""
    bank = Bank.objects.filter(pk=OuterRef("bank_id"))
    return (
        visible_events(actor)
        .annotate(bank_zh=Subquery(bank.values("name_zh")[:1]), bank_en=Subquery(bank.values("name_en")[:1]))
        .order_by("-seq")
    )


def newest_number(events: QuerySet[Event]) -> int:
    """The number of the newest of these events; of the whole trail it is how many there are."""
    return events.order_by("-seq").values_list("seq", flat=True).first() or 0


@dataclass(frozen=True)
class Verified:
    """What the auditor reads of the trail's state: the newest verification of the trail and of the data, whatever
    became of them, the newest checkpoint, and how many events came since.
    """

    verification: Job | None
    comparison: Job | None
    checkpoint: Checkpoint | None
    since: int

    @property
    def differences(self) -> list[tuple[str, str, str, int]]:
        """Of the comparison: the kind of row in words, its numbers, how it differs, the event that sealed it."""
        found = self.comparison.result.get("differences", []) if self.comparison else []
        return [(str(object_words(item["label"])), item["rows"], item["kind"], item["seq"]) for item in found]


def verified(last: int) -> Verified:
    """The state of a trail of so many events."""
    newest = Job.objects.filter(kind__in=[VERIFY_JOB, DATA_JOB]).order_by().values("kind").annotate(newest=Max("pk"))
    jobs = {job.kind: job for job in Job.objects.filter(pk__in=newest.values("newest"))}
    known = last_checkpoint()
    return Verified(jobs.get(VERIFY_JOB), jobs.get(DATA_JOB), known, max(0, last - known.size) if known else last)


def object_words(object_type: str) -> Any:
    """The name of a kind of object: the model's own words, or the code of a model that there no longer is."""
    from django.apps import apps

    try:
        return apps.get_model(object_type)._meta.verbose_name if object_type else ""
    except (LookupError, ValueError):
        return object_type
