"""Recording and verifying events. The only place that writes the trail."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.utils import timezone

from .context import origin
from .models import Event
from .registry import UnknownEvent, all_events

LOCK = 7_204_214  # advisory lock of the chain on PostgreSQL; SQLite's IMMEDIATE transaction is its own lock
GENESIS = "0" * 64


def canonical(data: Mapping[str, Any]) -> str:
    """Canonical JSON: keys sorted, no spaces, Chinese kept, decimals as text. The same data gives the same bytes."""
    return json.dumps(data, cls=DjangoJSONEncoder, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(event: Event) -> str:
    """SHA-256 over every field of the event but its own hash, chained to the previous hash."""
    body = {
        "seq": event.seq,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "event": event.event,
        "actor": event.actor_id,
        "actor_name": event.actor_name,
        "roles": event.roles,
        "ip": event.ip,
        "request_id": event.request_id,
        "bank": event.bank_id,
        "object": [event.object_type, event.object_id],
        "data": event.data,
        "prev": event.prev_hash,
    }
    return hashlib.sha256(canonical(body).encode()).hexdigest()


def record(
    event: str,
    *,
    actor: Any,
    target: models.Model | None = None,
    bank_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Append one event in the current transaction; without one, in a transaction of its own.

    ``actor`` is a user, or None for the system. ``target`` is the object the event is about. Raises
    ``UnknownEvent`` for a name that is not registered: a trail with free-form names cannot be searched.
    """
    if event not in all_events():
        raise UnknownEvent(f"The event {event} is not registered; add it to the app's events.py.")
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = Event.objects.order_by("-seq").only("seq", "hash").first()
        known = actor is not None and getattr(actor, "pk", None) is not None
        here = origin.get()
        row = Event(
            seq=(last.seq if last else 0) + 1,
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
            data=canonical(data or {}),
            prev_hash=last.hash if last else GENESIS,
        )
        row.hash = digest(row)
        row.save(force_insert=True)
    return row


@dataclass(frozen=True)
class Break:
    """A place where the chain does not hold."""

    seq: int
    reason: str


def verify() -> Iterator[Break]:
    """Walk the whole trail in order and yield each break: a gap, a changed event, a foreign predecessor."""
    expected, prev = 1, GENESIS
    for event in Event.objects.order_by("seq").iterator(chunk_size=2000):
        if event.seq != expected:
            yield Break(event.seq, f"Event {expected} is missing: the trail goes on with {event.seq}.")
        if event.prev_hash != prev:
            yield Break(
                event.seq, "The event does not follow the event before it: its predecessor was changed or removed."
            )
        if digest(event) != event.hash:
            yield Break(event.seq, "The event was changed after it was recorded: its content does not give its hash.")
        expected, prev = event.seq + 1, event.hash
