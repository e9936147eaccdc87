"""Beat's schedule, which a clock that is set back does not stop."""

from typing import Any

from celery.beat import PersistentScheduler

AHEAD = 1.0  # seconds by which a start may lie in the future without meaning anything


class Scheduler(PersistentScheduler):
    """Celery's own goes by the machine's clock: a task that was last started at two o'clock is due again after two
    o'clock. Where that clock was ahead and has been set right, or is set back, nothing would be started until it has
    caught up, and no lost work would be found for as long.

    Here an entry whose last start lies in the future counts as started now. What was planned by the clock of before is
    planned anew, and beat never sleeps for longer than one sweep (``CELERY_BEAT_MAX_LOOP_INTERVAL``).
    """

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One look at what is due; the seconds until the next."""
        if self._forget_the_future():
            self._heap = None  # Celery plans anew what has no plan
        return float(super().tick(*args, **kwargs))

    def _forget_the_future(self) -> bool:
        """Whether some entry had been started in the future."""
        found = False
        for entry in self.schedule.values():
            now = entry.default_now()
            if (entry.last_run_at - now).total_seconds() > AHEAD:
                entry.last_run_at = now
                found = True
        return found
