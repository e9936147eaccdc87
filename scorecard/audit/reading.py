"""Sensitive reads of whole lists: one event for each person, list and hour, however often the page is turned."""

from typing import Any

from django.db import models
from django.utils import timezone

from .models import Event
from .services import canonical, record


def record_reading(event: str, *, actor: Any, name: str, target: models.Model | None = None) -> None:
    """Record that somebody reads the list ``name`` (of ``target``) on screen, unless the trail has it of this hour.

    To be called before the rows are shown: where the trail cannot be written, nobody reads. Two requests of one
    person in the same instant may leave two events.
    """
    data = {"list": name}
    known = Event.objects.filter(
        event=event,
        actor=actor,
        at__gte=timezone.now().replace(minute=0, second=0, microsecond=0),
        object_type=target._meta.label_lower if target is not None else "",
        object_id=str(target.pk) if target is not None else "",
        data=canonical(data),
    )
    if not known.exists():
        record(event, actor=actor, target=target, data=data)
