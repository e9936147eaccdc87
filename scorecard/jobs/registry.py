"""What each kind of job does. Apps register handlers in ``<app>/job_handlers.py``, which is imported at start."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .models import Job
from .progress import Progress

logger = logging.getLogger(__name__)

Handler = Callable[[Job, Progress], dict[str, Any] | None]


@dataclass(frozen=True)
class Kind:
    """A handler, the Celery queue its work goes to, and its words on the screen.

    ``holds`` is the parameter that names what must not be closed while the work waits or runs: ``round``.
    """

    name: str
    handler: Handler
    queue: str
    title: Any
    holds: str = ""


_kinds: dict[str, Kind] = {}
_finders: list[Callable[[], int]] = []


def finds_lost_work(find: Callable[[], int]) -> Callable[[], int]:
    """Register a function that each sweep calls: it asks for work that should have been asked for, and counts it."""
    _finders.append(find)
    return find


def find_lost_work() -> int:
    """Ask every registered function; returns how much work was asked for. One that fails (a disk that is read-only or
    full, a file that another process removes) holds up neither the others nor the hand-over of what waits.
    """
    found = 0
    for find in _finders:
        try:
            found += find()
        except Exception:
            logger.exception("%s.%s failed in this sweep; the next one asks it again.", find.__module__, find.__name__)
    return found


def job_kind(name: str, *, title: Any, queue: str = "default", holds: str = "") -> Callable[[Handler], Handler]:
    """Register a handler. It takes the job and its progress, calls a service, is idempotent, and may run late."""

    def add(handler: Handler) -> Handler:
        if name in _kinds:
            raise ValueError(f"The job kind {name} is registered twice.")
        _kinds[name] = Kind(name, handler, queue, title, holds)
        return handler

    return add


def get_kind(name: str) -> Kind:
    """The kind of this name; raises ``KeyError`` for one that nobody registered."""
    return _kinds[name]


def kinds_holding(what: str) -> list[str]:
    """The names of the kinds that keep what this parameter names from being closed."""
    return [kind.name for kind in _kinds.values() if kind.holds == what]


def queues() -> list[str]:
    """The queues that some kind of work goes to."""
    return sorted({kind.queue for kind in _kinds.values()})


def kinds_of(queue: str) -> list[str]:
    """The names of the kinds whose work goes to a queue."""
    return [kind.name for kind in _kinds.values() if kind.queue == queue]
