"""A database in one file, as it is at one moment, while others write; and such a file back into an empty database.

PostgreSQL: ``pg_dump`` in the snapshot of a transaction that this process holds, so that what is read beside the dump
is of the same moment. SQLite: the backup interface, in one step.
"""

import os
import re
import shutil
import sqlite3
import subprocess  # nosec B404
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

Ask = Callable[[str], list[tuple[Any, ...]]]


class DatabaseFailed(Exception):
    """A programme of the database ended with an error; the text is its own."""


@contextmanager
def copied(target: Path) -> Iterator[Ask]:
    """Write the database into the file, and yield a function that asks the same moment's database."""
    with (_postgres if connection.vendor == "postgresql" else _sqlite)(target) as ask:
        yield ask


@contextmanager
def _sqlite(target: Path) -> Iterator[Ask]:
    target.touch(mode=0o600)
    source = f"file:{connection.settings_dict['NAME']}?mode=ro"
    with closing(sqlite3.connect(source, uri=True, timeout=30)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)  # one step: readers and writers of a WAL database go on beside it
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
        if found != ["ok"]:
            raise DatabaseFailed("The copy of the database is damaged: " + "; ".join(found[:3]))
        yield lambda statement: copy.execute(statement).fetchall()


@contextmanager
def _postgres(target: Path) -> Iterator[Ask]:
    import psycopg

    with closing(psycopg.connect(**_login())) as live:
        live.read_only = True
        live.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with live.transaction():
            row = live.execute("SELECT pg_export_snapshot()").fetchone()
            snapshot = row[0] if row else ""
            target.touch(mode=0o600)
            run_programme("pg_dump", "--format=custom", f"--snapshot={snapshot}", "--no-owner", f"--file={target}")
            yield lambda statement: live.execute(statement.encode()).fetchall()


def _login() -> dict[str, Any]:
    return {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in ("cursor_factory", "context", "prepare_threshold")
    }


def programme(name: str) -> str:
    """The path of one of PostgreSQL's programmes, the newest where Debian keeps several. Raises ``DatabaseFailed``."""
    known = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        key=lambda path: float(re.sub(r"[^0-9.]", "", path.parts[4]) or 0),
    )
    found = str(known[-1]) if known else shutil.which(name)
    if not found:
        raise DatabaseFailed(f"There is no {name}. Install it with: apt-get install postgresql-client")
    return found


def run_programme(name: str, *words: str) -> None:
    """Run a programme of PostgreSQL against the database of the settings; the password is not on the command line."""
    login = _login()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    env = dict(os.environ) | {names[key]: str(value) for key, value in login.items() if key in names}
    others = ("sslmode", "sslrootcert", "target_session_attrs")  # the last one: the primary among several hosts
    env |= {f"PG{key.upper().replace('_', '')}": str(login[key]) for key in others if key in login}
    done = subprocess.run(  # noqa: S603
        [programme(name), *words], env=env, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode:
        raise DatabaseFailed(f"{name} failed: {done.stderr.strip()[-2000:]}")


def is_empty() -> bool:
    """Whether the database of the settings holds no table at all."""
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        if not path.exists() or not path.stat().st_size:
            return True
    return not connection.introspection.table_names()


def put_back(source: Path) -> None:
    """Fill the empty database of the settings from the file: in one transaction, or by a rename."""
    if connection.vendor == "postgresql":
        name = str(connection.settings_dict["NAME"])
        run_programme(
            "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
            f"--dbname={name}", str(source),
        )  # fmt: skip
        return
    connection.close()
    target = Path(str(connection.settings_dict["NAME"]))
    fresh = target.with_name(target.name + ".restoring")
    shutil.copyfile(source, fresh)
    fresh.chmod(0o600)
    with closing(sqlite3.connect(fresh)) as copy:
        found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
    if found != ["ok"]:
        raise DatabaseFailed("The database of the set is damaged: " + "; ".join(found[:3]))
    for suffix in ("-wal", "-shm"):  # of the empty database that stood here
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    fresh.replace(target)
