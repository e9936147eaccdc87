"""Roles of PostgreSQL: what the application may do to the tables, and what the auditor may read.

The owner migrates; the application's role reads and writes rows, makes no tables, and cannot change or remove rows of
append-only tables, so that not even a stolen application rewrites the trail; the auditor's role reads.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from psycopg import sql

from .protection import all_protected
from .row_policies import unsecured


def grants(connection: Any, application: str, auditor: str) -> Iterator[sql.Composable]:
    """The statements that give both roles their rights; run by the owner, again after each migration."""
    app, reader = sql.Identifier(application), sql.Identifier(auditor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = sql.Identifier(cursor.fetchone()[0])
    yield sql.SQL("REVOKE CREATE ON SCHEMA {} FROM PUBLIC").format(schema)
    yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}, {}").format(schema, app, reader)
    yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}, {}").format(schema, app, reader)
    yield sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}, {}").format(schema, app, reader)
    yield sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA {} TO {}").format(schema, app)
    fixed = {one.model._meta.db_table: one for one in all_protected().values() if one.append_only}
    present = set(connection.introspection.table_names())
    for table in sorted(present - {"django_migrations"}):
        one = fixed.get(table)
        rights = "INSERT" if one is not None and not one.once else "INSERT, UPDATE, DELETE"
        name = sql.Identifier(table)
        yield sql.SQL(f"GRANT {rights} ON {{}} TO {{}}").format(name, app)
        if one is not None and one.but and not one.once:
            columns = [sql.Identifier(_column(one.model, field)) for field in one.but]
            yield sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(sql.SQL(", ").join(columns), name, app)


def _column(model: Any, field: str) -> str:
    return str(model._meta.get_field(field).column)


def make_role(connection: Any, name: str, password: str) -> None:
    """Make a role that may sign in, or give the one that is there this password; without one it keeps its own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        verb = "ALTER" if cursor.fetchone() else "CREATE"
        limits = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
        statement = sql.SQL(f"{verb} ROLE {{}} {limits}").format(sql.Identifier(name))
        if password:
            statement += sql.SQL(" PASSWORD {}").format(sql.Literal(password))
        cursor.execute(statement)


def problems(connection: Any) -> list[str]:
    """What the role of this connection may do that the application should not be able to do, in sentences."""
    if connection.vendor != "postgresql":
        return []
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            return ["The application is a superuser of the database: triggers and rights do not bind it."]
        cursor.execute("SELECT has_schema_privilege(current_schema(), 'CREATE')")
        if cursor.fetchone()[0]:
            found.append("The application may create tables in its schema.")
        cursor.execute(
            "SELECT count(*) FROM pg_class c WHERE relkind IN ('r', 'p') AND pg_has_role(relowner, 'USAGE')"
            " AND relname = ANY(%s)",
            [[model._meta.db_table for model in apps.get_models()]],
        )
        if count := cursor.fetchone()[0]:
            found.append(f"The application owns {count} of its tables: it could switch their triggers off.")
        for one in all_protected().values():
            if one.append_only and not one.once:
                table = one.model._meta.db_table
                cursor.execute("SELECT has_table_privilege(to_regclass(%s), 'UPDATE, DELETE, TRUNCATE')", [table])
                if cursor.fetchone()[0]:
                    found.append(f"The application may change or remove rows of {table}.")
        if tables := unsecured(connection):
            found.append(f"{len(tables)} tables are not kept to the rows of one bank (row-level security).")
    return found
