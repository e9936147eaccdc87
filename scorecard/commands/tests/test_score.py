"""``manage.py score``: a table in, one row per bank out, without the database."""

import csv
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from openpyxl import Workbook, load_workbook

HEADER = [
    "bank",
    "category",
    "sme_bal_end",
    "sme_bal_prev",
    "all_bal_end",
    "all_bal_prev",
    "sme_hh_end",
    "sme_hh_prev",
    "applied",
    "approved",
    "applied_prev",
    "approved_prev",
    "a1_level",
]
EQUAL = ["=Equal bank", "city", "110", "100", "110", "100", "5", "5", "100", "90", "100", "90", "4"]
SHORT = ["Short bank", "city", "109.9", "100", "110", "100", "5", "5", "100", "90", "100", "90", "3"]


def facts(path: Path, *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def score(*args: object) -> str:
    out = StringIO()
    call_command("score", *[str(arg) for arg in args], stdout=out)
    return out.getvalue()


def test_one_row_per_bank_with_points_targets_and_grade(tmp_path: Path) -> None:
    rows = list(csv.DictReader(StringIO(score("shanghai-2017/3", facts(tmp_path / "f.csv", EQUAL, SHORT)))))
    assert [row["T1_state"] for row in rows] == ["met", "missed"]  # equality passes
    assert [row["A1"] for row in rows] == ["4", "3"]
    assert rows[1]["T1_margin"] == "-0.001"
    assert rows[1]["adjustment"] == "-1"
    assert "returns(not_supplied)" in rows[0]["missing"]


def test_a_file_keeps_blanks_blank_numbers_numbers_and_no_formula(tmp_path: Path) -> None:
    target = tmp_path / "o.csv"
    score("shanghai-2017/3", facts(tmp_path / "f.csv", EQUAL, SHORT), "--output", target)
    rows = list(csv.DictReader(StringIO(target.read_text("utf-8-sig"))))
    assert rows[0]["bank"] == "'=Equal bank"
    assert rows[0]["caps"] == ""
    assert rows[1]["T1_margin"] == "-0.001"


def test_explanation_and_table_in_one_call(tmp_path: Path) -> None:
    target = tmp_path / "o.xlsx"
    out = score(
        "shanghai-2017/3",
        facts(tmp_path / "f.csv", EQUAL, SHORT),
        "--output",
        target,
        "--explain",
        "Short bank",
        "--lang",
        "en",
    )
    assert "read in Shanghai Inclusive Finance Development Report 2017, chapter 7, section 1 (6)" in out
    sheet = load_workbook(target).active
    assert sheet["A2"].value == "=Equal bank"
    assert sheet["A2"].data_type == "s"


def test_a_workbook_is_read_like_a_csv(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(HEADER)
    book.active.append([SHORT[0], SHORT[1], 109.9, *[int(text) for text in SHORT[3:12]], "3"])
    book.save(tmp_path / "f.xlsx")
    plain = score("shanghai-2017/3", facts(tmp_path / "f.csv", SHORT))
    assert score("shanghai-2017/3", tmp_path / "f.xlsx") == plain


def test_every_faulty_cell_is_named_at_once(tmp_path: Path) -> None:
    wrong = [*SHORT[:2], "=1+1", *SHORT[3:12], "x"]
    with pytest.raises(CommandError) as error:
        score("shanghai-2017/3", facts(tmp_path / "f.csv", EQUAL, wrong), "--lang", "en")
    assert "sme_bal_end" in str(error.value)
    assert "a1_level" in str(error.value)


def test_an_unknown_bank_to_explain_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no bank"):
        score("shanghai-2017/3", facts(tmp_path / "f.csv", EQUAL), "--explain", "Nobody")


def cell(tmp_path: Path, column: str, value: str) -> str:
    """Score one bank with one more cell by national-2020; return what is said of it, nothing when it was read."""
    path = tmp_path / "cell.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["bank", column], ["甲", value]])
    try:
        score("national-2020/3", path, "--lang", "en")
    except CommandError as e:
        return str(e)
    return ""


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("growth@-1", "达标", ""),
        ("growth@-1", "MISSED", ""),
        ("growth@-1", "nearly", "must be met or missed, not “nearly”."),  # and not a missed target
        ("growth@-1", "不适用", "must be met or missed"),
        ("differentiated", "Ｙ", ""),
        ("differentiated", "maybe", "must be yes or no, not “maybe”."),  # and not a no
        ("category", "城市商业银行", ""),
        ("category", "城商", "use one of large, joint_stock, city"),  # and not a group of its own
        ("high_share_line", "8％", ""),
        ("high_share_line", "nan", "must be a number in %, not “nan”."),
        ("high_share_line", "不适用", "leave it blank"),
        ("self:1.1.1", "１.5 分", ""),
        ("self:1.1.1", "Infinity", "must be a number in points, not “Infinity”."),
        ("judged:1.1.1", "9", "must not be above 8 points; it is 9 points."),  # and not cut to eight
        ("not_applicable", "1.1.1、1.1.2", ""),
        ("not_applicable", "1.1.1；1.1.9", "There is no indicator “1.1.9”; did you mean “1.1."),
        ("n32_items", "people\nprocedure", ""),  # a cell of two lines
        ("", "12", "Its column has no name"),
    ],
)
def test_a_cell_is_read_as_it_is_meant_or_named(tmp_path: Path, column: str, value: str, said: str) -> None:
    found = cell(tmp_path, column, value)
    assert said in found and bool(said) is bool(found)
    assert not said or found.startswith(f"Row 2, column “{column or '#2'}”: ")


def test_it_says_when_the_rulebook_may_not_be_published(tmp_path: Path) -> None:
    """Findings of lint stand beside the result; a rulebook that cannot be read at all is refused with them."""
    folder = tmp_path / "odd"
    shutil.copytree(Path(settings.RULEBOOK_DIR) / "shanghai-2017" / "3", folder)
    quiet, said = StringIO(), StringIO()
    table = str(facts(tmp_path / "f.csv", EQUAL))
    call_command("score", "shanghai-2017/3", table, stdout=StringIO(), stderr=quiet)
    assert "不能发布" not in quiet.getvalue()
    total = folder / "rulebook.yaml"
    original = total.read_text(encoding="utf-8")
    total.write_text(original.replace("max: 100", "max: 101"), encoding="utf-8")
    call_command("score", str(folder), table, stdout=StringIO(), stderr=said)
    assert "不能发布" in said.getvalue() and "rulebook.yaml" in said.getvalue()
    total.write_text(original + "\nodd_key: 1\n", encoding="utf-8")
    with pytest.raises(CommandError, match="odd_key"):
        call_command("score", str(folder), table, stdout=StringIO())


def test_it_names_the_columns_that_the_file_lacks(tmp_path: Path) -> None:
    said = StringIO()
    call_command(
        "score",
        "shanghai-2017/3",
        str(facts(tmp_path / "f.csv", EQUAL)),
        "--lang",
        "en",
        stdout=StringIO(),
        stderr=said,
    )
    assert "the file lacks" in said.getvalue() and " returns," in said.getvalue()
    assert " applied," not in said.getvalue()
