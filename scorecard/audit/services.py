"""Recording events: the only place that writes the trail. Verifying it is ``scorecard.audit.verification``."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from scorecard.access.row_security import unbound

from .checkpoints import checkpoint_when_committed
from .context import origin
from .leaves import GENESIS, canonical, digest
from .models import Event
from .registry import UnknownEvent, all_events
from .seals import Sealing, seal
from .verification import Break, verify

__all__ = ["GENESIS", "Break", "canonical", "digest", "record", "verify"]

LOCK = 7_204_214  # advisory lock of the chain on PostgreSQL; SQLite's IMMEDIATE transaction is its own lock


def record(
    event: str,
    *,
    actor: Any,
    target: models.Model | None = None,
    bank_id: int | None = None,
    data: Mapping[str, Any] | None = None,
    seals: Iterable[Sealing] = (),
) -> Event:
    """Append one event in the current transaction; without one, in a transaction of its own.

    ``actor`` is a user, or None for the system. ``target`` is the object the event is about. ``seals`` are the rows
    that it tells of, already written (``scorecard.audit.seals``). Raises
    ``UnknownEvent`` for a name that is not registered: a trail with free-form names cannot be searched.
    """
    if event not in all_events():
        raise UnknownEvent(f"The event {event} is not registered; add it to the app's events.py.")
    with transaction.atomic(), unbound():  # the chain goes through the events of every bank
        sealed = seal(seals)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = Event.objects.order_by("-seq").values_list("seq", "hash").first()
        known = actor is not None and getattr(actor, "pk", None) is not None
        here = origin.get()
        absent = getattr(actor, "absent_id", None) if known else None
        said = ({"stands_in_for": absent} if absent is not None else {}) | dict(data or {})
        said |= {"api_token": here.api_token} if here.api_token is not None else {}
        row = Event(
            seq=(last[0] if last else 0) + 1,
            at=timezone.now(),
            event=event,
            actor=actor if known else None,
            actor_name=str(actor) if known else "",
            roles=",".join(sorted(getattr(actor, "roles", ()))) if known else "",
            ip=here.ip,
            request_id=here.request_id,
            bank_id=bank_id,
            object_type=target._meta.label_lower if target is not None else "",
            object_id=str(target.pk) if target is not None else "",
            data=canonical(said),
            prev_hash=last[1] if last else GENESIS,
            seals=canonical(sealed) if sealed else None,
        )
        row.hash = digest(row)
        row.save(force_insert=True)
        checkpoint_when_committed()
    return row
