"""The product's own processes as a service manager keeps them: web, worker and beat, started again when they end."""

import os
import shutil
import signal
import struct
import subprocess
import threading
import time
from pathlib import Path

from fault_servers import HOST, free_port, wait_for

ROOT = Path(__file__).resolve().parents[1]


def clock_library(folder: Path) -> Path | None:
    """``fault_clock.c``, compiled; None where there is no compiler, and a run leaves the faults of the clock out."""
    made = folder / "fault_clock.so"
    if shutil.which("gcc") is None:
        return None
    source = ROOT / "scripts" / "fault_clock.c"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", str(made), str(source), "-ldl"], check=True)
    return made


class Service(threading.Thread):
    """One unit of ``deploy/systemd``: started again ``rest`` seconds after it has ended."""

    def __init__(self, name: str, command: list[str], env: dict[str, str], log: Path, root: Path, rest: float) -> None:
        super().__init__(daemon=True)
        self.unit, self.command, self.env, self.root, self.rest = name, command, env, root, rest
        self.log = log / f"{name}.log"
        self.starts, self.wanted = 0, True
        self.process = self._begin()
        self.start()

    def _begin(self) -> "subprocess.Popen[bytes]":
        self.starts += 1
        with self.log.open("ab") as out:
            return subprocess.Popen(
                self.command, cwd=self.root, env=self.env, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def run(self) -> None:
        """Watch it until it is not wanted any more."""
        while self.wanted:
            if self.process.poll() is None:
                time.sleep(0.05)
                continue
            self._kill_group()  # what a dead main process has left of itself goes too, as systemd does
            time.sleep(self.rest)
            if self.wanted:
                self.process = self._begin()

    def _kill_group(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def children(self) -> list[int]:
        """The process ids of what it has forked."""
        done = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, check=False)
        return [int(word) for word in done.stdout.split()]

    def kill_main(self) -> None:
        """``kill -9`` of the main process alone."""
        self.process.kill()

    def kill_child(self) -> None:
        """``kill -9`` of every child, so that the one that works is among them; the main process makes new ones."""
        for number in self.children():
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def end(self) -> None:
        """End it for good."""
        self.wanted = False
        self._kill_group()
        self.process.wait()
        self.join(5)
        self._kill_group()


class Product:
    """Web, worker and beat on one database and one broker, with the commands of ``deploy/``."""

    def __init__(
        self, env: dict[str, str], folder: Path, library: Path | None, *, rest: float, root: Path = ROOT, name: str = ""
    ) -> None:
        self.port = free_port()
        self.folder, self.env = folder, dict(env)
        self.clock = folder / f"clock{name}"
        self.set_clock(0)
        if library is not None:
            self.env |= {"LD_PRELOAD": str(library), "FAULT_CLOCK": str(self.clock)}
        celery = [".venv/bin/celery", "--quiet", "-A", "scorecard.celery"]
        web = self.env | {"WEB_BIND": f"{HOST}:{self.port}", "METRICS_DIR": str(folder / f"metrics{name}")}
        worker = [*celery, "worker", "--queues", "default,scoring", "--concurrency", "2", "--loglevel", "warning"]
        worker += ["--without-gossip", "--without-mingle"]
        schedule = folder / f"schedule{name}"
        units = [
            ("web", [".venv/bin/gunicorn", "--config", "deploy/gunicorn.conf.py", "scorecard.wsgi"], web),
            ("worker", worker, self.env),
            ("beat", [*celery, "beat", "--loglevel", "warning", "--schedule", str(schedule)], self.env),
        ]
        if name:
            units.pop()  # beat runs once
        self.services = {
            unit: Service(f"{unit}{name}", command, given, folder, root, rest) for unit, command, given in units
        }

    def set_clock(self, seconds: int) -> None:
        """By how much the processes' clock is wrong; in place, since they have the file mapped."""
        with self.clock.open("r+b" if self.clock.exists() else "w+b") as file:
            file.write(struct.pack("=q", seconds))

    def ready(self) -> bool:
        """Whether the web server says that it may be given requests."""
        import http.client

        link = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            link.request("GET", "/readyz")
            return link.getresponse().status == 200
        except OSError:
            return False
        except http.client.HTTPException:
            return False
        finally:
            link.close()

    def wait_ready(self, seconds: float = 120) -> float:
        """Wait until it is."""
        return wait_for(self.ready, seconds, "the web server is ready")

    def end(self) -> None:
        """End every process."""
        for service in self.services.values():
            service.end()
