"""Processes of an installation with unsafe settings end at once, and say why."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

WEB = [sys.executable, "-c", "import scorecard.wsgi"]
WORKER = [".venv/bin/celery", "--quiet", "-A", "scorecard.celery", "worker", "--concurrency", "1"]


@pytest.mark.parametrize(("command", "code"), [(WEB, 1), (WORKER, 78)], ids=["web", "worker"])
def test_a_process_without_a_key_and_with_an_open_broker_ends(tmp_path: Path, command: list[str], code: int) -> None:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("AUDIT_", "METRICS_", "DATABASE_"))}
    env |= {
        "DJANGO_SETTINGS_MODULE": "scorecard.settings.production",
        "SECRET_KEY": "drawn-at-random" * 4,
        "ALLOWED_HOSTS": "a.example",
        "SCORECARD_DATA_DIR": str(tmp_path),
        "CELERY_BROKER_URL": "redis://redis.a.example:6379/0",
    }
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=env, capture_output=True, encoding="utf-8", check=False, timeout=120
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "does not start with these settings" in done.stderr
    for words in ("TRUSTED_PROXIES is 0", "audit_key", "redis.a.example has no TLS"):
        assert words in done.stderr
