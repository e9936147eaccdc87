"""What each kind of job does. Apps register handlers in ``<app>/job_handlers.py``."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.apps import apps

if TYPE_CHECKING:
    from .models import Job
    from .services import Progress

Handler = Callable[["Job", "Progress"], dict[str, Any] | None]


@dataclass(frozen=True)
class Kind:
    """A handler, the Celery queue its work goes to, and its words on the screen."""

    name: str
    handler: Handler
    queue: str
    title: Any


_kinds: dict[str, Kind] = {}


def job_kind(name: str, *, title: Any, queue: str = "default") -> Callable[[Handler], Handler]:
    """Register a handler. It takes the job and its progress, calls a service, is idempotent, and may run late."""

    def add(handler: Handler) -> Handler:
        if name in _kinds:
            raise ValueError(f"The job kind {name} is registered twice.")
        _kinds[name] = Kind(name, handler, queue, title)
        return handler

    return add


def get_kind(name: str) -> Kind:
    """The kind of this name; raises ``KeyError`` for one that nobody registered."""
    return _kinds[name]


def load_handlers() -> None:
    """Import every app's ``job_handlers`` once, at start."""
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.job_handlers") is not None:
            import_module(f"{config.name}.job_handlers")
