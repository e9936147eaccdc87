"""Beat goes on where the clock of its machine is set."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.schedules import schedule

from scorecard.celery import app as product
from scorecard.jobs.scheduler import Scheduler

SWEEP = 5.0


class Wall:
    """The machine's clock, as the test sets it."""

    now = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


_wall = Wall()


def wall_now() -> datetime:
    """What beat reads; a function of the module, since beat keeps its schedule in a file."""
    return _wall.now


@pytest.fixture
def wall() -> Wall:
    _wall.now = Wall.now
    return _wall


@pytest.fixture
def started(wall: Wall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Scheduler, list[datetime]]]:
    """Beat with a sweep, and a nightly task that the heap of plans holds beside it; and when each sweep was started."""
    app = Celery("clock", set_as_current=False)
    app.conf.update(timezone="Asia/Shanghai", broker_url="memory://", beat_max_loop_interval=SWEEP, result_expires=None)
    app.conf.beat_schedule = {
        name: {"task": name, "schedule": schedule(seconds, nowfun=wall_now)}
        for name, seconds in (("sweep", SWEEP), ("hourly", 3600.0))
    }
    scheduler = Scheduler(app=app, schedule_filename=str(tmp_path / "schedule"), lazy=False)
    found: list[datetime] = []

    def start(entry: Any, producer: Any = None) -> None:
        if entry.name == "sweep":
            found.append(wall.now)

    monkeypatch.setattr(scheduler, "apply_entry", start)
    monkeypatch.setattr(Scheduler, "producer", None)
    yield scheduler, found
    scheduler.close()


def live(scheduler: Scheduler, wall: Wall, seconds: float) -> None:
    """Let beat look and sleep for so long, as its service does."""
    until = wall.now + timedelta(seconds=seconds)
    while wall.now < until:
        wall.now += timedelta(seconds=max(0.01, min(scheduler.tick(), SWEEP)))


@pytest.mark.parametrize("hours", [2, -2, 24 * 40, -24 * 40])
def test_sweeps_go_on_after_the_clock_was_wrong_for_a_while(
    started: tuple[Scheduler, list[datetime]], wall: Wall, hours: int
) -> None:
    scheduler, found = started
    live(scheduler, wall, 20)
    assert len(found) >= 3, "it sweeps by a clock that is right"
    for jump in (timedelta(hours=hours), timedelta(hours=-hours)):
        wall.now += jump
        found.clear()
        live(scheduler, wall, 20)
        assert len(found) >= 2, f"within 20 s after a jump of {jump}"


def test_the_product_takes_it() -> None:
    assert product.conf.beat_scheduler == "scorecard.jobs.scheduler:Scheduler"
    assert product.conf.beat_max_loop_interval == product.conf.beat_schedule["sweep-jobs"]["schedule"]
