"""Sets everything up and serves the application: web, worker and beat, as the Procfile says. Standard library only.

The children run in process groups of their own: Ctrl-C reaches this process alone, which then ends them in order. A
worker that dies is started again, as a service manager would; one that dies at once, again and again, ends it all.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import setup
from setup import PYTHON, ROOT, Stamps, digest, run, stop, tell

HOST = "127.0.0.1"
REPORT = "fixtures/report_2017"
READY_SECONDS = 90
PATIENCE = 12  # seconds a child gets to end by itself
QUICK_DEATHS = 3  # deaths within RESTART_WINDOW after which a child is given up
RESTART_WINDOW = 20


def environment(port: int) -> dict[str, str]:
    """The demonstration's environment; what the caller has set (DATABASE_URL, CELERY_BROKER_URL …) is kept."""
    env = dict(os.environ)
    env.setdefault("DJANGO_SETTINGS_MODULE", "scorecard.settings.dev")
    env.setdefault("DEMO", "1")
    env.setdefault("LOG_LEVEL", "WARNING")
    env["PORT"] = str(port)
    env.setdefault("SITE_URL", f"http://localhost:{port}")
    env["PYTHONUNBUFFERED"] = "1"
    # Celery warns every root; messages are JSON ids here, and the demonstration listens on this machine alone.
    env.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser privileges")
    env["PATH"] = f"{PYTHON.parent}{os.pathsep}{env.get('PATH', '')}"
    return env


def data_dir() -> Path:
    """Where database, broker folder and uploads are."""
    return Path(os.environ.get("SCORECARD_DATA_DIR", ROOT / "var")).resolve()


def check_port(port: int) -> None:
    """The port must be free before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                stop(
                    f"Port {port} is taken by another programme on this machine.",
                    f"End that programme, or choose another port:    make demo PORT={port + 1}",
                )
            if error.errno == errno.EACCES:
                stop(f"This user may not open port {port}; choose one above 1023:    make demo PORT=8000")
            raise


def lock(folder: Path) -> IO[str]:
    """One demonstration per data folder; the lock falls when this process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = (folder / "demo.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.seek(0)
        stop(
            f"A demonstration already runs on the data in {folder} (process {handle.read().strip() or 'unknown'}).",
            "End it with Ctrl-C where it runs, or give this one a folder of its own:",
            "    make demo SCORECARD_DATA_DIR=/tmp/scorecard PORT=8001",
        )
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


# --- The database ----------------------------------------------------------------------------------------------------
def _migrations() -> dict[str, str]:
    """Each migration with the digest of its text."""
    paths = [p for app in ("scorecard", "banks", "assessments") for p in (ROOT / app).rglob("migrations/0*.py")]
    return {str(p.relative_to(ROOT)): digest(p) for p in sorted(paths)}


def _set_aside_foreign_database(folder: Path, stamps: Stamps, now: dict[str, str]) -> None:
    """An embedded database that was made by migrations which have since been rewritten cannot be migrated on."""
    database = folder / "scorecard.sqlite3"
    before: dict[str, str] = json.loads(stamps.known.get("migrations", "{}"))
    if os.environ.get("DATABASE_URL") or not database.exists() or all(now.get(k) == v for k, v in before.items()):
        return
    kept = folder / f"scorecard-before-{time.strftime('%Y%m%d-%H%M%S')}.sqlite3"
    for suffix in ("", "-wal", "-shm"):
        if (old := database.with_name(database.name + suffix)).exists():
            old.rename(kept.with_name(kept.name + suffix))
    if (checkpoints := folder / "audit-checkpoints.txt").exists():  # of that database's trail: the new one has its own
        checkpoints.rename(kept.with_suffix(".checkpoints.txt"))
    stamps.known.clear()
    tell(f"The migrations were rewritten since the database was made; it is kept as {kept.name} and a new one is made.")


def make_database(env: dict[str, str]) -> None:
    """Migrate, load demonstration banks, people and rounds, and the figures of the 2017 report; each once."""
    folder = data_dir()
    stamps = Stamps(folder / "demo.json")
    migrations = _migrations()
    _set_aside_foreign_database(folder, stamps, migrations)
    embedded = not env.get("DATABASE_URL")
    if not embedded or not (folder / "scorecard.sqlite3").exists():
        stamps.known.clear()  # a server's database may have been emptied or changed: ask it each time
    manage = [PYTHON, ROOT / "manage.py"]
    mark = json.dumps(migrations, sort_keys=True)
    if not stamps.fresh("migrations", mark):
        tell("Preparing the database …")
        run(*manage, "migrate", "--verbosity", "0", env=env)
        stamps.set("migrations", mark)
    for name, says, command, sources in (
        (
            "demo",
            "Making the demonstration (three rounds; half a minute) …",
            ["demo"],
            ["fixtures/demo"],
        ),
        ("report", "Loading the figures of the 2017 report …", ["load_report", REPORT], [REPORT]),
    ):
        made_from = digest(*(ROOT / source for source in sources))
        if not stamps.fresh(name, made_from):
            tell(says)
            run(*manage, *command, env=env, quiet=True)
            stamps.set(name, made_from)


# --- The processes ---------------------------------------------------------------------------------------------------
def _end_with_parent() -> None:
    """Ask the kernel to end this child when the supervisor is killed outright (Linux)."""
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM)


@dataclass
class Child:
    """One line of the Procfile and the process that runs it."""

    name: str
    command: str
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start it in a process group of its own."""
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {self.command}"],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )

    def signal(self, number: int, *, group: bool = False) -> None:
        """Send a signal to the process, or to its whole group."""
        if self.process is not None:
            try:
                (os.killpg if group else os.kill)(self.process.pid, number)
            except ProcessLookupError:
                return


def read_procfile(env: dict[str, str]) -> list[Child]:
    """The children, in the order of the file."""
    children = []
    for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines():
        name, separator, command = line.partition(":")
        if separator and not line.startswith("#"):
            children.append(Child(name.strip(), command.strip(), env))
    return children


def end(children: list[Child]) -> None:
    """End all children: asked first, forced after a while, and no grandchild left."""
    for child in reversed(children):
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    for child in children:
        if child.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
            child.signal(signal.SIGKILL, group=True)
            child.process.wait()


def wait_until_ready(port: int, children: list[Child]) -> None:
    """Wait for the first answer, so that the address is printed when it works."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        for child in children:
            if child.process is not None and child.process.poll() is not None:
                end(children)
                stop(f"The {child.name} process ended at once (code {child.process.returncode}); it says why above.")
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=2) as answer:  # nosec B310
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    end(children)
    stop(f"The application did not answer on port {port} within {READY_SECONDS} seconds; see its messages above.")


def watch(children: list[Child]) -> int:
    """Look after the children until somebody ends this process; 1 when one of them could not be kept running."""
    while True:
        for child in children:
            if child.process is None or child.process.poll() is None:
                continue
            code = child.process.returncode
            child.signal(signal.SIGKILL, group=True)
            now = time.monotonic()
            child.deaths = [at for at in child.deaths if now - at < RESTART_WINDOW] + [now]
            how = f"signal {-code}" if code < 0 else f"code {code}"
            if len(child.deaths) >= QUICK_DEATHS:
                tell(f"The {child.name} process ended {QUICK_DEATHS} times in a row ({how}); everything is ended.")
                return 1
            tell(f"The {child.name} process ended ({how}); it is started again.")
            child.start()
        time.sleep(0.2)


def show_address(port: int) -> None:
    """The address, and one login for each role."""
    file = ROOT / "fixtures" / "demo" / "logins.json"
    logins = json.loads(file.read_text(encoding="utf-8"))
    wide = max(len(row["username"]) for row in logins["people"])
    lines = [
        "",
        f"  Scorecard · 普惠金融监管评价    http://localhost:{port}/",
        "",
        f"  Every demonstration login has the password   {logins['password']}",
        "",
    ]
    lines += [f"  {row['username']:<{wide}}  {row['role_en']} · {row['role_zh']}" for row in logins["people"]]
    tell("\n".join([*lines, "", "  Ctrl-C ends it. Everything it keeps is in " + str(data_dir()), ""]))


class Ended(Exception):
    """Somebody asked this process to end."""


def _ended(number: int, frame: object) -> None:
    raise Ended


def serve(port: int, env: dict[str, str]) -> int:
    """Run the Procfile until Ctrl-C, SIGTERM or a child that cannot be kept running."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ended)
    children = read_procfile(env)
    code = 0
    try:
        for child in children:
            child.start()
        wait_until_ready(port, children)
        show_address(port)
        code = watch(children)
    except Ended:
        tell("\nEnding …")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        end(children)
    return code


def main() -> int:
    """``make demo``."""
    parser = argparse.ArgumentParser(description="Set everything up and serve the application.")
    parser.add_argument("--prepare", action="store_true", help="set up and stop before serving")
    options = parser.parse_args()
    try:
        port = int(os.environ.get("PORT") or "8000")
        if not 0 < port < 65536:
            raise ValueError
    except ValueError:
        stop(f"PORT is {os.environ['PORT']!r}; it must be a number from 1 to 65535:    make demo PORT=8001")
    setup.check_python()
    if not options.prepare:
        check_port(port)
    held = lock(data_dir())
    setup.prepare(dev=False)
    env = environment(port)
    make_database(env)
    code = 0 if options.prepare else serve(port, env)
    held.close()
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        stop("Interrupted. Run the same command again; it goes on where it stopped.")
