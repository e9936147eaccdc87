"""The draft of the next version: every change marked as proposed, worked cases kept or marked as computed."""

import copy
from pathlib import Path

import pytest
import yaml

from assessments.trials.draft import changes_text, draft_data, extension_data, to_yaml
from assessments.trials.draft_cases import COMPUTED, DraftCases, draft_cases
from scorecard.engine import Rulebook, Text, evaluate, lint, load_rulebook
from scorecard.engine.cases.worked import differences, read_vectors
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.reading.reader import read_rulebook
from scorecard.engine.whatif.simulate import Change
from scorecard.engine.whatif.tuning import tune

ROOT = Path(__file__).resolve().parents[3] / "scorecard" / "rulebooks"
BOOKS = ["shanghai-2017", "national-2020"]


CHOSEN = {
    "shanghai-2017": {
        "indicators.C4.max": "4",
        "grades.0.min": "88",
        "caps.0": "off",
        "adjustments.rating.cases.3.points": "2",
        "indicators.H1.rule.per.0.points": "1",
        "indicators.E2.rule.x#0": "24",
    },
    "national-2020": {
        "indicators.1.1.1.max": "10",
        "caps.0.to": "g3c",
        "caps.0.when#0": "65",
        "parameters.high_share_line.default": "40%",
    },
}


@pytest.mark.parametrize("code", BOOKS)
@pytest.mark.parametrize("extending", [True, False])
def test_a_draft_lints_clean_and_marks_every_change_as_proposed(code: str, extending: bool, tmp_path: Path) -> None:
    source = ROOT / code / "3"
    book = load_rulebook(source)
    tuning = tune(book, CHOSEN[code])
    assert tuning.rulebook is not None
    title = Text("试算方案", "A trial")
    data = draft_data(book, tuning.changes, version="4", document="trial-7", title=title, date="2026-11-24")
    folder = tmp_path / code / "4"
    (folder / "vectors").mkdir(parents=True)
    text = to_yaml(extension_data(book, data) if extending else data)
    (folder / "rulebook.yaml").write_text(text, encoding="utf-8")
    draft, problems = read_rulebook(from_plain(data))
    assert not problems
    for cases in draft_cases(source, draft):
        (folder / cases.name).write_text(cases.text(), encoding="utf-8")
        assert cases.changed and not cases.left_out
    assert lint(folder) == []
    loaded = load_rulebook(folder)
    assert {k: v for k, v in loaded.document_data.items() if k != "extends"} == data
    assert len(read_vectors(loaded, folder)) == len(read_vectors(book, source))
    for kind in ("indicators", "sections", "parameters"):
        for key, entry in data.get(kind, {}).items():
            before = book.document_data[kind][key]
            if entry != before:
                assert entry["basis"] == "proposed" and entry["source"].startswith("trial-7"), key
    assert loaded.basis == "proposed"
    # What it scores is what was tried.
    case = read_vectors(book, source)[0].case
    assert evaluate(loaded, case).total == evaluate(tuning.rulebook, case).total
    changes = changes_text(book, draft, title, "为什么")
    assert "建议值，非监管部门原文" in changes and "为什么" in changes


def drafted(code: str, typed: dict[str, str]) -> tuple[Rulebook, Rulebook, list[DraftCases]]:
    """The base, the draft with these numbers, and its worked cases."""
    book = load_rulebook(ROOT / code / "3")
    tuning = tune(book, typed)
    assert not tuning.problems
    title = Text("试算方案", "A trial")
    data = draft_data(book, tuning.changes, version="4", document="trial-7", title=title, date="2026-11-24")
    draft, problems = read_rulebook(from_plain(data))
    assert not problems
    return book, draft, list(draft_cases(ROOT / code / "3", draft))


def test_cases_that_still_hold_stay_and_the_others_are_marked_with_what_came_out() -> None:
    book, draft, (cases,) = drafted("shanghai-2017", {"indicators.E2.rule.x#0": "25"})
    before = {v.id: v for v in read_vectors(book, ROOT / "shanghai-2017" / "3")}
    text = cases.text()
    assert cases.changed and len(cases.changed) < len(before) and not cases.left_out
    assert text.count(COMPUTED) == len(cases.changed)
    for case in cases.data["cases"]:
        holds = not differences(before[case["id"]].expect, evaluate(draft, before[case["id"]].case))
        assert (case["id"] in cases.changed) is not holds
        if holds:
            assert case["expect"] == before[case["id"]].expect
    place = text.index("- id: all-full")
    above = text[:place].rstrip().splitlines()
    assert any(COMPUTED in line for line in above[-6:])
    assert f"total: 100 → {evaluate(draft, before['all-full'].case).total}" in text
    # Comments are for people: what is read back is the same data.
    assert [case["id"] for case in yaml.safe_load(text)["cases"]] == list(before)


def test_a_fact_that_nothing_uses_any_more_takes_no_case_with_it(tmp_path: Path) -> None:
    """The fact of a limit that is taken off is gone from the draft; cases that give it go on without it."""
    data = copy.deepcopy(dict(load_rulebook(ROOT / "shanghai-2017" / "3").document_data))
    alike = {"source": "report-2017 § 1", "basis": "sourced"}
    both = {"zh": "文", "en": "text"}
    data["facts"]["frauds"] = {"label": both, "kind": "count", "unit": "件", "min": "0", **alike}
    data["caps"].append(
        {
            "id": "frauds",
            "name": both,
            "when": "frauds > 0",
            "effect": "cap_grade",
            "to": "pass",
            "because": both,
            **alike,
        }
    )
    book, problems = read_rulebook(from_plain(data))
    assert not problems
    title = Text("试算方案", "A trial")
    off = (Change(f"caps.{len(data['caps']) - 1}", None),)
    draft, problems = read_rulebook(
        from_plain(draft_data(book, off, version="4", document="trial-7", title=title, date="2026-11-24"))
    )
    assert not problems and set(book.facts) - set(draft.facts) == {"frauds"}
    (tmp_path / "vectors").mkdir()
    case = {"id": "one", "base": "full", "facts": {"frauds": "1"}, "without": ["frauds"], "expect": {"total": "0"}}
    bases = {"full": {"bank": {"category": "city"}, "facts": {"frauds": "0", "returns": "0"}}}
    (tmp_path / "vectors" / "a.yaml").write_text(to_yaml({"bases": bases, "cases": [case]}), encoding="utf-8")
    (cases,) = draft_cases(tmp_path, draft)
    assert [one["id"] for one in cases.data["cases"]] == ["one"] and not cases.left_out
    assert "frauds" not in cases.text() and "returns" in cases.text()


def test_a_case_about_what_is_gone_is_left_out_and_named(tmp_path: Path) -> None:
    _book, draft, (whole,) = drafted("shanghai-2017", {"indicators.C4.max": "4"})
    case = dict(whole.data["cases"][0], id="of-old", expect={"points": {"Z9": "1"}})
    (tmp_path / "vectors").mkdir()
    (tmp_path / "vectors" / "a.yaml").write_text(to_yaml(dict(whole.data, cases=[case])), encoding="utf-8")
    (cases,) = draft_cases(tmp_path, draft)
    assert cases.left_out == ("of-old",) and "of-old" in cases.text().splitlines()[-1]
