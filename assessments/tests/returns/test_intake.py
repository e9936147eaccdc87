"""A return as a file: which figure comes from which cell, and what is refused or cannot be read."""

import datetime
import io
import shutil
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.utils.translation import override

from assessments.filings.returns.intake import INSTITUTION, PERIOD, CheckedReturn, check_return
from assessments.tests.returns.world import S63_NAME, S71_CELLS, rulebook, s63, written
from assessments.tests.workbook.corpora.quirks import libreoffice
from scorecard.access.decisions import Refused


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    with override("zh-hans"):
        yield


def read(content: bytes, name: str = S63_NAME, code: str = "shanghai-2017", year: int = 2017) -> CheckedReturn:
    return check_return(content, name, rulebook(code), year=year, bank="演示B001银行")


def refused(content: bytes, name: str = S63_NAME, **other: Any) -> str:
    with pytest.raises(Refused) as caught:
        read(content, name, **other)
    return " ".join(map(str, caught.value.reasons))


def values(found: CheckedReturn) -> dict[str, Decimal]:
    return {fact: each.value for fact, each in found.figures.items()}


def test_figures_are_the_sums_of_their_cells_and_say_which() -> None:
    found = read(s63())
    assert values(found) == {"sme_bal_end": Decimal("16000"), "sme_npl_end": Decimal("29")}
    assert found.figures["sme_bal_end"].note == "S63-I 报表!E6 + F6 + I6 + J6"
    assert found.figures["sme_npl_end"].note.count("+") == 11
    assert (found.period, found.earlier, found.problems, found.questions) == ((2017, 12), False, [], {})


@pytest.mark.parametrize("written_in", [b"NaN", b"1E999", b"-1E999", b"1E300"])
def test_a_number_that_is_none_is_a_problem_of_its_cell(written_in: bytes) -> None:
    """What another program writes for no number (NaN, an infinity) or a slip of the size is said, and never taken."""
    whole, made = zipfile.ZipFile(io.BytesIO(s63({"E6": 4321}))), io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for name in whole.namelist():
            target.writestr(name, whole.read(name).replace(b"<v>4321</v>", b"<v>" + written_in + b"</v>"))
    found = read(made.getvalue())
    assert values(found) == {"sme_npl_end": Decimal("29")}
    assert [problem.cell for problem in found.problems] == ["E6"]


def test_s71_has_its_item_numbers_in_a_column_of_their_own() -> None:
    found = read(written(S71_CELLS), "S71.xlsx", "national-2020", 2020)
    assert values(found) == {
        "incl_bal_end": Decimal(59000),
        "incl_hh_end": Decimal(550),
        "hh_le_100": Decimal(430),
        "incl_npl_end": Decimal(345),
        "incl_lent_year": Decimal(69800),
        "incl_lent_interest": Decimal("3180.25"),
    }
    assert found.figures["incl_hh_end"].unit == "户"


def test_the_return_of_last_december_fills_the_figures_that_repeat_last_years() -> None:
    found = read(s63({"D2": "2016年12月"}), "S63.xlsx")
    assert found.earlier
    assert values(found) == {"sme_bal_prev": Decimal(16000)}


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("单位：元", "0.0001"), ("单位：千元", "0.1"), ("单位: 万元", "1"), ("金额单位：亿元", "10000")],
)
def test_amounts_are_converted_exactly_from_the_unit_of_the_head(unit: str, factor: str) -> None:
    found = read(s63({"F2": unit}))
    assert values(found)["sme_bal_end"] == Decimal(16000) * Decimal(factor)


@pytest.mark.parametrize(
    ("raw", "value"), [("１２，０００", 12000), ("12,000", 12000), (12000.0, 12000), (0.1 + 0.2, Decimal("0.3"))]
)
def test_numbers_are_read_as_the_workbook_reads_them(raw: Any, value: Any) -> None:
    assert values(read(s63({"E6": raw})))["sme_bal_end"] == Decimal(4000) + Decimal(value)


CELLS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a formula nobody worked out": ({"E6": "=1+1"}, "E6", "没有保存计算结果"),
    "a date": ({"E6": datetime.datetime(2017, 1, 2)}, "E6", "日期"),
    "a word": ({"E6": "很多"}, "E6", "不能是“很多”"),
    "yes": ({"E6": True}, "E6", "不能是“True”"),
    "a unit in the cell": ({"E6": "1.2亿元"}, "E6", "含有单位"),
    "not applicable": ({"E6": "不适用"}, "E6", "不是数字"),
    "blank beside others": ({"E6": None}, "E6", "填写0"),
    "below zero": ({"E6": -20000}, "E6", "不得低于"),
    "no such row": ({"B6": "贷款余额"}, "", "没有项目编号为 1 的行"),
    "the number twice": ({"B12": "1 贷款余额合计"}, "", "2 行的项目编号为 1"),
    "another name": ({"B6": "1.各项存款"}, "", "各项存款"),
    "no such column": ({"E5": "小型企业"}, "", "没有标明 C 的列"),
    "the letter twice": ({"K5": "C"}, "", "2 列标明 C"),
}


@pytest.mark.parametrize("name", CELLS)
def test_what_cannot_be_read_is_named_and_its_figure_is_not_taken(name: str) -> None:
    changes, cell, words = CELLS[name]
    found = read(s63(changes))
    assert "sme_bal_end" not in found.figures
    assert [problem for problem in found.problems if problem.cell == cell and words in problem.text], found.problems
    if cell:
        assert "sme_npl_end" in found.figures
        assert {problem.sheet for problem in found.problems} == {"报表"}


def test_an_error_and_a_merged_cell_are_named() -> None:
    assert "E6" in {problem.cell for problem in read(s63({"E6": "#DIV/0!"})).problems}
    book = openpyxl.load_workbook(io.BytesIO(s63()))
    book["报表"].merge_cells("E6:F6")
    saved = io.BytesIO()
    book.save(saved)
    found = read(saved.getvalue())
    assert "合并" in " ".join(problem.text for problem in found.problems if problem.cell == "F6")


def test_a_figure_whose_cells_are_all_blank_is_not_in_the_file() -> None:
    found = read(s63(dict.fromkeys(("E6", "F6", "I6", "J6"))))
    assert found.blank == ["sme_bal_end"]
    assert not found.problems


def test_a_month_that_the_filing_does_not_ask_for_is_refused() -> None:
    assert "2017-09" in refused(s63({"D2": "2017年9月"}), "S63.xlsx")
    assert "2015-12" in refused(s63({"D2": "2015年12月"}), "S63.xlsx")
    assert "多个月份" in refused(s63({"D2": "2016年12月"}))


def test_a_file_without_a_month_or_of_another_institution_asks_to_be_confirmed() -> None:
    assert set(read(s63({"D2": None}), "S63.xlsx").questions) == {PERIOD}
    assert set(read(s63({"A2": "填报机构：别家银行"})).questions) == {INSTITUTION}


def test_the_sheet_is_found_by_its_name_its_head_or_the_name_of_the_file() -> None:
    bare = {"A1": "大中小微型企业贷款情况表"}
    assert read(s63(bare, sheet="S63_I"), "a.xlsx").parts[0][1] == "S63_I"
    assert read(s63(bare)).parts[0][1] == "报表"
    assert "S6301" in refused(s63(bare), "a.xlsx")
    assert "S6301" in refused(s63(bare | {"A1": "S63-II"}), "a.xlsx")


def test_two_sheets_of_one_part_and_two_units_are_refused() -> None:
    book = openpyxl.Workbook()
    s63(book=book)
    assert "多张工作表" in refused(s63(sheet="报表2", book=book))
    assert "多种单位" in refused(s63({"G2": "单位：元"}))


def test_what_is_no_workbook_is_refused() -> None:
    assert "不是 Excel 工作簿" in refused(b"%PDF-1.4")
    assert refused(s63()[:2000])
    assert "AAA6" in refused(s63({"AAA6": 1}))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_what_libreoffice_saved_is_read_alike_with_its_formulas_worked_out() -> None:
    content = s63({"E6": "=10000+2000"})
    assert "E6" in {problem.cell for problem in read(content).problems}
    saved = read(libreoffice(content))
    assert values(saved) == values(read(s63()))
    assert not saved.problems
    s71 = read(libreoffice(written(S71_CELLS)), "S71.xlsx", "national-2020", 2020)
    assert values(s71) == values(read(written(S71_CELLS), "S71.xlsx", "national-2020", 2020))
