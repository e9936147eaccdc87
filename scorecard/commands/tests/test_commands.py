"""``manage.py rulebook``, ``score`` and ``benchmark``, without the database."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command
from python_calamine import CalamineWorkbook

from scorecard.commands.measure import measure
from scorecard.engine import load_rulebook
from scorecard.engine.cases.worked import read_vectors
from scorecard.engine.tests.conftest import SHANGHAI


def run(*args: str) -> str:
    out = io.StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


@pytest.fixture
def table() -> tuple[list[str], list[list[str]]]:
    """Three banks of the worked cases: everything at its best, a miss with 93 points, and a blank."""
    book = load_rulebook(SHANGHAI)
    vectors = {v.id: v for v in read_vectors(book, SHANGHAI)}
    header = ["bank", "category", *(f for f in book.facts)]
    rows = []
    for id in ("all-full", "miss-93", "blank"):
        facts = vectors[id].case.facts
        cells = [_text(facts.get(f)) for f in book.facts]
        rows.append([f"银行 {id}", "城商行", *cells])
    return header, rows


def _text(value: Any) -> str:
    if isinstance(value, frozenset):
        return ";".join(sorted(value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, Decimal | str) else ""


def write_csv(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def test_rulebook_lint_list_and_show() -> None:
    assert "shanghai-2017/3: 0 finding(s)" in run("rulebook", "lint", "shanghai-2017")
    assert "32 indicators, -12 to 100 points" in run("rulebook", "list")
    shown = run("rulebook", "--lang", "zh", "show", "shanghai-2017/3")
    assert "独立风险定价机制" in shown
    assert "据公开资料推定，非监管部门原文" in shown


def test_show_prints_each_limit_with_its_name_and_its_reason() -> None:
    caps = load_rulebook(SHANGHAI).caps
    assert caps
    for language in ("zh", "en"):
        lines = run("rulebook", "--lang", language, "show", "shanghai-2017/3").splitlines()
        for cap in caps:
            (at,) = [n for n, line in enumerate(lines) if line.strip().startswith(f"{cap.id} {cap.name.get(language)}")]
            assert lines[at + 1].strip() == cap.because.get(language)


def test_lint_fails_on_a_broken_rulebook(tmp_path: Path) -> None:
    (tmp_path / "rulebook.yaml").write_text("rulebook: {code: x}\n", encoding="utf-8")
    with pytest.raises(CommandError, match="finding"):
        run("rulebook", "lint", str(tmp_path))


def test_an_unknown_rulebook_names_those_there_are() -> None:
    with pytest.raises(CommandError, match="shanghai-2017/3"):
        run("rulebook", "show", "shanghai-1999")


def test_score_writes_a_row_per_bank(tmp_path: Path, table: tuple[list[str], list[list[str]]]) -> None:
    path = write_csv(tmp_path / "facts.csv", *table)
    rows = {r["bank"]: r for r in csv.DictReader(io.StringIO(run("score", "shanghai-2017", str(path))))}
    best, missed, blank = (rows[f"银行 {i}"] for i in ("all-full", "miss-93", "blank"))
    assert (best["total"], best["grade"], best["adjustment"], best["missing"]) == ("100", "excellent", "1", "")
    assert (missed["total"], missed["grade_before"], missed["grade"]) == ("93", "excellent", "pass")
    assert (missed["caps"], missed["adjustment"]) == ("three-targets", "-1")
    assert (missed["T1_state"], missed["T1_margin"], missed["T1_needed"]) == ("missed", "-0.0001", "sme_bal_end+0.01")
    assert missed["measures"] == "rating_down;access;capital;inspection;accountability"
    assert (blank["C3"], blank["missing"]) == ("0", "mean_days(unanswered)")
    assert sum(Decimal(best[f"section_{s}"]) for s in "ABCDEFGH") == 100


def test_score_reads_and_writes_workbooks(tmp_path: Path, table: tuple[list[str], list[list[str]]]) -> None:
    header, rows = table
    path, output = tmp_path / "facts.xlsx", tmp_path / "out.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, header)
        for r, row in enumerate(rows, 1):
            for c, cell in enumerate(row):
                number = cell.replace(".", "", 1).lstrip("-").isdigit() and not header[c].endswith("_level")
                sheet.write(r, c, float(cell) if number else cell)
    run("score", "shanghai-2017/3", str(path), "--output", str(output))
    written = CalamineWorkbook.from_path(str(output)).get_sheet_by_index(0).to_python()
    found = dict(zip(written[0], written[2], strict=True))
    assert (found["total"], found["grade"]) == (93, "pass")


def test_explain_names_the_cap_and_its_clause(tmp_path: Path, table: tuple[list[str], list[list[str]]]) -> None:
    path = write_csv(tmp_path / "facts.csv", *table)
    text = run("score", "shanghai-2017", str(path), "--explain", "银行 miss-93")
    assert "年度未完成“三个不低于”目标（贷款增速）" in text
    assert "出处：《2017年上海市普惠金融发展报告》第七章第一节（四）" in text
    assert "优秀 → 合格" in text
    with pytest.raises(CommandError, match="no bank"):
        run("score", "shanghai-2017", str(path), "--explain", "没有的银行")


def test_every_wrong_cell_is_named_at_once(tmp_path: Path, table: tuple[list[str], list[list[str]]]) -> None:
    header, rows = table
    rows[0][header.index("mean_days")] = "三天"
    rows[1][header.index("a1_level")] = "9"
    rows[2][0] = rows[1][0]
    path = write_csv(tmp_path / "facts.csv", header, rows)
    with pytest.raises(CommandError) as error:
        run("score", "shanghai-2017", str(path))
    lines = str(error.value).splitlines()
    assert len(lines) == 3
    assert "第 2 行“mean_days”列" in lines[0]
    assert "第 3 行“a1_level”列" in lines[1]
    assert "第 4 行“bank”列" in lines[2]


def test_an_unknown_column_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "facts.csv", ["bank", "sme_bal_ned"], [["甲", "1"]])
    with pytest.raises(CommandError, match="sme_bal_end"):
        run("score", "shanghai-2017", str(path), "--lang", "en")


def test_a_formula_in_a_bank_s_name_stays_text(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "facts.csv", ["bank", "sme_bal_end"], [["=1+1", "1"]])
    output = tmp_path / "out.csv"
    run("score", "shanghai-2017", str(path), "--output", str(output))
    rows = list(csv.reader(output.read_text(encoding="utf-8-sig").splitlines()))
    assert rows[1][0] == "'=1+1"


def test_the_benchmark_asserts_equal_results_before_it_measures() -> None:
    lines = list(measure(load_rulebook(SHANGHAI), [300], rounds=1))
    assert [line.name for line in lines] == [
        "NumPy by hand",
        "NumPy by hand, plain doubles",
        "evaluate_many",
        "evaluate_many out of a DataFrame",
        "evaluate_many without its guard",
        "plain loop over rows",
    ]
