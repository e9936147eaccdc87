"""What every part of the demonstration's story works with: the banks, the people, the clock, the round under way."""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from assessments.demo import banks as demo
from assessments.demo.calendars import Calendar
from assessments.demo.clock import Clock
from assessments.demo.generator import generate
from assessments.demo.people import People
from assessments.models import Round, RulebookVersion
from assessments.scoring.rounds import request_round_scoring
from banks.models import Bank, FactSource
from banks.services.facts import record_many
from scorecard.engine import Rulebook
from scorecard.jobs.models import Job, JobState
from scorecard.jobs.services import run as run_job


class Story:
    """The state of the story, and what all who take part in it need: figures on file, and the worker's part."""

    def __init__(self, seed: int, rounds: Sequence[Calendar], clock: Clock, say: Callable[[str], None]) -> None:
        self.rounds, self.clock, self.say = rounds, clock, say
        self.banks = generate(seed)
        self.by_code = {bank.code: bank for bank in self.banks}
        self.rows: dict[str, Bank] = {}
        self.random = Random(seed)  # noqa: S311  # nosec B311 - invented figures, nothing secret
        self.people: People
        self.rulebook: Rulebook
        self.version: RulebookVersion
        self.year = 0
        self.round: Round

    def record(self, facts: Mapping[str, demo.Facts]) -> None:
        """Record figures of this year, by bank code."""
        batch = {(self.rows[code].pk, str(self.year)): values for code, values in facts.items() if values}
        if batch:
            record_many(actor=self.people.admin, batch=batch, source=FactSource.DEMO)

    def score(self) -> None:
        """Do the work that has been queued, and what that queues in turn, as the worker would."""
        while waiting := list(Job.objects.filter(state=JobState.QUEUED).order_by("pk").values_list("pk", flat=True)):
            for job_id in waiting:
                if (outcome := run_job(job_id)) not in ("done", "waiting"):
                    raise RuntimeError(f"Job {job_id} ended as {outcome}: {Job.objects.get(pk=job_id).error}")

    def score_round(self) -> None:
        """Score the whole round, rank the banks within their categories, and compute the city's figures."""
        request_round_scoring(actor=self.people.officers[0], round_id=self.round.pk)
        self.score()
