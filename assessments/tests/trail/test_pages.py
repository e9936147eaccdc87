"""Pages far back in the trail: the same rows as ever, without passing over those before them."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from banks.tests.factories import make_bank, make_person
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.audit.services import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(client: Client) -> Any:
    bank = make_bank()
    for number in range(130):
        record("banks.bank.changed", actor=None, target=bank, bank_id=bank.pk, data={"n": number})
    client.force_login(person := make_person(Role.AUDITOR))
    return person


def numbers(client: Client, query: str) -> tuple[list[int], list[str]]:
    """The numbers of the events on a page, and the queries of the trail."""
    with CaptureQueriesContext(
        connection,
    ) as found:
        text = client.get(f"/audit/?{query}").content.decode()
    sql = [one["sql"] for one in found.captured_queries if "audit_event" in one["sql"] and "SELECT" in one["sql"]]
    return [int(number) for number in re.findall(r'href="/audit/(\d+)/"', text)], sql


@pytest.mark.parametrize("asked", [1, 2, 4, "last", 99, "x"])
def test_a_page_of_the_whole_trail_passes_over_no_row(client: Client, auditor: Any, asked: Any) -> None:
    count = Event.objects.count()
    last = -(-count // 25)
    at = asked if asked in (1, 2, 4) else 1 if asked == "x" else last
    wanted = list(Event.objects.order_by("-seq").values_list("seq", flat=True))[(at - 1) * 25 : at * 25]
    found, sql = numbers(client, f"page={last if asked == 'last' else asked}")
    assert found == wanted
    assert not any("OFFSET" in one or "COUNT(" in one for one in sql), sql


def test_a_page_of_filtered_events_reads_keys_alone_of_what_it_passes_over(client: Client, auditor: Any) -> None:
    wanted = list(Event.objects.filter(event="banks.bank.changed").order_by("-seq").values_list("seq", flat=True))
    found, sql = numbers(client, "event=banks.bank.changed&page=3")
    assert found == wanted[50:75]
    assert all("name_zh" not in one and '"data"' not in one for one in sql if "OFFSET" in one)
    assert numbers(client, "sort=seq&page=2")[0] == sorted(Event.objects.values_list("seq", flat=True))[25:50]
