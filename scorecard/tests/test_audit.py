"""The audit trail: gapless, chained, refusing change, telling where it was broken."""

import pytest
from django.db import DatabaseError, connection, transaction

from scorecard.audit.models import Event
from scorecard.audit.registry import UnknownEvent
from scorecard.audit.services import record, verify

pytestmark = pytest.mark.django_db


def _three() -> None:
    for number in range(3):
        record("access.denied", actor=None, data={"number": number})


def test_events_are_numbered_without_a_gap_and_chained() -> None:
    _three()
    assert list(Event.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3]
    assert list(verify()) == []


def test_an_unregistered_name_is_refused() -> None:
    with pytest.raises(UnknownEvent):
        record("no.such.event", actor=None)


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET event='x' WHERE seq=2", "DELETE FROM audit_event"])
def test_the_database_refuses_change(statement: str) -> None:
    _three()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.count() == 3


def _without_triggers(statement: str) -> None:
    with connection.cursor() as cursor:
        on = "" if connection.vendor == "sqlite" else " ON audit_event"
        cursor.execute(f"DROP TRIGGER audit_event_no_update{on}")
        cursor.execute(f"DROP TRIGGER audit_event_no_delete{on}")
        cursor.execute(statement)


def test_a_changed_event_is_found_at_its_place() -> None:
    _three()
    _without_triggers("UPDATE audit_event SET data='{}' WHERE seq=2")
    assert [item.seq for item in verify()] == [2]


def test_a_removed_event_is_found_at_its_place() -> None:
    _three()
    _without_triggers("DELETE FROM audit_event WHERE seq=2")
    breaks = list(verify())
    assert {item.seq for item in breaks} == {3}
    assert any("missing" in item.reason for item in breaks)
