"""The tests' app. In a worker that is told to, it also stretches scoring, so that a test can kill it in the middle."""

import os
import time
from pathlib import Path
from typing import Any

from django.apps import AppConfig


class KindsConfig(AppConfig):
    """Registers the tests' kinds of job in the worker process."""

    name = "scorecard.tests.processes.kinds"
    label = "test_kinds"

    def ready(self) -> None:
        if marker := os.environ.get("TESTS_STRETCH_SCORING"):
            _stretch_scoring(Path(marker))


def _stretch_scoring(marker: Path) -> None:
    """Leave a mark once a score is computed, and wait for long before it is written."""
    from assessments.scoring import runs as scoring

    build_run = scoring.build_run

    def slowly(*args: Any, **kwargs: Any) -> Any:
        run = build_run(*args, **kwargs)
        marker.touch()
        time.sleep(60)
        return run

    scoring.build_run = slowly
