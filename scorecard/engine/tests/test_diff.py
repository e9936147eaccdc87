"""The difference of two rulebooks: nothing that differs goes unsaid, and nothing is said in raw keys."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from scorecard.engine import Change, Rulebook, load_rulebook, rulebook_from_json
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.reading.reader import read_rulebook
from scorecard.engine.rulebook.rulebook import TOP_KEYS
from scorecard.engine.whatif.diff import Difference, EntryChange, diff
from scorecard.engine.whatif.diff_words import GROUP_LABELS, field_label
from scorecard.engine.whatif.simulate import patched

ROOT = Path(__file__).resolve().parents[2] / "rulebooks"


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load_rulebook(ROOT / "shanghai-2017" / "3")


def entry(found: Difference, kind: str, id: str) -> EntryChange:
    group = next(g for g in found.groups if g.kind == kind)
    return next(e for e in group.entries if e.id == id)


def test_equal_rulebooks_differ_in_nothing(book: Rulebook) -> None:
    found = diff(book, rulebook_from_json(book.to_json()))
    assert not found.groups and found.count("changed") == 0


def test_a_changed_cut_point_is_said_in_words_with_both_sides_and_the_source(book: Rulebook) -> None:
    found = diff(book, patched(book, (Change("indicators.G5.rule.points.1.0", "0.25"),)))
    assert [(g.kind, len(g.entries)) for g in found.groups] == [("indicators", 1)]
    change = entry(found, "indicators", "G5")
    assert change.what == "changed" and change.name.zh == "无还本续贷率"
    (rule,) = change.fields
    assert [line.changed for line in rule.before] == [False, True]
    assert "20% → 3 分" in rule.before[1].text.zh and "25% → 3 points" in rule.after[1].text.en
    assert change.source_after is not None and "普惠金融发展报告" in change.source_after.cite.zh
    assert (change.basis_before, change.basis_after) == ("reconstructed", "reconstructed")


def test_a_source_is_cited_as_the_rulebook_cites_it(book: Rulebook) -> None:
    articles = [spec for spec in book.indicators.values() if spec.source is not None and spec.source.article]
    assert any("章" in spec.source.cite.zh for spec in articles if spec.source is not None)
    for spec in articles:
        found = diff(book, patched(book, (Change(f"indicators.{spec.id}.judged_by", "nobody"),)))
        for group in found.groups:
            for change in group.entries:
                assert change.source_before is not None and spec.source is not None
                assert change.source_before.cite == spec.source.cite


def test_a_key_that_the_words_of_a_rule_leave_out_is_said_by_itself(book: Rulebook) -> None:
    found = diff(book, patched(book, (Change("indicators.G5.rule.lever", "due_bal"),)))
    (field,) = entry(found, "indicators", "G5").fields
    assert field.label.zh == "计分规则 › 推算所用数据"
    assert field.after[0].text.zh == book.facts["due_bal"].label.zh


def test_added_and_removed_entries_are_told_with_what_they_said(book: Rulebook) -> None:
    less = patched(book, (Change("caps.0", None),))
    gone, come = diff(book, less), diff(less, book)
    assert (gone.count("removed"), gone.count("added")) == (1, 0)
    assert (come.count("removed"), come.count("added")) == (0, 1)
    cap = entry(come, "caps", "three-targets")
    said = {f.key: f.after[0].text.zh for f in cap.fields}
    assert said["to"] == "合格" and said["effect"] == "等次不得高于"
    assert cap.source_before is None and cap.source_after is not None and cap.basis_after == "sourced"


def test_another_order_of_the_same_entries_is_a_change(book: Rulebook) -> None:
    data: dict[str, Any] = copy.deepcopy(dict(book.document_data))
    first, *rest = data["indicators"]
    data["indicators"] = {k: data["indicators"][k] for k in (*rest, first)}
    turned, findings = read_rulebook(from_plain(data))
    assert not findings
    (group,) = diff(book, turned).groups
    assert group.kind == "indicators" and group.reordered and not group.entries


def test_every_differing_number_of_a_rulebook_is_noticed(book: Rulebook) -> None:
    """Each number of each entry, changed by itself, changes the entry that holds it and gives a field to show."""

    def numbers(value: Any, path: str) -> list[str]:
        if isinstance(value, dict):
            return [p for k, v in value.items() for p in numbers(v, f"{path}.{k}")]
        if isinstance(value, list):
            return [p for k, v in enumerate(value) for p in numbers(v, f"{path}.{k}")]
        return [path] if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) else []

    seen = 0
    for kind in ("indicators", "sections", "grades"):
        for path in numbers(book.document_data[kind], kind):
            changed, findings = read_rulebook(from_plain(_set(book, path, "7.125")))
            if findings:
                continue
            found = diff(book, changed)
            fields = [f for g in found.groups for e in g.entries for f in e.fields]
            assert fields and any(line.changed for f in fields for line in (*f.before, *f.after)), path
            seen += 1
    assert seen > 100


def _set(book: Rulebook, path: str, value: str) -> dict[str, Any]:
    from scorecard.engine.whatif.simulate import apply_change

    data: dict[str, Any] = copy.deepcopy(dict(book.document_data))
    apply_change(data, Change(path, value))
    return data


def test_no_raw_key_is_shown_and_every_text_has_both_languages(book: Rulebook) -> None:
    assert set(GROUP_LABELS) == set(TOP_KEYS)
    other = load_rulebook(ROOT / "national-2020" / "3")
    for found in (diff(book, other), diff(other, book)):
        for group in found.groups:
            for change in group.entries:
                for field in change.fields:
                    assert field_label(field.key) or "." in field.key, (change.id, field.key)
                    for line in (*field.before, *field.after):
                        assert line.text.zh and line.text.en, (change.id, field.key)
