"""A rulebook that extends another by an explicit list of changes; what changes that hit nothing say."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from scorecard.engine import RulebookError, lint, load_rulebook, rulebook_from_json
from scorecard.engine.rules.curve import Curve
from scorecard.engine.tests.conftest import RULEBOOKS
from scorecard.engine.values.rational import Fraction
from scorecard.engine.whatif.simulate import Change, patched

EXAMPLES = Path(__file__).parent / "rulebooks"
PROVINCE = EXAMPLES / "example-province"
NATION = load_rulebook(RULEBOOKS / "national-2020" / "3")


@pytest.mark.parametrize("version", ["1", "2"])
def test_the_examples_lint_clean_with_their_worked_cases(version: str) -> None:
    assert [str(f) for f in lint(PROVINCE / version)] == []


def test_everything_that_no_change_names_is_the_base() -> None:
    book = load_rulebook(PROVINCE / "1")
    assert (book.code, book.version, book.year, book.max) == ("example-province", "1", 2021, 120)
    changed = {"2.3.2", "5.1"}
    for id, indicator in NATION.indicators.items():
        assert (book.indicators[id] == indicator) is (id not in changed), id
    assert list(book.indicators) == [*NATION.indicators, "L1"]
    assert [s.id for s in book.top_sections] == [*(s.id for s in NATION.top_sections), "L"]
    assert [c.id for c in book.caps] == ["no-local-loans", "regular-below-60", "not-filed"]
    assert set(NATION.measures) - set(book.measures) == {"awards"}
    assert book.grades == NATION.grades
    assert book.rounding == NATION.rounding


def test_a_later_year_extends_the_earlier_one() -> None:
    first, second = load_rulebook(PROVINCE / "1"), load_rulebook(PROVINCE / "2")
    rule = second.indicators["L1"].rule
    assert isinstance(rule, Curve)
    assert rule.points == ((Fraction(0), Fraction(0)), (Fraction(1, 5), Fraction(5)))
    assert second.grade("g1").min == Decimal(92)
    assert second.extends is not None
    assert (second.extends.rulebook, second.extends.hash) == ("example-province/1", first.hash)
    assert second.extends.changes == (("set", "indicators.L1.rule.points"), ("set", "grades.g1.min"))
    assert second.hash != first.hash


def test_the_canonical_text_is_complete_and_reads_back_without_files() -> None:
    book = load_rulebook(PROVINCE / "1")
    again = rulebook_from_json(book.to_json())
    assert again.hash == book.hash
    assert again.indicators == book.indicators
    assert again.extends == book.extends
    assert again.extends is not None
    assert again.extends.hash == NATION.hash


def test_what_if_works_on_an_extended_rulebook() -> None:
    book = patched(load_rulebook(PROVINCE / "2"), (Change("sections.L.max", Decimal(6)),))
    assert book.sections["L"].max == 6


def _write(folder: Path, changes: str, more: str = "", base: str = "national-2020/3") -> Path:
    place = folder / "mine" / "1"
    place.mkdir(parents=True)
    head = 'rulebook: {code: mine, version: "1", year: 2021, title: {zh: 甲, en: A}}\n'
    listed = f"  changes:\n{changes}" if changes else ""
    text = f"{head}extends:\n  rulebook: {base}\n{listed}{more}"
    (place / "rulebook.yaml").write_text(text, encoding="utf-8")
    return place


MISTAKES = {
    "a place for what is not added": (
        "    - {set: grades.g2a.min, to: 84, before: g1}\n",
        "",
        "change",
        "set, add or remove",
    ),
    "sets nothing": ("    - {set: indicators.9.9.max, to: 1}\n", "", "change", "hits nothing"),
    "removes nothing": ("    - remove: caps.no-such-cap\n", "", "change", "hits nothing"),
    "adds what is there": ("    - {add: grades.g1, to: {id: g1}}\n", "", "change", "already"),
    "adds into nothing": ("    - {add: no_such_group.entry, to: {a: 1}}\n", "", "change", "hits nothing"),
    "adds another id": ("    - {add: grades.g0, to: {id: g9}}\n", "", "change", "id of the new entry"),
    "before nothing": ("    - {add: grades.g0, to: {id: g0}, before: g99}\n", "", "change", "hits nothing"),
    "changes nothing": ("    - {set: grades.g1.min, to: 90}\n", "", "change", "what it was"),
    "sets the head": ("    - {set: rulebook.year, to: 2022}\n", "", "change", "not changed here"),
    "removes a group": ("    - remove: caps\n", "", "change", "as a whole"),
    "two verbs": ("    - {set: grades.g1.min, add: x, to: 1}\n", "", "change", "says set, add or remove"),
    "no value": ("    - {set: grades.g1.min}\n", "", "change", "says set, add or remove"),
    "a value to remove": ("    - {remove: measures.awards, to: 1}\n", "", "change", "says set, add or remove"),
    "redefines": (
        "",
        "facts:\n  incl_bal_end: {label: {zh: 甲, en: A}, kind: amount, source: design, basis: proposed}\n",
        "duplicate-key",
        "has “facts.incl_bal_end” already",
    ),
    "redefines a grade": ("", "grades:\n  - {id: g1, min: 95}\n", "duplicate-key", "has “grades.g1” already"),
    "another shape": ("", "grades: {}\n", "duplicate-key", "has “grades” already"),
    "another hash": ("", "  hash: 123\n", "change", "other content"),
    "unknown key": ("", "  because: x\n", "unknown-key", "because"),
}


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_each_wrong_change_is_found_where_it_stands(tmp_path: Path, name: str) -> None:
    changes, more, code, part = MISTAKES[name]
    place = _write(tmp_path, changes, more)
    (finding,) = lint(place)
    assert (finding.file, finding.code) == ("rulebook.yaml", code)
    assert part in finding.message.en
    assert finding.message.zh
    assert finding.remedy.zh
    assert finding.remedy.en
    line = (place / "rulebook.yaml").read_text(encoding="utf-8").splitlines()[finding.line - 1]
    wanted = (changes or more).strip().splitlines()[-1].strip()
    assert line.strip() in (wanted, wanted.splitlines()[0]) or wanted.endswith(line.strip())


def test_all_wrong_changes_at_once_each_on_its_line(tmp_path: Path) -> None:
    changes = "".join(text for text, _, _, _ in MISTAKES.values())
    place = _write(tmp_path, changes)
    findings = lint(place)
    assert len(findings) == changes.count("\n")
    assert [f.line for f in findings] == list(range(5, 5 + len(findings)))


def test_a_changed_value_that_is_wrong_is_named_in_the_file_that_changed_it(tmp_path: Path) -> None:
    place = _write(tmp_path, "    - {set: grades.g2a.min, to: 95}\n    - {set: targets.plan.left, to: no_such_fact}\n")
    findings = lint(place)
    assert [(f.file, f.line, f.key, f.code) for f in findings] == [
        ("rulebook.yaml", 5, "grades.1.min", "bands"),
        ("rulebook.yaml", 6, "targets.plan.left", "type"),
    ]


def test_a_removal_that_others_rely_on_is_found(tmp_path: Path) -> None:
    findings = lint(_write(tmp_path, "    - remove: targets.borrowers\n"))
    assert {(f.key, f.code) for f in findings} == {("indicators.1.1.2.rule.target", "reference")}
    assert findings[0].file == "national-2020/3/1-lending.yaml"


@pytest.mark.parametrize(
    ("base", "code", "part"),
    [("no-such/1", "reference", "no rulebook"), ("nonsense", "missing-key", "named"), ("mine/1", "cycle", "circle")],
)
def test_a_base_that_is_none(tmp_path: Path, base: str, code: str, part: str) -> None:
    place = _write(tmp_path, "", base=base)
    (finding,) = lint(place)
    assert (finding.code, finding.line) == (code, 3)
    assert part in finding.message.en
    with pytest.raises(RulebookError):
        load_rulebook(place)


def test_mistakes_of_the_base_are_named_as_the_bases(tmp_path: Path) -> None:
    shutil.copytree(RULEBOOKS / "national-2020", tmp_path / "national-2020")
    path = tmp_path / "national-2020" / "3" / "outcome.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("min: 90", "min: ninety"), encoding="utf-8")
    (finding,) = lint(_write(tmp_path, ""))
    assert (finding.file, finding.code) == ("national-2020/3/outcome.yaml", "number")
