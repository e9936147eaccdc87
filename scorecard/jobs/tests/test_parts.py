"""A parent and its parts: the parent waits, counts, ends after the last part, and survives the loss of any of them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from scorecard.jobs import registry, services, tasks
from scorecard.jobs.models import Job, JobState
from scorecard.jobs.parts import LIVING, PartsPending
from scorecard.jobs.registry import Kind

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A parent kind that makes three parts of two units each, and what the broker was handed."""
    box: dict[str, Any] = {"messages": [], "finished": 0, "part": lambda job, progress: {"n": job.params["n"]}}
    monkeypatch.setattr(
        tasks.run_job, "apply_async", lambda *, args, queue, retry: box["messages"].append(args[0]), raising=True
    )
    monkeypatch.setattr("scorecard.jobs.broker._silent_until", 0.0)
    monkeypatch.setattr(services, "messages_waiting", lambda queue: 0)  # the real broker may hold other tests' messages

    def parent(job: Job, progress: services.Progress) -> dict[str, Any]:
        progress.update(0, 6)
        if not job.shards.exists():
            with transaction.atomic():
                for n in range(3):
                    services.enqueue(
                        "tests.part", key=f"{job.pk}:{n}", params={"n": n}, total=2, parent=job, actor=None
                    )
        if job.shards.filter(state__in=LIVING).exists():
            raise PartsPending
        box["finished"] += 1
        return {"parts": [part["n"] for part in job.shards.order_by("pk").values_list("result", flat=True) if part]}

    registry._kinds["tests.parent"] = Kind("tests.parent", parent, "scoring", "Parent")
    registry._kinds["tests.part"] = Kind("tests.part", lambda job, progress: box["part"](job, progress), "scoring", "P")
    yield box
    del registry._kinds["tests.parent"], registry._kinds["tests.part"]


def start() -> tuple[Job, list[int]]:
    parent = services.enqueue("tests.parent", key="one", actor=None)
    assert services.run(parent.pk) == "waiting"
    return parent, list(parent.shards.order_by("pk").values_list("pk", flat=True))


def stale(*pks: int) -> None:
    Job.objects.filter(pk__in=pks).update(heartbeat=timezone.now() - timedelta(hours=1))


def test_the_parent_ends_after_the_last_part(box: dict[str, Any]) -> None:
    parent, parts = start()
    for number, part in enumerate(parts):
        parent.refresh_from_db()
        assert (parent.state, parent.done, parent.total) == (JobState.RUNNING, 2 * number, 6)
        assert services.run(part) == "done"
    parent.refresh_from_db()
    assert (parent.state, parent.done, box["finished"]) == (JobState.QUEUED, 6, 0)
    assert box["messages"] == [parent.pk, *parts, parent.pk]
    assert services.run(parent.pk) == "done"
    parent.refresh_from_db()
    assert (parent.state, parent.done, parent.result, box["finished"]) == (JobState.DONE, 6, {"parts": [0, 1, 2]}, 1)


def test_a_part_that_reports_moves_the_parents_bar(box: dict[str, Any]) -> None:
    parent, parts = start()
    seen = []

    def part(job: Job, progress: services.Progress) -> dict[str, Any]:
        progress.update(1)
        seen.append(Job.objects.get(pk=parent.pk).done)
        return {"n": job.params["n"]}

    box["part"] = part
    for pk in parts:
        services.run(pk)
    assert seen == [1, 3, 5]


def test_a_parent_with_living_parts_is_not_swept_and_its_lost_part_is(box: dict[str, Any]) -> None:
    parent, parts = start()
    Job.objects.filter(pk=parts[0]).update(state=JobState.RUNNING, token="lost")
    stale(parent.pk, parts[0])
    assert services.sweep()["requeued"] == 1
    parent.refresh_from_db()
    assert parent.state == JobState.RUNNING
    assert Job.objects.get(pk=parts[0]).state == JobState.QUEUED
    for pk in parts:
        assert services.run(pk) == "done"
    assert services.run(parent.pk) == "done"


def test_a_parent_whose_last_part_was_given_up_is_woken_by_the_sweeper(box: dict[str, Any], settings: Any) -> None:
    parent, parts = start()
    for pk in parts[:2]:
        services.run(pk)
    Job.objects.filter(pk=parts[2]).update(state=JobState.RUNNING, attempt=settings.JOB_MAX_ATTEMPTS)
    stale(parent.pk, parts[2])
    assert services.sweep() == {"requeued": 1, "published": 1, "given_up": 1}
    assert services.run(parent.pk) == "done"


def test_a_failed_part_ends_too(box: dict[str, Any]) -> None:
    parent, parts = start()

    def part(job: Job, progress: services.Progress) -> dict[str, Any]:
        raise ZeroDivisionError

    box["part"] = part
    for pk in parts:
        with pytest.raises(ZeroDivisionError):
            services.run(pk)
    parent.refresh_from_db()
    assert parent.state == JobState.QUEUED


def test_a_killed_parent_makes_no_second_set_of_parts(box: dict[str, Any]) -> None:
    parent, parts = start()
    for pk in parts:
        services.run(pk)
    Job.objects.filter(pk=parent.pk).update(state=JobState.RUNNING, token="killed")
    stale(parent.pk)
    assert services.sweep()["requeued"] == 1
    assert services.run(parent.pk) == "done"
    assert parent.shards.count() == 3


def test_waiting_costs_no_attempt(box: dict[str, Any]) -> None:
    parent, _parts = start()
    parent.refresh_from_db()
    assert parent.attempt == 0


def test_the_end_of_a_lost_run_wakes_nobody(box: dict[str, Any]) -> None:
    parent, parts = start()
    for pk in parts[:2]:
        services.run(pk)

    def part(job: Job, progress: services.Progress) -> dict[str, Any]:
        Job.objects.filter(pk=job.pk).update(token="another")
        return {"n": 2}

    box["part"] = part
    assert services.run(parts[2]) == "lost"
    parent.refresh_from_db()
    assert parent.state == JobState.RUNNING
