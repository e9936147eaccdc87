"""Numbers tried otherwise, with everything that follows from them."""

from decimal import Decimal
from pathlib import Path

import pytest

from scorecard.engine import Rulebook, evaluate, load_rulebook
from scorecard.engine.cases.worked import read_vectors
from scorecard.engine.whatif.simulate import patched
from scorecard.engine.whatif.tunables import GRADE, SWITCH, tunables
from scorecard.engine.whatif.tuning import tune

ROOT = Path(__file__).resolve().parents[2] / "rulebooks"
BOOKS = ["shanghai-2017", "national-2020"]


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load_rulebook(ROOT / "shanghai-2017" / "3")


@pytest.mark.parametrize("code", BOOKS)
def test_nothing_chosen_is_the_same_rulebook(code: str) -> None:
    book = load_rulebook(ROOT / code / "3")
    as_it_is = {path: tunable.value for path, tunable in tunables(book).items()}
    for typed in ({}, dict.fromkeys(as_it_is, ""), as_it_is):
        tuning = tune(book, typed)
        assert tuning.rulebook is book and not tuning.changes and not tuning.problems


@pytest.mark.parametrize("code", BOOKS)
def test_every_number_carries_its_source_and_basis_and_words_in_both_languages(code: str) -> None:
    book = load_rulebook(ROOT / code / "3")
    known = tunables(book)
    assert len(known) > 150
    for tunable in known.values():
        assert tunable.source is not None and tunable.basis in ("sourced", "reconstructed", "proposed")
        assert tunable.label.zh and tunable.label.en and tunable.name.zh and tunable.name.en


@pytest.mark.parametrize("code", BOOKS)
def test_any_weight_can_be_doubled_and_everything_that_adds_up_follows(code: str) -> None:
    book = load_rulebook(ROOT / code / "3")
    for indicator in book.indicators.values():
        tuning = tune(book, {f"indicators.{indicator.id}.max": str(indicator.max * 2)})
        assert not tuning.problems, (indicator.id, tuning.problems)
        changed = tuning.rulebook
        assert changed is not None
        assert changed.indicators[indicator.id].max == indicator.max * 2
        assert changed.max == book.max + indicator.max
        assert patched(book, tuning.changes) == changed


def test_doubled_weights_double_the_points(book: Rulebook) -> None:
    tuning = tune(book, {f"indicators.{i.id}.max": str(i.max * 2) for i in book.indicators.values()})
    assert tuning.rulebook is not None
    for vector in read_vectors(book, ROOT / "shanghai-2017" / "3")[:4]:
        before, after = evaluate(book, vector.case), evaluate(tuning.rulebook, vector.case)
        assert abs(after.total - 2 * before.total) <= Decimal("0.3"), vector.id  # each indicator rounds by itself


def test_a_ratio_is_typed_as_a_percentage(book: Rulebook) -> None:
    path = "indicators.G5.rule.points.1.0"
    assert tunables(book)[path].value == "20"
    tuning = tune(book, {path: "25 %"})
    assert tuning.chosen == {path: "0.25"}
    assert tuning.rulebook is not None
    assert tuning.rulebook.document_data["indicators"]["G5"]["rule"]["points"][1] == ["0.25", "3"]


def test_beyond_its_ends_a_curve_goes_on_and_the_maximum_follows_the_rule(book: Rulebook) -> None:
    tuning = tune(book, {"indicators.G5.rule.points.1.1": "4"})
    found = {change.path: change.value for change in tuning.changes}
    assert found == {
        "indicators.G5.rule.points.1.1": "4",
        "indicators.G5.rule.above": "4",
        "indicators.G5.max": "4",
        "sections.G.max": "26",
        "rulebook.total.max": "101",
    }


def test_items_that_add_up_still_reach_the_maximum_after_rounding(book: Rulebook) -> None:
    tuning = tune(book, {"indicators.C4.max": "4"})
    assert tuning.rulebook is not None
    bounds = tuning.rulebook.indicators["C4"].rule.bounds()
    assert bounds is not None and bounds[1] == 4


def test_wrong_input_names_the_number_and_says_what_mends_it_all_at_once(book: Rulebook) -> None:
    typed = {"indicators.G5.max": "三分", "grades.0.min": "1e3", "indicators.G5.rule.points.1.0": "25"}
    problems = tune(book, typed).problems
    assert {p.path for p in problems} == {"indicators.G5.max", "grades.0.min"}
    assert "无还本续贷率" in problems[0].message.zh and "三分" in problems[0].message.zh and problems[0].remedy.zh
    (band,) = tune(book, {"grades.0.min": "70"}).problems
    assert band.path == "grades.0.min" and "重叠" in band.message.zh
    (falling,) = tune(book, {"indicators.G5.rule.points.0.1": "5"}).problems[:1]
    assert falling.path == "indicators.G5.rule.points.0.1"
    assert "direction" not in falling.message.zh + falling.remedy.zh
    (unknown,) = tune(book, {"rulebook.code": "x"}).problems
    assert unknown.path == ""


def test_caps_can_be_taken_off_and_put_elsewhere(book: Rulebook) -> None:
    known = tunables(book)
    assert known["caps.0"].form == SWITCH and known["caps.0.to"].form == GRADE
    off = tune(book, {"caps.0": "off", "caps.0.to": "good"})
    assert off.rulebook is not None and off.rulebook.caps == book.caps[1:] and len(off.changes) == 1
    moved = tune(book, {"caps.0.to": "good"})
    assert moved.rulebook is not None and moved.rulebook.caps[0].to == "good"
    assert tune(book, {"caps.0.to": "excellent"}).problems[0].path == "caps.0.to"
    assert tune(book, {"caps.0.to": "nonsense"}).problems[0].path == "caps.0.to"


def test_lowest_points_above_the_highest_are_refused_at_their_field() -> None:
    book = load_rulebook(ROOT / "national-2020" / "3")
    path = "indicators.3.1.rule.otherwise.rules.0.floor"
    (problem,) = tune(book, {path: "62"}).problems
    assert problem.path == path and "最低得分 62 高于最高得分 5" in problem.message.zh
