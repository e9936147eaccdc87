"""Under load: who is let in first, who is refused at once, and that nothing is done for somebody who has gone."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from assessments.models import FilingVersion
from assessments.rulebooks.cache import forget
from assessments.tests.filings.test_one_gathering import at_signing
from assessments.tests.filings.world import PASSWORD, build
from scorecard.audit.models import Event
from scorecard.ui import admission
from scorecard.ui.admission import (
    EXPORTS,
    LONGEST,
    MOMENT,
    PAGES,
    SIGNING,
    AdmissionMiddleware,
    Gate,
    has_gone,
    rank_of,
    waited,
)

ROOT = Path(__file__).resolve().parents[3]


def until(true: Callable[[], bool]) -> None:
    """Wait until it holds, five seconds at most."""
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


class Crowd:
    """Requests at one gate, each in a thread of its own; ``came`` lists what became of them, in order."""

    def __init__(self, gate: Gate) -> None:
        self.gate, self.came, self.threads = gate, [], []  # type: ignore[var-annotated]

    def ask(self, name: str, rank: int, seconds: float = 5) -> None:
        """Ask, and go on once the request waits or has been answered."""
        before = len(self.gate._waiting) + len(self.came)
        thread = threading.Thread(target=self._ask, args=(name, rank, seconds))
        self.threads.append(thread)
        thread.start()
        until(lambda: len(self.gate._waiting) + len(self.came) > before)

    def _ask(self, name: str, rank: int, seconds: float) -> None:
        self.came.append((name, self.gate.enter(rank, seconds)))

    def end(self) -> None:
        for thread in self.threads:
            thread.join(10)


def full(slots: int, queue: int) -> Crowd:
    """A gate whose slots are all taken."""
    gate = Gate(slots, queue)
    for _ in range(slots):
        assert gate.enter(SIGNING, 0)
    return Crowd(gate)


def test_signatures_before_pages_before_exports() -> None:
    crowd = full(1, 10)
    for name, rank in (("export", EXPORTS), ("page 1", PAGES), ("page 2", PAGES), ("signature", SIGNING)):
        crowd.ask(name, rank)
    for number in range(4):
        crowd.gate.leave()
        until(lambda number=number: len(crowd.came) == number + 1)  # type: ignore[misc]
    assert crowd.came == [("signature", True), ("page 1", True), ("page 2", True), ("export", True)]
    crowd.end()


def test_a_full_queue_refuses_at_once_and_a_signature_takes_the_last_place() -> None:
    crowd = full(1, 2)
    crowd.ask("page", PAGES)
    crowd.ask("export", EXPORTS)
    began = time.monotonic()
    crowd.ask("export too many", EXPORTS)
    assert crowd.came == [("export too many", False)] and time.monotonic() - began < 1
    crowd.ask("signature", SIGNING)
    until(lambda: ("export", False) in crowd.came)
    crowd.gate.leave()
    until(lambda: ("signature", True) in crowd.came)
    crowd.gate.leave()
    crowd.end()
    assert crowd.came[-1] == ("page", True)


def test_who_is_refused_comes_back_when_those_before_can_have_been_served() -> None:
    """3,600 people who are told "in three to eight seconds" ask five hundred times a second, and nobody is served."""
    gate = Gate(slots=1, queue=0)
    now = 1000.0
    assert gate.appointment(SIGNING, now) == 0, "nobody is expected"
    waits = [gate.appointment(SIGNING, now) for _ in range(600)]
    assert waits == sorted(waits) and waits[29] == 30, "one a second where none was let in of late"
    assert max(waits) == LONGEST
    assert gate.appointment(PAGES, now) == LONGEST, "who signs goes first"
    assert gate.appointment(SIGNING, now + LONGEST + MOMENT + 1) == 0, "they have come back"


def test_pages_hold_no_signature_up() -> None:
    gate = Gate(slots=1, queue=0)
    for _ in range(100):
        gate.appointment(PAGES, 1000.0)
    assert gate.appointment(SIGNING, 1000.0) == 0


def test_the_quicker_people_are_served_the_sooner_others_come_back() -> None:
    gate = Gate(slots=100, queue=0)
    for _ in range(100):  # ten a second
        assert gate.enter(SIGNING, 0)
    waits = [gate.appointment(PAGES) for _ in range(101)]
    assert waits[100] == 10


def test_who_waited_too_long_is_refused_and_takes_no_slot() -> None:
    crowd = full(1, 2)
    crowd.ask("page", PAGES, seconds=0.05)
    until(lambda: crowd.came == [("page", False)])
    crowd.gate.leave()
    assert crowd.gate.enter(SIGNING, 0)
    crowd.end()


def test_exports_and_pages_leave_slots_to_signatures() -> None:
    gate = Gate(4, 0)
    assert [gate.enter(EXPORTS, 0) for _ in range(3)] == [True, True, False]
    assert [gate.enter(PAGES, 0) for _ in range(2)] == [True, False]
    assert [gate.enter(SIGNING, 0) for _ in range(2)] == [True, False]
    gate.leave()
    assert gate.enter(SIGNING, 0)


def test_ranks() -> None:
    made = RequestFactory()
    assert [rank_of(made.get("/"), name) for name in ("filing-sign", "login", "filing-autosave")] == [SIGNING] * 3
    # What a bank signs by its last day, in every room.
    signed = ("notice-acknowledge", "objection-lodge", "obligation-sign")
    assert [rank_of(made.post("/"), name) for name in signed] == [SIGNING] * 3
    assert rank_of(made.get("/"), "bank-list") == PAGES
    assert rank_of(made.get("/?_export=csv"), "bank-list") == EXPORTS
    for name in admission.BY_A_DEADLINE | admission.WRITTEN_ROW_BY_ROW | admission.UNQUEUED:
        assert name in set(_names()), name


def _names() -> Iterator[str]:
    """The names of all pages, with their name space where they have one."""
    from django.urls import URLResolver, get_resolver

    left: list[tuple[str, Any]] = [("", one) for one in get_resolver().url_patterns]
    while left:
        space, one = left.pop()
        if isinstance(one, URLResolver):
            inside = f"{space}{one.namespace}:" if one.namespace else space
            left.extend((inside, below) for below in one.url_patterns)
        elif one.name:
            yield f"{space}{one.name}"


def test_waiting_in_front_of_this_process_counts(settings: Any) -> None:
    request = RequestFactory().get("/", headers={"X-Request-Start": f"t={time.time() - 7:.3f}"})
    assert waited(request) == 0, "anybody can send a header"
    settings.TRUSTED_PROXIES = 1
    assert 6.9 < waited(request) < 8
    assert waited(RequestFactory().get("/", headers={"X-Request-Start": "yesterday"})) == 0


@contextmanager
def connection() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    try:
        yield ours, theirs
    finally:
        ours.close()
        theirs.close()


def test_nothing_is_done_for_somebody_who_has_gone() -> None:
    done: list[str] = []

    def work(request: HttpRequest) -> HttpResponse:
        done.append(request.path)
        return HttpResponse()

    middleware = AdmissionMiddleware(work)
    with connection() as (ours, theirs):
        request = RequestFactory().get("/banks/", **{"gunicorn.socket": ours})
        assert middleware(request).status_code == 200 and done == ["/banks/"]
        theirs.sendall(b"more")
        assert not has_gone(request)
    with connection() as (ours, theirs):
        theirs.close()
        request = RequestFactory().post("/filing/1/sign/", {"a": "b"}, **{"gunicorn.socket": ours})
        assert middleware(request).status_code == 503 and done == ["/banks/"]


def test_the_web_server_has_a_thread_left_to_refuse() -> None:
    line = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()[0]
    found = re.search(r"--threads (\d+)", line)
    assert found is not None and int(found[1]) > configured.WEB_SLOTS + configured.WEB_QUEUE


@pytest.mark.django_db
def test_a_refused_signature_says_so_and_is_signed_once_when_it_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    world = build()
    client, url = at_signing(world)
    page = client.get(url)
    assert "signature.js" in page.content.decode() and "data-until-answered" in page.content.decode()
    sent = {"password": PASSWORD, "seen": page.context["seen"]}
    events = Event.objects.count()
    with monkeypatch.context() as crowded:
        crowded.setattr(Gate, "enter", lambda *args: False)
        answer = client.post(url, sent)
    text = answer.content.decode()
    assert answer.status_code == 503 and 3 <= int(answer["Retry-After"]) <= 8
    assert "草稿已保存" in text and f"url={url}" in text and PASSWORD not in text
    assert Event.objects.count() == events and not FilingVersion.objects.exists()
    assert client.post(url, sent).status_code == 302
    assert client.post(url, sent).status_code == 409, "nothing is signed twice"
    assert FilingVersion.objects.count() == 1


@pytest.mark.django_db
def test_a_full_queue_is_no_error_in_the_log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """180,000 refusals of one hour would bury what is one."""
    monkeypatch.setattr(Gate, "enter", lambda *args: False)
    for headers in ({}, {"HX-Request": "true"}, {"Accept": "application/json"}):
        assert Client().get("/banks/", headers=headers).status_code == 503
    assert [(one.name, one.levelname) for one in caplog.records] == [("scorecard.ui.admission", "WARNING")] * 3


@pytest.mark.django_db
def test_a_refused_page_asks_again_in_the_language_of_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "enter", lambda *args: False)
    client = Client()
    client.cookies["django_language"] = "en"
    text = client.get("/banks/?q=1&page=2").content.decode()
    assert "Your draft is safe." in text and "url=/banks/?q=1&amp;page=2" in text
    assert client.get(reverse("health-live")).status_code == 200
    fragment = client.get("/banks/", headers={"HX-Request": "true"})
    assert fragment.status_code == 503 and fragment["HX-Retarget"] == "#messages"
    assert "<html" not in fragment.content.decode()
    assert client.post("/banks/new/", {}).content.decode().count('http-equiv="refresh"') == 0
