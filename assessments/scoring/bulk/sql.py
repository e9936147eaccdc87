"""Many rows to and from the database as fast as the drivers go: binary on PostgreSQL, plain cursors on SQLite."""

import json
import re
import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

_ANY = re.compile(r"= ANY\(%\((\w+)\)s::\w+\[\]\)")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_HEAD = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_END = struct.pack("!h", -1)
_BASE = 10_000  # a digit of PostgreSQL's numeric
_SCALE = 4


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


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of plain values in one statement: COPY on PostgreSQL, ``executemany`` on SQLite."""
    names = ", ".join(f'"{name}"' for name in columns)
    connection.ensure_connection()
    if on_postgresql():
        with connection.connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", [tuple(row) for row in rows])  # noqa: S608  # nosec B608


def copy_in(table: str, columns: Sequence[str], rows: Iterable[bytes]) -> None:
    """COPY rows of PostgreSQL's binary format, each with its number of fields at the front."""
    connection.ensure_connection()
    names = ", ".join(f'"{name}"' for name in columns)
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(b"".join((_HEAD, *rows, _END)))


def field(value: bytes) -> bytes:
    """One field of a binary row: its length and its bytes."""
    return struct.pack("!i", len(value)) + value


def text_field(value: str) -> bytes:
    """A text."""
    return field(value.encode())


def json_field(value: str) -> bytes:
    """JSON text for a ``jsonb`` column."""
    return field(b"\1" + value.encode())


def numeric_field(value: Decimal) -> bytes:
    """A decimal of at most four places for a ``numeric`` column."""
    units = int(value.scaleb(_SCALE))
    sign, rest = (0x4000 if units < 0 else 0), abs(units)
    digits: list[int] = []
    while rest:
        rest, digit = divmod(rest, _BASE)
        digits.insert(0, digit)
    weight = len(digits) - 2
    while digits and not digits[-1]:
        digits.pop()
    return field(struct.pack(f"!4h{len(digits)}h", len(digits), weight if digits else 0, sign, _SCALE, *digits))


def timestamp(value: datetime) -> int:
    """An instant as PostgreSQL stores it: microseconds since 2000."""
    delta = value - _EPOCH
    return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds
