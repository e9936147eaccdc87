"""Brings a PostgreSQL back to a moment: base backup and archived log, on a cluster of the drill's own.

    .venv/bin/python scripts/pitr_drill.py

Makes a cluster that archives its log, lets the product write events, takes a base backup, writes on, notes a moment,
then does the damage: rows deleted as the owner can. A second cluster is recovered from base backup and archive to the
moment before. Verified: every event up to the moment is there, none after it, chain and checkpoints fit. Prints the
times; ends with 1 where something does not hold. Needs PostgreSQL's own programmes (apt-get install postgresql).
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EVENTS = (
    "from scorecard.audit.services import record\nfor n in range({0}): record('signout', actor=None, data={{'n': n}})"
)


def binaries() -> Path:
    """Where PostgreSQL's programmes are; the newest version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4].split(".")[0]))
    if not found:
        sys.exit("There is no initdb. Install it with: apt-get install postgresql")
    return found[-1].parent


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def as_postgres(*words: object) -> None:
    """Run a programme of PostgreSQL, which refuses to be root."""
    command = [str(word) for word in words]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
    done = subprocess.run(command, cwd="/", capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


class Cluster:
    """One PostgreSQL of the drill's own."""

    def __init__(self, folder: Path, programmes: Path) -> None:
        self.data, self.programmes, self.port = folder, programmes, free_port()

    def start(self, **settings: str) -> None:
        """Start it and wait until it answers."""
        given = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": str(self.port), **settings}
        with (self.data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in given.items())
        as_postgres(self.programmes / "pg_ctl", "-D", self.data, "-l", self.data / "log", "-w", "-t", "60", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; ``immediate`` is a power cut."""
        as_postgres(self.programmes / "pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def ask(self, statement: str) -> str:
        """One statement as the owner; its first value."""
        import psycopg

        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname="scorecard", autocommit=True
        ) as at:
            asked = at.execute(statement.encode())
            row = asked.fetchone() if asked.description else None
            return str(row[0]) if row else ""

    def manage(self, folder: Path, *words: str) -> str:
        """One command of the product on this cluster."""
        env = os.environ | {
            "DATABASE_URL": f"postgres://postgres@127.0.0.1:{self.port}/scorecard",
            "SCORECARD_DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "scorecard.settings.dev",
            "LOG_LEVEL": "ERROR",
        }
        for name in ("AUDIT_KEY_FILE", "AUDIT_KEYS_FILE", "AUDIT_CHECKPOINT_FILE"):
            env.pop(name, None)
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout.strip()


def drill(place: Path, step: Callable[[str], None]) -> list[str]:
    """The whole drill; what does not hold, in sentences."""
    programmes = binaries()
    archive, base = place / "archive", place / "base"
    owned = [place, archive, place / "live"]
    for folder in owned[1:]:
        folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        for folder in owned:
            shutil.chown(folder, "postgres", "postgres")
    live, again = Cluster(place / "live", programmes), Cluster(base, programmes)
    data = Path(tempfile.mkdtemp(prefix="scorecard-pitr-"))
    wrong = []
    try:
        as_postgres(
            programmes / "initdb", "-D", live.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"
        )
        live.start(
            archive_mode="on", archive_command=f"test ! -f {archive}/%f && cp %p {archive}/%f", wal_level="replica"
        )
        as_postgres(programmes / "createdb", "-h", "127.0.0.1", "-p", live.port, "-U", "postgres", "scorecard")
        live.manage(data, "migrate", "-v", "0")
        live.manage(data, "shell", "-v", "0", "-c", EVENTS.format(20))
        step("a cluster that archives its log, 20 events")
        as_postgres(
            programmes / "pg_basebackup",
            "-h",
            "127.0.0.1",
            "-p",
            live.port,
            "-U",
            "postgres",
            "-D",
            base,
            "-X",
            "none",
            "-c",
            "fast",
        )
        step("base backup")
        live.manage(data, "shell", "-v", "0", "-c", EVENTS.format(30))
        moment, kept = live.ask("SELECT clock_timestamp()"), live.ask("SELECT count(*) FROM audit_event")
        checkpoints = (data / "audit-checkpoints.txt").read_bytes()  # as it was shipped up to the moment
        time.sleep(1.1)
        live.manage(data, "shell", "-v", "0", "-c", EVENTS.format(5))
        live.ask("ALTER TABLE audit_event DISABLE TRIGGER USER")
        live.ask("DELETE FROM audit_event WHERE seq > 10")
        live.ask("SELECT pg_switch_wal()")
        step(f"30 events more, the moment ({moment}), 5 more, and 45 events deleted by the owner")
        last = live.ask("SELECT pg_walfile_name(pg_switch_wal())")
        until = time.monotonic() + 30
        while not (archive / last).exists() and time.monotonic() < until:
            time.sleep(0.2)
        live.stop("immediate")
        (base / "recovery.signal").touch()
        if os.geteuid() == 0:
            shutil.chown(base / "recovery.signal", "postgres", "postgres")
        started = time.monotonic()
        again.start(
            restore_command=f"cp {archive}/%f %p", recovery_target_time=moment, recovery_target_action="promote",
            archive_mode="off",
        )  # fmt: skip
        while again.ask("SELECT pg_is_in_recovery()") == "True" and time.monotonic() - started < 60:
            time.sleep(0.1)
        step("recovered to the moment and promoted")
        found = again.ask("SELECT count(*) FROM audit_event")
        if found != kept:
            wrong.append(f"The recovered trail has {found} events; {kept} were there at the moment.")
        (data / "audit-checkpoints.txt").write_bytes(checkpoints)
        said = again.manage(data, "verify_audit")
        step("verify_audit: " + said.splitlines()[0])
        step("verify_data: " + again.manage(data, "verify_data"))
    finally:
        for cluster in (live, again):
            if (cluster.data / "postmaster.pid").exists():
                cluster.stop("immediate")
        shutil.rmtree(data, ignore_errors=True)
    return wrong


def main() -> int:
    """The drill, with its times as a table."""
    with tempfile.TemporaryDirectory(prefix="scorecard-pitr-", dir="/tmp") as name:  # nosec B108
        print("| Step | Seconds |\n|---|---|")
        before = started = time.monotonic()

        def step(words: str) -> None:
            nonlocal before
            now = time.monotonic()
            print(f"| {words} | {now - before:.1f} |", flush=True)
            before = now

        try:
            wrong = drill(Path(name), step)
        except RuntimeError as error:
            wrong = [str(error)]
        print(f"| together | {time.monotonic() - started:.1f} |")
    for words in wrong:
        print(words, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
