"""What a guard or an effect gets to look at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assessments.models import Assessment
from banks.models import User


@dataclass
class Step:
    """One attempt at a transition: who, on what, when, and what they said. ``extra`` carries the service's own data."""

    actor: User
    assessment: Assessment
    now: datetime
    reason: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


Guard = Callable[[Step], Iterable[Any]]
Effect = Callable[[Step], None]
