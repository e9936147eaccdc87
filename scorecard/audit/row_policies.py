"""Row-level security of PostgreSQL: the statements that keep a bank's session to the rows of that bank.

Which tables: those with a column of the bank, and every table whose rows belong to one of those by a foreign key that
is never empty; new models are found by themselves. A row's table says how: by its own bank, or by the row above it.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey, Model
from psycopg import sql

FUNCTION = """CREATE OR REPLACE FUNCTION scorecard_bank() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('scorecard.bank', true), '')::bigint $$"""
NOW = "(SELECT scorecard_bank())"
POLICY = "own_bank"
#: Not of one bank, though they name one: the register itself, which every round is made from.
OPEN = {"banks.bank", "banks.bankname"}
#: Tables whose rows may be about no bank at all, and are then nobody's secret.
OF_NO_BANK = {"inbox.reminder"}
#: A meeting is read by the banks to whose people it was open: a regular one, with a guest of theirs.
INVITED = {"assessments.meeting": ("assessments.meetingguest", "\"kind\" = 'regular' AND ")}
#: Rows with two parties: the bank, and another one by this column.
TWO_PARTIES = {"assessments.branchoffer": "giver_id"}
#: The supervisor's own, with many banks in one row.
SUPERVISORS = {"assessments.trial", "assessments.circular"}


def conditions() -> dict[type[Model], str]:
    """The condition of each secured table, for a session that is bound to a bank.

    A row below another one is looked up by the key of that one, whose own policy then decides: plans grow with the
    depth of the chain and no faster, and cost a few look-ups for the rows that a page asks for.
    """
    bank, user = apps.get_model("banks.Bank"), apps.get_model(settings.AUTH_USER_MODEL)
    models = [one for one in apps.get_models() if one._meta.managed and one._meta.label_lower not in OPEN]
    found: dict[type[Model], str] = {one: "false" for one in models if one._meta.label_lower in SUPERVISORS}
    for model in models:
        for field in model._meta.local_concrete_fields:
            of_bank = isinstance(field, ForeignKey) and field.related_model is bank and field.name == "bank"
            if of_bank or field.attname == field.name == "bank_id":
                found[model] = f'"{field.column}" = {NOW}'
                if other := TWO_PARTIES.get(model._meta.label_lower):
                    found[model] += f' OR "{other}" = {NOW}'
                if model._meta.label_lower in OF_NO_BANK:
                    found[model] += f' OR "{field.column}" IS NULL'
    for model in models:  # what belongs to a person of the bank, whatever bank it is about, and what one asked for
        for field in model._meta.local_concrete_fields:
            if field.related_model is not user or model is user or found.get(model) == "false":
                continue
            own = _exists(model, str(field.column), user, f' AND above."bank_id" = {NOW}')
            if field.name in ("user", "person"):
                found[model] = own + (f' OR "{field.column}" IS NULL' if field.null else "")
            elif field.name == "created_by" and model in found:
                found[model] += f" OR {own}"
    for label, (guests, also) in INVITED.items():
        model, guest = apps.get_model(label), apps.get_model(guests)
        table, here = guest._meta.db_table, f'"{model._meta.db_table}"."id"'
        invited = f'guest."meeting_id" = {here} AND guest."bank_id" = {NOW}'
        found[model] = f'{also}EXISTS (SELECT 1 FROM "{table}" guest WHERE {invited})'  # noqa: S608  # nosec B608
    if user in found:
        found[user] += ' OR "bank_id" IS NULL'  # a supervisor's name stands under what a bank reads
    more = True
    while more:
        more = False
        for model in models:
            if model not in found and (said := _below(model, found, user)) is not None:
                found[model], more = said, True
    return found


def _exists(model: type[Model], column: str, target: type[Model], also: str = "") -> str:
    """That the row above is there, for who asks: its own policy has a say in it."""
    key, here, there = target._meta.pk, model._meta.db_table, target._meta.db_table
    where = f'above."{key.column}" = "{here}"."{column}"{also}'
    return f'EXISTS (SELECT 1 FROM "{there}" above WHERE {where})'  # noqa: S608  # nosec B608


def _below(model: type[Model], found: dict[type[Model], str], user: type[Model]) -> str | None:
    """The condition by the first foreign key that is never empty and leads to a secured table."""
    for field in model._meta.local_concrete_fields:
        target: Any = field.related_model
        leads = isinstance(field, ForeignKey) and not field.null and target in found
        if leads and target is not user and field.name != "job":
            return _exists(model, str(field.column), target)
    return None


def statements(connection: Any) -> Iterator[sql.Composable]:
    """What the owner runs, again after each migration."""
    present = set(connection.introspection.table_names())
    yield sql.SQL(FUNCTION)
    for model, condition in sorted(conditions().items(), key=lambda pair: pair[0]._meta.db_table):
        if model._meta.db_table not in present:
            continue
        table = sql.Identifier(model._meta.db_table)
        said = sql.SQL(f"{NOW} IS NULL OR {condition}")
        yield sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(table)
        yield sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(sql.Identifier(POLICY), table)
        yield sql.SQL("CREATE POLICY {} ON {} USING ({}) WITH CHECK ({})").format(
            sql.Identifier(POLICY), table, said, said
        )


def unsecured(connection: Any) -> list[str]:
    """The tables that should be secured and are not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class c WHERE relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)"
            " AND relrowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND polname = %s)",
            [POLICY],
        )
        secured = {row[0] for row in cursor.fetchall()}
    return sorted({model._meta.db_table for model in conditions()} - secured)
