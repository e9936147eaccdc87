"""Tables that would be read otherwise than they look: lost values, stray quotation marks, bare percentages."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from scorecard.commands.sheets import SheetError, read_sheet


def workbook(path: Path, *cells: object) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "填报"
    sheet.append(["bank", "category", "sme_bal_end", "sme_bal_prev"])
    sheet.append(["甲", "city", *cells])
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("=100+20", "sheet “填报”, cell C2: the formula =100+20 has no kept value"),
        ("#DIV/0!", "sheet “填报”, cell C2: it shows #DIV/0!"),
        ("#N/A", "sheet “填报”, cell C2: it shows #N/A"),
    ],
)
def test_a_cell_that_only_looks_blank_is_refused(tmp_path: Path, cell: str, said: str) -> None:
    with pytest.raises(SheetError) as refused:
        read_sheet(workbook(tmp_path / "facts.xlsx", cell, 100))
    assert said in str(refused.value)


def test_merged_cells_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "facts.xlsx", 110, 100)
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("B2:B3")
    book.save(path)
    with pytest.raises(SheetError, match="sheet “填报”, cell B2: the cells B2:B3 are merged"):
        read_sheet(path)


def test_plain_cells_and_blanks_are_read(tmp_path: Path) -> None:
    assert read_sheet(workbook(tmp_path / "facts.xlsx", None, 100))[1] == [["甲", "city", "", 100]]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"乙,city,1,2\n丙,city,3,4\n', "line 3"),
        ('乙,"city,1,2\n丙,city",3,4\n', "line 3: a cell holds further rows"),
        ('乙,"ci"ty,1,2\n', "line 3"),
    ],
)
def test_a_stray_quotation_mark_swallows_no_bank(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "facts.csv"
    path.write_text(f"bank,category,sme_bal_end,sme_bal_prev\n甲,city,120,100\n{line}丁,city,5,6\n", encoding="utf-8")
    with pytest.raises(SheetError) as refused:
        read_sheet(path)
    assert said in str(refused.value) and "quotation marks" in str(refused.value)


def scored(tmp_path: Path, rulebook: str, text: str) -> str:
    path = tmp_path / "facts.csv"
    path.write_text(text, encoding="utf-8")
    out = io.StringIO()
    call_command("score", rulebook, str(path), "--lang", "en", stdout=out)
    return out.getvalue()


def test_a_bare_number_above_one_is_no_percentage(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"“12.5” may mean 12.5% or 1250%; write it with a percent sign"):
        scored(tmp_path, "shanghai-2017/3", "bank,category,branch_approved_share\n甲,city,12.5\n")
    assert "甲" in scored(tmp_path, "shanghai-2017/3", "bank,category,branch_approved_share\n甲,city,12.5%\n")
    assert "甲" in scored(tmp_path, "shanghai-2017/3", "bank,category,branch_approved_share\n甲,city,0.125\n")


def test_banks_without_a_category_are_no_group_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Row 3, column “category”"):
        scored(tmp_path, "national-2020/3", "bank,category\n甲,city\n乙,\n")
    assert "乙" in scored(tmp_path, "shanghai-2017/3", "bank,category\n甲,city\n乙,\n")
