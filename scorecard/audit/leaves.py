"""The bytes of an event that are hashed, as ``docs/trail.md`` lays them down, and the hashes over them."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from json.encoder import encode_basestring
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from .models import Event
from .tree import leaf_hash

GENESIS = "0" * 64
FIRST, LAST = -(2**63), 2**63 - 1  # before and after every number
# What of an event its bytes are made of, in the order in which ``leaf_bytes`` takes it; then its own hash. The time is
# the text that stands in the bytes: the database writes it, because millions are verified at a time.
COLUMNS = (
    "seq", "at", "event", "actor_id", "actor_name", "roles", "ip", "request_id",
    "bank_id", "object_type", "object_id", "data", "prev_hash", "seals", "hash",
)  # fmt: skip
PAGE = 10_000
_AT = {
    "postgresql": """to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')""",
    "sqlite": "replace(at, ' ', 'T') || CASE WHEN length(at) = 19 THEN '.000000' ELSE '' END || '+00:00'",
}

Row = tuple[Any, ...]


def canonical(data: Mapping[str, Any]) -> str:
    """Canonical JSON: keys sorted, no spaces, Chinese kept, decimals as text. The same data gives the same bytes."""
    return json.dumps(data, cls=DjangoJSONEncoder, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def leaf_bytes(row: Row) -> bytes:
    """The canonical JSON of every field but the hash, written out."""
    seq, at, event, actor, name, roles, ip, request, bank, kind, pk, data, prev, seals, _hash = row
    text = encode_basestring
    sealed = "" if seals is None else f'"seals":{text(seals)},'
    return (
        f'{{"actor":{"null" if actor is None else actor},"actor_name":{text(name)},'
        f'"at":{text(at)},"bank":{"null" if bank is None else bank},'
        f'"data":{text(data)},"event":{text(event)},"ip":{text(ip)},"object":[{text(kind)},{text(pk)}],'
        f'"prev":{text(prev)},"request_id":{text(request)},"roles":{text(roles)},'
        f'{sealed}"seq":{seq}}}'
    ).encode()


def row_of(event: Event) -> Row:
    """An event as ``COLUMNS`` list it."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    return tuple(at if name == "at" else getattr(event, name) for name in COLUMNS)


def digest(event: Event) -> str:
    """SHA-256 over every field of the event but its own hash, chained to the previous hash."""
    return hashlib.sha256(leaf_bytes(row_of(event))).hexdigest()


def rows_after(seq: int, until: int | None = None) -> Iterator[Row]:
    """The events after this number, in order, page by page, so that no statement holds them all."""
    columns = ", ".join(_AT[connection.vendor] if name == "at" else name for name in COLUMNS)
    query = f"SELECT {columns} FROM audit_event WHERE seq > %s AND seq <= %s ORDER BY seq LIMIT {PAGE}"  # noqa: S608  # nosec B608
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, [seq, LAST if until is None else until])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < PAGE:
            return
        seq = rows[-1][0]


def leaf_hashes(first: int, last: int) -> list[bytes]:
    """The leaf hashes of the events from one number to another, both counting."""
    return [leaf_hash(leaf_bytes(row)) for row in rows_after(first - 1, last)]
