"""Stopping as a service manager does: SIGTERM, and no request and no job is lost."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from django.conf import settings

from scorecard.jobs.models import Job, JobState

from .conftest import Processes, database_url, free_port, wait_for
from .test_jobs import ask, lines, trace  # noqa: F401  a fixture

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("test_kinds")]


def test_sigterm_while_a_job_runs_and_others_wait_loses_nothing(embedded: Processes, trace: Path) -> None:  # noqa: F811
    processes = embedded
    first = processes.worker()
    jobs = [ask(trace, key=str(number), steps=10, pause=0.1) for number in range(5)]
    wait_for(lambda: lines(trace, "start"), seconds=15, says="a job has begun")
    first.send_signal(signal.SIGTERM)
    first.wait(30)
    states = set(Job.objects.values_list("state", flat=True))
    assert JobState.RUNNING not in states, "what ran has ended"
    assert JobState.QUEUED in states, "and no more was begun: else this shows nothing"
    processes.worker()
    processes.start("beat")
    keys = [job.pk for job in jobs]
    wait_for(lambda: Job.objects.filter(pk__in=keys, state=JobState.DONE).count() == 5, seconds=60, says="all are done")
    assert set(Job.objects.filter(pk__in=keys).values_list("attempt", flat=True)) == {1}
    assert (lines(trace, "start"), lines(trace, "end")) == (5, 5)


def test_sigterm_while_a_request_is_read_lets_it_end(tmp_path: Path) -> None:
    port = free_port()
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "scorecard.settings.test",
        "SCORECARD_DATA_DIR": str(settings.DATA_DIR),
        "DATABASE_URL": database_url(),
        "WEB_BIND": f"127.0.0.1:{port}",
        "METRICS_DIR": str(tmp_path / "metrics"),
    }
    with (tmp_path / "web.log").open("wb") as out:
        web = subprocess.Popen(
            [".venv/bin/gunicorn", "--config", "deploy/gunicorn.conf.py", "scorecard.wsgi"],
            cwd=settings.BASE_DIR, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:

        def answers() -> bool:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)):
                    return False
                probe.settimeout(20)
                probe.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return b" 200 " in probe.recv(100)

        wait_for(answers, seconds=40, says="the web server is ready")
        with socket.create_connection(("127.0.0.1", port), timeout=20) as slow:
            body = b"username=nobody&password=nothing"
            head = "POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            slow.sendall(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body[:10])
            time.sleep(1)  # until a thread of the server reads it
            web.send_signal(signal.SIGTERM)
            time.sleep(1)
            slow.sendall(body[10:])
            assert slow.recv(200).startswith(b"HTTP/1.1 4"), "refused for its missing token, but answered"
        assert web.wait(40) == 0
    finally:
        if web.poll() is None:
            os.killpg(web.pid, signal.SIGKILL)
            web.wait()
