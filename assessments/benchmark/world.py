"""The round that is measured, in a database of its own, and the ways to measure it."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import numpy as np
from django.db import connection, transaction
from django.test.utils import override_settings
from django.utils import timezone

from scorecard.audit.triggers import set_aside

from .bare import bare_in, bare_out, keep_runs
from .clocks import Time, middle, peak_mib, reset_peak, settle, timed, timers
from .filings import ASSESSMENT_COLUMNS, BANK_COLUMNS, POOL, bank_row, insert, pool_of

SAMPLE = 40
WORKERS = 2


@dataclass(frozen=True)
class Measured:
    """Medians for one size, and the seconds of the parts of the job."""

    banks: int
    ours: Time
    workers: Time | None  # two worker processes, as the Procfile starts; None on SQLite, which has one writer
    out: Time
    into: Time
    stages: dict[str, float]
    peak_mib: float

    @property
    def ratio(self) -> float:
        """The job by the wall clock relative to the bare way."""
        return self.ours.wall / (self.out.wall + self.into.wall)

    @property
    def workers_ratio(self) -> float | None:
        """The job with two worker processes relative to the bare way."""
        return None if self.workers is None else self.workers.wall / (self.out.wall + self.into.wall)

    @property
    def processor_ratio(self) -> float:
        """The same by processor time, which a busy machine blurs less."""
        return self.ours.processor / (self.out.processor + self.into.processor)

    @property
    def without_pointers(self) -> float:
        """The ratio without pointing the assessments to their runs, which the bare way does not do."""
        return (self.ours.wall - self.stages["point"]) / (self.out.wall + self.into.wall)


@contextmanager
def scratch_database() -> Iterator[None]:
    """A database of its own beside the configured one, with all migrations; dropped at the end whatever happens."""
    old = connection.settings_dict["NAME"]
    trail = override_settings(AUDIT_KEY_FILE="")  # the checkpoints beside the real database are of another trail
    with tempfile.TemporaryDirectory(prefix="scorecard-benchmark-") as folder, trail:
        name = f"scorecard_benchmark_{os.getpid()}"
        sqlite = connection.vendor == "sqlite"
        connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / f"{name}.sqlite3") if sqlite else name
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(old, verbosity=0)


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Measured]:
    """Fill the scratch database for each size in turn, assert that samples equal ``evaluate``, and measure."""
    for banks in sizes:
        with scratch_database():
            world = World(banks)
            world.fill()
            yield world.measure(rounds)


class World:
    """A round of so many submitted banks under shanghai-2017/3, and the ways to measure it."""

    def __init__(self, banks: int) -> None:
        from assessments.models import Round, RoundState
        from assessments.rulebooks.cache import engine_rulebook, forget
        from assessments.rulebooks.services import publish_rulebook

        forget()
        self.banks = banks
        version = publish_rulebook(actor=None, code="shanghai-2017", version="3")
        self.rulebook = engine_rulebook(version)
        now = timezone.now()
        self.round = Round.objects.create(
            code="benchmark",
            year=2017,
            title_zh="测速",
            title_en="Benchmark",
            rulebook=version,
            state=RoundState.OPEN,
            opens_at=now - timezone.timedelta(days=2),
            filing_deadline=now - timezone.timedelta(days=1),
            review_deadline=now + timezone.timedelta(days=30),
        )

    def fill(self) -> None:
        """Banks, assessments, versions with their encoded form, and the supervisor's figures; ids from 1 on."""
        from banks.models import User

        person = User.objects.create(username="benchmark", name="benchmark").pk
        pool = pool_of(self.rulebook, min(POOL, self.banks))
        now = timezone.now()
        rng = np.random.default_rng(7)
        for start in range(0, self.banks, POOL):
            ids = range(start + 1, min(start + POOL, self.banks) + 1)
            filings = [pool[(pk - 1) % len(pool)] for pk in ids]
            with transaction.atomic():
                insert(
                    "banks_bank",
                    BANK_COLUMNS,
                    [bank_row(pk, filing.category, now) for pk, filing in zip(ids, filings, strict=True)],
                )
                insert(
                    "assessments_assessment",
                    ASSESSMENT_COLUMNS,
                    [(pk, self.round.pk, pk, now, "submitted", "waiting", 0, "{}", *[""] * 8, "none") for pk in ids],
                )
                insert(
                    "assessments_filingversion",
                    "id assessment_id number facts history bank_properties answers evidence report explanations"
                    " self_total digest prepared_by_id checked_by_id signed_by_id submitted_at",
                    [
                        (pk, pk, 1, *filing.texts, "[]", "", "{}", "", filing.digest, person, person, person, now)
                        for pk, filing in zip(ids, filings, strict=True)
                    ],
                )
                insert(
                    "assessments_encodedfiling",
                    "version_id layout body",
                    [(pk, filing.layout, filing.body) for pk, filing in zip(ids, filings, strict=True)],
                )
                facts = {
                    "returns": rng.poisson(0.7, len(ids)),
                    "late_days": rng.poisson(0.5, len(ids)),
                    "fee_violations": rng.poisson(0.2, len(ids)),
                    "open_findings": rng.poisson(0.4, len(ids)),
                }
                insert(
                    "banks_factentry",
                    "bank_id period fact revision state value source source_note entered_at",
                    [
                        (pk, "2017", fact, 1, "value", str(value), "system", "", now)
                        for fact, values in facts.items()
                        for pk, value in zip(ids, values.tolist(), strict=True)
                    ],
                )
        with connection.cursor() as cursor:
            # Pointed once and cleared: rows in use have been updated before, and their pages have room.
            cursor.execute("UPDATE assessments_assessment SET version_id = id")
            if connection.vendor == "postgresql":
                for table in ("assessments_assessment", "assessments_filingversion", "assessments_encodedfiling"):
                    cursor.execute(f"VACUUM ANALYZE {table}")
                cursor.execute("VACUUM ANALYZE banks_factentry")
            else:
                cursor.execute("ANALYZE")

    # --- The measurements --------------------------------------------------------------------------------------------

    def measure(self, rounds: int) -> Measured:
        """Take turns between the job and the bare way, so that a busy machine disturbs both alike."""
        ours, both, out, into = [], [], [], []
        stages: dict[str, list[float]] = defaultdict(list)
        peak = 0.0
        with tempfile.TemporaryDirectory(prefix="scorecard-benchmark-") as folder:
            kept = Path(folder) / "runs.bin"
            self.job()  # warms up: parses the rulebook and writes its program
            self.check()
            for _turn in range(rounds):
                self.clear()
                settle()
                reset_peak()
                with timers() as found:
                    ours.append(timed(self.job))
                peak = peak or peak_mib()  # later turns would count the rows that the bare way keeps in memory
                if connection.vendor == "postgresql":
                    self.clear()
                    settle()
                    with workers(WORKERS) as pool:
                        both.append(timed(lambda p=pool: self.job(p)))  # type: ignore[misc]
                for name, seconds in found.items():
                    stages[name].append(seconds)
                settle()
                out.append(timed(bare_out))
                rows = keep_runs(kept)
                self.clear()
                settle()
                into.append(timed(lambda r=rows: bare_in(kept, r)))  # type: ignore[misc]
        parts = {name: median(values) for name, values in stages.items()}
        together = middle(both) if both else None
        return Measured(self.banks, middle(ours), together, middle(out), middle(into), parts, peak)

    def job(self, pool: ProcessPoolExecutor | None = None) -> None:
        """What workers do for a round: every shard as a job of its own, here one after the other or in a pool."""
        from assessments.scoring.rounds import SHARD_JOB, SHARD_SIZE
        from scorecard.jobs.models import Job

        jobs = []
        for start in range(1, self.banks + 1, SHARD_SIZE):
            ids = list(range(start, min(start + SHARD_SIZE, self.banks + 1)))
            key = f"benchmark:{time.monotonic_ns()}"
            jobs.append(
                Job.objects.create(kind=SHARD_JOB, key=key, params={"round": self.round.pk, "versions": ids}).pk
            )
        made = sum(map(_run, jobs) if pool is None else pool.map(_run, jobs))
        if made != self.banks:
            raise AssertionError(f"The shards have made {made} runs for {self.banks} banks.")

    def check(self) -> None:
        """Assert on a sample that the run in the database is what ``evaluate`` gives, under the key of a single run."""
        from assessments.models import ScoreRun
        from assessments.scoring.inputs import run_inputs, run_key
        from assessments.scoring.runs import outcome_of
        from scorecard.audit.services import canonical

        if ScoreRun.objects.count() != self.banks:
            raise AssertionError(f"{ScoreRun.objects.count()} runs for {self.banks} banks")
        step = max(1, self.banks // SAMPLE)
        rows = ScoreRun.objects.filter(version__in=list(range(1, self.banks + 1, step)))
        for run in rows.select_related("version__assessment__round__rulebook", "version__assessment__bank"):
            outcome = outcome_of(run)
            told = [outcome["total"], outcome["pending"], outcome["grade"]["before"], outcome["grade"]["after"]]
            if told != [run.total, run.pending, run.grade_before, run.grade]:
                raise AssertionError(f"The run of version {run.version_id} has other columns than evaluate gives.")
            inputs = run_inputs(run.version, self.rulebook, run.kind)
            key = run_key(
                kind=run.kind,
                rulebook_hash=self.rulebook.hash,
                version=run.version_id,
                digest=run.version.digest,
                inputs=canonical(inputs),
            )
            if key != run.key or run.version.assessment.system_run_id != run.pk:
                raise AssertionError(f"The run of version {run.version_id} has another key or is not pointed to.")

    def clear(self) -> None:
        """Take the runs away again. Foreign keys are not asked: no index leads from a run to its assessment."""
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET session_replication_role = replica")
                cursor.execute("UPDATE assessments_assessment SET system_run_id = NULL WHERE system_run_id IS NOT NULL")
                cursor.execute("DELETE FROM assessments_scorerun")
                cursor.execute("SET session_replication_role = origin")
                cursor.execute("VACUUM assessments_scorerun")
                cursor.execute("VACUUM assessments_assessment")
                return
            cursor.execute("PRAGMA foreign_keys = OFF")
            cursor.execute("UPDATE assessments_assessment SET system_run_id = NULL WHERE system_run_id IS NOT NULL")
            with set_aside("assessments_scorerun"):
                cursor.execute("DELETE FROM assessments_scorerun")
            cursor.execute("PRAGMA foreign_keys = ON")


def _run(job: int) -> int:
    """Run one shard's job as a worker does; returns the number of new runs."""
    from scorecard.jobs import services
    from scorecard.jobs.models import Job

    services.run(job)
    return int(Job.objects.values_list("result", flat=True).get(pk=job)["new"])


@contextmanager
def workers(count: int) -> Iterator[ProcessPoolExecutor]:
    """So many worker processes with a connection each, started before the clock is."""
    connection.close()
    with ProcessPoolExecutor(count, mp_context=get_context("fork")) as pool:
        list(pool.map(_connect, range(count * 4)))
        yield pool


def _connect(_number: int) -> None:
    connection.ensure_connection()
    time.sleep(0.05)


def described(line: Measured) -> str:
    """One row of the table in docs/performance.md."""
    two = f"{line.workers.wall:.2f} | **{line.workers_ratio:.2f}**" if line.workers else "|"
    return (
        f"| {line.banks:,} | {line.out.wall:.2f} | {line.into.wall:.2f} | {line.ours.wall:.2f} | **{line.ratio:.2f}** |"
        f" {line.without_pointers:.2f} | {two} | {line.out.processor + line.into.processor:.2f} |"
        f" {line.ours.processor:.2f} | **{line.processor_ratio:.2f}** | {line.peak_mib:,.0f} |"
    )


def stages(line: Measured) -> str:
    """The parts of the job's time as JSON, in milliseconds."""
    return json.dumps({name: round(seconds * 1000) for name, seconds in line.stages.items()})
