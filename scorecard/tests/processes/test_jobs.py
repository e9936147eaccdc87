"""Nothing is lost and nothing is done twice: real workers that die, real brokers that are away."""

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scorecard.jobs import services
from scorecard.jobs.models import Job, JobState
from scorecard.jobs.tasks import run_job

from .conftest import Processes, RedisServer, _point_at, wait_for
from .kinds.job_handlers import COUNT

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("test_kinds")]


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Where each run of the job leaves its lines."""
    return tmp_path / "trace"


def ask(trace: Path, *, key: str = "one", steps: int = 1, pause: float = 0.0) -> Job:
    return services.enqueue(
        COUNT, key=key, actor=None, params={"trace": str(trace), "steps": steps, "pause": pause}, total=steps
    )


def lines(trace: Path, word: str) -> int:
    return (
        sum(line.startswith(word) for line in trace.read_text(encoding="utf-8").splitlines()) if trace.exists() else 0
    )


def finished(job: Job, *, seconds: float = 30) -> Job:
    def look() -> bool:
        job.refresh_from_db()
        return job.state in (JobState.DONE, JobState.FAILED)

    wait_for(look, seconds=seconds, says=f"the job is finished (it is {job.state})")
    assert job.state == JobState.DONE, job.error
    return job


def test_done_within_two_seconds(processes: Processes, trace: Path) -> None:
    processes.worker()
    took = []
    for number in range(5):
        started = time.monotonic()
        finished(ask(trace, key=str(number)))
        took.append(time.monotonic() - started)
    assert max(took) < 2, took


def test_a_worker_that_was_down_does_it_when_it_is_back(processes: Processes, trace: Path) -> None:
    job = ask(trace)
    time.sleep(0.5)
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    processes.worker()
    finished(job)
    assert (lines(trace, "start"), lines(trace, "end")) == (1, 1)


def test_kill_9_of_the_whole_worker_in_the_middle(processes: Processes, trace: Path) -> None:
    processes.start("beat")
    worker = processes.worker()
    job = ask(trace, steps=20, pause=0.1)

    def in_the_middle() -> bool:
        job.refresh_from_db()
        return job.done >= 3

    wait_for(in_the_middle, seconds=15, says="the job has begun")
    processes.kill(worker)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert job.done < 20
    processes.worker()
    finished(job)
    assert (lines(trace, "start"), lines(trace, "end")) == (2, 1)
    assert (job.attempt, job.result) == (2, {"counted": 20})


def test_a_clean_stop_lets_the_running_job_end(processes: Processes, trace: Path) -> None:
    worker = processes.worker()
    job = ask(trace, steps=15, pause=0.1)
    wait_for(lambda: lines(trace, "start"), seconds=15, says="the job has begun")
    worker.send_signal(signal.SIGTERM)
    worker.wait(20)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (JobState.DONE, 1)


def test_the_same_message_three_times_is_one_run(processes: Processes, trace: Path) -> None:
    job = ask(trace, steps=5, pause=0.1)
    for _ in range(2):
        run_job.apply_async(args=[job.pk], queue="scoring")
    other = ask(trace, key="after")
    processes.worker()
    finished(job)
    finished(other)
    time.sleep(1)
    assert (lines(trace, "start"), lines(trace, "end")) == (2, 2), "one run for each of the two jobs"


def test_redis_stopped_at_the_moment_of_asking(on_redis: Processes, redis_server: RedisServer, trace: Path) -> None:
    on_redis.start("beat")
    on_redis.keep(on_redis.worker())
    finished(ask(trace, key="before"))
    redis_server.stop()
    started = time.monotonic()
    job = ask(trace)
    assert time.monotonic() - started < 1, "the request must not wait for a broker that is away"
    assert job.state == JobState.QUEUED
    time.sleep(3)
    redis_server.start()
    finished(job, seconds=60)  # by the beat and a worker that have found it again
    assert (lines(trace, "start"), lines(trace, "end")) == (2, 2)
    assert job.attempt == 1


def test_an_emptied_redis_loses_nothing(on_redis: Processes, redis_server: RedisServer, trace: Path) -> None:
    jobs = [ask(trace, key=str(number)) for number in range(3)]
    redis_server.empty()
    on_redis.start("beat")
    on_redis.worker()
    for job in jobs:
        finished(job)
    assert (lines(trace, "start"), lines(trace, "end")) == (3, 3)


@pytest.fixture
def deaf_server() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_a_broker_that_hangs_holds_up_one_request_for_a_moment(
    on_redis: Processes, deaf_server: str, trace: Path
) -> None:
    from scorecard.settings import base

    _point_at(deaf_server, base.REDIS_OPTIONS)
    took = []
    for key in ("first", "second"):
        started = time.monotonic()
        job = ask(trace, key=key)
        took.append(time.monotonic() - started)
        assert job.state == JobState.QUEUED
    assert took[0] < 7, took
    assert took[1] < 0.5, took
