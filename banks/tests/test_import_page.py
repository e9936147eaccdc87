"""The register's file on its page: read by content, errors by cell, preview, all or nothing."""

import io
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banks.models import Bank
from banks.register_file import MAX_BYTES, MAX_ROWS, read_register
from banks.services.banks import change_bank
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.tests.drawn import examples

pytestmark = pytest.mark.django_db
URL = "bank-import"
HEAD = ["bank code", "name in Chinese", "category", "kind of entity", "active from"]
GOOD = ["N1", "新银行", "City commercial bank", "Legal entity", "2010-01-01"]


@pytest.fixture
def client(settings: Any) -> Client:
    found = Client()
    found.force_login(make_person(Role.ADMINISTRATOR), backend=settings.AUTHENTICATION_BACKENDS[0])
    return found


def xlsx(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def upload(client: Client, content: bytes, name: str = "register.xlsx") -> Any:
    return client.post(reverse(URL), {"file": SimpleUploadedFile(name, content)})


def cells(response: Any) -> dict[str, str]:
    return {problem.cell: str(problem.text) for problem in response.context["problems"]}


def test_preview_then_written_with_one_event(client: Client) -> None:
    make_bank(code="OLD", name_zh="旧银行", short_name="旧", category="city")
    content = xlsx(
        [*HEAD, "short name", "unified social credit code"],
        [*GOOD, "新", "91350100M000100Y44"],
        ["OLD", "旧银行", "城市商业银行", "法人机构", date(2010, 1, 1), "改", None],
    )
    response = upload(client, content, "../../名录.xlsx")
    assert response.status_code == 200 and response.context["counts"] == {"new": 1, "changed": 1, "unchanged": 0}
    assert [warning.cell for warning in response.context["warnings"]] == ["G2"]
    assert not Bank.objects.filter(code="N1").exists()
    before = Event.objects.count()
    assert client.post(reverse(URL), {"payload": response.context["payload"]}).status_code == 302
    assert Bank.objects.get(code="N1").short_name == "新"
    assert Bank.objects.get(code="OLD").short_name == "改"
    assert Event.objects.count() == before + 1


def test_errors_stand_by_cell_and_all_at_once(client: Client) -> None:
    make_bank(code="OLD", name_zh="旧银行")
    response = upload(
        client,
        xlsx(
            [*HEAD, "differentiated treatment", "unified social credit code"],
            ["N1", "旧银行", "city", "legal_entity", "2010-01-01", "是", ""],
            ["N2", "银行二", "bakery", "legal_entity", "2010-13-01", "perhaps", 913101234567890123],
            [None] * 7,
            ["N3", "", "city", "branch", "#REF!", "", ""],
            ["N3", "银行三", "city", "legal_entity", datetime(2010, 1, 1), "", ""],
        ),
    )
    assert response.status_code == 422
    found = cells(response)
    assert set(found) == {"B2", "C3", "E3", "F3", "G3", "A5", "B5", "5", "E5", "A6"}
    assert "bakery" in found["C3"] and "2010-13-01" in found["E3"] and "#REF!" in found["E5"]
    assert not Bank.objects.filter(code__startswith="N").exists()
    page = response.content.decode()
    assert page.index(">B2<") < page.index(">C3<") < page.index(">A6<")


def test_titles_that_are_unknown_doubled_or_missing(client: Client) -> None:
    response = upload(
        client, xlsx(["name in Chinese", "favourite colour", "机构代码 ", "name_zh"], ["甲", "red", "N1", "乙"])
    )
    assert set(cells(response)) >= {"B1", "D1"}
    response = upload(client, xlsx(["name in Chinese"], ["甲"]))
    assert set(cells(response)) == {"A1"}


def test_csv_in_both_encodings_with_either_mark(client: Client) -> None:
    text = "机构代码,中文名称,类别,机构性质,在册起始日\nN1,新银行,城市商业银行,法人机构,2010年1月1日\n"
    for content in (text.encode("utf-8-sig"), text.encode("gb18030"), text.replace(",", "\t").encode()):
        response = upload(client, content, "register.csv")
        assert response.status_code == 200, cells(response)
        assert response.context["counts"]["new"] == 1


def test_the_filled_template_changes_nothing(client: Client) -> None:
    head = make_bank(
        code="H", name_en="Head", contact_email="a@example.com", case_officer=make_person(Role.CASE_OFFICER)
    )
    make_bank(code="B", entity_kind="branch", head_office=head, active_to=date(2017, 1, 1), differentiated=True)
    for query in ({"format": "xlsx", "filled": "1"}, {"format": "csv", "filled": "1"}):
        for language in ("zh-hans", "en"):
            client.cookies["django_language"] = language
            response = client.get(reverse("bank-import-template"), query)
            content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
            preview = upload(client, content)
            assert preview.status_code == 200, cells(preview)
            assert preview.context["counts"] == {"new": 0, "changed": 0, "unchanged": 2}
            assert not preview.context["preview"]


def test_a_register_that_moved_on_is_a_conflict(client: Client) -> None:
    bank = make_bank(code="OLD")
    response = upload(client, xlsx(["bank code", "short name"], ["OLD", "from the file"]))
    payload = response.context["payload"]
    change_bank(actor=None, bank=bank, revision=1, values={"short_name": "meanwhile"})
    assert client.post(reverse(URL), {"payload": payload}).status_code == 409
    bank.refresh_from_db()
    assert bank.short_name == "meanwhile"


def test_a_payload_is_the_persons_own_and_cannot_be_made_up(client: Client, settings: Any) -> None:
    payload = upload(client, xlsx(HEAD, GOOD)).context["payload"]
    other = Client()
    other.force_login(make_person(Role.ADMINISTRATOR), backend=settings.AUTHENTICATION_BACKENDS[0])
    assert other.post(reverse(URL), {"payload": payload}).status_code == 422
    assert client.post(reverse(URL), {"payload": payload[:-3] + "abc"}).status_code == 422
    assert not Bank.objects.exists()


def sheet(*changes: Any) -> bytes:
    """A workbook of one good bank with these changes: a function of the sheet, each."""
    book = openpyxl.Workbook()
    book.active.title = "名录"
    book.active.append([*HEAD, "contact", "differentiated treatment"])
    book.active.append([*GOOD, "张三", "是"])
    for change in changes:
        change(book.active)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("change", "cell", "said"),
    [
        (lambda s: s.__setitem__("F2", '="张"&"三"'), "F2", "工作表“名录”：公式"),
        (lambda s: s.__setitem__("F2", "#N/A"), "F2", "工作表“名录”：单元格是表格错误值 #N/A"),
        (lambda s: s.__setitem__("G2", "#DIV/0!"), "G2", "工作表“名录”：单元格是表格错误值 #DIV/0!"),
        (lambda s: s.merge_cells("F2:F3"), "F2", "工作表“名录”：单元格 F2:F3 已合并"),
        (lambda s: s.__setitem__("I2", "stray"), "I2", "该列没有列名"),
    ],
)
def test_a_cell_that_only_looks_blank_is_refused(client: Client, change: Any, cell: str, said: str) -> None:
    response = upload(client, sheet(change))
    assert response.status_code == 422 and said in cells(response)[cell]


def test_a_blank_cell_changes_nothing_and_a_marker_empties(client: Client) -> None:
    last = {"active_to": date(2030, 1, 1), "differentiated": True}
    make_bank(code="A", name_zh="甲银行", short_name="甲", contact_name="张三", **last)
    make_bank(code="B", name_zh="乙银行", differentiated=True)
    head = ["bank code", "short name", "contact", "differentiated treatment", "active until"]
    plan = upload(client, xlsx(head, ["A", None, "\u200b ", None, None]))
    assert plan.context["counts"] == {"new": 0, "changed": 0, "unchanged": 1}
    plan = upload(client, xlsx(head, ["A", "清空", "(clear)", "否", "清空"], ["B", None, None, "(clear)", None]))
    assert client.post(reverse(URL), {"payload": plan.context["payload"]}).status_code == 302
    bank = Bank.objects.get(code="A")
    assert (bank.short_name, bank.contact_name, bank.differentiated, bank.active_to) == ("", "", False, None)
    assert Bank.objects.get(code="B").differentiated is False
    plan = upload(client, xlsx(["bank code", "name in Chinese"], ["A", "清空"]))
    assert plan.status_code == 422 and "B2" in cells(plan)


def test_a_succession_is_written_from_the_preview(client: Client) -> None:
    make_bank(code="A", name_zh="甲银行")
    make_bank(code="B", name_zh="乙银行")
    head = ["bank code", "Successor (bank code)", "day of the succession", "active until"]
    plan = upload(client, xlsx(head, ["A", "B", "2017-06-30", "2017-06-30"]))
    assert client.post(reverse(URL), {"payload": plan.context["payload"]}).status_code == 302
    assert Bank.objects.get(code="A").successor == Bank.objects.get(code="B")


def test_a_stray_quotation_mark_swallows_no_bank(client: Client) -> None:
    lines = ["bank code,name in Chinese,category,kind of entity,active from"]
    lines += ['A,"甲,city,legal_entity,2010-01-01', 'B,乙",city,legal_entity,2010-01-01']
    response = upload(client, "\n".join(lines).encode(), "register.csv")
    assert response.status_code == 422 and "请检查引号" in str(response.context["form"].errors["file"])


def test_a_register_of_a_nation_is_read_in_one_file() -> None:
    rows = [f"N{n},银行{n},city,legal_entity,2010-01-01" for n in range(MAX_ROWS)]
    content = "\n".join([",".join(HEAD), *rows]).encode()
    assert MAX_ROWS == 20_000 and len(read_register("x.csv", content).rows) == MAX_ROWS
    with pytest.raises(Refused):
        read_register("x.csv", content + b"\nN0,x,city,legal_entity,2010-01-01")


def test_files_that_are_something_else(client: Client) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("notes.txt", "x")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", b"0" * 101 * 1024 * 1024)
    for content in (
        archive.getvalue(),
        bomb.getvalue(),
        b"PK\x03\x04broken",
        b"\xd0\xcf\x11\xe0old",
        b"%PDF-1.4",
        b"\x89PNG\r\n\x1a\n",
        b"a\x00b",
        b'"unclosed',
        xlsx(HEAD),
        xlsx(),
    ):
        response = upload(client, content)
        assert response.status_code == 422 and response.context["form"].errors["file"], content[:20]
    assert client.post(reverse(URL), {}).status_code == 422
    assert upload(client, b"").status_code == 422
    assert upload(client, b"x" * (MAX_BYTES + 1)).status_code == 413
    assert not Bank.objects.exists()


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"bank code,active from\n", xlsx(HEAD, GOOD)[:900]])
)
def test_any_bytes_are_read_or_refused(db: None, content: bytes, start: bytes) -> None:
    """Whatever is uploaded, the reader ends with rows, problems or a refusal; never with another error."""
    try:
        found = read_register("x", start + content)
    except Refused as error:
        assert error.reasons
    else:
        assert found.rows or found.problems
