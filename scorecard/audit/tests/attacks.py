"""Attacks on the trail by who owns the database: each changes tables behind the product and says where."""

from collections.abc import Callable
from typing import Any

from django.db import connection

from scorecard.audit.models import Event
from scorecard.audit.services import GENESIS, digest, record

COUNT = 40  # events before the attack; checkpoints after each of them
MIDDLE = 20


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def without_triggers(*statements: str, table: str = "audit_event") -> None:
    """Run statements as the owner of the database, who switches the triggers off first."""
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    else:
        for kind in ("update", "delete", "replace"):
            sql(f"DROP TRIGGER IF EXISTS {table}_no_{kind}")
    for statement in statements:
        sql(statement)


def _events(count: int) -> None:
    for number in range(count):
        record("signout", actor=None, data={"n": number})


def _insert() -> None:
    sql("UPDATE audit_event SET seq = -seq WHERE seq > %s", MIDDLE)
    sql("UPDATE audit_event SET seq = 1 - seq WHERE seq < 0")
    before = Event.objects.get(seq=MIDDLE)
    made = Event(seq=MIDDLE + 1, at=before.at, event=before.event, data='{"forged":1}', prev_hash=before.hash)
    made.hash = digest(made)
    made.save(force_insert=True)


def hash_anew(first: int) -> None:
    """Give the events from this one on new hashes, so that the chain holds."""
    prev = Event.objects.filter(seq__lt=first).order_by("-seq").values_list("hash", flat=True).first() or GENESIS
    for event in Event.objects.filter(seq__gte=first).order_by("seq"):
        event.prev_hash = prev
        event.hash = prev = digest(event)
        Event.objects.filter(seq=event.seq).update(prev_hash=event.prev_hash, hash=event.hash)


def _edit_andhash_anew() -> None:
    sql('UPDATE audit_event SET data = \'{"reason":"another"}\' WHERE seq = %s', MIDDLE)
    hash_anew(MIDDLE)


def _remove_and_close_up() -> None:
    sql("DELETE FROM audit_event WHERE seq = %s", MIDDLE)
    sql("UPDATE audit_event SET seq = -seq WHERE seq > %s", MIDDLE)
    sql("UPDATE audit_event SET seq = -seq - 1 WHERE seq < 0")
    hash_anew(MIDDLE)


def _cut_and_go_on() -> None:
    sql("DELETE FROM audit_event WHERE seq > %s", COUNT - 10)
    _events(15)


def _fresh() -> None:
    sql("DELETE FROM audit_event")
    _events(10)


def _swap() -> None:
    sql("UPDATE audit_event SET seq = -1 WHERE seq = %s", MIDDLE)
    sql("UPDATE audit_event SET seq = %s WHERE seq = %s", MIDDLE, MIDDLE + 1)
    sql("UPDATE audit_event SET seq = %s WHERE seq = -1", MIDDLE + 1)


def _update(what: str) -> Callable[[], None]:
    return lambda: sql(f"UPDATE audit_event SET {what} WHERE seq = {MIDDLE}")  # noqa: S608


_zone = "+00:00" if connection.vendor == "postgresql" else ""

# Name → what is done, the event at which it is found, and as what.
ATTACKS: dict[str, tuple[Callable[[], None], int, str]] = {
    "edit the details": (_update("data = '{}'"), MIDDLE, "changed"),
    "edit the time": (_update(f"at = '2020-01-01 00:00:00{_zone}'"), MIDDLE, "changed"),
    "edit the actor": (_update("actor_name = 'x'"), MIDDLE, "changed"),
    "edit the address": (_update("ip = '1.1.1.1'"), MIDDLE, "changed"),
    "move to another bank": (_update("bank_id = 7"), MIDDLE, "changed"),
    "edit the seals": (_update("seals = '{}'"), MIDDLE, "changed"),
    "edit the hash alone": (
        _update("hash = repeat('0', 64)" if _zone else "hash = printf('%064d', 0)"),
        MIDDLE,
        "changed",
    ),
    "remove one": (lambda: sql("DELETE FROM audit_event WHERE seq = %s", MIDDLE), MIDDLE + 1, "gap"),
    "remove the first": (lambda: sql("DELETE FROM audit_event WHERE seq = 1"), 2, "gap"),
    "swap two": (_swap, MIDDLE, "changed"),
    "insert one": (_insert, MIDDLE + 1, "checkpoint"),
    "cut off the last": (lambda: sql("DELETE FROM audit_event WHERE seq = %s", COUNT), COUNT, "cut"),
    "cut off the last thirty": (lambda: sql("DELETE FROM audit_event WHERE seq > 10"), 11, "cut"),
    "cut off everything": (lambda: sql("DELETE FROM audit_event"), 1, "empty"),
    "cut off ten, go on with fifteen": (_cut_and_go_on, COUNT - 9, "checkpoint"),
    "edit one, hash the rest anew": (_edit_andhash_anew, MIDDLE, "checkpoint"),
    "remove one, close up, hash anew": (_remove_and_close_up, MIDDLE, "checkpoint"),
    "a whole new trail": (_fresh, 1, "checkpoint"),
}
if connection.vendor == "postgresql":
    ATTACKS["TRUNCATE"] = (lambda: sql("TRUNCATE audit_event"), 1, "empty")
