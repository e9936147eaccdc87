"""Two people at the same moment, and the same work twice: one version, one run, nobody's text overwritten.

Real threads with connections of their own. On PostgreSQL the row lock orders them, on SQLite the IMMEDIATE transaction.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from assessments.models import Answer, FilingVersion, ScoreKind, ScoreRun, StepRecord
from assessments.rulebooks.cache import forget
from assessments.scoring.runs import score_version
from assessments.tests.filings.test_scoring import fill, submit
from assessments.tests.filings.world import World, build, person, post_fields
from assessments.workflow import perform
from banks.models import FactEntry
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.models import Event
from scorecard.audit.services import verify
from scorecard.jobs.models import Job
from scorecard.jobs.services import run as run_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    forget()
    return build()


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Start all calls at one moment; each result, or the refusal that came instead."""
    gate, results = threading.Barrier(len(calls)), [None] * len(calls)

    def work(number: int, call: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=10)
            results[number] = call()
        except Refused as refused:
            results[number] = refused
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number, call)) for number, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()
    return results


def test_two_signatures_at_once_give_one_version_one_job_and_one_refusal(world: World) -> None:
    fill(world)
    other = person("sign-2", world.bank, "bank_signatory")
    perform("pass_to_reviewer", actor=world.preparer, assessment_id=world.assessment.pk)
    perform("pass_to_signatory", actor=world.reviewer, assessment_id=world.assessment.pk)
    results = at_once(
        lambda: perform("submit", actor=world.signatory, assessment_id=world.assessment.pk),
        lambda: perform("submit", actor=other, assessment_id=world.assessment.pk),
    )
    assert sum(isinstance(result, Refused) for result in results) == 1
    assert FilingVersion.objects.count() == 1 and Job.objects.filter(kind="assessments.score_version").count() == 1
    assert StepRecord.objects.filter(transition="submit").count() == 1
    assert not list(verify())


def test_the_same_signature_twice_in_a_row_gives_one_version(world: World) -> None:
    fill(world)
    submit(world)
    with pytest.raises(Refused):
        perform("submit", actor=world.signatory, assessment_id=world.assessment.pk)
    assert FilingVersion.objects.count() == 1


def test_the_same_scoring_at_once_gives_one_run(world: World) -> None:
    fill(world)
    version = submit(world)
    results = at_once(*[lambda: score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)] * 4)
    assert {result.pk for result in results} == {ScoreRun.objects.get().pk}
    assert Event.objects.filter(event="assessments.score.computed").count() == 1
    job = Job.objects.get(kind="assessments.score_version")
    assert sorted(at_once(*[lambda: run_job(job.pk)] * 3)) == ["done", "skipped", "skipped"]
    assert ScoreRun.objects.count() == 1 and world.again().system_run_id == ScoreRun.objects.get().pk


def test_of_two_saves_of_one_field_at_once_the_second_is_told(world: World) -> None:
    other = person("prep-2", world.bank, "bank_preparer")

    def save(actor: Any, value: str) -> Any:
        return post_fields(actor, world.assessment, 0, facts={"bal": value})

    results = at_once(lambda: save(world.preparer, "1"), lambda: save(other, "2"))
    stale = [result for result in results if isinstance(result, Stale)]
    assert len(stale) == 1 and FactEntry.objects.count() == 1
    assert str(stale[0].current[0].theirs) == FactEntry.objects.get().value


def test_two_saves_of_different_fields_at_once_both_stay(world: World) -> None:
    other = person("prep-2", world.bank, "bank_preparer")
    results = at_once(
        lambda: post_fields(world.preparer, world.assessment, 0, facts={"bal": "1"}),
        lambda: post_fields(other, world.assessment, 0, answers={"A1": {"narrative": "甲"}}),
    )
    assert not [result for result in results if isinstance(result, Refused)]
    assert (
        world.again().revision == 2 and FactEntry.objects.get().value == "1" and Answer.objects.get().narrative == "甲"
    )


def test_a_save_and_the_passing_on_at_once_never_leave_an_unchecked_change(world: World) -> None:
    fill(world)
    pk = world.assessment.pk
    results = at_once(
        lambda: post_fields(world.preparer, world.assessment, 0, facts={"policy": "2"}),
        lambda: perform("pass_to_reviewer", actor=world.preparer, assessment_id=pk),
    )
    saved = not isinstance(results[0], Refused)
    value = FactEntry.objects.filter(fact="policy").latest("revision").value
    assert value == ("2" if saved else "1") and world.again().filing_state == "checking"
