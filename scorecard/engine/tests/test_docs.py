"""The documents say what the engine does: their examples are run."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from scorecard.commands.catalog import installed
from scorecard.engine import evaluate, lint
from scorecard.engine.cases.worked import SETTINGS, differences, worked_input
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.lint.meaning import meaning
from scorecard.engine.lint.references import references
from scorecard.engine.reading.reader import read_rulebook, read_with_fields
from scorecard.engine.rules.base import KINDS
from scorecard.engine.tests import books
from scorecard.engine.tests.conftest import RULEBOOKS

DOCS = Path(__file__).resolve().parents[3] / "docs"
BLOCK = re.compile(r"```(\w+) ?(\S*)\n(.*?)```", re.S)
PROPOSED = {"source": "note", "basis": "proposed"}


def blocks(name: str) -> list[tuple[str, str, str]]:
    return BLOCK.findall((DOCS / name).read_text(encoding="utf-8"))


def plain(text: str) -> Any:
    """Read YAML as the rulebook's reader takes it: numbers as texts, null as nothing."""

    def nothing(data: Any) -> Any:
        if isinstance(data, dict):
            return {k: nothing(v) for k, v in data.items()}
        if isinstance(data, list):
            return [nothing(v) for v in data]
        return None if data == "null" else data

    return nothing(yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506  texts only


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
            "instrument": "note",
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
    case = worked_input(
        book, {k: example[k] for k in ("facts", "history", "peers", "bank", "parameters") if k in example}
    )
    found = evaluate(book, case).indicators["A1"]
    points = example["points"]
    assert found.points == (None if points is None else Decimal(points))
    assert found.trace is not None
    assert found.trace.children[0].text.en == example["says"]


def test_every_rule_kind_has_its_page() -> None:
    assert {rule["kind"] for rule, _ in examples()} == set(KINDS)
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert all(kind in text for kind in KINDS)


def test_every_rule_kind_and_function_is_drawn() -> None:
    """What no drawn rulebook uses, nothing compares on arrays with the exact evaluator."""
    text = Path(books.__file__).read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f'"{kind}"' not in text] == []
    assert [name for name in FUNCTIONS if not re.search(rf"\b{name}\(", text)] == []


def test_every_function_is_documented() -> None:
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert [name for name in FUNCTIONS if f"`{name}(" not in text] == []


def test_parts_of_a_rulebook_give_what_their_results_say() -> None:
    """Each `part` adds to the rulebook of those before it; each `result` is a worked case of what stands so far."""
    text = {"zh": "文", "en": "Note"}
    facts = next(plain(text) for _, kind, text in blocks("rules.md") if kind == "facts")
    data: dict[str, Any] = {
        "rulebook": {
            "code": "docs",
            "version": "1",
            "year": "2020",
            "title": text,
            "instrument": "note",
            "total": {"min": "0", "max": "5"},
            "rounding": {"indicator": "2", "total": "2", "basis": "proposed"},
        },
        "documents": {"note": {"title": text}},
        **facts,
        "targets": {"T1": {"name": text, "left": "growth", "op": ">=", "right": "0.1", "unit": "%", **PROPOSED}},
        "grades": [{"id": "all", "name": text, "name_basis": "proposed", "min": None, **PROPOSED}],
    }
    count = 0
    for _, kind, block in blocks("rules.md"):
        if kind == "part":
            data.update(plain(block))
        elif kind == "result":
            book, fields = read_with_fields(from_plain(data))
            found = fields.findings + references(book, fields) + meaning(book, fields)
            assert [str(f) for f in found if f.code != "unused"] == []
            example = plain(block)
            result = evaluate(book, worked_input(book, {k: example[k] for k in SETTINGS if k in example}))
            assert differences(example["expect"], result) == [], example
            for id, said in example.get("says", {}).items():
                assert result.estimates[id].text.en == said
            count += 1
    assert count == 6


def test_the_example_of_extending_says_what_it_says(tmp_path: Path) -> None:
    (example,) = (block for _, kind, block in blocks("rules.md") if kind == "extends")
    (said,) = (block.strip() for _, kind, block in blocks("rules.md") if kind == "finding")
    folder = tmp_path / "my-province" / "1"
    folder.mkdir(parents=True)
    (folder / "rulebook.yaml").write_text(example, encoding="utf-8")
    findings = lint(folder)
    changes = [f for f in findings if f.code == "change"]
    assert [f.message.en for f in changes] == [said]
    mended = example.replace("title: {zh", "total: {min: -29, max: 115}, title: {zh").rstrip().rpartition("\n")[0]
    (folder / "rulebook.yaml").write_text(mended, encoding="utf-8")
    assert [str(f) for f in lint(folder)] == []


def test_every_rulebook_that_ships_is_described() -> None:
    text = (DOCS / "rulebooks.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `([a-z0-9-]+/\d+)` \|", text, re.M))
    assert described == {f"{i.code}/{i.version}" for i in installed(RULEBOOKS)}
