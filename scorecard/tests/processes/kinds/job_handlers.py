"""Kinds of job for the tests with real processes."""

import os
import time
from pathlib import Path
from typing import Any

from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import job_kind

COUNT = "tests.count"


@job_kind(COUNT, title="Count", queue="scoring")
def count(job: Job, progress: Progress) -> dict[str, Any]:
    """Count ``steps`` with a pause after each; every start and every end is a line in ``trace``."""
    trace = Path(job.params["trace"])
    with trace.open("a", encoding="utf-8") as lines:
        lines.write(f"start {os.getpid()}\n")
    for step in range(1, job.params["steps"] + 1):
        time.sleep(job.params["pause"])
        progress.update(step, total=job.params["steps"])
    with trace.open("a", encoding="utf-8") as lines:
        lines.write(f"end {os.getpid()}\n")
    return {"counted": job.params["steps"]}
