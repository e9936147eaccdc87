"""A search for text reads so many events at a time, says which, and leads further back."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client

from assessments.tests.trail.test_pages import auditor, numbers
from assessments.trail import filtersets
from banks.models import Bank
from scorecard.audit.models import Event
from scorecard.audit.services import record

__all__ = ["auditor"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def marked(auditor: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of three events with a word of their own: 49, 99 and 149 events back. A page reads 50 of them."""
    monkeypatch.setattr(filtersets, "SEARCHED", 50)
    found, bank = [], Bank.objects.get()
    for _ in range(3):
        found.append(record("banks.bank.changed", actor=None, target=bank, bank_id=bank.pk, data={"word": "标记"}).seq)
        for _more in range(49):
            record("banks.facts.viewed", actor=None, target=bank, bank_id=bank.pk)
    return found[::-1]


def searched(client: Client, query: str) -> tuple[list[int], tuple[int, int] | None, str]:
    """The events found, the newest and the oldest that were read, and the way further back."""
    found, _sql = numbers(client, query)
    text = client.get(f"/audit/?{query}").content.decode()
    block = re.search(r'id="searched".*?</p>', text, re.S)
    if block is None:
        return found, None, ""
    said = re.search(r"第 (\d+) 至 (\d+) 号", block[0])
    further = re.search(r'href="\?([^"]*)"', block[0])
    assert said is not None
    return found, (int(said[2]), int(said[1])), further[1].replace("&amp;", "&") if further else ""


def test_text_is_searched_in_the_newest_and_then_further_back(client: Client, marked: list[int]) -> None:
    newest, found, query, seen = Event.objects.count(), [], "q=%E6%A0%87%E8%AE%B0", []
    while query:
        hits, (first, last), query = searched(client, query)  # type: ignore[misc]
        found += hits
        seen.append((first, last))
    assert found == marked
    assert seen[0] == (newest, newest - 49) and seen[-1][1] == 1
    assert all(before[1] == after[0] + 1 for before, after in pairwise(seen)), "nothing is left out"


def test_what_an_index_finds_narrows_before_the_text_is_read(client: Client, marked: list[int]) -> None:
    hits, bounds, further = searched(client, "q=%E6%A0%87%E8%AE%B0&event=banks.bank.changed")
    assert hits == marked and bounds is not None and further
    assert searched(client, "event=banks.bank.changed")[1] is None, "without a text everything is listed"


def test_a_whole_request_number_is_looked_up_in_the_whole_trail(client: Client, marked: list[int]) -> None:
    number = "0f8fad5b-d9cb-469f-a165-70867728950e"
    with_number = record("banks.facts.viewed", actor=None)
    Event.objects.bulk_create([_copy(with_number, number)])
    for _ in range(60):
        record("banks.facts.viewed", actor=None)
    hits, bounds, _further = searched(client, f"q={number.upper()}")
    assert hits == [with_number.seq + 1] and bounds is None


def _copy(event: Event, number: str) -> Event:
    return Event(seq=event.seq + 1, at=event.at, event=event.event, request_id=number, data="{}", hash="x" * 64)


def test_an_export_says_what_was_searched(client: Client, marked: list[int]) -> None:
    newest = Event.objects.count()
    answer = client.get("/audit/?q=%E6%A0%87%E8%AE%B0&_export=csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert len(lines) - 1 == len([one for one in marked if one > newest - 50])
    said = json.loads(Event.objects.get(event="assessments.audit.exported").data)
    assert said["searched"] == [newest - 49, newest]
