"""The outcome of asking whether somebody may do something, and the errors that carry a refusal."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.http import Http404


@dataclass(frozen=True)
class Decision:
    """Allowed or not, and why not, every reason at once. Refuses to be used as a bool: ask ``.allowed``."""

    allowed: bool
    reasons: tuple[Any, ...] = field(default=())

    def __bool__(self) -> NoReturn:
        raise TypeError("A Decision is not a bool; ask .allowed, and show .reasons.")


ALLOWED = Decision(True)


def decide(reasons: Iterable[Any]) -> Decision:
    """Allowed when there is no reason against it."""
    collected = tuple(reasons)
    return Decision(not collected, collected)


class Refused(Exception):
    """A service refused: ``reasons`` are full translated sentences, all of them. The caller's page shows them."""

    def __init__(self, reasons: Iterable[Any]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(str(reason) for reason in self.reasons))


class Stale(Refused):
    """Somebody else changed the object since it was read; ``current`` is what it holds now. Answers 409."""

    def __init__(self, reasons: Iterable[Any], current: Any = None) -> None:
        super().__init__(reasons)
        self.current = current


class NotShown(Refused):
    """What is asked for is kept and holds, and cannot be shown; the reasons say what it is and why. Answers 409."""


class Hidden(Http404):
    """The object exists and is not the actor's to see. Answers 404 like one that does not exist, and is recorded."""

    def __init__(self, message: str = "", *, bank_id: int | None = None, target: Any = None) -> None:
        super().__init__(message)
        self.bank_id = bank_id
        self.target = target


class RoleDenied(PermissionDenied):
    """The actor's roles do not open this page at all. Answers 403, and is recorded."""


class TooManyAttempts(Exception):
    """Signing in is closed for a while after repeated failures; ``until`` is when it opens again (aware)."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(f"closed until {until.isoformat()}")


class TooLarge(Exception):
    """What was sent is larger than the ``limit_mb`` megabytes that the server takes."""

    def __init__(self, limit_mb: int) -> None:
        self.limit_mb = limit_mb
        super().__init__(f"larger than {limit_mb} MB")
