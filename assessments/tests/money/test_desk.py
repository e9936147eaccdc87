"""The list of a scheme says of each bank what its own page says, in a constant number of queries."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.money.desk import desk, exact
from assessments.money.selectors import estimate_on_file, get_scheme, on_file
from assessments.rulebooks.services import publish_rulebook
from assessments.tests.reviews.world import person
from banks.models import Bank, FactEntry, User
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.engine.values.rational import Fraction

pytestmark = pytest.mark.django_db

COMPENSATED = {"comp_bal": "186000", "comp_npl": "6324", "comp_net_loss": "1240.50"}


@pytest.fixture
def admin() -> User:
    return person("admin", Role.ADMINISTRATOR)


@pytest.fixture
def officer() -> User:
    return person("officer", Role.CASE_OFFICER)


def bank(code: str, **facts: str) -> Bank:
    found = Bank.objects.create(
        code=code, name_zh=f"演示{code}银行", category="city", entity_kind="legal_entity", active_from="2000-01-01"
    )
    for fact, value in facts.items():
        FactEntry.objects.create(bank=found, period="2017", fact=fact, revision=1, value=value, source="system")
    return found


def test_each_row_is_what_the_bank_s_own_page_gives_and_totals_add_up(admin: User, officer: User) -> None:
    version = publish_rulebook(actor=admin, code="money-compensation-2016", version="2")
    first, second = bank("B1", **COMPENSATED), bank("B2", **(COMPENSATED | {"comp_net_loss": "100"}))
    lacking, blank = bank("B3", comp_bal="94000"), bank("B4")
    scheme = get_scheme(officer, version.pk)
    found = desk(officer, scheme)
    assert [row.bank for row in found.rows] == [first, second, lacking]
    assert found.without == 1 and blank not in [row.bank for row in found.rows]
    for row in found.rows:
        alone = estimate_on_file(scheme, on_file(officer, scheme, row.bank))
        assert [amount.value for amount in row.told.amounts] == [amount.value for amount in alone.amounts]
    assert found.rows[2].told.missing and "—" not in found.rows[2].missing
    parts: dict[str, Fraction] = {}
    for name in ("comp_total", "comp_city", "comp_district"):
        values = [value for row in found.rows if (value := exact(row.told, name)) is not None]
        assert len(values) == 2, "what is not known is in no total"
        parts[name] = sum(values, Fraction(0))
    assert parts["comp_total"] == parts["comp_city"] + parts["comp_district"] > 0
    cent = Fraction(1, 100)  # each bank's amounts are rounded to a hundredth by the scheme
    assert abs(parts["comp_city"] - parts["comp_total"] * Fraction(35, 100)) <= 2 * cent
    (column,) = [one for one in found.columns if one.id == "comp_total"]
    assert column.times == 2 and column.total


def test_the_page_the_file_and_their_events(admin: User, officer: User, client: Client) -> None:
    version = publish_rulebook(actor=admin, code="money-compensation-2016", version="2")
    bank("B1", **COMPENSATED)
    Bank.objects.filter(code="B1").update(name_zh="=1+1银行")
    client.force_login(officer)
    here = reverse("money-desk", args=[version.pk])
    with CaptureQueriesContext(connection) as few:
        page = client.get(here)
    assert page.status_code == 200 and "信贷风险补偿金" in page.content.decode()
    assert Event.objects.latest("seq").event == "assessments.list.read"
    for number in range(2, 8):
        bank(f"B{number}", **COMPENSATED)
    with CaptureQueriesContext(connection) as many:
        client.get(here)
    assert len(many) <= len(few)
    file = b"".join(client.get(here, {"_export": "xlsx"}))  # type: ignore[arg-type]
    rows = list(openpyxl.load_workbook(io.BytesIO(file)).worksheets[0].iter_rows(values_only=True))
    assert len([row for row in rows if row[1] and str(row[1]).startswith("B")]) == 7
    lines = b"".join(client.get(here, {"_export": "csv"})).decode("utf-8-sig")  # type: ignore[arg-type]
    assert "\n=1+1" not in lines
    assert Event.objects.latest("seq").event == "assessments.list.exported"
