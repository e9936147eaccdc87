"""The servers of a fault run, which it may kill: PostgreSQL, Redis, a small disk, and a network that can be slow.

Nothing here is anybody else's: each server has a folder and a port of its own, and is ended by its own process id.
"""

import contextlib
import os
import selectors
import shutil
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

HOST = "127.0.0.1"
MEGABYTE = 1024 * 1024


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], object], seconds: float, says: str) -> float:
    """Ask again and again until the answer is true; how many seconds that took. ``TimeoutError`` with ``says``."""
    started = time.monotonic()
    while not what():
        if time.monotonic() - started > seconds:
            raise TimeoutError(f"Not within {seconds:.0f} s: {says}")
        time.sleep(0.05)
    return time.monotonic() - started


def listens(port: int, host: str = HOST) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


class Postgres:
    """A cluster of the run's own. It does not wait for the disk; what it has committed is with the system, and so
    outlives the server, which is what is killed here.
    """

    OPTIONS = (
        "fsync=off", "synchronous_commit=on", "full_page_writes=off",
        "shared_buffers=64MB", "max_wal_size=256MB", "min_wal_size=32MB", "max_connections=150",
    )  # fmt: skip

    def __init__(self, folder: Path, host: str = HOST, enter: Sequence[str] = ()) -> None:
        """``enter`` are the words that begin a command on another host, whose address is ``host``."""
        self.folder, self.port, self.host, self.enter = folder, free_port(), host, list(enter)
        self.process: subprocess.Popen[bytes] | None = None
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
        if not found:
            raise SystemExit("There is no PostgreSQL. Install it with: apt-get install postgresql")
        self.bin = found[-1]

    def _user(self) -> list[str]:
        """PostgreSQL refuses root: then it is the user ``postgres``."""
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.getuid() == 0 else []
        return [*self.enter, *user]

    def create(self) -> None:
        """Make the cluster and start it."""
        self.folder.mkdir(mode=0o700)
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        data = self.folder / "data"
        words = ["-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(
            [*self._user(), str(self.bin / "initdb"), *words], cwd="/", check=True, stdout=subprocess.DEVNULL
        )
        with (data / "pg_hba.conf").open("a", encoding="ascii") as rules:  # the other hosts of a run
            rules.write("host all all samenet trust\nhost replication all samenet trust\n")
        self.start()

    def start(self) -> None:
        """Start it, if it does not run, and wait until it answers. It is a child of this process, which so learns of
        its end: where nobody does, a killed server stays in the table of processes and no new one starts beside it.
        """

        def started() -> bool:  # refused while a child of a killed server lives, until it sees that its server is gone
            if self.process is None or self.process.poll() is not None:
                place = f"listen_addresses={self.host}", f"port={self.port}", f"unix_socket_directories={self.folder}"
                options = [word for option in (*self.OPTIONS, *place) for word in ("-c", option)]
                with (self.folder / "log").open("ab") as log:
                    self.process = subprocess.Popen(
                        [*self._user(), str(self.bin / "postgres"), "-D", str(self.folder / "data"), *options],
                        cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                    )  # fmt: skip
            return self._answers()

        wait_for(started, 60, f"PostgreSQL runs in {self.folder}")

    def _answers(self) -> bool:
        try:
            return bool(self.sql("SELECT 1"))
        except Exception:
            return False

    def follow(self, primary: "Postgres") -> None:
        """Make this cluster a standby of another one and start it. From then on the other one tells nobody that a
        transaction is committed before this one has it.
        """
        self.folder.mkdir(mode=0o700)
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        words = ["-h", primary.host, "-p", str(primary.port), "-U", "postgres", "-D", str(self.folder / "data")]
        copy = [str(self.bin / "pg_basebackup"), *words, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
        subprocess.run([*self._user(), *copy], cwd="/", check=True)
        self.start()
        follows = "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"
        wait_for(lambda: primary.sql(follows), 60, "the standby follows")
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.sql("SELECT pg_reload_conf()")
        together = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
        wait_for(lambda: primary.sql(together), 60, "commits wait for the standby")

    def promote(self) -> None:
        """Make a standby the one that is written to; it waits for no other until one follows it."""
        self.sql("ALTER SYSTEM RESET synchronous_standby_names")
        self.sql("SELECT pg_reload_conf()")
        self.sql("SELECT pg_promote(true, 60)")

    def stop(self, mode: int) -> None:
        """SIGINT ends sessions in order, SIGQUIT is a crash from which it recovers at its next start, SIGKILL one of
        the main process alone; its children end by themselves.
        """
        if self.process is not None:
            self.process.send_signal(mode)
            self.process.wait(60)

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """One statement outside a transaction, as the owner; its rows."""
        import psycopg

        place = f"host={self.host} port={self.port} connect_timeout=5"
        with psycopg.connect(f"{place} user=postgres dbname={database}", autocommit=True) as link:
            cursor = link.execute(statement.encode())
            return list(cursor.fetchall()) if cursor.description else []

    def cut(self, database: str) -> None:
        """End every session of a database, in the middle of whatever it does."""
        with contextlib.suppress(Exception):
            self.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")  # noqa: S608  # nosec B608

    def restore(self, template: str, database: str) -> None:
        """Make a database anew out of a template."""
        self.sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        self.sql(f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY file_copy')

    def copy_from(self, url: str, database: str) -> None:
        """Take a database over from another server, whole."""
        self.sql(f'CREATE DATABASE "{database}"')
        dump = subprocess.Popen([self.bin / "pg_dump", "--no-owner", "--dbname", url], stdout=subprocess.PIPE)
        done = subprocess.run(
            [self.bin / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.host, "-p", str(self.port), "-U", "postgres",
             "-d", database], stdin=dump.stdout, stdout=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        if dump.wait() or done.returncode:
            raise RuntimeError(f"The database could not be copied from {url}.")


class Redis:
    """A server without a file: what it held is gone with its process."""

    def __init__(self, folder: Path, host: str = HOST, enter: Sequence[str] = ()) -> None:
        self.folder, self.port, self.host, self.enter = folder, free_port(), host, list(enter)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty, if it does not run."""
        if self.process is not None:
            return
        self.process = subprocess.Popen(
            [*self.enter, "redis-server", "--port", str(self.port), "--bind", self.host, "--protected-mode", "no",
             "--save", "", "--dir", str(self.folder)], stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        wait_for(lambda: listens(self.port, self.host), 10, "redis-server listens")

    def stop(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def say(self, *words: str) -> None:
        """One command."""
        import redis

        with redis.Redis(host=self.host, port=self.port) as client:
            client.execute_command(*words)


class Disk:
    """A small disk for the data folder: a tmpfs, which root alone can mount. Without it a run leaves its faults out."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "scorecard-faults", str(folder)],
            capture_output=True, check=False,
        )  # fmt: skip
        self.mounted = done.returncode == 0
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leave no room at all."""
        with contextlib.suppress(OSError), self._filler.open("wb") as file:
            while True:
                file.write(b"\0" * 65536)
                file.flush()

    def make_room(self) -> None:
        """Take away what filled it."""
        self._filler.unlink(missing_ok=True)

    def read_only(self, on: bool) -> None:
        """Let nothing be written. Refused by the system while a file is open for writing, so it is asked again."""

        def mounted() -> bool:
            mode = "ro" if on else "rw"
            done = subprocess.run(
                ["mount", "-o", f"remount,{mode}", str(self.folder)], capture_output=True, check=False
            )
            return done.returncode == 0

        wait_for(mounted, 10, "the data folder changes its mode")

    def end(self) -> None:
        """Unmount it."""
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], capture_output=True, check=False)


class Network(threading.Thread):
    """Stands between the product and one server: passes everything on, late (``delay``), not at all (``deaf``), or
    breaks off every connection that there is.
    """

    def __init__(self, target: int) -> None:
        super().__init__(daemon=True)
        self.target, self.delay, self.deaf, self.ended = target, 0.0, False, False
        self._door = socket.create_server((HOST, 0), backlog=128)
        self.port = int(self._door.getsockname()[1])
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._late: deque[tuple[float, socket.socket, bytes]] = deque()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._door, selectors.EVENT_READ)
        self._break = threading.Event()
        self.start()

    def run(self) -> None:
        """Until the end of the run."""
        while not self.ended:
            if self._break.is_set():
                for one in list(self._pairs):
                    self._close(one)
                self._break.clear()
            for key, _events in self._selector.select(0.002 if self._late else 0.05):
                if self.deaf:
                    continue
                self._accept() if key.fileobj is self._door else self._pass_on(key.fileobj)  # type: ignore[arg-type]
            if self.deaf:
                time.sleep(0.02)
            while self._late and self._late[0][0] <= time.monotonic():
                _at, target, data = self._late.popleft()
                self._send(target, data)

    def break_off(self) -> None:
        """Break off every connection."""
        self._break.set()
        wait_for(lambda: not self._break.is_set(), 5, "the connections are broken off")

    def _accept(self) -> None:
        here, _address = self._door.accept()
        try:
            there = socket.create_connection((HOST, self.target), timeout=2)
        except OSError:
            here.close()
            return
        for one, other in ((here, there), (there, here)):
            one.settimeout(20)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._pairs[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, one: socket.socket) -> None:
        try:
            data = one.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._close(one)
        elif self.delay or self._late:
            self._late.append((time.monotonic() + self.delay, self._pairs[one], data))
        else:
            self._send(self._pairs[one], data)

    def _send(self, target: socket.socket, data: bytes) -> None:
        try:
            target.sendall(data)
        except OSError:
            self._close(target)

    def _close(self, one: socket.socket) -> None:
        other = self._pairs.pop(one, None)
        for each in (one, other):
            if each is not None:
                self._pairs.pop(each, None)
                with contextlib.suppress(KeyError, ValueError):
                    self._selector.unregister(each)
                each.close()
