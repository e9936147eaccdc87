"""The names an event may have, each with its words for the screen. Apps register theirs in ``<app>/events.py``."""

from .declared import Declared

_events: dict[str, object] = {}
_declared = Declared("events")


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
    _declared.load()
    return _events


def title(name: str) -> str:
    """The screen words of an event, or its name where an older trail holds one that is no longer registered."""
    return str(all_events().get(name, name))
