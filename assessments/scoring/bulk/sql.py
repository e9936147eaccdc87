"""Many rows to and from the database as fast as the drivers go: binary on PostgreSQL, plain cursors on SQLite."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

# PostgreSQL's jsonb in binary is its version and the text: written as text, the driver need not parse it.
JSON_HEAD = "\1"
_ANY = re.compile(r"= ANY\(%\((\w+)\)s::\w+\[\]\)")


def on_postgresql() -> bool:
    """Whether the fast forms of PostgreSQL are there."""
    return connection.vendor == "postgresql"


def fetch(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a query with named parameters, in binary on PostgreSQL.

    Any number of whole numbers stands as ``= ANY(%(name)s::bigint[])``, of texts as ``::text[]``: one parameter each,
    where an IN with a parameter per value costs Django and the driver more than the query costs the database.
    """
    if on_postgresql():
        import psycopg

        connection.ensure_connection()
        given = {name: numbers(value) if _whole(value) else value for name, value in params.items()}
        with psycopg.Cursor(connection.connection) as cursor:
            return list(cursor.execute(sql, given, binary=True).fetchall())
    lists = {name: json.dumps(value) for name, value in params.items() if isinstance(value, list)}
    sql = _ANY.sub(r"IN (SELECT value FROM json_each(%(\1)s))", sql).removesuffix(" FOR NO KEY UPDATE OF a")
    with connection.cursor() as cursor:
        cursor.execute(sql, params | lists)
        return list(cursor.fetchall())


def _whole(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, int) for item in value)


def numbers(values: Sequence[int | None]) -> str:
    """Whole numbers as the text of an array of PostgreSQL, which the driver need not look at one by one."""
    return f"{{{','.join(['NULL' if value is None else str(value) for value in values])}}}"


def new_ids(table: str, count: int) -> list[int]:
    """So many primary keys that nobody else will use, in rising order. Within the transaction that uses them."""
    with connection.cursor() as cursor:
        if on_postgresql():
            cursor.execute(
                "SELECT string_agg(nextval(pg_get_serial_sequence(%s, 'id'))::text, ',') FROM generate_series(1, %s)",
                [table, count],
            )
            return sorted(map(int, cursor.fetchone()[0].split(",")))
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        first = (row[0] if row else 0) + 1
        return list(range(first, first + count))


def insert_rows(
    table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], types: Sequence[str] | None = None
) -> None:
    """Write rows of plain values in one statement: COPY on PostgreSQL, ``executemany`` on SQLite.

    With ``types``, PostgreSQL's names of the types, COPY is binary; JSON text then comes as ``JSON_HEAD`` + text.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    connection.ensure_connection()
    if on_postgresql():
        query = f"COPY {table} ({names}) FROM STDIN" + (" (FORMAT BINARY)" if types else "")
        with connection.connection.cursor() as cursor, cursor.copy(query) as copy:
            if types:
                copy.set_types(types)
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))  # noqa: S608  # nosec B608
