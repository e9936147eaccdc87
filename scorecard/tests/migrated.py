"""A migrated database that the next process of tests copies: to migrate one takes ten seconds of processor.

It is keyed by the digest of all that says what stands in it: the project's own code apart from its tests, and the
locked packages. SQLite keeps the file in ``.cache``; a server keeps a database of its own, which each test database is
made from as a template. What has not been used for a day goes when another is made.
"""

import fcntl
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.base.creation import BaseDatabaseCreation

FOLDER = Path(settings.BASE_DIR) / ".cache" / "test-databases"
SOURCES = ("scorecard", "banks", "assessments")
PREFIX = "scorecard_migrated_"
DAY = 86400
LOCK = 7_320_411  # the key of the server's lock: any number that nothing else uses there


def digest() -> str:
    """Of the code that migrations, signals and triggers may read, and of the packages."""
    found = hashlib.sha256()
    files = [path for name in SOURCES for path in (settings.BASE_DIR / name).rglob("*.py") if "tests" not in path.parts]
    for path in [*sorted(files), settings.BASE_DIR / "requirements.txt"]:
        found.update(f"{path.relative_to(settings.BASE_DIR)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def copy_what_is_migrated() -> None:
    """Let Django's maker of test databases copy the migrated one where there is one, and keep the first it makes."""
    made = BaseDatabaseCreation.create_test_db

    def create(
        self: Any, verbosity: int = 1, autoclobber: bool = False, serialize: bool = True, keepdb: bool = False
    ) -> str:
        plain = keepdb or serialize or self.connection.settings_dict["TEST"]["MIGRATE"] is False
        kept: type[_File | _Database] | None = KEPT.get(self.connection.vendor)
        if plain or kept is None:
            return str(made(self, verbosity, autoclobber, serialize, keepdb))
        store, name = kept(digest()), self._get_test_db_name()
        with store.alone():
            if not store.exists():
                made(self, verbosity, autoclobber, serialize, keepdb)
                self.connection.close()
                store.keep(name)
            else:
                store.copy(name)
                connections.settings[self.connection.alias]["NAME"] = name
                self.connection.close()
                self.connection.settings_dict["NAME"] = name
        self.connection.ensure_connection()
        return str(name)

    setattr(BaseDatabaseCreation, "create_test_db", create)  # noqa: B010  # mypy would not have a method replaced


class _File:
    def __init__(self, of: str) -> None:
        self.path = FOLDER / f"{of}.sqlite3"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process at a time makes one, and the others wait for it."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        with (FOLDER / "lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def exists(self) -> bool:
        return self.path.exists()

    def keep(self, name: str) -> None:
        for old in FOLDER.glob("*.sqlite3"):
            if time.time() - old.stat().st_mtime > DAY:
                old.unlink()
        half = self.path.with_suffix(".half")
        _copy(name, half)
        half.rename(self.path)

    def copy(self, name: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{name}{suffix}").unlink(missing_ok=True)
        _copy(str(self.path), Path(name))
        os.utime(self.path)


def _copy(source: str, target: Path) -> None:
    """As SQLite copies one: whole, whatever still stands in the log beside the file."""
    target.unlink(missing_ok=True)
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    old.close()
    new.close()


class _Database:
    def __init__(self, of: str) -> None:
        self.name = f"{PREFIX}{of}"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process at a time makes one, and the others wait for it; the lock falls with the connection."""
        import psycopg

        at = settings.DATABASES["default"]
        login = {"host": at["HOST"], "port": at["PORT"] or 5432, "user": at["USER"], "password": at["PASSWORD"]}
        with psycopg.connect(dbname="postgres", autocommit=True, **login) as self.server:
            self.server.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            yield

    def exists(self) -> bool:
        return bool(self.server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name]).fetchone())

    def keep(self, name: str) -> None:
        rows = self.server.execute(
            "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE starts_with(datname, %s)",
            [PREFIX],
        ).fetchall()
        for old, made in rows:
            if time.time() - float(made or 0) > DAY:
                self._run("DROP DATABASE {}", old)
        self._run("CREATE DATABASE {} TEMPLATE {}", self.name, name)
        self._mark()

    def copy(self, name: str) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        self._run("CREATE DATABASE {} TEMPLATE {}", name, self.name)
        self._mark()

    def _mark(self) -> None:
        """Say when it was used."""
        self._run(f"COMMENT ON DATABASE {{}} IS '{time.time():.0f}'", self.name)

    def _run(self, statement: str, *names: str) -> None:
        from psycopg import sql

        self.server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


KEPT: dict[str, type[_File | _Database]] = {"sqlite": _File, "postgresql": _Database}
