"""A small method with twelve seeded mistakes, all found in one go; and a broken rulebook for every kind of finding."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from scorecard.engine import lint
from scorecard.engine.language.reach import implies
from scorecard.engine.language.syntax import parse_expression
from scorecard.engine.reading.changes import VERBS

ENGINE = Path(__file__).resolve().parents[1]
FOLDER = Path(__file__).parent / "broken" / "twelve-mistakes" / "1"

#: file, line, key, what is wrong, what mends it: as the twelve stand in the files
TWELVE = [
    ("facts.yaml", 5, "facts.bal_end.minimum", "not known", "Use one of label"),
    ("facts.yaml", 9, "facts.bal_prev.source", "is missing", "Add “source”"),
    ("facts.yaml", 13, "facts.clients.label.en", "in English is missing", "Add it under “en”"),
    ("facts.yaml", 14, "facts.days.basis", "“certain” is not a value", "Use one of sourced"),
    ("facts.yaml", 15, "facts.spare", "Nothing uses", "Remove it, or use it"),
    ("facts.yaml", 26, "definitions.mixed.expr", "units do not agree", "docs/rules.md"),
    ("indicators.yaml", 6, "sections.A.max", "add up to 11, but 12 is declared", "Correct the parts or this number"),
    ("indicators.yaml", 17, "indicators.A1.rule.target", "no target “T2”", "Correct the id, or add the target"),
    ("indicators.yaml", 31, "indicators.A2.rule.points", "declared to fall", "Correct the points"),
    ("indicators.yaml", 46, "indicators.A3.rule.cases.1.when", "never reached", "Change the order"),
    ("outcome.yaml", 12, "grades.1.min", "bands overlap", "falling lower ends"),
    ("outcome.yaml", 19, "caps.0.to", "can never act", "Correct the grade"),
]


def test_twelve_mistakes_give_twelve_findings_each_with_file_line_key_and_mend() -> None:
    findings = lint(FOLDER)
    assert [(f.file, f.line, f.key) for f in findings] == [(file, line, key) for file, line, key, _, _ in TWELVE]
    for finding, (_, _, _, wrong, mend) in zip(findings, TWELVE, strict=True):
        assert wrong in finding.message.en
        assert mend in finding.remedy.en
        assert re.search("[\u4e00-\u9fff]", finding.message.zh)
        assert re.search("[\u4e00-\u9fff]", finding.remedy.zh)


@pytest.mark.parametrize(("file", "line", "key"), [t[:3] for t in TWELVE])
def test_the_line_is_that_of_the_mistake(file: str, line: int, key: str) -> None:
    """The last part of the key stands on the line; an entry that lacks something is named on its own line."""
    lines = (FOLDER / file).read_text(encoding="utf-8").splitlines()
    parts = [p for p in key.split(".") if not p.isdigit()]
    text = lines[line - 2] if key.endswith(".source") else lines[line - 1]  # the name of the entry that lacks it
    assert any(part in text for part in parts[-3:])


# ---- one broken rulebook per kind of finding

HEAD = """
rulebook:
  code: mine
  version: "1"
  year: 2026
  title: {zh: 甲, en: A}
  instrument: d
  total: {min: 0, max: 2}
  rounding: {indicator: 2, total: 2, basis: proposed}
documents: {d: {title: {zh: 甲, en: A}}}
facts:
  x: {label: {zh: 甲, en: A}, kind: amount, source: d, basis: proposed}
  lv:
    label: {zh: 乙, en: B}
    kind: level
    options: {"0": {zh: 无, en: no}, "1": {zh: 有, en: yes}}
    source: d
    basis: proposed
definitions:
  twice: {label: {zh: 丙, en: C}, unit: 万元, expr: x + x, source: d, basis: proposed}
sections:
  S: {name: {zh: 甲, en: A}, name_basis: proposed, min: 0, max: 2, source: d, basis: proposed}
indicators:
  I:
    section: S
    name: {zh: 甲, en: A}
    name_basis: proposed
    type: quantitative
    min: 0
    max: 1
    rule: {kind: curve, x: twice, unit: 万元, points: [[0, 0], [10, 1]], direction: up}
    source: d
    basis: proposed
  J:
    section: S
    name: {zh: 乙, en: B}
    name_basis: proposed
    type: qualitative
    min: 0
    max: 1
    rule: {kind: levels, fact: lv, points: {"0": 0, "1": 1}}
    source: d
    basis: proposed
grades:
  - {id: good, name: {zh: 好, en: good}, name_basis: proposed, min: 1, source: d, basis: proposed}
  - {id: bad, name: {zh: 差, en: bad}, name_basis: proposed, min: null, source: d, basis: proposed}
caps:
  - id: c
    name: {zh: 限, en: cap}
    when: x < 1
    effect: cap_grade
    to: bad
    because: {zh: 因, en: why}
    when_unknown: apply
    source: d
    basis: proposed
"""
CASES = "cases:\n  - {id: one, facts: {x: 5, lv: 1}, expect: {total: 2, grade: good}}\n"

#: code -> (text, replacement, key of the finding)
ONE_EACH: dict[str, tuple[str, str, str]] = {
    "yaml": ("facts:\n", "facts: [\n", ""),
    "duplicate-key": (
        "definitions:\n",
        "definitions:\n  x: {label: {zh: 丙, en: C}, unit: 万元, expr: twice, source: d, basis: proposed}\n",
        "definitions.x",
    ),
    "unknown-key": (
        "    min: 0\n    max: 1\n    rule: {kind: levels",
        "    least: 0\n    min: 0\n    max: 1\n    rule: {kind: levels",
        "indicators.J.least",
    ),
    "mapping": (
        "documents: {d: {title: {zh: 甲, en: A}}}",
        "documents: {d: {title: {zh: 甲, en: A}}}\nparameters: [1]",
        "parameters",
    ),
    "list": ("points: [[0, 0], [10, 1]]", "points: 5", "indicators.I.rule.points"),
    "missing-key": ("    type: quantitative\n", "", "indicators.I.type"),
    "scalar": ("    section: S\n    name: {zh: 乙", "    section: [S]\n    name: {zh: 乙", "indicators.J.section"),
    "choice": ("kind: amount", "kind: money", "facts.x.kind"),
    "number": ("min: 1, source", "min: one, source", "grades.0.min"),
    "language": ("because: {zh: 因, en: why}", "because: {zh: 因}", "caps.0.because.en"),
    "expression": ("expr: x + x", "expr: x ** 2", "definitions.twice.expr"),
    "reference": ("fact: lv,", "fact: lever,", "indicators.J.rule.fact"),
    "curve": ("points: [[0, 0], [10, 1]]", "points: [[0, 0]]", "indicators.I.rule.points"),
    "identifier": (
        "  twice: {label",
        "  2x: {label: {zh: 丁, en: D}, unit: 万元, expr: x, source: d, basis: proposed}\n  twice: {label",
        "definitions.2x",
    ),
    "options": ('    options: {"0": {zh: 无, en: no}, "1": {zh: 有, en: yes}}\n', "", "facts.lv.options"),
    "unit": ("x: twice, unit: 万元", "x: twice, unit: 户", "indicators.I.rule.x"),
    "type": ("expr: x + x", "expr: x + y", "definitions.twice.expr"),
    "cycle": ("expr: x + x", "expr: x + twice", "definitions.twice"),
    "range": ("[10, 1]]", "[10, 3]]", "indicators.I.rule"),
    "unreachable": ("to: bad", "to: good", "caps.0.to"),
    "order": ("points: [[0, 0], [10, 1]]", "points: [[10, 0], [0, 1]]", "indicators.I.rule.points"),
    "bands": ("min: null", "min: 0", "grades.1.min"),
    "sum": ("max: 2, source", "max: 3, source", "sections.S.max"),
    "monotone": ("direction: up", "direction: down", "indicators.I.rule.points"),
    "cap-cycle": (
        "caps:\n",
        "caps:\n  - {id: b, name: {zh: 限, en: cap}, when: grade_at_least(good), effect: floor_grade, to: good, "
        "because: {zh: 因, en: why}, source: d, basis: proposed}\n",
        "caps.0.when",
    ),
    "cap-order": (
        "    effect: cap_grade\n    to: bad\n",
        "    effect: cap_grade\n    to: bad\n    because: {zh: 因, en: why}\n    source: d\n    basis: proposed\n"
        "  - id: d\n    name: {zh: 限, en: floor}\n    when: x < 2\n    effect: floor_total\n    to: 1\n",
        "caps.1.effect",
    ),
    "unused": (
        "facts:\n",
        "facts:\n  spare: {label: {zh: 丁, en: D}, kind: amount, source: d, basis: proposed}\n",
        "facts.spare",
    ),
    "instrument": ("  instrument: d\n", "", "rulebook.instrument"),
    "peers": ("x: twice, unit: 万元, points", "x: twice - median(twice), unit: 万元, points", "indicators.I.rule.x"),
    "change": (
        "\nrulebook:",
        "\nextends: {rulebook: national-2020/3, changes: [{remove: facts.no_such}]}\nrulebook:",
        "extends.changes.0",
    ),
    "digits": ("    effect: cap_grade\n    to: bad", "    effect: cap_total\n    to: 1.005", "caps.0.to"),
    "too-wide": (
        "    max: 1\n    rule: {kind: curve",
        "    max: 90071992547410\n    rule: {kind: curve",
        "indicators.I",
    ),
    "never": ("expr: x + x", "expr: x / 0", "definitions.twice.expr"),
    "unknown": ("    when_unknown: apply\n", "", "caps.0.when_unknown"),
    "vector": ("", "", "cases.one.expect.total"),
    "encoding": ("", "", ""),
    "size": ("", "", ""),
    "empty": ("", "", ""),
}


def _folder(root: Path, code: str) -> Path:
    folder = root / "mine" / "1"
    (folder / "vectors").mkdir(parents=True)
    text, replacement, _ = ONE_EACH[code]
    if code != "empty":
        assert text in HEAD
        (folder / "rulebook.yaml").write_text(HEAD.replace(text, replacement, 1) if text else HEAD, encoding="utf-8")
    cases = CASES.replace("total: 2", "total: 3") if code == "vector" else CASES
    (folder / "vectors" / "cases.yaml").write_text(cases, encoding="utf-8")
    if code == "encoding":
        (folder / "more.yaml").write_bytes("facts: 填报".encode("gb18030"))
    if code == "size":
        (folder / "more.yaml").write_text("#" * 2_000_001, encoding="utf-8")
    return folder


def test_the_method_that_is_broken_below_is_sound(tmp_path: Path) -> None:
    ONE_EACH["sound"] = ("", "", "")
    try:
        assert [str(f) for f in lint(_folder(tmp_path, "sound"))] == []
    finally:
        del ONE_EACH["sound"]


@pytest.mark.parametrize("code", sorted(ONE_EACH))
def test_each_kind_of_finding_has_its_broken_rulebook(tmp_path: Path, code: str) -> None:
    findings = lint(_folder(tmp_path, code))
    matching = [f for f in findings if f.code == code]
    assert matching, [f"{f} [{f.code}]" for f in findings]
    key = ONE_EACH[code][2]
    assert key in {f.key for f in matching}, [f.key for f in matching]
    for finding in findings:
        assert finding.line >= 1
        assert finding.message.zh and finding.message.en
        assert finding.remedy.zh and finding.remedy.en


def _codes() -> set[str]:
    """Return the codes of all findings that the engine's sources can make."""
    found = set()
    for path in ENGINE.glob("**/*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = {"report": 1, "finding": 0, "Finding": 3}.get(name)
            if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                found.add(node.args[place].value)  # type: ignore[attr-defined]
    return found


def test_no_kind_of_finding_is_without_its_broken_rulebook() -> None:
    assert _codes() == set(ONE_EACH)
    assert len(VERBS) == 3


# ---- what "reachable" understands


@pytest.mark.parametrize(
    ("later", "earlier", "expected"),
    [
        ("x > 5", "x > 3", True),
        ("x >= 5", "x > 5", False),
        ("x > 5", "x >= 5", True),
        ("x < 3", "x <= 3", True),
        ("x <= 3", "x < 3", False),
        ("x == 5", "x >= 5", True),
        ("x == 5", "x > 5", False),
        ("x == 4", "x < 5", True),
        ("x > 5 and y", "x > 3", True),
        ("x > 3", "y or x > 3", True),
        ("x > 3", "y > 3", False),
        ("x < -1", "x < 0", True),
        ("x > 1", "x < 3", False),
        ("missed_years(T) >= unit(3, 年)", "missed_years(T) >= 2", True),
    ],
)
def test_a_condition_that_implies_an_earlier_one_is_understood(later: str, earlier: str, expected: bool) -> None:
    assert implies(parse_expression(later).node, parse_expression(earlier).node) is expected


@pytest.mark.parametrize(("condition", "word"), [("1 > 0", "always"), ("min(1, 2) > 3", "never")])
def test_a_condition_that_depends_on_nothing_is_a_finding(tmp_path: Path, condition: str, word: str) -> None:
    rule = f"rule: {{kind: first, cases: [{{when: '{condition}', points: 1}}], otherwise: 0}}"
    text = HEAD.replace('rule: {kind: levels, fact: lv, points: {"0": 0, "1": 1}}', rule)
    (tmp_path / "rulebook.yaml").write_text(text, encoding="utf-8")
    found = [f for f in lint(tmp_path) if f.code == "unreachable"]
    assert [f.key for f in found] == ["indicators.J.rule.cases.0.when"]
    assert word in found[0].message.en


def test_a_condition_whose_types_do_not_agree_is_reported_once(tmp_path: Path) -> None:
    rule = "rule: {kind: first, cases: [{when: \"'a' + 1 > 0\", points: 1}], otherwise: 0}"
    text = HEAD.replace('rule: {kind: levels, fact: lv, points: {"0": 0, "1": 1}}', rule)
    (tmp_path / "rulebook.yaml").write_text(text, encoding="utf-8")
    assert [f.code for f in lint(tmp_path) if f.key.startswith("indicators.J")] == ["type"]
