"""Mappings are data: those that ship fit the installed rulebooks, and a wrong one is refused with file and line."""

from pathlib import Path

import pytest
import yaml

from assessments.filings.form_layout import own_facts
from assessments.filings.returns.mapping import FOLDER, BadMapping, _read_folder, mappings
from assessments.rulebooks.services import installed_rulebooks
from assessments.tests.returns.world import rulebook
from scorecard.engine.values.findings import Finding

GOOD = yaml.safe_load((FOLDER / "s63-1.yaml").read_text(encoding="utf-8"))


def test_what_ships_is_read_and_nothing_of_it_is_the_supervisors_own() -> None:
    found = {mapping.name: mapping for mapping in mappings()}
    assert set(found) == {"S63-I", "S71-I"}
    for mapping in found.values():
        assert not mapping.seen
        bases = {each.basis for each in mapping.columns.values()} | {each.basis for each in mapping.rows.values()}
        assert bases | {each.basis for each in mapping.figures} <= {"reconstructed", "proposed"}


def test_each_figure_is_asked_by_an_installed_rulebook_in_the_unit_of_its_columns() -> None:
    books = [rulebook(code) for code in sorted({code for code, _version in installed_rulebooks()})]
    for mapping in mappings():
        for figure in mapping.figures:
            specs = [own_facts(book)[figure.fact] for book in books if figure.fact in own_facts(book)]
            assert specs, figure.fact
            units = {mapping.columns[column].unit for column in figure.columns}
            assert {spec.unit for spec in specs} == units, figure.fact
        for fact in mapping.unmapped:
            assert any(fact in own_facts(book) for book in books), fact


def test_each_figure_that_names_a_known_return_is_mapped_or_said_not_to_be() -> None:
    said = {fact for mapping in mappings() for fact in (*mapping.unmapped, *(each.fact for each in mapping.figures))}
    for code in ("shanghai-2017", "national-2020"):
        named = {f for f, spec in own_facts(rulebook(code)).items() if "S63" in spec.form.zh or "S71" in spec.form.zh}
        assert named
        assert named <= said


BROKEN = {
    "an unknown key": (lambda data: data.update(colour="red"), "unknown-key"),
    "a missing key": (lambda data: data.pop("source"), "missing-key"),
    "a text in one language": (lambda data: data["title"].pop("en"), "language"),
    "sourced, though the sheet was not seen": (lambda data: data["rows"]["1"].update(basis="sourced"), "basis"),
    "a basis that is none": (lambda data: data["figures"]["sme_bal_end"].update(basis="sure"), "choice"),
    "a row that is not declared": (lambda data: data["figures"]["sme_bal_end"].update(rows=["9"]), "reference"),
    "a column twice": (lambda data: data["figures"]["sme_bal_end"].update(columns=["C", "C"]), "duplicate"),
    "columns of two units": (lambda data: data["columns"]["C"].update(unit="户"), "unit"),
    "a unit that is none": (lambda data: data["columns"]["C"].update(unit="斤"), "choice"),
    "no sheet": (lambda data: data.update(sheets=[]), "list"),
    "a first column that is none": (lambda data: data["layout"].update(first_column="1"), "column"),
    "an item number that is none": (lambda data: data["rows"].update(x=data["rows"]["1"]), "row"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_wrong_mapping_is_refused_with_file_line_and_both_languages(name: str, tmp_path: Path) -> None:
    change, code = BROKEN[name]
    data = yaml.safe_load(yaml.safe_dump(GOOD, allow_unicode=True))
    change(data)
    (tmp_path / "s63-1.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(BadMapping) as caught:
        _read_folder(tmp_path)
    findings: list[Finding] = caught.value.findings
    assert code in {finding.code for finding in findings}
    assert all(finding.file == "s63-1.yaml" and finding.line >= 1 for finding in findings)
    assert all(finding.message.zh != finding.message.en for finding in findings)


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    text = (FOLDER / "s63-1.yaml").read_text(encoding="utf-8")
    (tmp_path / "s63-1.yaml").write_text(text + "form: S71\n", encoding="utf-8")
    with pytest.raises(BadMapping, match="stands twice"):
        _read_folder(tmp_path)
