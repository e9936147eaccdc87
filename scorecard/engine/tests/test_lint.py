"""Lint: one broken rulebook per finding, and a rulebook with twelve mistakes that gives twelve findings in one go."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scorecard.engine import RulebookError, lint, load_rulebook
from scorecard.engine.tests.conftest import SHANGHAI

#: name -> (file, text, replacement, code of the finding, part of its key)
MISTAKES: dict[str, tuple[str, str, str, str, str]] = {
    "yaml": ("progress.yaml", "sections:", "sections: [", "yaml", ""),
    "duplicate key": ("definitions.yaml", "  all_growth:", "  sme_growth:", "duplicate-key", "sme_growth"),
    "unknown key": (
        "outcome.yaml",
        '    op: ">="\n    right: all',
        '    opp: ">="\n    op: ">="\n    right: all',
        "unknown-key",
        "T1.opp",
    ),
    "missing key": ("progress.yaml", "    type: mixed\n", "", "missing-key", "G6.type"),
    "not a number": (
        "mechanisms.yaml",
        "points: [[0.3, 0], [0.9, 3]]",
        "points: [[0.3, 0], [0,9, 3]]",
        "list",
        "A2.rule.points",
    ),
    "no such choice": ("mechanisms.yaml", "compare: at_most", "compare: atmost", "choice", "B3.rule.compare"),
    "maxima": ("mechanisms.yaml", "    max: 14", "    max: 15", "sum", "D.max"),
    "total": ("rulebook.yaml", "total: {min: -12, max: 100}", "total: {min: -11, max: 100}", "sum", "total.min"),
    "gap under the bands": ("outcome.yaml", "min: null", "min: 30", "bands", "grades.3.min"),
    "bands overlap": ("outcome.yaml", "min: 80,", "min: 95,", "bands", "grades.1.min"),
    "curve not monotone": (
        "mechanisms.yaml",
        "[[3, 3], [7, 1], [10, 0]]",
        "[[3, 3], [7, 0], [10, 1]]",
        "monotone",
        "C3.rule.points",
    ),
    "curve out of order": (
        "mechanisms.yaml",
        "[[0, 0], [0.05, 2], [0.10, 4]]",
        "[[0, 0], [0.10, 2], [0.05, 4]]",
        "order",
        "D1.rule.points",
    ),
    "step never reached": (
        "mechanisms.yaml",
        "[[2, 3], [1, 2], [0.01, 1]]",
        "[[1, 3], [2, 2], [0.01, 1]]",
        "unreachable",
        "D4.rule.otherwise.steps",
    ),
    "reference": ("progress.yaml", "target: T3", "target: T4", "reference", "G4.rule.target"),
    "unknown fact": (
        "definitions.yaml",
        "expr: renewed_bal / due_bal",
        "expr: renewed_bal / due_balance",
        "type",
        "renewal_rate.expr",
    ),
    "units": (
        "definitions.yaml",
        "expr: renewed_bal / due_bal",
        "expr: renewed_bal + sme_hh_end",
        "type",
        "renewal_rate.expr",
    ),
    "declared unit": (
        "mechanisms.yaml",
        'x: ftp_discount_bp\n      unit: "bp"',
        'x: ftp_discount_bp\n      unit: "%"',
        "unit",
        "B2.rule.x",
    ),
    "expression": ("outcome.yaml", "when: missed(T1) or", "when: missed(T1) orr", "expression", "caps.0.when"),
    "language": ("facts.yaml", 'en: "Cases of due-diligence exemption"', 'en: ""', "language", "exempt_cases.label"),
    "no source": (
        "definitions.yaml",
        "    source: report-2017 § 5-4\n",
        "",
        "missing-key",
        "renewal_rate.source",
    ),
    "unknown document": (
        "definitions.yaml",
        "source: report-2017 § 5-4",
        "source: report-2018 § 5-4",
        "reference",
        "renewal_rate.source",
    ),
    "basis": (
        "definitions.yaml",
        "    source: report-2017 § 5-4\n    basis: reconstructed",
        "    source: report-2017 § 5-4\n    basis: certain",
        "choice",
        "renewal_rate.basis",
    ),
    "option without points": (
        "mechanisms.yaml",
        '"2": 2, "3": 3, "4": 4}',
        '"2": 2, "3": 3}',
        "unreachable",
        "A1.rule.points",
    ),
    "points out of range": ("mechanisms.yaml", "{rule: 2", "{rule: 9", "range", "D3.rule"),
    "unused fact": (
        "definitions.yaml",
        "definitions:",
        "facts:\n  spare: {label: {zh: 多余, en: Spare}, kind: amount, source: design, basis: proposed}\ndefinitions:",
        "unused",
        "facts.spare",
    ),
    "cycle": (
        "definitions.yaml",
        "expr: sme_bal_end / sme_hh_end",
        "expr: mean_balance * sme_hh_end / sme_hh_prev",
        "cycle",
        "mean_balance",
    ),
    "cap without effect": ("outcome.yaml", "    to: pass\n", "    to: excellent\n", "unreachable", "caps.0.to"),
    "adjustment outside its range": (
        "outcome.yaml",
        "        points: -3\n",
        "        points: -4\n",
        "range",
        "cases.0.points",
    ),
    "digits": (
        "rulebook.yaml",
        "rounding: {indicator: 2, total: 2",
        "rounding: {indicator: 2, total: 12",
        "number",
        "rounding.total",
    ),
    "worked case": (
        "vectors/worked-cases.yaml",
        "expect: {total: 90, grade: excellent}",
        "expect: {total: 90, grade: good}",
        "vector",
        "edge-90",
    ),
}


def broken(folder: Path, *names: str) -> Path:
    """Copy the Shanghai rulebook and put the named mistakes into it."""
    target = folder / "broken"
    shutil.copytree(SHANGHAI, target)
    for name in names:
        file, text, replacement, _, _ = MISTAKES[name]
        path = target / file
        content = path.read_text(encoding="utf-8")
        if name == "points out of range":
            text, replacement = "        rule: 2\n", "        rule: 9\n"
        assert text in content, name
        path.write_text(content.replace(text, replacement, 1), encoding="utf-8")
    return target


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_each_mistake_is_found_where_it_stands(tmp_path: Path, name: str) -> None:
    file, _, _, code, key = MISTAKES[name]
    findings = lint(broken(tmp_path, name))
    matching = [f for f in findings if f.code == code and key in f.key]
    assert matching, [str(f) for f in findings]
    finding = matching[0]
    assert finding.file == file
    assert finding.line > 1 or name == "yaml" or file == "rulebook.yaml"
    for lang in ("zh", "en"):
        assert finding.message.get(lang)
        assert finding.remedy.get(lang)


TWELVE = (
    "unknown key",
    "not a number",
    "no such choice",
    "maxima",
    "bands overlap",
    "curve not monotone",
    "step never reached",
    "reference",
    "language",
    "unknown document",
    "cap without effect",
    "adjustment outside its range",
)


def test_twelve_mistakes_give_twelve_findings_in_one_go(tmp_path: Path) -> None:
    findings = lint(broken(tmp_path, *TWELVE))
    assert len(findings) == 12, [str(f) for f in findings]
    for name in TWELVE:
        file, _, _, code, key = MISTAKES[name]
        assert [f for f in findings if f.file == file and f.code == code and key in f.key], name


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    folder = broken(tmp_path, "step never reached")
    (finding,) = lint(folder)
    line = (folder / finding.file).read_text(encoding="utf-8").splitlines()[finding.line - 1]
    assert "steps: [[1, 3], [2, 2], [0.01, 1]]" in line


def test_a_broken_rulebook_does_not_load(tmp_path: Path) -> None:
    with pytest.raises(RulebookError) as error:
        load_rulebook(broken(tmp_path, "unknown fact", "reference"))
    assert len(error.value.findings) >= 2
    assert "renewal_rate" in str(error.value) or "G4" in str(error.value)


def test_an_empty_folder_is_a_finding(tmp_path: Path) -> None:
    (finding,) = lint(tmp_path)
    assert finding.code == "empty"
