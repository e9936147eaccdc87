"""Files that no spreadsheet writes and a person with an editor does: each has its message, costs little to read, and
no text of it holds a NUL.
"""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from openpyxl.utils import get_column_letter

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


def grown(new: Callable[[str], str]) -> bytes:
    """The workbook of ``made`` with another XML of the sheet of figures."""
    content = made()
    parts = sheet_parts(zipfile.ZipFile(io.BytesIO(content)))
    part = parts[Sheets(content)["fact:bal"].parent.title]
    return changed(content, part, lambda xml: new(xml.decode()).encode())


def many_columns(xml: str) -> str:
    """Another 600 columns of inputs, and 2,000 rows with a key."""
    kinds = "".join(f'<c r="{get_column_letter(place)}1" t="inlineStr">{text("fact")}</c>' for place in range(40, 640))
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="inlineStr">{text("bal")}</c></row>' for row in range(2_000, 4_000))
    first = re.sub(r'(<row r="1"[^>]*>.*?)</row>', lambda found: f"{found[1]}{kinds}</row>", xml, count=1, flags=re.S)
    return first.replace("</sheetData>", f"{rows}</sheetData>")


def inputs_within_the_rectangle(xml: str) -> str:
    """Another 100 columns of inputs, and 400 rows: few cells, and 40,000 inputs."""
    kinds = "".join(f'<c r="{get_column_letter(place)}1" t="inlineStr">{text("fact")}</c>' for place in range(40, 140))
    rows = f'<row r="400"><c r="A400" t="inlineStr">{text("bal")}</c></row>'
    first = re.sub(r'(<row r="1"[^>]*>.*?)</row>', lambda found: f"{found[1]}{kinds}</row>", xml, count=1, flags=re.S)
    return first.replace("</sheetData>", f"{rows}</sheetData>")


def many_merged(xml: str) -> str:
    spans = "".join(f'<mergeCell ref="ZZ{row}:ZZ{row + 1}"/>' for row in range(1, 5_000, 2))
    return xml.replace("</sheetData>", f"</sheetData><mergeCells>{spans}</mergeCells>")


@pytest.mark.parametrize("new", [many_columns, inputs_within_the_rectangle, many_merged])
def test_a_small_file_that_is_costly_to_read_is_refused(new: Callable[[str], str]) -> None:
    content = grown(new)
    assert len(content) < 100_000
    with pytest.raises(Refused):
        read(content)
