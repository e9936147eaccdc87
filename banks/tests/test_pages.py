"""Pages of banks, figures and people: who sees what, stale forms, bad input, a constant number of queries."""

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from banks.forms.banks import BankForm, initial
from banks.forms.people import NewPersonForm
from banks.models import Bank, Category, EntityKind, FactSource, FactState, User
from banks.services.banks import change_bank
from banks.services.facts import record_facts
from banks.services.people import create_person, set_roles
from banks.tests.factories import make_bank, make_person
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.words.formats import moment

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def sign_in(settings: Any) -> SignIn:
    settings.LANGUAGE_CODE = "zh-hans"

    def enter(person: User) -> Client:
        client = Client()
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return enter


def events(name: str) -> list[Event]:
    return list(Event.objects.filter(event=name).order_by("-seq"))


def form_of(bank: Bank, **changes: Any) -> dict[str, Any]:
    """What the browser sends for this bank's form, with changes."""
    values = {
        "revision": bank.revision,
        "code": bank.code,
        "name_zh": bank.name_zh,
        "category": bank.category,
        "entity_kind": bank.entity_kind,
        "active_from": bank.active_from.isoformat(),
    }
    return values | changes


# --- The register ----------------------------------------------------------------------------------------------------


def test_the_list_makes_a_constant_number_of_queries(sign_in: SignIn) -> None:
    officer = make_person(Role.CASE_OFFICER)
    client = sign_in(officer)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("bank-list")).status_code == 200
        return len(queries)

    head = make_bank(case_officer=officer)
    count()  # the first request of a process reads what is cached afterwards
    few = count()
    for _number in range(12):
        make_bank(case_officer=officer, entity_kind=EntityKind.BRANCH, head_office=head)
    assert count() == few


def test_the_list_of_people_makes_a_constant_number_of_queries(sign_in: SignIn) -> None:
    client = sign_in(make_person(Role.ADMINISTRATOR))

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("person-list")).status_code == 200
        return len(queries)

    bank = make_bank()
    make_person(Role.BANK_PREPARER, bank=bank)
    count()
    few = count()
    for _number in range(12):
        make_person(Role.BANK_PREPARER, Role.BANK_REVIEWER, bank=bank)
    assert count() == few


def test_filters_search_and_order(sign_in: SignIn) -> None:
    officer = make_person(Role.CASE_OFFICER)
    client = sign_in(officer)
    make_bank(code="A1", name_zh="甲银行", category=Category.VILLAGE, case_officer=officer)
    make_bank(code="B1", name_zh="乙银行", category=Category.CITY, active_to=date(2016, 6, 30))
    make_bank(code="C1", name_zh="丙银行", category=Category.CITY, uscc="91350100M000100Y43")

    def codes(**query: Any) -> list[str]:
        table = client.get(reverse("bank-list"), query).context["table"]
        return [row.record.code for row in table.rows]

    assert codes() == ["A1", "B1", "C1"]
    assert codes(sort="-code") == ["C1", "B1", "A1"]
    assert codes(category="city") == ["B1", "C1"]
    assert codes(active="now") == ["A1", "C1"]
    assert codes(active="left") == ["B1"]
    assert codes(case_officer=officer.pk) == ["A1"]
    assert codes(q="Y43") == ["C1"]
    assert codes(q="甲 银行") == ["A1"]
    assert codes(category="odd") == ["A1", "B1", "C1"]


def test_the_export_is_exactly_what_is_filtered(sign_in: SignIn) -> None:
    client = sign_in(make_person(Role.AUDITOR))
    for number in range(30):
        make_bank(code=f"V{number:02d}", category=Category.VILLAGE)
    make_bank(code="=1+1", category=Category.CITY)
    query = {"category": "village", "sort": "-code", "_export": "xlsx"}
    response = client.get(reverse("bank-list"), query)
    rows = list(openpyxl.load_workbook(_stream(response)).active.iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == [f"V{number:02d}" for number in reversed(range(30))]
    text = b"".join(client.get(reverse("bank-list"), {"category": "city", "_export": "csv"}).streaming_content)  # type: ignore[attr-defined]
    assert text.startswith(b"\xef\xbb\xbf") and "'=1+1" in text.decode("utf-8-sig")
    found = events("banks.register.exported")
    assert len(found) == 2 and '"rows":30' in found[1].data and "village" in found[1].data


def _stream(response: Any) -> Any:
    return io.BytesIO(b"".join(response.streaming_content))


# --- One bank --------------------------------------------------------------------------------------------------------


def test_another_banks_pages_answer_404_and_are_recorded(sign_in: SignIn) -> None:
    mine, theirs = make_bank(), make_bank(name_zh="暗号银行")
    record_facts(
        actor=None, bank=theirs, period="2017", values={"sme_bal_end": (FactState.VALUE, "1")}, source=FactSource.DEMO
    )
    client = sign_in(make_person(Role.BANK_PREPARER, bank=mine))
    assert client.get(reverse("my-bank"), follow=True).context["bank"] == mine
    for url in (
        reverse("bank-detail", args=[theirs.pk]),
        reverse("bank-facts", args=[theirs.pk]),
        reverse("bank-fact-history", args=[theirs.pk, "2017", "sme_bal_end"]),
    ):
        response = client.get(url)
        assert response.status_code == 404 and "暗号" not in response.content.decode()
    assert len(events("access.hidden")) == 3
    assert client.get(reverse("bank-detail", args=[10**6])).status_code == 404
    assert len(events("access.hidden")) == 3


def test_a_banks_people_do_not_see_who_else_shares_their_head_office(sign_in: SignIn) -> None:
    head = make_bank()
    mine = make_bank(entity_kind=EntityKind.BRANCH, head_office=head)
    sister = make_bank(entity_kind=EntityKind.BRANCH, head_office=head, name_zh="暗号银行")
    assert sister.pk
    client = sign_in(make_person(Role.BANK_SIGNATORY, bank=head))
    page = client.get(reverse("bank-detail", args=[head.pk])).content.decode()
    assert "暗号" not in page and mine.name_zh not in page


def test_warnings_do_not_block(sign_in: SignIn) -> None:
    administrator = make_person(Role.ADMINISTRATOR)
    client, bank = sign_in(administrator), make_bank()
    sent = form_of(bank, uscc="91350100M000100Y44")
    response = client.post(reverse("bank-edit", args=[bank.pk]), sent, follow=True)
    bank.refresh_from_db()
    assert bank.uscc == "91350100M000100Y44" and bank.revision == 2
    page = response.content.decode()
    assert "校验码" in page or "check digit" in page


def test_entering_a_bank_and_what_is_wrong_with_it(sign_in: SignIn) -> None:
    client = sign_in(make_person(Role.ADMINISTRATOR))
    response = client.post(reverse("bank-create"), {"code": "N1", "active_from": "yesterday", "entity_kind": "branch"})
    assert response.status_code == 422
    assert {"name_zh", "category", "active_from"} <= set(response.context["form"].errors)
    good = {
        "code": "N1",
        "name_zh": "新银行",
        "category": "city",
        "entity_kind": "branch",
        "head_office_name": "总行",
        "active_from": "2017-01-01",
    }
    response = client.post(reverse("bank-create"), good | {"head_office_name": ""})
    assert response.status_code == 422 and set(response.context["form"].errors) == {"head_office"}
    assert client.post(reverse("bank-create"), good).status_code == 302
    assert Bank.objects.get(code="N1").head_office_name == "总行"
    response = client.post(reverse("bank-create"), good)
    assert response.status_code == 422 and set(response.context["form"].errors) == {"code", "name_zh"}


def test_a_stale_form_shows_both_and_loses_nothing(sign_in: SignIn) -> None:
    client, bank = sign_in(make_person(Role.ADMINISTRATOR)), make_bank(short_name="旧")
    url = reverse("bank-edit", args=[bank.pk])
    client.get(url)
    change_bank(actor=None, bank=bank, revision=1, values={"short_name": "他人所改"})
    response = client.post(url, form_of(bank, short_name="我所改", contact_name="新联系人"))
    page = response.content.decode()
    assert response.status_code == 409
    assert "他人所改" in page and page.count("我所改") >= 2 and "新联系人" in page
    bank.refresh_from_db()
    assert bank.short_name == "他人所改"
    sent = {name: response.context["form"][name].value() or "" for name in response.context["form"].fields}
    assert str(sent["revision"]) == "2"
    sent["differentiated"] = ""
    assert client.post(url, sent).status_code == 302
    bank.refresh_from_db()
    assert (bank.short_name, bank.contact_name, bank.revision) == ("我所改", "新联系人", 3)


# --- Figures ---------------------------------------------------------------------------------------------------------


def test_figures_by_year_tell_the_nothings_apart_and_opening_them_is_recorded(sign_in: SignIn) -> None:
    bank = make_bank()
    values = {
        "sme_bal_end": (FactState.VALUE.value, "1234567"),
        "sme_rate": (FactState.VALUE.value, "0.0511"),
        "applied": (FactState.VALUE.value, "0"),
        "approved": (FactState.UNANSWERED.value, ""),
        "tolerance_pp": (FactState.NOT_APPLICABLE.value, ""),
        "c4_items": (FactState.VALUE.value, "online;promise"),
        "not_in_any_rulebook": (FactState.VALUE.value, "x"),
    }
    record_facts(actor=None, bank=bank, period="2017", values=values, source=FactSource.DEMO)
    client = sign_in(make_person(Role.CASE_OFFICER))
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("bank-facts", args=[bank.pk])).content.decode()
    assert sum("banks_factentry" in query["sql"] for query in queries) == 2  # the years, and all of their facts
    for words in ("1,234,567", "5.11", "not_in_any_rulebook"):
        assert words in page
    assert events("banks.facts.viewed")[0].bank_id == bank.pk
    record_facts(
        actor=None, bank=bank, period="2017", values={"applied": (FactState.VALUE, "7")}, source=FactSource.FORM
    )
    history = client.get(reverse("bank-fact-history", args=[bank.pk, "2017", "applied"]))
    assert [item["line"].entry.revision for item in history.context["entries"]] == [2, 1]
    assert client.get(reverse("bank-fact-history", args=[bank.pk, "2017", "nothing"])).status_code == 404
    own = sign_in(make_person(Role.BANK_REVIEWER, bank=bank))
    assert own.get(reverse("bank-facts", args=[bank.pk])).status_code == 200
    assert len(events("banks.facts.viewed")) == 2


# --- People ----------------------------------------------------------------------------------------------------------


def test_entering_a_person(sign_in: SignIn) -> None:
    client, bank = sign_in(make_person(Role.ADMINISTRATOR)), make_bank()
    url = reverse("person-create")
    assert client.get(url, {"bank": bank.pk}).context["form"].initial["bank"] == bank
    sent = {"username": "newone", "name": "新人", "roles": [Role.BANK_PREPARER], "password": "short"}
    response = client.post(url, sent)
    assert response.status_code == 422 and set(response.context["form"].errors) == {"roles", "password"}
    sent |= {"bank": bank.code, "password": "a-long-enough-word-1"}
    assert client.post(url, sent).status_code == 302
    person = User.objects.get(username="newone")
    assert person.roles == {Role.BANK_PREPARER} and person.bank == bank
    assert person.check_password("a-long-enough-word-1")


def test_the_banks_own_page_says_who_acts_for_it_and_who_entered_them(sign_in: SignIn) -> None:
    """Fault B4: who is entered for a bank, by whom, when and with which roles stands where the bank reads it."""
    bank = make_bank()
    own = make_person(Role.BANK_PREPARER, bank=bank, name="填报甲")
    other = make_person(Role.BANK_SIGNATORY, bank=make_bank(), name="别行签发")
    chief = make_person(Role.ADMINISTRATOR, name="管理员丁")
    added = create_person(
        actor=chief,
        username="added",
        name="新增乙",
        roles=[Role.BANK_REVIEWER],
        bank=bank,
        password="chalk-meadow-lantern-41",
    )
    page = sign_in(own).get(reverse("my-bank"), follow=True).content.decode()
    (row,) = [part for part in page.split("<tr>") if "新增乙" in part]
    assert row.count("管理员丁") == 2, "who entered the person, and who granted the role"
    assert moment(added.created_at) in row and str(Role.BANK_REVIEWER.label) in row
    assert "填报甲" in page and other.name not in page


def test_a_bank_is_found_by_what_people_type(sign_in: SignIn) -> None:
    client = sign_in(make_person(Role.ADMINISTRATOR))
    one, two = make_bank(code="X1", name_zh="甲乙银行"), make_bank(code="X2", name_zh="甲乙丙银行")
    for typed, bank in (
        ("x1", one),
        ("甲乙银行", one),
        ("jyyh", one),
        (" 丙银 ", two),
        ("甲乙丙银行 (X2)", two),
        ("", None),
    ):
        form = NewPersonForm({"username": "new", "name": "人", "bank": typed})
        assert form.is_valid() and form.cleaned_data["bank"] == bank, typed
    several = NewPersonForm({"username": "new", "name": "人", "bank": "甲乙"})
    assert "甲乙银行 (X1)" in several.errors["bank"][0] and "甲乙丙银行 (X2)" in several.errors["bank"][0]
    assert "bank" in NewPersonForm({"username": "new", "name": "人", "bank": "nobody's"}).errors
    make_person(Role.BANK_PREPARER, bank=two, username="of-two")
    people = client.get(reverse("person-list"), {"bank": "jybyh"}).content.decode()
    assert "of-two" in people and client.get(reverse("person-create"), {"bank": two.pk}).status_code == 200
    for odd in ("²", "9" * 5000, "9" * 40, "-1"):
        assert client.get(reverse("person-create"), {"bank": odd}).status_code == 200
    # A form that is saved as it is changes nothing: the bank in use is shown as it is read back.
    branch = make_bank(code="X3", name_zh="支行", entity_kind=EntityKind.BRANCH, head_office=one)
    shown = BankForm(bank=branch, initial=initial(branch))["head_office"].value()
    field = BankForm(bank=branch).fields["head_office"]
    assert field.clean(field.prepare_value(shown)) == one


def test_no_page_grows_with_the_number_of_banks(sign_in: SignIn) -> None:
    """A choice held every bank: 5,000 of them were 0.7 s and most of the page."""
    client = sign_in(make_person(Role.ADMINISTRATOR))
    branch = make_bank(entity_kind=EntityKind.BRANCH, head_office=make_bank())
    urls = [reverse("person-create"), reverse("person-list"), reverse("bank-create")]
    urls.append(reverse("bank-edit", args=[branch.pk]))

    def sizes() -> list[int]:
        pages = [client.get(url).content.decode() for url in urls]
        return [len(re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", page)) for page in pages]

    few = sizes()
    for number in range(40):
        make_bank(name_zh=f"多出来的银行{number}")
    assert all(abs(more - before) < 200 for before, more in zip(few, sizes(), strict=True))


def test_granting_and_withdrawing_roles_and_a_stale_page(sign_in: SignIn) -> None:
    client = sign_in(make_person(Role.ADMINISTRATOR))
    person = make_person(Role.CASE_OFFICER)
    url = reverse("person-edit", args=[person.pk])
    form = client.get(url).context["form"]
    assert Role.BANK_PREPARER not in dict(form.fields["roles"].choices)
    sent = {"seen": form["seen"].value(), "name": "改名", "is_active": "on", "roles": [Role.SECOND_REVIEWER]}
    set_roles(actor=None, person=person, roles=[Role.CASE_OFFICER, Role.DECISION_MAKER])
    response = client.post(url, sent)
    assert response.status_code == 409 and len(response.context["conflicts"]) == 2
    assert User.objects.get(pk=person.pk).name != "改名"
    sent["seen"] = response.context["form"]["seen"].value()
    assert client.post(url, sent).status_code == 302
    person = User.objects.get(pk=person.pk)
    assert person.name == "改名" and person.roles == {Role.SECOND_REVIEWER}
    assert len(events("banks.person.changed")) == 1 and len(events("banks.roles.changed")) == 2


def test_neither_is_written_when_one_is_refused(sign_in: SignIn) -> None:
    administrator = make_person(Role.ADMINISTRATOR)
    make_person(Role.ADMINISTRATOR)
    client = sign_in(administrator)
    url = reverse("person-edit", args=[administrator.pk])
    seen = client.get(url).context["form"]["seen"].value()
    response = client.post(url, {"seen": seen, "name": "改名", "is_active": "on", "roles": [Role.AUDITOR]})
    assert response.status_code == 422 and set(response.context["form"].errors) == {"roles"}
    assert User.objects.get(pk=administrator.pk).name == administrator.name


def test_setting_a_password_ends_sessions(sign_in: SignIn) -> None:
    client = sign_in(make_person(Role.ADMINISTRATOR))
    person = make_person(Role.CASE_OFFICER, password="a-long-enough-word-1")
    theirs = sign_in(person)
    assert theirs.get(reverse("bank-list")).status_code == 200
    url = reverse("person-password", args=[person.pk])
    assert client.post(url, {"password": "12345"}).status_code == 422
    assert client.post(url, {"password": "quite-another-word-2"}).status_code == 302
    assert theirs.get(reverse("bank-list")).status_code == 302
    assert events("banks.password.set")[0].object_id == str(person.pk)


def test_unknown_people_are_404(sign_in: SignIn) -> None:
    client = sign_in(make_person(Role.ADMINISTRATOR))
    assert client.get(reverse("person-edit", args=[10**6])).status_code == 404
    assert client.get(reverse("person-password", args=[10**6])).status_code == 404
