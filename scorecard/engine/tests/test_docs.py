"""The documents say what the engine does: their examples are run, the tutorial is followed literally."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from scorecard.engine import evaluate, lint, load_rulebook
from scorecard.engine.marks import from_plain, parse_json
from scorecard.engine.reader import read_rulebook
from scorecard.engine.rules.registry import KINDS
from scorecard.engine.tabular import read_table, result_header, result_row
from scorecard.engine.vectors import build_case

DOCS = Path(__file__).resolve().parents[3] / "docs"
BLOCK = re.compile(r"```(\w+) ?(\S*)\n(.*?)```", re.S)
PROPOSED = {"source": "note", "basis": "proposed"}


def blocks(name: str) -> list[tuple[str, str, str]]:
    return BLOCK.findall((DOCS / name).read_text(encoding="utf-8"))


def plain(text: str) -> Any:
    return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  texts only, as the rulebook reader takes them


def examples() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    found = [(kind, plain(text)) for _, kind, text in blocks("rules.md") if kind in ("rule", "example")]
    return [(found[i][1], found[i + 1][1]) for i in range(0, len(found), 2)]


@pytest.mark.parametrize(
    ("rule", "example"), examples(), ids=lambda v: v.get("kind", "") if isinstance(v, dict) else ""
)
def test_each_rule_kind_gives_what_its_page_says(rule: dict[str, Any], example: dict[str, Any]) -> None:
    facts = next(plain(text) for _, kind, text in blocks("rules.md") if kind == "facts")
    text = {"zh": "文", "en": "Text"}
    named = {"name": text, "name_basis": "proposed", **PROPOSED}
    data = {
        "rulebook": {
            "code": "docs",
            "version": "1",
            "year": "2020",
            "title": text,
            "total": {"min": "-1", "max": "3"},
            "rounding": {"indicator": "2", "total": "2", "basis": "proposed"},
        },
        "documents": {"note": {"title": text}},
        **facts,
        "sections": {"A": {**named, "min": "-1", "max": "3"}},
        "indicators": {"A1": {**named, "section": "A", "type": "mixed", "min": "-1", "max": "3", "rule": rule}},
        "targets": {"T1": {"name": text, "left": "growth", "op": ">=", "right": "0.1", "unit": "%", **PROPOSED}},
        "grades": [{**named, "id": "all", "min": None}],
    }
    book, findings = read_rulebook(from_plain(data))
    assert findings == []
    case = build_case(book, {k: example[k] for k in ("facts", "history", "peers") if k in example})
    found = evaluate(book, case).indicators["A1"]
    points = example["points"]
    assert found.points == (None if points == "null" else Decimal(points))
    assert found.trace is not None
    assert found.trace.children[0].text.en == example["says"]


def test_every_rule_kind_has_its_page() -> None:
    assert {rule["kind"] for rule, _ in examples()} >= set(KINDS) - {"higher_of", "mean_of", "sum_of"}
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert all(kind in text for kind in KINDS)


def test_every_function_is_documented() -> None:
    from scorecard.engine.expr import FUNCTIONS

    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert [name for name in FUNCTIONS if f"`{name}(" not in text] == []


def test_the_tutorial_followed_literally(tmp_path: Path) -> None:
    folder = tmp_path / "my-method" / "1"
    for _, name, text in blocks("scoring.md"):
        if name.startswith("file="):
            path = (tmp_path if name == "file=banks.csv" else folder) / name.removeprefix("file=")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    assert [str(f) for f in lint(folder)] == []
    book = load_rulebook(folder)
    rows = list(csv.reader((tmp_path / "banks.csv").read_text(encoding="utf-8").splitlines()))
    table = read_table(book, rows[0], rows[1:])
    assert table.errors == ()
    results = {bank: result_row(book, bank, case, evaluate(book, case)) for bank, case in table.cases}
    header = result_header(book)
    first = dict(zip(header, results["甲银行"], strict=True))
    second = dict(zip(header, results["乙银行"], strict=True))
    assert (first["total"], first["grade"]) == ("7", "pass")
    assert (second["total"], second["grade_before"], second["grade"]) == ("6", "pass", "fail")
    assert second["caps"] == "shrinking"
    assert parse_json(book.to_json())["rulebook"]["code"] == "my-method"
