"""Reads of the audit trail, for the auditor."""

from datetime import date, datetime, time
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from banks.models import Bank, User
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.jobs.models import Job

VERIFY_JOB = "assessments.verify_audit"
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


def last_verification() -> Job | None:
    """The newest verification of the trail, whatever became of it."""
    return Job.objects.filter(kind=VERIFY_JOB).order_by("-id").first()


def object_words(object_type: str) -> Any:
    """The name of a kind of object: the model's own words, or the code of a model that there no longer is."""
    from django.apps import apps

    try:
        return apps.get_model(object_type)._meta.verbose_name if object_type else ""
    except (LookupError, ValueError):
        return object_type
