"""A bank submits while things break: nothing lost, one run each."""

import time

import pytest

from assessments import workflow
from assessments.models import FilingVersion, ScoreRun
from assessments.tests.filings.world import COMPLETE, World, build
from scorecard.audit.models import Event
from scorecard.audit.services import verify
from scorecard.jobs import services
from scorecard.jobs.models import Job, JobState
from scorecard.jobs.tasks import run_job

from .conftest import Processes, RedisServer, wait_for

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def signing(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """A complete filing that waits for its signature."""
    from assessments.filings import selectors as filing

    monkeypatch.setattr(filing, "blocking_reasons", lambda assessment, kept: iter(()))
    return ready("B001")


def ready(code: str) -> World:
    world = build(code)
    world.facts(**COMPLETE)
    for name, actor in (("pass_to_reviewer", world.preparer), ("pass_to_signatory", world.reviewer)):
        workflow.perform(name, actor=actor, assessment_id=world.assessment.pk)
    return world


def submit(world: World) -> FilingVersion:
    done = workflow.perform("submit", actor=world.signatory, assessment_id=world.assessment.pk)
    assert done.version is not None
    return done.version


def scored(version: FilingVersion, *, seconds: float = 40) -> ScoreRun:
    """The one run of this version, once it is there and the assessment points to it."""
    wait_for(lambda: ScoreRun.objects.filter(version=version).exists(), seconds=seconds, says="the version is scored")
    wait_for(lambda: not Job.objects.exclude(state=JobState.DONE).exists(), seconds=seconds, says="the job is done")
    run = ScoreRun.objects.get(version=version)  # fails on two
    version.assessment.refresh_from_db()
    assert version.assessment.system_run_id == run.pk
    assert Event.objects.filter(event="assessments.score.computed").count() == ScoreRun.objects.count()
    assert list(verify()) == []
    return run


def test_a_submission_is_scored_within_two_seconds(processes: Processes, signing: World) -> None:
    processes.worker()
    warm = ready("B000")
    scored(submit(warm))
    started = time.monotonic()
    version = submit(signing)
    wait_for(lambda: ScoreRun.objects.filter(version=version).exists(), seconds=10, says="the version is scored")
    took = time.monotonic() - started
    assert took < 2, f"{took:.2f} s"
    scored(version)


def test_kill_9_in_the_middle_of_scoring(processes: Processes, signing: World) -> None:
    marker = processes.folder / "computed"
    processes.start("beat")
    worker = processes.worker(TESTS_STRETCH_SCORING=str(marker))
    version = submit(signing)
    wait_for(marker.exists, seconds=20, says="the worker is in the middle of scoring")
    processes.kill(worker)
    assert not ScoreRun.objects.exists(), "half a run must not be seen"
    job = Job.objects.get(kind="assessments.score_version")
    assert job.state == JobState.RUNNING
    processes.worker()
    scored(version)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (JobState.DONE, 2)


def test_a_worker_that_is_down_at_submission_scores_when_it_is_back(processes: Processes, signing: World) -> None:
    version = submit(signing)
    time.sleep(0.5)
    assert not ScoreRun.objects.exists()
    processes.worker()
    scored(version)


def test_the_same_task_delivered_again_and_again_leaves_one_run(processes: Processes, signing: World) -> None:
    version = submit(signing)
    job = Job.objects.get(kind="assessments.score_version")
    for _ in range(3):
        run_job.apply_async(args=[job.pk], queue="scoring")
    processes.worker()
    run = scored(version)
    assert services.run(job.pk) == "skipped"
    # Even a second job for the same version finds the row.
    again = services.enqueue("assessments.score_version", key="again", actor=None, params=job.params)
    wait_for(lambda: not Job.objects.exclude(state=JobState.DONE).exists(), seconds=20, says="the second job is done")
    again.refresh_from_db()
    assert again.result["run"] == run.pk
    assert ScoreRun.objects.count() == 1


def test_redis_stopped_at_the_moment_of_submission(
    on_redis: Processes, redis_server: RedisServer, signing: World
) -> None:
    on_redis.start("beat")
    on_redis.keep(on_redis.worker())
    redis_server.stop()
    started = time.monotonic()
    version = submit(signing)
    assert time.monotonic() - started < 2, "the bank's request must not wait for the broker"
    assert version.number == 1, "the submission stands"
    time.sleep(2)
    assert not ScoreRun.objects.exists()
    redis_server.start()
    scored(version, seconds=60)
    assert Job.objects.get(kind="assessments.score_version").attempt == 1


def test_redis_that_lost_its_memory_after_the_submission(
    on_redis: Processes, redis_server: RedisServer, signing: World
) -> None:
    version = submit(signing)
    redis_server.empty()
    on_redis.start("beat")
    on_redis.worker()
    scored(version)
