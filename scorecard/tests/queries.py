"""Counts the queries of a list, against a committed baseline and against itself with more rows."""

import json
from collections.abc import Callable
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

BASELINE = Path(__file__).with_name("query_counts.json")


def count(client: Client, url: str) -> int:
    """The queries of one answer, its second asking: what is cached once per process does not count, nor the lock of the
    trail, which PostgreSQL asks for by a query.
    """
    client.get(url)
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(url)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    assert answer.status_code == 200, (url, answer.status_code)
    assert body
    return sum("pg_advisory_xact_lock" not in query["sql"] for query in caught)


def holds(name: str, client: Client, url: str, grow: Callable[[], object]) -> None:
    """The list costs what the baseline says, before and after it has grown."""
    baseline: dict[str, int] = json.loads(BASELINE.read_text(encoding="utf-8"))
    before = count(client, url)
    grow()
    after = count(client, url)
    assert after == before, f"{name}: {before} queries became {after} with more rows: one per row"
    assert before == baseline.get(name), f"{name}: {before} queries where query_counts.json has {baseline.get(name)}"
