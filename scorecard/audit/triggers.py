"""Triggers by which the database itself refuses changes of append-only tables, on PostgreSQL and SQLite.

They are put in place after each ``migrate`` from what the apps declare (``protected.py``), because a migration of
SQLite that makes a table anew drops its triggers. On PostgreSQL UPDATE, DELETE and TRUNCATE are refused; on SQLite
UPDATE, DELETE, and an INSERT that would take the place of a row (``REPLACE`` fires no DELETE trigger).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from django.db import connections
from django.db.models import Model, UniqueConstraint

from .protection import Protected, all_protected

FUNCTION = "refuse_change_of_append_only"
POSTGRES_FUNCTION = f"""CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only: its rows are never changed or deleted', TG_TABLE_NAME
USING ERRCODE = 'integrity_constraint_violation'; END $$"""


def wanted(vendor: str) -> dict[tuple[str, str], str]:
    """The statement of each trigger, by its table and its name."""
    found: dict[tuple[str, str], str] = {}
    for one in all_protected().values():
        if one.append_only:
            table = one.model._meta.db_table
            for name, body in _postgres(one) if vendor == "postgresql" else _sqlite(one):
                found[table, f"{table}_no_{name}"] = f"CREATE TRIGGER {table}_no_{name} {body}"
    return found


def _events(one: Protected) -> tuple[str, str]:
    """UPDATE with the columns that never change, and the condition from when on."""
    fixed = [f'"{field.column}"' for field in one.model._meta.local_concrete_fields if field.name not in one.but]
    return f"UPDATE OF {', '.join(fixed)}" if one.but else "UPDATE", f"WHEN ({one.once}) " if one.once else ""


def _postgres(one: Protected) -> Iterator[tuple[str, str]]:
    table = one.model._meta.db_table
    update, when = _events(one)
    yield "update", f"BEFORE {update} ON {table} FOR EACH ROW {when}EXECUTE FUNCTION {FUNCTION}()"
    yield "delete", f"BEFORE DELETE ON {table} FOR EACH ROW {when}EXECUTE FUNCTION {FUNCTION}()"
    yield "truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"


def _sqlite(one: Protected) -> Iterator[tuple[str, str]]:
    table = one.model._meta.db_table
    update, when = _events(one)
    words = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: its rows are never changed or deleted'); END"
    yield "update", f"BEFORE {update} ON {table} {when}{words}"
    yield "delete", f"BEFORE DELETE ON {table} {when}{words}"
    same = " OR ".join(
        "(" + " AND ".join(f'OLD."{column}" = NEW."{column}"' for column in key) + ")" for key in _unique(one.model)
    )
    held = f" AND {one.once}" if one.once else ""
    taken = f"EXISTS (SELECT 1 FROM {table} AS OLD WHERE ({same}){held})"  # noqa: S608  # nosec B608
    yield "replace", f"BEFORE INSERT ON {table} WHEN {taken} {words}"


def _unique(model: type[Model]) -> list[tuple[str, ...]]:
    """The columns of each unique key of a table."""
    meta = model._meta
    keys: list[tuple[str, ...]] = [(str(field.column),) for field in meta.local_concrete_fields if field.unique]
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.condition is None:
            keys.append(tuple(str(getattr(meta.get_field(name), "column", "")) for name in constraint.fields))
    return keys


def in_place(connection: Any) -> dict[tuple[str, str], str]:
    """The triggers that are there, by table and name: their statement on SQLite, the digest of it on PostgreSQL; blank
    where a trigger is switched off."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT c.relname, t.tgname, CASE WHEN t.tgenabled = 'D' THEN '' ELSE"
                " coalesce(obj_description(t.oid, 'pg_trigger'), '') END"
                " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                " WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
            )
        else:
            cursor.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {(table, name): said for table, name, said in cursor.fetchall()}


def missing(connection: Any) -> dict[tuple[str, str], str]:
    """The triggers that are not there, are switched off, or are other ones."""
    there, postgres = in_place(connection), connection.vendor == "postgresql"
    return {
        key: statement
        for key, statement in wanted(connection.vendor).items()
        if there.get(key) != (_digest(statement) if postgres else statement)
    }


def _digest(statement: str) -> str:
    return sha256(statement.encode()).hexdigest()


def put_in_place(using: str = "default", **_kwargs: Any) -> None:
    """Make the triggers that are missing, on tables that are there."""
    connection = connections[using]
    postgres = connection.vendor == "postgresql"
    tables = set(connection.introspection.table_names())
    lacking = {key: statement for key, statement in missing(connection).items() if key[0] in tables}
    if not lacking:
        return
    with connection.cursor() as cursor:
        if postgres:
            cursor.execute(POSTGRES_FUNCTION)
        for (table, name), statement in lacking.items():
            on = f" ON {table}" if postgres else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
            cursor.execute(statement)
            if postgres:
                cursor.execute(f"COMMENT ON TRIGGER {name} ON {table} IS '{_digest(statement)}'")


@contextmanager
def set_aside(table: str, using: str = "default") -> Iterator[None]:
    """Take the triggers of one table away for a while: for a benchmark, in a database of its own."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for there, name in in_place(connection):
            if there == table:
                cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))
    try:
        yield
    finally:
        put_in_place(using)
