"""Who is served first, who waits, and who is told at once to come back (docs/decisions/0014-admission.md).

More threads take requests than may work on them. A request that finds no room waits; signatures are let in before
pages, pages before exports. The queue is short: beyond it, and after ``WEB_WAIT_SECONDS``, the answer is 503 with
``Retry-After``, before any work. Nothing is done for somebody who has gone.
"""

import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from http import HTTPStatus
from itertools import count

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from scorecard.ui.middleware import POLLED
from scorecard.ui.problems import for_machines, problem

logger = logging.getLogger(__name__)
SIGNING, PAGES, EXPORTS = range(3)  # the order in which requests are let in
# What stands between a person and a deadline: signing in, saving, passing on, signing.
BY_A_DEADLINE = frozenset(
    {
        "login",
        "login-provider-return",
        "password-change",
        "filing-autosave",
        "filing-step",
        "filing-sign",
        "notice-acknowledge",
        "objection-lodge",
        "obligation-sign",
        "api:draft",
        "api:step",
    }
)
WRITTEN_ROW_BY_ROW = frozenset({"job-file", "trial-export", "api:round-points", "api:round-facts"})
LONGEST = 90  # seconds that anybody is sent away for, and the moment
MOMENT = 6
LATELY = 10  # seconds over which it is counted how many are let in
UNQUEUED = frozenset({"health-live", "health-ready"})


@dataclass(order=True)
class _Waiting:
    rank: int
    number: int
    told: threading.Event = field(default_factory=threading.Event, compare=False)
    admitted: bool = field(default=False, compare=False)


class Gate:
    """``slots`` requests work at a time and ``queue`` wait. Each rank leaves one slot more than the rank before it to
    those ranks, so that a signature never finds every slot taken by exports. Who is refused is told a time by which
    those who were refused before can have been served (``appointment``)."""

    def __init__(self, slots: int, queue: int) -> None:
        self.slots, self.queue = slots, queue
        self._lock, self._numbers = threading.Lock(), count()
        self._working = 0
        self._waiting: list[_Waiting] = []
        self._served: deque[float] = deque(maxlen=10_000)  # when requests were let in, lately
        self._told: dict[int, list[float]] = {rank: [] for rank in range(3)}  # heaps: when who was refused comes back

    def appointment(self, rank: int, now: float | None = None) -> int:
        """Seconds until those who were refused before and go first can have been served, ``LONGEST`` at most; 0 where
        nobody is expected. Without it thousands came back within seconds, and refusing them took the time of serving.
        """
        now = time.monotonic() if now is None else now
        with self._lock:
            for told in self._told.values():
                while told and told[0] <= now:
                    heappop(told)
            before = sum(len(self._told[one]) for one in range(rank + 1))
            seconds = min(LONGEST, int(before / max(1.0, self._rate(now))))
            heappush(self._told[rank], now + seconds + MOMENT)
        return seconds

    def _rate(self, now: float) -> float:
        """How many requests a second were let in of late."""
        while self._served and self._served[0] < now - LATELY:
            self._served.popleft()
        return len(self._served) / LATELY

    def _let_in(self) -> None:
        self._working += 1
        self._served.append(time.monotonic())

    def enter(self, rank: int, seconds: float) -> bool:
        """Wait to be let in, so long at most; False where the request is refused. Who is let in has to ``leave``."""
        with self._lock:
            if self._has_room(rank) and not any(one.rank <= rank for one in self._waiting):
                self._let_in()
                return True
            me = _Waiting(rank, next(self._numbers))
            if len(self._waiting) >= self.queue:
                last = max([*self._waiting, me])
                if last is me:
                    return False
                self._waiting.remove(last)
                last.told.set()
            self._waiting.append(me)
        me.told.wait(seconds)
        with self._lock:
            if me in self._waiting:
                self._waiting.remove(me)
            return me.admitted

    def leave(self) -> None:
        """The work is done: let in whoever is next."""
        with self._lock:
            self._working -= 1
            for one in sorted(self._waiting):
                if not self._has_room(one.rank):
                    break
                self._let_in()
                self._waiting.remove(one)
                one.admitted = True
                one.told.set()

    def _has_room(self, rank: int) -> bool:
        return self._working < max(1, self.slots - rank)


class AdmissionMiddleware:
    """One gate for each web process."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.gate = Gate(settings.WEB_SLOTS, settings.WEB_QUEUE)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = _view_name(request)
        if name in UNQUEUED:
            return self.get_response(request)
        left, rank = settings.WEB_WAIT_SECONDS - waited(request), rank_of(request, name)
        if left <= 0 or not self.gate.enter(rank, left):
            return _told(request, busy(request, name, 0 if name in POLLED else self.gate.appointment(rank)))
        try:
            return _told(request, busy(request, name)) if has_gone(request) else self.get_response(request)
        finally:
            self.gate.leave()


def _told(request: HttpRequest, refusal: HttpResponse) -> HttpResponse:
    """A full queue is no fault: one line of its own, where Django would log each 503 as an error."""
    if refusal.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        refusal._has_been_logged = True  # type: ignore[attr-defined]  # what Django asks before it logs an answer
        logger.warning(
            "Busy: %s %s is asked to come back in %s s", request.method, request.path, refusal["Retry-After"]
        )
    return refusal


def rank_of(request: HttpRequest, name: str) -> int:
    """In which order the request is let in."""
    if name in BY_A_DEADLINE:
        return SIGNING
    if name in WRITTEN_ROW_BY_ROW or "_export" in request.GET or "_print" in request.GET:
        return EXPORTS
    return PAGES


def _view_name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""


def waited(request: HttpRequest) -> float:
    """Seconds since our own proxy took the request, where it says so (``X-Request-Start: t=<seconds>``); else 0."""
    if not settings.TRUSTED_PROXIES:
        return 0.0
    try:
        began = float(request.headers.get("X-Request-Start", "").removeprefix("t="))
    except ValueError:
        return 0.0
    return min(max(0.0, time.time() - began), 3600.0)


def has_gone(request: HttpRequest) -> bool:
    """Whether whoever asked has closed the connection meanwhile. Known below gunicorn, on a plain connection."""
    connection = request.META.get("gunicorn.socket")
    if connection is None:
        return False
    try:
        if request.content_type == "application/x-www-form-urlencoded":
            request.body  # noqa: B018  # what was sent stands before the end of the connection
        return bool(connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b"")
    except BlockingIOError:
        return False
    except (UnreadablePostError, ConnectionError):
        return True
    except (OSError, ValueError):  # a kind of connection that cannot be looked into
        return False


def busy(request: HttpRequest, name: str = "", after: int = 0) -> HttpResponse:
    """503 without a session, a query or a context processor; the page tries again by itself where that is safe, a
    moment after ``after`` seconds.
    """
    number = getattr(request, "id", "0")
    seconds = after + 3 + int(number[:2], 16) % MOMENT  # not all at the same moment
    if name in POLLED:
        return HttpResponse(status=204)  # asks again anyway
    if for_machines(request):
        return problem(request, 503, headers={"Retry-After": str(seconds), "Cache-Control": "no-store"})
    again = request.get_full_path() if request.method == "GET" or name in BY_A_DEADLINE - {"filing-autosave"} else ""
    context = {
        "request_id": number,
        "error_text": "errors/busy.html",
        "seconds": seconds,
        "again": again,
        "sent": request.method == "POST",
    }
    if request.headers.get("HX-Request"):
        response = HttpResponse(render_to_string("errors/fragment.html", context), status=503)
        response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
    else:
        response = HttpResponse(render_to_string("busy.html", context), status=503)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response
