"""Sixty runs of the scripted year in which everything dies (docs/reliability.md), on servers of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from .conftest import ON_REDIS, database_url

pytestmark = [pytest.mark.worker, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

RUNS = 60
SECONDS = 75  # after which no further run begins: a machine that others use does fewer
FEWEST = 5


def test_a_year_in_which_everything_dies(tmp_path: Path) -> None:
    if not ON_REDIS or connection.vendor != "postgresql":
        pytest.skip("Needs PostgreSQL and Redis: DATABASE_URL and CELERY_BROKER_URL.")
    log = tmp_path / "runs"
    with log.open("w", encoding="utf-8") as out:
        done = subprocess.run(
            [
                sys.executable, "scripts/fault_runs.py", "--quick", "--runs", str(RUNS), "--seconds", str(SECONDS),
                "--source", database_url(),
            ],
            cwd=settings.BASE_DIR, env={**os.environ, "DJANGO_SETTINGS_MODULE": "scorecard.settings.dev"}, stdout=out,
            stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    said = log.read_text(encoding="utf-8")
    counts = re.search(r"^(\d+) runs in .*, (\d+) failed", said, re.MULTILINE)
    assert counts is not None and done.returncode == 0, said[-4000:]
    assert int(counts[1]) >= FEWEST and counts[2] == "0", said[-4000:]
