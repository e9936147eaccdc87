"""The names an event may have, each with its words for the screen. Apps register theirs in ``<app>/events.py``."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

_events: dict[str, object] = {}
_loaded = False


class UnknownEvent(LookupError):
    """An event was recorded under a name that no app has registered."""


def register(events: dict[str, object]) -> None:
    """Add names (``"banks.bank.created"``) with their lazily translated titles. A name is registered once."""
    for name, title in events.items():
        if name in _events:
            raise ValueError(f"The event {name} is registered twice.")
        _events[name] = title


def all_events() -> dict[str, object]:
    """Every registered name with its title; loads each app's ``events`` module the first time."""
    global _loaded
    if not _loaded:
        _loaded = True
        for config in apps.get_app_configs():
            if find_spec(f"{config.name}.events") is not None:
                import_module(f"{config.name}.events")
    return _events


def title(name: str) -> str:
    """The screen words of an event, or its name where an older trail holds one that is no longer registered."""
    return str(all_events().get(name, name))
