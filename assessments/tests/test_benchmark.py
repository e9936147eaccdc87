"""``manage.py benchmark database``: the data it makes is scored by the round's own job, and a wrong run is told."""

import pytest
from django.db import connection

from assessments.benchmark import World, described, stages
from assessments.benchmark.workbooks import measure_reading, sentence
from assessments.models import Assessment, ScoreRun
from assessments.rulebooks.cache import forget
from scorecard.jobs.models import Job, JobState

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_measures_the_job_itself_against_the_same_rows() -> None:
    world = World(60)
    world.fill()
    line = world.measure(rounds=1)
    assert (line.workers is None) == (connection.vendor == "sqlite")
    assert line.ours.wall > 0 and line.out.wall > 0 and line.into.wall > 0
    assert ScoreRun.objects.count() == 60, "the bare way has written the job's rows again"
    assert {job.state for job in Job.objects.all()} == {JobState.DONE}
    assert described(line).startswith("| 60 |") and '"point"' in stages(line)
    forget()


@pytest.mark.usefixtures("past_the_triggers")
def test_a_run_that_is_none_of_evaluate_stops_the_benchmark() -> None:
    world = World(20)
    world.fill()
    world.job()
    world.check()
    run = ScoreRun.objects.order_by("pk")[7]
    ScoreRun.objects.filter(pk=run.pk).update(total="99.99")
    with pytest.raises(AssertionError, match="other columns"):
        world.check()
    ScoreRun.objects.filter(pk=run.pk).update(total=run.total)
    world.check()
    Assessment.objects.filter(pk=run.assessment_id).update(system_run=None)
    with pytest.raises(AssertionError, match="not pointed to"):
        world.check()
    forget()


def test_the_benchmark_of_workbooks_reads_and_checks_filled_ones() -> None:
    alone, ours = measure_reading(2)
    assert alone.wall > 0 and ours.wall > 0
    assert "times the reader's time" in sentence(alone, ours)
