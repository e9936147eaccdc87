"""Every URL × every role × own and foreign objects, against ``permission_matrix.csv``.

The table of answers is written apart from the policies it checks. Its rows are derived from nothing: a URL without a
row fails, and so does a row without a URL. Columns are people, cells are HTTP status codes, several joined by ``/``
where the content of the request decides; ``login`` is the way to the sign-in page, ``=`` in a foreign row means "as in
the row for the own object". Run with ``SCORECARD_MATRIX=/tmp/found.csv`` to write down what is answered now.
"""

import csv
import io
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from assessments.api.scopes import OPERATIONS
from assessments.api.views.middleware import FOR_PEOPLE
from assessments.api.views.operations import api
from scorecard.access.policy import url_policy

from .matrix_world import MARK, OBJECTS, SHARED, Matrix, as_machine, build, form_of
from .small_print import DEVELOPERS, plain_words

pytestmark = pytest.mark.django_db

TABLE = Path(__file__).with_name("permission_matrix.csv")
BANK = ("preparer", "reviewer", "signatory")
SUPERVISORS = ("officer", "second", "decider", "administrator", "auditor")
PEOPLE = ("anonymous", *BANK, *SUPERVISORS)
HARMLESS = {
    "login",
    "logout",
    "inbox-read",
    "inbox-wishes",
    "profile",
    "password-change",
    "set-language",
    "set-theme",
    "table-settings",
    "saved-filter-save",
    "session-end",
    "factor-add",
    "factor-codes",
    "factor-remove",
}
COMPUTED = {"money-scheme", "money-bank"}  # a POST that works something out and keeps nothing
CLOSED = {"401", "403", "404", "405", "login"}  # 401: a machine without a token
REFUSED = CLOSED | {"409"}  # 409: the service refused what the request asked for in full


def _names(patterns: Any, prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _names(pattern.url_patterns, space)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{prefix}{pattern.name}"


NAMES = sorted(set(_names(get_resolver().url_patterns)))


def _rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = _rows()
OWN = {(row["name"], row["method"]): row for row in ROWS if row["object"] != "foreign"}


def _expected(row: dict[str, str], who: str) -> set[str]:
    cell = row[who]
    if cell == "=":
        cell = OWN[row["name"], row["method"]][who]
    return set(cell.split("/"))


# --- The table itself ------------------------------------------------------------------------------------------------
def test_every_url_has_its_rows_and_every_row_its_url() -> None:
    assert {row["name"] for row in ROWS} == set(NAMES)


def test_every_operation_of_the_api_has_its_rows_and_its_scopes() -> None:
    """By method too: an operation that is added at an address that is there already."""
    there = {
        (f"api:{operation.url_name}", method)
        for _prefix, router in api._routers
        for path in router.path_operations.values()
        for operation in path.operations
        for method in operation.methods
    }
    rows = {(row["name"], row["method"]) for row in ROWS if row["name"].startswith("api:")}
    assert {(f"api:{name}", method) for name, method in OPERATIONS} == there
    assert {key for key in rows if key[0] not in FOR_PEOPLE} == there


def test_every_url_has_a_policy() -> None:
    assert set(url_policy()) == set(NAMES)


def test_every_object_of_a_bank_is_asked_for_as_own_and_as_foreign() -> None:
    by_kind: dict[str, set[tuple[str, str]]] = {"-": set(), "own": set(), "foreign": set(), "shared": set()}
    for row in ROWS:
        key = (row["name"], row["method"])
        assert key not in by_kind[row["object"]], f"twice: {key}"
        by_kind[row["object"]].add(key)
    assert by_kind["own"] == by_kind["foreign"]
    assert {name for name, _ in by_kind["own"]} == set(OBJECTS)
    assert {name for name, _ in by_kind["shared"]} == set(SHARED)


def test_a_foreign_object_is_never_open_to_a_bank() -> None:
    for row in ROWS:
        if row["object"] == "foreign":
            for who in BANK:
                assert _expected(row, who) <= CLOSED, (row["name"], row["method"], who)


def test_the_auditor_changes_nothing() -> None:
    for row in ROWS:
        harmless = HARMLESS | COMPUTED | {"audit-verify", "archive-list", "health-live", "health-ready"}
        if row["method"] == "POST" and row["name"] not in harmless:
            assert _expected(row, "auditor") <= REFUSED, (row["name"], row["auditor"])


def test_the_administrator_sees_no_filing_score_review_or_notice() -> None:
    closed: tuple[str, ...] = ("filing-", "evidence-", "assessment-", "review-", "decision-", "measure-", "notice-")
    closed += ("trial-", "api:assessment", "api:draft", "api:checks", "api:score", "api:evidence", "api:step")
    closed += ("reading-bank", "reading-sheet", "reading-city", "report-draft")
    closed += ("api:result", "api:explanation", "api:notices", "api:round-", "api:reading")
    for row in ROWS:
        if row["name"] == "filing-extend":  # gives a bank a later day: names bank and days, and shows nothing it filed
            continue
        if row["name"].startswith(closed) or row["name"] in (
            "bank-facts",
            "round-score",
            "round-aggregate",
            "round-heat",
            "round-quadrant",
            "round-movement",
            "round-outcome",
        ):
            assert _expected(row, "administrator") <= CLOSED, (row["name"], row["administrator"])


def test_nothing_but_signing_in_and_checking_a_document_is_open_to_anybody() -> None:
    public = {row["name"] for row in ROWS if not _expected(row, "anonymous") <= CLOSED}
    assert public == {"login", "set-language", "set-theme", "health-live", "health-ready", "verify"}


# --- The answers -----------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def matrix(django_db_setup: None, django_db_blocker: Any) -> Iterator[Matrix]:
    """The world, built once and taken back at the end; each request is taken back at once."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = build()
        found.sign_in()
        yield found
        transaction.set_rollback(True)


def _ask(matrix: Matrix, row: dict[str, str], who: str, *, swapped: bool = False) -> tuple[HttpResponseBase, bytes]:
    """One request and its whole body; what it wrote is taken back. ``swapped`` asks as the other bank's person."""
    side = matrix.foreign if (row["object"] == "foreign") != swapped else matrix.own
    factory = OBJECTS.get(row["name"]) or SHARED.get(row["name"])
    url = reverse(row["name"], kwargs=factory(matrix, side) if factory else None)
    person = matrix.foreign.people[who] if swapped else matrix.person(who)
    machine = row["name"].startswith("api:") and row["name"] not in FOR_PEOPLE
    client = matrix.window(None if machine else person)
    body = b""
    point = transaction.savepoint()
    try:
        if machine:
            answer = as_machine(client, person, row["name"], row["method"], url)
            return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content
        sent, kind = form_of(row["name"], row["method"])
        answer = client.generic(row["method"], url, sent, content_type=kind)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    finally:
        transaction.savepoint_rollback(point)
    return answer, body


def _token(answer: HttpResponseBase) -> str:
    if answer.status_code == 302 and answer["Location"].startswith(reverse("login") + "?"):
        return "login"
    return str(answer.status_code)


def _shows(body: bytes, answer: HttpResponseBase) -> bool:
    """Whether the other bank's mark stands in the body, looked for inside packed files as well."""
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return any(MARK.encode() in packed.read(name) for name in packed.namelist())
    return MARK.encode() in body


@pytest.mark.database
@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join((row["name"], row["method"], row["object"])))
def test_the_answer_to_everybody(matrix: Matrix, row: dict[str, str]) -> None:
    wrong, found = [], dict(row)
    for who in PEOPLE:
        answer, body = _ask(matrix, row, who)
        found[who] = _token(answer)
        if found[who] not in _expected(row, who):
            wrong.append(f"{who}: {found[who]} where the table has {row[who]}")
        if who in BANK and _shows(body, answer):
            wrong.append(f"{who} sees the name of another bank")
        if code := re.search(rb"functools\.partial|bound method|&lt;\w+ object at 0x", body):
            wrong.append(f"{who} reads {code[0]!r}: a template or a column shows what it should have called")
        if who in BANK and answer.get("Content-Type", "").startswith("text/html"):
            if words := DEVELOPERS.search(plain_words(body.decode())):
                wrong.append(f"{who} reads {words[0]!r} outside the small print")
        if row["object"] == "own" and who in BANK:
            # Bank B's people get the same answers about B's objects: nothing is closed only because it is missing.
            other, _ = _ask(matrix, row, who, swapped=True)
            if _token(other) not in _expected(row, who):
                wrong.append(f"{who} of the other bank: {_token(other)} for its own object")
    if target := os.environ.get("SCORECARD_MATRIX"):
        with Path(target).open("a", encoding="utf-8", newline="") as file:
            csv.DictWriter(file, list(row)).writerow(found)
    assert not wrong, "\n".join(wrong)


@pytest.mark.database
def test_a_url_without_a_policy_is_closed(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(url_policy(), "figures:overview")
    client = Client()
    client.force_login(matrix.people["auditor"])
    assert client.get(reverse("figures:overview")).status_code == 403
