"""A whole round scored by real workers that are killed in the middle: nothing lost, one run each, ranked once."""

import pytest

from assessments.models import Assessment, Ranking, RoundSnapshot, ScoreRun
from assessments.rounds.services import open_round
from assessments.scoring.rounds import request_round_scoring
from assessments.tests.rounds.world import planned, submit
from banks.tests.factories import make_bank
from scorecard.audit.models import Event
from scorecard.audit.services import verify
from scorecard.jobs.models import JobState

from .conftest import Processes, wait_for

pytestmark = [
    pytest.mark.worker,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("test_kinds"),
]

SHARD_SIZE = 20
BANKS = 15 * SHARD_SIZE + 10


def test_kill_9_in_the_middle_of_a_round(processes: Processes) -> None:
    for _ in range(BANKS):
        make_bank()
    round_ = planned()
    open_round(actor=None, round_id=round_.pk)
    for number, case in enumerate(Assessment.objects.select_related("bank").order_by("pk")):
        submit(case, rate=f"0.{30 + number % 50}")
    processes.start("beat")
    worker = processes.worker(SCORING_SHARD_SIZE=str(SHARD_SIZE))
    job = request_round_scoring(actor=None, round_id=round_.pk)

    def in_the_middle() -> bool:
        job.refresh_from_db()
        return 0 < job.done < BANKS

    wait_for(in_the_middle, seconds=20, says="the scoring has begun")
    processes.kill(worker)
    job.refresh_from_db()
    assert job.state != JobState.DONE
    processes.worker(SCORING_SHARD_SIZE=str(SHARD_SIZE))

    def at_its_end() -> bool:
        job.refresh_from_db()
        return job.state in (JobState.DONE, JobState.FAILED)

    wait_for(at_its_end, seconds=60, says="the round is scored")
    assert (job.state, job.error) == (JobState.DONE, "")
    assert (job.done, job.total, job.shards.count()) == (BANKS, BANKS, 16)
    assert ScoreRun.objects.count() == ScoreRun.objects.values("version").distinct().count() == BANKS
    assert Ranking.objects.filter(job=job).count() == Ranking.objects.count() == BANKS
    assert RoundSnapshot.objects.count() == 1
    assert Event.objects.filter(event="assessments.score.computed").count() == 16
    assert Event.objects.filter(event="assessments.round.ranked").count() == 1
    assert list(verify()) == []
