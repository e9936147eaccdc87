"""LibreOffice opens, works out and saves the workbook, and what it saved is taken."""

import io
import os
import shutil
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest

from assessments.filings.keys import Key, Kind
from assessments.filings.workbook.stamp import base_text
from assessments.tests.workbook.corpora.quirks import libreoffice
from assessments.tests.workbook.world import FILLED, Sheets, edited, made, read, values

HARD = "libreoffice" in os.environ.get("SCORECARD_REQUIRE", "").split(",")
pytestmark = pytest.mark.skipif(
    not HARD and shutil.which("soffice") is None,
    reason="needs LibreOffice: apt-get install --no-install-recommends libreoffice-calc",
)


def kept(content: bytes, sheet: str) -> Iterator[tuple[Any, ...]]:
    """The values of the formulas of a sheet, row by row."""
    yield from openpyxl.load_workbook(io.BytesIO(content), data_only=True)[sheet].iter_rows(min_row=2, values_only=True)


@pytest.mark.parametrize("texts", [FILLED, {"bal": "0", "bal_prev": "10000"}, {}], ids=["filled", "half", "blank"])
def test_its_answers_are_those_that_the_workbook_kept(texts: dict[str, str]) -> None:
    content = made(held=values(texts))
    saved = libreoffice(content)
    for sheet in ("总览", "核对"):
        ours, theirs = list(kept(content, sheet)), list(kept(saved, sheet))
        assert [[cell or "" for cell in row[:4]] for row in theirs[: len(ours)]] == [
            [cell or "" for cell in row[:4]] for row in ours
        ]


def test_what_it_saved_is_taken() -> None:
    def fill(sheets: Sheets) -> None:
        sheets["fact:bal"] = "=12000*2+0.5"
        sheets["fact:rate"] = 0.333
        sheets["fact:policy"] = "2 有模型"
        sheets["fact:flow#online"] = "否"
        sheets["self_points:A1"] = 3.25
        sheets["narrative:A1"] = "第一段。\n第二段：“引号”与 <尖括号> & 符号。"

    saved = libreoffice(edited(made(), fill))
    found = read(saved)
    assert found.problems == []
    assert found.lacking == 0
    changed = {key.text: base_text(key, value) for key, value in found.values.items() if value != found.base[key]}
    assert changed == {
        "fact:bal": "value:24000.5",
        "fact:rate": "value:0.333",
        "fact:policy": "value:2",
        "fact:flow": "value:promise",
        "self_points:A1": "3.25",
        "narrative:A1": "第一段。\n第二段：“引号”与 <尖括号> & 符号。",
    }


def test_what_it_works_out_follows_what_is_typed() -> None:
    saved = libreoffice(edited(made(), lambda sheets: sheets.__setitem__("fact:bal", 250_000)))
    answers = [row[3] for row in kept(saved, "核对")]
    assert "不符合" in answers
    assert "请核对单位和数字" in answers
    blank = libreoffice(edited(made(), lambda sheets: sheets.__setitem__("fact:bal", None)))
    assert ("小微企业贷款余额", "待填") in [(row[2], row[3]) for row in kept(blank, "总览")]
    assert Key(Kind.FACT, "bal") in read(blank).values
