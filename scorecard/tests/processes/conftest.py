"""Starts and ends the processes, and points them at the test's database and broker."""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.conf import settings
from django.db import connection
from kombu import pools

from scorecard.celery import app
from scorecard.jobs import broker, registry

ROOT = settings.BASE_DIR
STALE, SWEEP = 2.0, 0.5
ON_REDIS = os.environ.get("CELERY_BROKER_URL", "").startswith("redis")  # each test below sets the variable to its own
Found = TypeVar("Found")


def wait_for(what: Callable[[], Found], *, seconds: float, says: str) -> Found:
    """Ask again and again until the answer is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError(f"Not within {seconds} s: {says}")


def database_url() -> str:
    """The address of the test database, for another process."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    login = at["USER"] + (f":{at['PASSWORD']}" if at["PASSWORD"] else "")
    return f"postgres://{login}@{at['HOST']}:{at['PORT'] or 5432}/{at['NAME']}"


def procfile(name: str) -> list[str]:
    """The command of the Procfile, word by word: what is tested is what is served."""
    for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return shlex.split(line.partition(":")[2])
    raise LookupError(name)


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Processes:
    """The processes of one test; all are killed at its end."""

    broker_url: str
    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    logs: list[Path] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def start(self, name: str, **more: str) -> subprocess.Popen[bytes]:
        """Start ``worker`` or ``beat`` as the Procfile has it, in a process group of its own."""
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "scorecard.tests.processes.settings",
            "SCORECARD_DATA_DIR": str(settings.DATA_DIR),
            "DATABASE_URL": database_url(),
            "CELERY_BROKER_URL": self.broker_url,
            "JOB_STALE_SECONDS": str(STALE),
            "JOB_SWEEP_SECONDS": str(SWEEP),
            **more,
        }
        log = self.folder / f"{len(self.logs)}-{name}.log"
        self.logs.append(log)
        command = procfile(name)
        if name == "beat":
            command += ["--schedule", str(self.folder / "schedule")]
        with log.open("wb") as out:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def worker(self, **more: str) -> subprocess.Popen[bytes]:
        """Start a worker and wait until it answers."""
        process = self.start("worker", **more)
        log = self.logs[-1]

        def answers() -> bool:
            assert process.poll() is None, f"The worker ended at once:\n{log.read_text(encoding='utf-8')[-3000:]}"
            return bool(app.control.ping(timeout=0.5))

        wait_for(answers, seconds=30, says="the worker answers a ping")
        return process

    def keep(self, process: subprocess.Popen[bytes]) -> None:
        """Start a worker again where it has ended by itself, as the service manager of an installation does.

        A worker that is about to acknowledge a message at the moment its Redis goes away can end instead of connecting
        again: kombu then asks a connection that is closed already for its host.
        """

        def watch() -> None:
            current = process
            while not self.ended.wait(0.2):
                if current.poll() is not None:
                    current = self.start("worker")

        threading.Thread(target=watch, daemon=True).start()

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """``kill -9`` of the process and all its children at once, as a power cut would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def end(self) -> None:
        """End what is left."""
        self.ended.set()
        for process in self.running:
            if process.poll() is None:
                self.kill(process)


def _point_at(url: str, options: dict[str, Any]) -> None:
    """Let this process, which plays the web process, publish to that broker.

    Celery prefers the variable to its own setting, so the variable is set too; the ``processes`` end with it restored.
    """
    os.environ["CELERY_BROKER_URL"] = url
    app.conf.broker_url = url
    app.conf.broker_transport_options = options
    pools.reset()
    app._pool = None
    app.amqp._producer_pool = None
    broker._silent_until = 0.0


@pytest.fixture(autouse=True)
def _own_broker_variable() -> Iterator[None]:
    """Give the variable of the broker back as it was."""
    before = os.environ.get("CELERY_BROKER_URL")
    yield
    if before is None:
        os.environ.pop("CELERY_BROKER_URL", None)
    else:
        os.environ["CELERY_BROKER_URL"] = before


@pytest.fixture
def test_kinds() -> Iterator[None]:
    """The tests' kinds of job, known to this process too."""
    from scorecard.tests.processes.kinds import job_handlers

    before = dict(registry._kinds)
    registry._kinds.setdefault(
        job_handlers.COUNT, registry.Kind(job_handlers.COUNT, job_handlers.count, "scoring", "Count")
    )
    yield
    registry._kinds.clear()
    registry._kinds.update(before)


@pytest.fixture
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same short times here as in the worker processes."""
    monkeypatch.setattr(settings, "JOB_STALE_SECONDS", STALE)
    monkeypatch.setattr(settings, "JOB_SWEEP_SECONDS", SWEEP)


@pytest.fixture
def embedded(transactional_db: None, short_times: None, tmp_path: Path) -> Iterator[Processes]:
    """The broker without a server: a folder."""
    data = settings.DATA_DIR / "broker"
    for name in ("queue", "control"):
        shutil.rmtree(data / name, ignore_errors=True)
        (data / name).mkdir(parents=True)
    options = {
        "data_folder_in": str(data / "queue"),
        "data_folder_out": str(data / "queue"),
        "control_folder": str(data / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
    _point_at("filesystem://localhost//", options)
    processes = Processes("filesystem://localhost//", tmp_path)
    yield processes
    processes.end()


class RedisServer:
    """A redis-server of the test's own on a private port, which it may stop, empty and start again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty, and wait until it listens."""
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
        )
        wait_for(self._listens, seconds=10, says="redis-server listens")

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """Stop it; what it held is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def empty(self) -> None:
        """``FLUSHALL``."""
        import redis

        with redis.Redis(port=self.port) as client:
            client.flushall()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """Needs a run on Redis and Debian's redis-server; a run that promised it (``SCORECARD_REQUIRE``) fails without."""
    if not ON_REDIS:
        pytest.skip("This run has the embedded broker; CELERY_BROKER_URL=redis://… runs it on Redis.")
    if shutil.which("redis-server") is None:
        word = "There is no redis-server. Install it with: apt-get install redis-server"
        if "redis" in os.environ.get("SCORECARD_REQUIRE", ""):
            pytest.fail(word)
        pytest.skip(word)
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def on_redis(
    transactional_db: None, short_times: None, redis_server: RedisServer, tmp_path: Path
) -> Iterator[Processes]:
    """Redis as the broker, with the transport options that the settings give it."""
    from scorecard.settings import base

    _point_at(redis_server.url, base.REDIS_OPTIONS)
    processes = Processes(redis_server.url, tmp_path)
    yield processes
    processes.end()
    _point_at(settings.CELERY_BROKER_URL, settings.CELERY_BROKER_TRANSPORT_OPTIONS)


@pytest.fixture(params=["on_redis" if ON_REDIS else "embedded"])
def processes(request: pytest.FixtureRequest) -> Processes:
    """The kind of broker that the run has: the folder, or Redis."""
    found: Processes = request.getfixturevalue(request.param)
    return found
