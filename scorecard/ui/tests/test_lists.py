"""Lists: table, filters, columns, export, and how many queries they make."""

import csv
import io
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import get_resolver

from banks.models import Bank, Category
from scorecard import exports, tables
from scorecard.columns import FigureColumn

from .gallery import GalleryList, GalleryTable, StockTable

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gallery")]


@pytest.fixture
def sixty(make_bank: Callable[..., Bank]) -> list[Bank]:
    return [make_bank(f"D{i:02}", category=["city", "rural", "large"][i % 3]) for i in range(60)]


def test_first_page_count_and_links(reader: Client, sixty: list[Bank]) -> None:
    text = reader.get("/list/").content.decode()
    assert "共 60 条" in text
    assert "第 1–25 条，共 60 条" in text
    assert text.count("<tr><td") == 25
    assert 'href="/list/?q=D00"' in text
    assert '<span class="th-unit">亿元</span>' in text
    assert text.count(str(Category.CITY.label)) >= 9


def test_pages_do_not_overlap_when_the_order_has_ties(reader: Client, sixty: list[Bank]) -> None:
    seen: list[str] = []
    for page in (1, 2, 3):
        text = reader.get(f"/list/?sort=category&page={page}").content.decode()
        seen += [bank.code for bank in sixty if f'href="/list/?q={bank.code}"' in text]
    assert sorted(seen) == [bank.code for bank in sixty]


def test_sorting_is_said_and_turned(reader: Client, sixty: list[Bank]) -> None:
    text = reader.get("/list/?sort=code").content.decode()
    assert 'aria-sort="ascending"' in text
    assert "sort=-code" in text


def test_unknown_sort_and_page_are_no_error(reader: Client, sixty: list[Bank]) -> None:
    assert reader.get("/list/?sort=password&page=999").status_code == 200


def test_filters_are_chips_that_come_off_one_by_one(reader: Client, sixty: list[Bank]) -> None:
    text = reader.get("/list/?category=city&q=D0&page=1&sort=code").content.decode()
    assert "共 4 条" in text
    assert 'href="/list/?category=city&amp;sort=code"' in text
    assert 'href="/list/?q=D0&amp;sort=code"' in text


def test_search_wants_every_word(reader: Client, make_bank: Callable[..., Bank]) -> None:
    make_bank("X1", name_zh="演示江湾银行")
    make_bank("X2", name_zh="演示江南银行")
    text = reader.get("/list/?q=江湾 x1").content.decode()
    assert "演示江湾银行" in text
    assert "演示江南银行" not in text


def test_empty_says_why_and_what_to_do(reader: Client) -> None:
    text = reader.get("/list/").content.decode()
    assert "名录中尚无银行" in text
    assert "请导入名录。" in text
    text = reader.get("/list/?q=nothing").content.decode()
    assert "没有符合筛选条件的记录" in text


def test_columns_and_density_are_kept_for_the_session(reader: Client, sixty: list[Bank]) -> None:
    key = GalleryTable.key()
    data = {"table": key, "columns": ["contact", "no-such"], "next": "/list/"}
    assert reader.post("/settings/table/", data)["Location"] == "/list/"
    reader.post("/settings/table/", {"table": key, "density": "compact", "next": "/list/"})
    text = reader.get("/list/").content.decode()
    head = text[text.index("<thead>") : text.index("</thead>")]
    assert "联系人" in head
    assert "银行" in head  # the first column names the row and stays
    assert "代码" not in head
    assert "data-compact" in text
    reader.post("/settings/table/", {"table": key, "reset": "1"})
    text = reader.get("/list/").content.decode()
    assert "data-compact" not in text
    assert "联系人" not in text[text.index("<thead>") : text.index("</thead>")]


def test_a_list_prints_whole_and_its_pages_are_as_long_as_is_chosen(reader: Client, sixty: list[Bank]) -> None:
    assert reader.get("/list/?_print=1").content.decode().count("<tr><td") == 60
    assert reader.get("/list/?_print=1&page=2&q=D0").content.decode().count("<tr><td") == 10
    reader.post("/settings/table/", {"table": GalleryTable.key(), "per_page": "50", "next": "/list/"})
    assert reader.get("/list/").content.decode().count("<tr><td") == 50
    assert reader.get("/list/?page=2").content.decode().count("<tr><td") == 10
    reader.post("/settings/table/", {"table": GalleryTable.key(), "per_page": "100000", "next": "/list/"})
    assert reader.get("/list/").content.decode().count("<tr><td") in (25, 50), "no length but those offered"


def test_settings_of_a_table_cannot_fill_the_session() -> None:
    session: dict[str, Any] = {}
    tables.keep_settings(session, "x" * 500, columns=[], density="compact")
    assert session == {}
    for number in range(100):
        tables.keep_settings(session, f"t{number}", columns=["c" * 500] * 500, density="huge")
    kept = session[tables.SETTINGS_KEY]
    assert len(kept) == 60
    assert len(kept["t0"]["columns"]) == 60
    assert max(map(len, kept["t0"]["columns"])) == 60
    assert "density" not in kept["t0"]


def test_constant_queries(reader: Client, make_bank: Callable[..., Bank], django_assert_num_queries: Any) -> None:
    for number in range(3):
        make_bank(f"A{number}")
    with django_assert_num_queries(5):  # session, person, roles, count, rows
        reader.get("/list/")
    for number in range(60):
        make_bank(f"B{number}")
    with django_assert_num_queries(5):
        reader.get("/list/")


def test_markup_in_the_data_is_text(reader: Client, make_bank: Callable[..., Bank]) -> None:
    make_bank("E1", name_zh="<script>alert(1)</script>")
    text = reader.get("/list/").content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


# --- Export -------------------------------------------------------------------------------------------------------


def read_csv(answer: Any) -> list[list[str]]:
    raw = b"".join(answer.streaming_content)
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


def read_xlsx(answer: Any) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    answer.close()
    return list(book.active.values)


def test_export_is_what_is_filtered_sorted_and_shown(reader: Client, sixty: list[Bank]) -> None:
    answer = reader.get("/list/?category=rural&sort=-code&_export=csv")
    assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E9%93%B6%E8%A1%8C")
    rows = read_csv(answer)
    assert rows[0][:4] == ["银行", "代码", "类别", "小微贷款余额（亿元）"]
    assert [row[1] for row in rows[1:]] == [b.code for b in reversed(sixty) if b.category == "rural"]
    assert {row[2] for row in rows[1:]} == {str(Category.RURAL.label)}
    book = read_xlsx(reader.get("/list/?category=rural&sort=-code&_export=xlsx"))
    assert [list(map(str, row[:3])) for row in book] == [row[:3] for row in rows]


def test_export_keeps_every_digit(reader: Client, make_bank: Callable[..., Bank]) -> None:
    bank = make_bank("Z1")
    rows = read_csv(reader.get("/list/?_export=csv"))
    assert Decimal(rows[1][3]) == Decimal(bank.pk) / 10_000


def test_export_tells_the_hook_what_left(reader: Client, sixty: list[Bank], monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(GalleryList, "on_export", lambda self, *what: told.append(what))
    reader.get("/list/?category=rural&_export=csv")
    assert told == [("csv", 20, {"category": "rural"})]


FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\r\n=1",
    " =1",
    "   @SUM(A1)",
    "\u3000=1",
    "\u00a0=1",
    "\ufeff=1",
    "\u200b=1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(A1)",
)


@pytest.mark.parametrize("text", FORMULAS)
def test_text_is_never_a_formula(text: str) -> None:
    assert exports.neutral(text) == f"'{text}"
    assert exports.neutral("Bank = 1") == "Bank = 1", "a sign within a text is no formula"
    assert exports.neutral(" Bank") == " Bank"
    target = io.BytesIO()
    exports.write_xlsx(target, ["head"], [[text]])
    cell = openpyxl.load_workbook(io.BytesIO(target.getvalue())).active["A2"]
    assert cell.data_type == "s"


def test_numbers_stay_numbers_where_nothing_is_lost() -> None:
    long = Decimal("12345678901234567.89")
    rows = [[Decimal("11463.65"), long, 7, True, datetime(2026, 12, 1, 9, 0, tzinfo=UTC), None]]
    target = io.BytesIO()
    assert exports.write_xlsx(target, list("abcdef"), rows) == 1
    values = list(openpyxl.load_workbook(io.BytesIO(target.getvalue())).active.values)[1]
    assert values == (11463.65, str(long), 7, True, datetime(2026, 12, 1, 17, 0), None)
    line = b"".join(exports.csv_lines(["a", "b"], [[Decimal("-3.50"), long]])).decode("utf-8-sig")
    assert line.splitlines()[1] == f"-3.50,{long}"


def test_a_sheet_that_cannot_hold_the_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "EXCEL_ROWS", 3)
    with pytest.raises(exports.TooManyRows):
        exports.write_xlsx(io.BytesIO(), ["a"], [[1], [2], [3]])


# --- Columns ------------------------------------------------------------------------------------------------------


def test_figure_columns_scale_exactly_and_refuse_nonsense() -> None:
    assert FigureColumn(unit="万元", shown_in="亿元").value("11463650.5") == Decimal("1146.36505")
    assert FigureColumn(unit="fraction").value("0.0087") == Decimal("0.87")
    assert FigureColumn(unit="fraction").render("185/238") == '<span title="9250/119 %">77.73</span>'
    assert FigureColumn(unit="户").render("1188") == '<span title="1188 户">1,188</span>'
    with pytest.raises(ValueError, match="cannot show"):
        FigureColumn(unit="户", shown_in="亿元")


def test_the_lean_table_is_faster_than_the_stock_one(sixty: list[Bank], officer: Any) -> None:
    """The measured ratio is about 0.5 (docs/pages.md); the test allows for a busy machine."""
    from django_tables2 import RequestConfig

    request: HttpRequest = RequestFactory().get("/list/")
    request.user = officer
    request.session = {}  # type: ignore[assignment]

    def cost(make: Callable[[], Any]) -> float:
        table = make()
        RequestConfig(request, paginate={"per_page": 25}).configure(table)
        start = time.process_time()
        table.as_html(request)
        return time.process_time() - start

    rows = list(Bank.objects.select_related("case_officer"))
    # By turns, and by the processor's time: what else runs takes its share of both.
    turns = [(cost(lambda: GalleryTable(rows, request=request)), cost(lambda: StockTable(rows))) for _ in range(7)]
    lean, stock = (min(times) for times in zip(*turns, strict=True))
    assert lean < stock, f"lean {lean * 1000:.1f} ms, stock {stock * 1000:.1f} ms"


def test_a_bank_has_room_in_every_list() -> None:
    """Its name stood one character a line where other columns do not wrap."""
    get_resolver().url_patterns  # noqa: B018  # loads every list
    known = list(tables.BaseTable.__subclasses__())
    for table in known:
        known += table.__subclasses__()
    found = {table: table.base_columns["bank"] for table in known if "bank" in getattr(table, "base_columns", {})}
    assert len(found) > 8
    wanted = {"wrap", "nowrap"}
    assert not [table.__name__ for table, column in found.items() if not wanted & set(str(column.css).split())]
