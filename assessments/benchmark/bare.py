"""The bare way: the columns that the job reads out, and the rows that it writes in, with nothing in between."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection, transaction

BLOCK = 1 << 20
READ = {
    "versions": "SELECT v.id, v.assessment_id, v.digest, p.body FROM assessments_filingversion v"
    " JOIN assessments_encodedfiling p ON p.version_id = v.id",
    "facts": "SELECT bank_id, fact, state, value FROM banks_factentry",
    "assessments": "SELECT id, bank_id, version_id, system_run_id, reviewed_run_id, review_state, correction_state"
    " FROM assessments_assessment",
}


def run_columns() -> list[str]:
    """The columns of a run that the job writes."""
    from assessments.scoring.bulk.write import TYPES

    return list(TYPES)


def bare_out() -> None:
    """Read what the job reads and throw it away."""
    connection.ensure_connection()
    for query in READ.values():
        with closing(connection.connection.cursor()) as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)") as copy:
                    for _data in copy:
                        pass
            else:
                cursor.execute(query).fetchall()


def keep_runs(path: Path) -> list[Any]:
    """The rows that the job has written: as the bytes of a COPY in a file, on SQLite as tuples."""
    names = ", ".join(f'"{name}"' for name in run_columns())
    connection.ensure_connection()
    if connection.vendor != "postgresql":
        with closing(connection.connection.cursor()) as cursor:
            return list(cursor.execute(f"SELECT {names} FROM assessments_scorerun ORDER BY id").fetchall())  # noqa: S608  # nosec B608
    query = f"COPY (SELECT {names} FROM assessments_scorerun ORDER BY id) TO STDOUT (FORMAT BINARY)"  # noqa: S608  # nosec B608
    with closing(connection.connection.cursor()) as cursor, path.open("wb") as file, cursor.copy(query) as copy:
        for data in copy:
            file.write(data)
    return []


def bare_in(path: Path, rows: list[Any]) -> None:
    """Write the same rows into the same table, in one transaction."""
    names = ", ".join(f'"{name}"' for name in run_columns())
    with transaction.atomic(), closing(connection.connection.cursor()) as cursor:
        if connection.vendor != "postgresql":
            marks = ", ".join(["?"] * len(run_columns()))
            cursor.executemany(f"INSERT INTO assessments_scorerun ({names}) VALUES ({marks})", rows)  # noqa: S608  # nosec B608
            return
        query = f"COPY assessments_scorerun ({names}) FROM STDIN (FORMAT BINARY)"
        with cursor.copy(query) as copy, path.open("rb") as file:
            while block := file.read(BLOCK):
                copy.write(block)
