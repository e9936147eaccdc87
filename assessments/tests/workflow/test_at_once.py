"""Two people press the same button at the same moment: real threads with connections of their own, real locks."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils.translation import override

from assessments import workflow
from assessments.models import FilingVersion, StepRecord
from assessments.tests.filings.world import COMPLETE, World, build, person
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.audit.services import verify
from scorecard.jobs.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Each call in its own thread, started together; what each returned or raised."""
    gate = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            gate.wait(10)
            with override("en"):
                results[place] = call()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> World:
    """A complete filing that waits for a signature; the bank has a second signatory."""
    from assessments.filings import selectors as filing

    monkeypatch.setattr(filing, "blocking_reasons", lambda assessment, kept: iter(()))
    world = build()
    world.facts(**COMPLETE)
    for name, actor in (("pass_to_reviewer", world.preparer), ("pass_to_signatory", world.reviewer)):
        workflow.perform(name, actor=actor, assessment_id=world.assessment.pk)
    return world


@pytest.mark.parametrize("turn", range(3))
def test_two_simultaneous_submissions_give_one(ready: World, turn: int) -> None:
    second = person("sign-second", ready.bank, Role.BANK_SIGNATORY)
    pk = ready.assessment.pk
    results = at_once(
        lambda: workflow.perform("submit", actor=ready.signatory, assessment_id=pk),
        lambda: workflow.perform("submit", actor=second, assessment_id=pk),
    )
    refused = [result for result in results if isinstance(result, Refused)]
    assert len(refused) == 1, results
    assert "moved the case on" in str(refused[0])
    assert sum(not isinstance(result, Exception) for result in results) == 1, results
    assert FilingVersion.objects.filter(assessment=pk).count() == 1
    assert StepRecord.objects.filter(assessment=pk, transition="submit").count() == 1
    assert Event.objects.filter(event="assessments.filing.submit").count() == 1
    assert Job.objects.count() == 1
    assert list(verify()) == []


def test_the_same_person_pressing_twice_submits_once(ready: World) -> None:
    pk = ready.assessment.pk
    results = at_once(*[lambda: workflow.perform("submit", actor=ready.signatory, assessment_id=pk) for _ in range(4)])
    assert sum(isinstance(result, Refused) for result in results) == 3, results
    assert FilingVersion.objects.filter(assessment=pk).count() == 1
    assert Job.objects.count() == 1


def test_the_trail_stays_gapless_when_banks_work_at_the_same_moment(ready: World) -> None:
    worlds = [build(f"C{number}") for number in range(4)]

    def save(world: World) -> Any:
        actor = world.preparer
        return workflow.perform("pass_to_reviewer", actor=actor, assessment_id=world.assessment.pk)

    results = at_once(*[lambda world=world: save(world) for world in worlds])
    assert not any(isinstance(result, Exception) for result in results), results
    assert list(verify()) == []
