"""Cells that no spreadsheet writes and a person with an editor does: each has its message, and no text holds a NUL."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest

from assessments.filings.keys import Key, Kind
from assessments.filings.workbook.annotate import annotated
from assessments.filings.workbook.checks.registry import Problem
from assessments.tests.workbook.world import Sheets, made, read
from scorecard.access.decisions import Refused
from scorecard.workbooks import csv_rows, sheet_parts


def written(key: str, inside: str, kind: str = "n") -> bytes:
    """The workbook of ``made`` with this XML in the cell of a key."""
    content = made()
    cell = Sheets(content)[key]
    source = zipfile.ZipFile(io.BytesIO(content))
    part = sheet_parts(source)[cell.parent.title]
    pattern = rf'<c r="{cell.coordinate}"[^>]*?(/>|>.*?</c>)'

    def new(xml: bytes) -> bytes:
        put = f'<c r="{cell.coordinate}" t="{kind}">{inside}</c>'
        text, count = re.subn(pattern, lambda _found: put, xml.decode(), flags=re.S)
        assert count == 1
        return text.encode()

    return changed(content, part, new)


def changed(content: bytes, part: str, new: Callable[[bytes], bytes]) -> bytes:
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, new(source.read(name)) if name == part else source.read(name))
    return target.getvalue()


def text(said: str) -> str:
    return f"<is><t>{said}</t></is>"


@pytest.mark.parametrize("number", ["NaN", "nan", "1e999", "-inf"])
@pytest.mark.parametrize("key", ["fact:bal", "fact:rate", "self_points:A1", "fact:policy", "fact:flow#promise"])
def test_a_number_that_is_none_is_a_problem_of_its_cell(key: str, number: str) -> None:
    found = read(written(key, f"<v>{number}</v>"))
    assert len(found.problems) == 1
    assert Key(Kind(key.partition(":")[0]), key.partition(":")[2].partition("#")[0]) not in found.values


@pytest.mark.parametrize("said", ["前_x0000_后", "前\x00后"])
def test_the_nul_character_reaches_no_text(said: str) -> None:
    found = read(written("narrative:_report", text(said), "inlineStr"))
    assert found.values[Key(Kind.NARRATIVE, "_report")] == "前后"


def test_a_message_about_a_control_character_stands_in_the_copy() -> None:
    content = written("fact:bal", text("1_x0007_2"), "inlineStr")
    found = read(content)
    assert len(found.problems) == 1
    copy = annotated(content, [*found.problems, Problem("指标数据", "A1", "a\x00b")])
    assert read(copy).problems[0].cell == found.problems[0].cell


def test_a_copy_of_a_file_that_its_reader_does_not_take_is_refused() -> None:
    content = written("fact:bal", "<v>-inf</v>")
    problems = read(content).problems
    with pytest.raises(Refused):
        annotated(content, problems)


def test_the_nul_character_reaches_no_cell_of_a_csv() -> None:
    assert list(csv_rows("代码,名称\nB1,银\x00行\n")) == [(1, ["代码", "名称"]), (2, ["B1", "银行"])]
