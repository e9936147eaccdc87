"""The second wall: in a bank's session no statement reads or writes another bank's rows."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from assessments.models import Assessment, Evidence, FilingVersion, Notice, Rating, ScoreRun
from banks.models import FactEntry
from scorecard.access.row_security import bind, release, unbound
from scorecard.audit.models import Event
from scorecard.audit.row_policies import conditions
from scorecard.audit.services import record, verify

from .matrix_world import OBJECTS, Matrix, as_machine, build, form_of
from .test_permission_matrix import BANK, FOR_PEOPLE, ROWS, _expected

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no row-level security."),
]
APP = "scorecard_test_rls"


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Matrix]:
    """Two banks that have everything, and the policies; the transaction takes all of it back."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = build()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        call_command("database_roles", "--application", APP, "--auditor", f"{APP}_auditor", verbosity=0)
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def as_application(world: Matrix, settings: Any) -> Iterator[Matrix]:
    """The role of the application until the end of the test."""
    settings.ROW_SECURITY = True
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {APP}")
        yield world
        release()
        transaction.set_rollback(True)


def _tables() -> list[Any]:
    return sorted(conditions(), key=lambda model: model._meta.label)


def _count(model: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')  # noqa: S608
        return int(cursor.fetchone()[0])


#: Tables that hold nothing of one bank, or what every signed-in person may read: the register, rounds and their values,
#: rulebooks, the report's figures, and the plumbing. Every other table has a policy.
OPEN = {
    *("assessments.CalendarDay", "assessments.ContentScan", "assessments.PeerSnapshot", "assessments.PublicCheck"),
    "assessments.ReadingPeriod",
    *("assessments.Round", "assessments.RoundParameter", "assessments.RoundSnapshot", "assessments.RulebookVersion"),
    *("audit.Subtree", "auth.Group", "auth.Permission", "banks.Bank", "banks.BankName", "banks.SignInFailure"),
    *("contenttypes.ContentType", "figures.Figure", "figures.Load", "figures.Relation", "figures.RelationFigure"),
    *("identity.SpentChallenge", "jobs.SweepMark"),
}


def test_every_table_is_secured_or_named_as_one_that_is_open() -> None:
    """A new table is one or the other by somebody's decision, whatever its columns are called."""
    tables = {model._meta.label for model in apps.get_models() if ".tests" not in model.__module__}
    assert tables - {model._meta.label for model in conditions()} == OPEN


def test_a_bank_reads_its_own_rows_and_no_others_by_any_statement(as_application: Matrix) -> None:
    both = {model: _count(model) for model in _tables()}
    seen: dict[Any, dict[str, int]] = {model: {} for model in both}
    for name, side in (("own", as_application.own), ("foreign", as_application.foreign)):
        bind(side.bank.pk)
        for model in both:
            seen[model][name] = _count(model)
        assert Assessment.objects.exclude(bank=side.bank.pk).count() == 0
        assert FactEntry.objects.exclude(bank=side.bank.pk).count() == 0
        assert Event.objects.exclude(bank_id=side.bank.pk).count() == 0
        assert FilingVersion.objects.exclude(assessment__bank=side.bank.pk).count() == 0
        release()
    assert {model: _count(model) for model in both} == both, "a supervisor sees all again"
    for model in (Assessment, Evidence, FilingVersion, ScoreRun, Rating, Notice, FactEntry, Event):
        assert both[model] and 0 < seen[model]["own"] < both[model], model
        assert seen[model]["own"] + seen[model]["foreign"] <= both[model], model


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE assessments_assessment SET return_reason = 'x' WHERE bank_id = {other}",
        "UPDATE banks_user SET name = 'x' WHERE bank_id = {other}",
        "DELETE FROM banks_rolegrant WHERE user_id IN (SELECT id FROM banks_user WHERE bank_id = {other})",
        "UPDATE jobs_job SET error = 'x' WHERE bank_id = {other}",
    ],
)
def test_another_banks_rows_are_not_changed(as_application: Matrix, statement: str) -> None:
    bind(as_application.own.bank.pk)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(other=as_application.foreign.bank.pk))
        assert cursor.rowcount == 0


def test_a_row_of_another_bank_is_not_written(as_application: Matrix) -> None:
    own, other = as_application.own, as_application.foreign
    bind(own.bank.pk)
    for bank, allowed in ((own.bank, True), (other.bank, False)):
        row = FactEntry(
            bank=bank, period="2031", fact="sme_bal_end", revision=1, state="value", value="1", source="bank"
        )
        if allowed:
            row.save()
        else:
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                row.save()
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        Assessment.objects.filter(pk=own.draft.pk).update(bank=other.bank)


def test_the_chain_goes_on_in_a_banks_request(as_application: Matrix) -> None:
    bind(as_application.own.bank.pk)
    record("signout", actor=None, bank_id=as_application.foreign.bank.pk)
    record("signout", actor=None)
    with unbound():
        assert list(verify()) == []
    assert Event.objects.exclude(bank_id=as_application.own.bank.pk).count() == 0, "bound again"


def test_the_bond_comes_back_when_the_work_beside_it_fails(as_application: Matrix) -> None:
    bind(as_application.own.bank.pk)
    with pytest.raises(DatabaseError), transaction.atomic(), unbound(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert Assessment.objects.exclude(bank=as_application.own.bank.pk).count() == 0


def test_a_machine_is_bound_like_its_person(as_application: Matrix) -> None:
    side, asked = as_application.own, set()

    def look(execute: Any, sql: str, *rest: Any) -> Any:
        if 'FROM "assessments_assessment"' in sql:
            asked.add(connection.connection.execute("SELECT current_setting('scorecard.bank', true)").fetchone()[0])
        return execute(sql, *rest)

    url = reverse("api:assessment", kwargs={"pk": side.draft.pk})
    with connection.execute_wrapper(look):
        answer = as_machine(Client(), as_application.person(BANK[0]), "api:assessment", "GET", url)
    assert answer.status_code == 200
    assert asked == {str(side.bank.pk)}


def _ask(world: Matrix, row: dict[str, str], who: str, *, walled: bool) -> tuple[str, bool]:
    """The answer, and whether the trail tells that another bank's object was asked for."""
    factory = OBJECTS.get(row["name"])
    side = world.foreign if row["object"] == "foreign" else world.own
    url = reverse(row["name"], kwargs=factory(world, side) if factory else None)
    client = Client(raise_request_exception=True)
    with transaction.atomic():
        before = Event.objects.filter(event="access.hidden").count()
        person = world.person(who)
        assert person is not None
        machine = row["name"].startswith("api:") and row["name"] not in FOR_PEOPLE
        if not machine:
            client.force_login(person)
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {APP}" if walled else "RESET ROLE")
        if machine:
            answer = as_machine(client, person, row["name"], row["method"], url)
        else:
            sent, kind = form_of(row["name"], row["method"])
            answer = client.generic(row["method"], url, sent, content_type=kind)
        _body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        release()
        hidden = Event.objects.filter(event="access.hidden").count() > before
        transaction.set_rollback(True)
    return str(answer.status_code), hidden


@pytest.mark.parametrize("who", BANK)
def test_every_page_of_a_bank_answers_as_without_the_wall(as_application: Matrix, who: str) -> None:
    """Own objects and foreign ones: the pages of the permission matrix, read as the application's role."""
    wrong = []
    for row in ROWS:
        if row["object"] == "shared" or (row["object"] != "-" and row["name"] not in OBJECTS):
            continue
        status, hidden = _ask(as_application, row, who, walled=True)
        if status not in _expected(row, who) and not (status == "302" and "login" in _expected(row, who)):
            wrong.append(f"{row['name']} {row['object']}: {status}")
        once = row["object"] == "foreign" and row["method"] == "GET" and who == BANK[0]
        if once and hidden != _ask(as_application, row, who, walled=False)[1]:
            wrong.append(f"{row['name']}: the trail does not tell that another bank's object was asked for")
    assert not wrong, "\n".join(wrong)
