"""Returns as files: written cell by cell by openpyxl, in the layout that the mapping expects."""

import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
from django.conf import settings

from scorecard.engine import Rulebook
from scorecard.engine.reading.loader import read_folder

S63_NAME = "SF6301-201-大中小微型企业贷款情况表-2017年12月月报（第一批次）.xlsx"
S63_HEAD = {
    "A1": "S6301 大中小微型企业贷款情况表",
    "A2": "填报机构：演示B001银行",
    "D2": "2017年12月",
    "F2": "单位：万元",
}
S63_COLUMNS = {"C5": "A", "D5": "B", "E5": "C 小型企业", "F5": "D 微型企业", "G5": "E", "H5": "F", "I5": "G", "J5": "H"}
S63_ROWS = {
    6: "1.贷款余额",
    7: "1.1.1 正常类",
    8: "1.1.2 关注类",
    9: "1.1.3次级类",
    10: "1.1.4可疑类",
    11: "1.1.5 损失类",
}
S63_VALUES = {
    "E6": 12000,
    "F6": 3000.5,
    "I6": 800,
    "J6": 199.5,
    "E9": 10,
    "F9": 5,
    "I9": 0,
    "J9": 1,
    "E10": 4,
    "F10": 3,
    "I10": 2,
    "J10": 0,
    "E11": 1,
    "F11": 1,
    "I11": 1,
    "J11": 1,
}


@cache
def rulebook(code: str) -> Rulebook:
    """An installed rulebook, as its files say it."""
    folder = sorted((Path(settings.RULEBOOK_DIR) / code).iterdir())[-1]
    found, fields = read_folder(folder)
    assert found is not None
    assert not fields.findings
    return found


def s63(changes: Mapping[str, Any] | None = None, *, sheet: str = "报表", book: Any = None) -> bytes:
    """Part I of S63, with cells changed or (None) emptied."""
    cells: dict[str, Any] = S63_HEAD | S63_COLUMNS | {f"B{row}": name for row, name in S63_ROWS.items()} | S63_VALUES
    return written(cells | dict(changes or {}), sheet=sheet, book=book)


def written(cells: Mapping[str, Any], *, sheet: str = "报表", book: Any = None) -> bytes:
    """A workbook with these cells on one sheet, saved by openpyxl."""
    book = book or openpyxl.Workbook()
    page = book.active if book.active is not None and book.active.max_row == 1 else book.create_sheet()
    page.title = sheet
    for address, value in cells.items():
        page[address] = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


S71_CELLS: dict[str, Any] = {
    "A1": "S7101 银行业普惠金融重点领域贷款情况表",
    "A3": "报表日期：2020-12-31",
    "C5": "A0",
    "D5": "B0",
    "E5": "B1",
    "F5": "C0",
    "G5": "D0",
    "H5": "F0",
    "A6": "1",
    "B6": "普惠型小微企业法人贷款",
    "A7": "1.1",
    "B7": "其中：涉农",
    "A8": "3",
    "B8": "普惠型个体工商户和小微企业主贷款",
    "C6": 50000,
    "D6": 210,
    "E6": 120,
    "F6": 300,
    "G6": 61000,
    "H6": 2700.25,
    "C8": 9000,
    "D8": 340,
    "E8": 310,
    "F8": 45,
    "G8": 8800,
    "H8": 480,
}
