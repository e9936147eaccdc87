"""Workbooks without a database: made from a rulebook, changed as spreadsheets change them, read back."""

import io
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
from django.utils.translation import override
from openpyxl.workbook.workbook import Workbook as OpenBook

from assessments.filings.keys import Key, Kind
from assessments.filings.workbook.checks.registry import Expected
from assessments.filings.workbook.contents import Contents, Head
from assessments.filings.workbook.intake import Checked, check_workbook
from assessments.filings.workbook.sheets import workbook
from assessments.filings.workbook.stamp import KINDS, Stamp, Value
from assessments.models import REPORT
from assessments.tests.filings.world import RULEBOOK
from scorecard.engine import Nothing, Rulebook, ScoringInput, parse_fact, rulebook_from_json

CORPORA = Path(__file__).resolve().parents[3] / "fixtures" / "workbooks"
KEY = "the key under which the workbooks of the corpora are signed"
HEAD = Head(
    "r2017", "2017 年度评价", "B001", "演示银行", "2018-03-31 17:00", "mini/1", "小型评价办法", 3, "2018-03-01 09:00"
)
FILLED = {"bal": "12000", "bal_prev": "10000", "rate": "55%", "policy": "1", "flow": "online;promise", "note": "说明"}


@cache
def small() -> Rulebook:
    """The small rulebook of the tests of filings."""
    return rulebook_from_json(json.dumps(RULEBOOK, ensure_ascii=False))


def expected(rulebook: Rulebook | None = None, **other: str) -> Expected:
    """What a workbook of this test must have been made for."""
    said = {"round": HEAD.round, "bank": HEAD.bank, "rulebook": HEAD.rulebook, "hash": (rulebook or small()).hash}
    return Expected(**(said | other))


def values(texts: Mapping[str, str], rulebook: Rulebook | None = None) -> dict[Key, Value]:
    """Facts by their texts, with a narrative, own points and a report."""
    facts = (rulebook or small()).facts
    found: dict[Key, Value] = {Key(Kind.FACT, fact): parse_fact(facts[fact], text) for fact, text in texts.items()}
    return found | {Key(Kind.NARRATIVE, REPORT): "一年来的工作。\n第二段。"}


def contents(held: Mapping[Key, Value] | None = None, rulebook: Rulebook | None = None, head: Head = HEAD) -> Contents:
    """A draft that holds these values."""
    rulebook = rulebook or small()
    held = values(FILLED, rulebook) if held is None else held
    facts = {key.id: value for key, value in held.items() if key.kind == Kind.FACT}
    last = {"bal": parse_fact(rulebook.facts["bal"], "9000")} if "bal" in rulebook.facts else {}
    inputs = ScoringInput(facts={f: v for f, v in facts.items() if v is not Nothing.UNANSWERED})  # type: ignore[misc]
    return Contents(rulebook, head, inputs, held, last)


def made(language: str = "zh-hans", **how: Any) -> bytes:
    """The workbook of ``contents``."""
    with override(language):
        return workbook(contents(**how))


def filled_in(before: Mapping[Key, Value], held: Mapping[Key, Value], language: str = "zh-hans") -> bytes:
    """The workbook that was downloaded from a draft with ``before`` in it, and then filled in with ``held``."""

    class Filled(Contents):
        def stamp(self, computed: Iterable[str]) -> Stamp:
            return contents(before).stamp(computed)

    with override(language):
        ours = contents(held)
        return workbook(Filled(ours.rulebook, ours.head, contents(before).inputs, ours.values, ours.last))


def read(content: bytes, language: str = "zh-hans", rulebook: Rulebook | None = None, **other: str) -> Checked:
    """A workbook read and checked against the draft that ``made`` was made from."""
    rulebook = rulebook or small()
    with override(language):
        return check_workbook(content, rulebook, expected(rulebook, **other))


def edited(content: bytes, change: Callable[["Sheets"], None]) -> bytes:
    """The workbook after somebody has worked in it."""
    sheets = Sheets(content)
    change(sheets)
    return sheets.saved()


class Sheets:
    """A workbook open for changing, whose inputs are found as the reader finds them."""

    def __init__(self, content: bytes) -> None:
        self.book: OpenBook = openpyxl.load_workbook(io.BytesIO(content))

    def cells(self, kind: str) -> dict[str, Any]:
        """The input cells of a kind, by what they are of (``"bal"``, ``"flow#online"``)."""
        found: dict[str, Any] = {}
        for sheet in self.book.worksheets:
            for column in range(2, sheet.max_column + 1):
                if sheet.cell(1, column).value == kind and kind in KINDS:
                    names = ((row, sheet.cell(row, 1).value) for row in range(2, sheet.max_row + 1))
                    for row, name in names:
                        if name:
                            found.setdefault(str(name), sheet.cell(row, column))
        return found

    def __getitem__(self, text: str) -> Any:
        """The input cell of a key (``"fact:bal"``, ``"fact:flow#online"``)."""
        kind, _colon, id = text.partition(":")
        return self.cells(kind)[id]

    def __setitem__(self, text: str, value: Any) -> None:
        self[text].value = value

    def sheet(self, id: str) -> Any:
        """The sheet for filling in of this id, whatever it is called."""
        return next(sheet for sheet in self.book.worksheets if sheet["A1"].value == f"scorecard:{id}")

    def saved(self) -> bytes:
        """As a spreadsheet would save it."""
        target = io.BytesIO()
        self.book.save(target)
        return target.getvalue()
