"""A clock for the demonstration alone: its rounds were filed, decided and closed months ago.

Services and guards ask ``timezone.now()``. While the demonstration is built they get the moment of the story instead,
so that deadlines, times for objections and the closing of a round are checked as always, and pages show a credible
past.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from django.utils import timezone


class Clock:
    """The moment of the story. Every question moves it on a little, so that no two events share a moment."""

    STEP = timedelta(milliseconds=250)

    def __init__(self, start: datetime) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        self.moment += self.STEP
        return self.moment

    def reach(self, moment: datetime) -> None:
        """Move on to this moment; never back."""
        self.moment = max(self.moment, moment)


@contextmanager
def told_by(clock: Clock) -> Iterator[Clock]:
    """Within the block ``timezone.now()`` is the clock's."""
    with patch.object(timezone, "now", clock):
        yield clock
