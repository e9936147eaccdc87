"""The job row is the truth: asking, claiming, losing, sweeping. The broker is replaced; real ones are in
``scorecard/tests/processes``."""

import errno
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import override

from scorecard.access.decisions import Refused
from scorecard.jobs import registry, services
from scorecard.jobs.models import Job, JobState, SweepMark
from scorecard.jobs.registry import Kind
from scorecard.ui import job_pages


class Broker:
    """Takes messages, or is away."""

    def __init__(self) -> None:
        self.messages: list[int] = []
        self.away = False
        self.tries = 0

    def apply_async(self, *, args: list[int], queue: str, retry: bool) -> None:
        self.tries += 1
        if self.away:
            raise ConnectionError("no broker")
        assert queue == "scoring"
        assert retry is False, "a publish that retries holds up the web request"
        self.messages += args


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    from scorecard.jobs import tasks

    broker = Broker()
    monkeypatch.setattr(tasks.run_job, "apply_async", broker.apply_async)
    monkeypatch.setattr("scorecard.jobs.broker._silent_until", 0.0)
    monkeypatch.setattr(services, "messages_waiting", lambda queue: 0)  # the real broker may hold other tests' messages
    return broker


@pytest.fixture
def kind() -> Iterator[dict[str, Any]]:
    """A kind of job whose handler the test sets under ``"do"``."""
    box: dict[str, Any] = {"do": lambda job, progress: {"answer": 42}, "runs": 0}

    def handler(job: Job, progress: services.Progress) -> Any:
        box["runs"] += 1
        return box["do"](job, progress)

    registry._kinds["tests.kind"] = Kind("tests.kind", handler, "scoring", "Test")
    yield box
    del registry._kinds["tests.kind"]


def ask(key: str = "one") -> Job:
    return services.enqueue("tests.kind", key=key, actor=None, params={"id": 7})


def stale() -> None:
    """Let every heartbeat, hand-over and sweep be long ago."""
    SweepMark.objects.all().delete()
    past = timezone.now() - timedelta(hours=1)
    Job.objects.filter(heartbeat__isnull=False).update(heartbeat=past)
    Job.objects.filter(published_at__isnull=False).update(published_at=past)


@pytest.mark.django_db(transaction=True)
class TestAsking:
    def test_the_message_goes_out_after_the_commit_and_not_before(self, broker: Broker, kind: Any) -> None:
        with transaction.atomic():
            job = ask()
            assert broker.messages == []
        assert broker.messages == [job.pk]
        job.refresh_from_db()
        assert job.published_at is not None

    def test_a_rolled_back_request_leaves_neither_row_nor_message(self, broker: Broker, kind: Any) -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            ask()
            raise RuntimeError
        assert not Job.objects.exists()
        assert broker.messages == []

    def test_asking_twice_while_it_waits_or_runs_returns_the_same_row(self, broker: Broker, kind: Any) -> None:
        first, second = ask(), ask()
        assert first.pk == second.pk
        kind["do"] = lambda job, progress: {"again": ask().pk}
        assert services.run(first.pk) == "done"
        assert Job.objects.get().result == {"again": first.pk}

    def test_asking_after_the_end_is_new_work(self, broker: Broker, kind: Any) -> None:
        first = ask()
        services.run(first.pk)
        assert ask().pk != first.pk

    def test_an_unknown_kind_is_refused_before_anything_is_written(self, broker: Broker) -> None:
        with pytest.raises(KeyError):
            services.enqueue("tests.nobody", key="x", actor=None)
        assert not Job.objects.exists()

    def test_a_broker_that_is_away_costs_one_try_and_no_error(self, broker: Broker, kind: Any) -> None:
        broker.away = True
        rows = [ask("one"), ask("two"), ask("three")]
        assert broker.tries == 1, "the second request must not wait for the same dead broker"
        assert {job.state for job in Job.objects.all()} == {JobState.QUEUED}
        broker.away = False
        assert services.sweep()["published"] == 3
        assert broker.messages == [job.pk for job in rows]


@pytest.mark.django_db(transaction=True)
class TestRunning:
    def test_a_message_that_arrives_twice_runs_once(self, broker: Broker, kind: Any) -> None:
        job = ask()
        assert services.run(job.pk) == "done"
        assert services.run(job.pk) == "skipped"
        assert kind["runs"] == 1
        job.refresh_from_db()
        assert (job.state, job.result, job.attempt, job.error) == (JobState.DONE, {"answer": 42}, 1, "")

    def test_a_message_that_arrives_while_it_runs_is_skipped(self, broker: Broker, kind: Any) -> None:
        job = ask()
        kind["do"] = lambda job, progress: {"second": services.run(job.pk)}
        services.run(job.pk)
        assert Job.objects.get().result == {"second": "skipped"}
        assert kind["runs"] == 1

    def test_progress_counts_and_beats(self, broker: Broker, kind: Any) -> None:
        seen = []

        def do(job: Job, progress: services.Progress) -> None:
            progress.update(3, total=10)
            seen.append(Job.objects.values_list("done", "total").get())

        kind["do"] = do
        services.run(ask().pk)
        assert seen == [(3, 10)]

    def test_a_run_that_was_given_up_may_not_write(self, broker: Broker, kind: Any) -> None:
        def do(job: Job, progress: services.Progress) -> dict[str, int]:
            Job.objects.update(token="somebody-else", done=5)
            progress.update(1)
            return {"never": 1}

        kind["do"] = do
        assert services.run(ask().pk) == "lost"
        job = Job.objects.get()
        assert (job.token, job.done, job.result) == ("somebody-else", 5, {})

    def test_a_late_result_of_a_lost_run_is_not_kept(self, broker: Broker, kind: Any) -> None:
        def do(job: Job, progress: services.Progress) -> dict[str, int]:
            Job.objects.update(token="somebody-else")
            return {"late": 1}

        kind["do"] = do
        assert services.run(ask().pk) == "lost"
        assert Job.objects.get().result == {}

    def test_a_refusal_fails_with_its_sentence(self, broker: Broker, kind: Any) -> None:
        def do(job: Job, progress: services.Progress) -> None:
            raise Refused(["The round is closed."])

        kind["do"] = do
        assert services.run(ask().pk) == "failed"
        assert Job.objects.get().error == "The round is closed."

    def test_a_fault_fails_the_job_and_is_raised_for_the_log(self, broker: Broker, kind: Any) -> None:
        def do(job: Job, progress: services.Progress) -> None:
            raise ZeroDivisionError("oops")

        kind["do"] = do
        with pytest.raises(ZeroDivisionError):
            services.run(ask().pk)
        job = Job.objects.get()
        assert (job.state, job.error) == (JobState.FAILED, "ZeroDivisionError: oops")
        assert services.sweep()["requeued"] == 0

    @pytest.mark.parametrize(
        "fault", [OSError(errno.ENOSPC, "full"), OSError(errno.EROFS, "read-only"), InterfaceError("connection closed")]
    )
    def test_a_full_disk_or_a_lost_connection_puts_the_job_back_however_often(
        self, broker: Broker, kind: Any, settings: Any, fault: Exception
    ) -> None:
        """An export on a full disk used to fail for good, though its asker did nothing wrong."""
        settings.JOB_MAX_ATTEMPTS = 2

        def do(job: Job, progress: services.Progress) -> None:
            raise fault

        kind["do"] = do
        job = ask()
        for _time in range(3):
            assert services.run(job.pk) == "retry"
        job.refresh_from_db()
        assert (job.state, job.attempt) == (JobState.QUEUED, 0)
        kind["do"] = lambda job, progress: {"answer": 42}
        assert services.run(job.pk) == "done"

    def test_a_passing_fault_is_tried_again_later_but_not_for_ever(
        self, broker: Broker, kind: Any, settings: Any
    ) -> None:
        settings.JOB_MAX_ATTEMPTS = 3
        fault = services.Retry("later")

        def do(job: Job, progress: services.Progress) -> None:
            raise fault

        kind["do"] = do
        job = ask()
        assert services.run(job.pk) == "retry"
        assert services.sweep()["published"] == 0, "not at once: that is the back-off"
        stale()
        assert services.sweep()["published"] == 1
        assert services.run(job.pk) == "retry"
        assert services.run(job.pk) == "failed"
        job.refresh_from_db()
        assert (job.state, job.attempt) == (JobState.FAILED, 3)

    def test_a_silent_handler_keeps_its_heartbeat(self, broker: Broker, kind: Any, settings: Any) -> None:
        settings.JOB_STALE_SECONDS = 0.6
        swept = []

        def do(job: Job, progress: services.Progress) -> None:
            time.sleep(1.2)
            swept.append(services.sweep()["requeued"])

        kind["do"] = do
        assert services.run(ask().pk) == "done"
        assert swept == [0]


@pytest.mark.django_db(transaction=True)
class TestSweeping:
    def test_a_running_job_without_a_heartbeat_goes_back_and_out_again(self, broker: Broker, kind: Any) -> None:
        job = ask()
        Job.objects.update(state=JobState.RUNNING, token="dead", heartbeat=timezone.now(), attempt=1)
        assert services.sweep()["requeued"] == 0
        stale()
        assert services.sweep() == {"requeued": 1, "published": 1, "given_up": 0}
        assert broker.messages == [job.pk, job.pk]
        assert services.run(job.pk) == "done"

    def test_a_queued_job_that_the_broker_lost_goes_out_again(self, broker: Broker, kind: Any) -> None:
        job = ask()
        assert services.sweep()["published"] == 0
        stale()
        assert services.sweep()["published"] == 1
        assert broker.messages == [job.pk, job.pk]

    def test_a_job_that_kills_its_worker_is_given_up(self, broker: Broker, kind: Any, settings: Any) -> None:
        ask()
        Job.objects.update(state=JobState.RUNNING, token="dead", attempt=settings.JOB_MAX_ATTEMPTS)
        assert services.sweep() == {"requeued": 0, "published": 0, "given_up": 1}
        job = Job.objects.get()
        assert job.state == JobState.FAILED
        assert "worker was lost" in job.error

    def test_the_sweeper_stops_at_a_dead_broker(self, broker: Broker, kind: Any) -> None:
        broker.away = True
        for key in "abc":
            ask(key)
        broker.tries = 0
        assert services.sweep()["published"] == 0
        assert broker.tries == 1

    def test_a_sweeper_whose_clock_is_ahead_takes_no_living_job(
        self, broker: Broker, kind: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = ask()
        Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, token="living", heartbeat=Now(), attempt=1)
        ahead = timezone.now() + timedelta(seconds=120)
        monkeypatch.setattr(timezone, "now", lambda: ahead)
        assert services.sweep()["requeued"] == 0
        job.refresh_from_db()
        assert (job.state, job.token) == (JobState.RUNNING, "living")

    def test_a_heartbeat_is_the_databases_time(
        self, broker: Broker, kind: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = ask()
        real, behind = timezone.now(), timezone.now() - timedelta(hours=2)
        monkeypatch.setattr(timezone, "now", lambda: behind)
        seen: list[Any] = []
        kind["do"] = lambda job, progress: seen.append(Job.objects.get(pk=job.pk).heartbeat)
        assert services.run(job.pk) == "done"
        assert abs(seen[0] - real) < timedelta(minutes=1)

    def test_a_finder_that_fails_holds_up_no_hand_over(
        self, broker: Broker, kind: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """On a read-only disk the removal of old files fails in each sweep."""

        def removes() -> int:
            raise OSError(errno.EROFS, "Read-only file system")

        asked: list[str] = []

        def asks() -> int:
            asked.append("once")
            return 1

        monkeypatch.setattr(registry, "_finders", [removes, asks])
        broker.away = True
        ask()
        broker.away = False
        assert services.sweep()["published"] == 1
        assert asked == ["once"]

    def test_one_sweep_at_a_time(self, broker: Broker, kind: Any) -> None:
        ask()
        stale()
        assert services.sweep()["published"] == 1
        Job.objects.update(published_at=timezone.now() - timedelta(hours=2))
        assert services.sweep()["published"] == 0, "another sweep began just now"


def backlog(count: int) -> None:
    """So many jobs wait, each handed to the broker once, an hour ago."""
    past = timezone.now() - timedelta(hours=1)
    Job.objects.bulk_create(
        Job(kind="tests.kind", key=f"wait-{number}", published_at=past, publications=1) for number in range(count)
    )


@pytest.mark.django_db
class TestABacklog:
    """5,000 jobs wait for workers that are slow, or dead and back again."""

    def test_a_job_whose_message_waits_in_the_broker_is_not_published_again(
        self, broker: Broker, kind: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backlog(5000)
        monkeypatch.setattr(services, "messages_waiting", lambda queue: 5000 if queue == "scoring" else 0)
        for _sweep in range(3):
            assert services.sweep()["published"] == 0
            SweepMark.objects.all().delete()
        assert broker.messages == []

    def test_no_more_go_out_than_the_broker_has_lost(
        self, broker: Broker, kind: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backlog(5000)
        monkeypatch.setattr(services, "messages_waiting", lambda queue: 4990 if queue == "scoring" else 0)
        assert services.sweep()["published"] == 10

    def test_an_emptied_broker_gets_every_job_once(
        self, broker: Broker, kind: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backlog(1200)
        monkeypatch.setattr(
            services, "messages_waiting", lambda queue: len(broker.messages) if queue == "scoring" else 0
        )
        for _sweep in range(5):
            services.sweep()
            SweepMark.objects.all().delete()
        assert len(broker.messages) == len(set(broker.messages)) == 1200

    def test_where_the_broker_gives_no_count_the_pause_doubles(
        self, broker: Broker, kind: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
    ) -> None:
        monkeypatch.setattr(services, "messages_waiting", lambda queue: None)
        ask()
        for times, seconds in ((1, 30), (2, 60), (3, 120), (9, 3600), (30, 3600)):
            for age, wanted in ((seconds - 3, 0), (seconds + 3, 1)):
                SweepMark.objects.all().delete()
                past = timezone.now() - timedelta(seconds=age)
                Job.objects.update(publications=times, published_at=past)
                assert services.sweep()["published"] == wanted, (times, age)


@pytest.mark.django_db
class TestADatabaseThatIsAway:
    def test_its_faults_cost_no_attempt(self, broker: Broker, kind: Any, settings: Any) -> None:
        job = ask()

        def fails(job: Job, progress: Any) -> Any:
            raise OperationalError("the connection was cut")

        kind["do"] = fails
        for _time in range(settings.JOB_MAX_ATTEMPTS * 3):
            assert services.run(job.pk) == "retry"
        job.refresh_from_db()
        assert job.attempt == 0, "else the first worker that is lost afterwards would be the last"
        kind["do"] = lambda job, progress: {}
        assert services.run(job.pk) == "done"


def test_each_kind_of_work_has_a_worker_a_page_and_words_in_both_languages() -> None:
    """A queue that the Procfile does not name is read by nobody; work without a page hides its result."""
    procfile = (Path(__file__).resolve().parents[3] / "Procfile").read_text(encoding="utf-8")
    named = re.search(r"--queues (\S+)", procfile)
    assert named is not None
    assert set(named[1].split(",")) == set(registry.queues())
    kinds = {name: kind for name, kind in registry._kinds.items() if not name.startswith("tests.")}
    job_pages._page("")
    assert set(kinds) == set(job_pages._pages)
    with override("zh-hans"):
        assert [name for name, kind in kinds.items() if not re.search("[\u4e00-\u9fff]", str(kind.title))] == []
