"""Sections nested to any depth, with weights, limits and plain sums: points by hand, and other weights tried."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scorecard.engine import Rulebook, ScoringInput, evaluate, lint, load_rulebook
from scorecard.engine.arrays import evaluate_many
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.reading.reader import read_rulebook
from scorecard.engine.tests.frames import assert_equal, to_frame
from scorecard.engine.whatif.simulate import patched
from scorecard.engine.whatif.tunables import tunables
from scorecard.engine.whatif.tuning import tune

HEAD = """
rulebook:
  code: deep
  version: "1"
  year: 2026
  title: {zh: 深, en: Deep}
  instrument: d
  total: {min: 1, max: 15, floor: 1, ceiling: 15}
  rounding: {indicator: 2, total: 2, mode: half_up, basis: proposed}
documents: {d: {title: {zh: 甲, en: A}}}
properties: {category: {label: {zh: 类, en: Category}, kind: text}}
facts:
  x: {label: {zh: 甲, en: X}, kind: amount, min: 0, source: d, basis: proposed}
  y: {label: {zh: 乙, en: Y}, kind: amount, min: 0, source: d, basis: proposed}
grades:
  - {id: good, name: {zh: 好, en: good}, name_basis: proposed, min: 10, source: d, basis: proposed}
  - {id: bad, name: {zh: 差, en: bad}, name_basis: proposed, min: null, source: d, basis: proposed}
"""
#: From the outermost in: the weight of each section (None for a plain sum), then what its points may be at most.
LEVELS: list[tuple[str | None, str]] = [
    (None, "17.5"),
    ("0.5", "12.5"),
    (None, "25"),
    ("1.25", "25"),
    (None, "20"),
    ("2", "20"),
    (None, "10"),
    ("0.25", "10"),
    (None, "40"),
]
SAME = "name_basis: proposed, min: 0, source: d, basis: proposed"
CURVE = "type: quantitative, rule: {kind: curve, unit: 万元, direction: up"


def section(name: str, parent: str, weight: str | None, top: str, more: str = "") -> str:
    above = f"parent: {parent}, " if parent else ""
    times = f"weight: {weight}, " if weight else ""
    return f"  {name}: {{{above}{times}{more}max: {top}, name: {{zh: 板块{name}, en: Section {name}}}, {SAME}}}\n"


def write(folder: Path, *, inner_first: bool = False) -> Path:
    """A rulebook of nine levels with an indicator at the innermost, and one beside the second level, limited to 5."""
    lines = [section(f"S{i}", f"S{i - 1}" if i else "", weight, top) for i, (weight, top) in enumerate(LEVELS)]
    lines.append(section("T", "S0", None, "5", "ceiling: 5, "))
    if inner_first:
        lines.reverse()
    name = "name: {zh: 指标, en: Indicator}"
    text = f"""{HEAD}sections:
{"".join(lines)}indicators:
  I: {{section: S8, {name}, max: 40, {SAME}, {CURVE}, x: x, points: [[0, 0], [40, 40]]}}}}
  J: {{section: T, {name}, max: 8, {SAME}, {CURVE}, x: y, points: [[0, 0], [8, 8]]}}}}
"""
    path = folder / "deep" / "1"
    (path / "vectors").mkdir(parents=True)
    (path / "rulebook.yaml").write_text(text, encoding="utf-8")
    cases = "cases: [{id: top, facts: {x: 40, y: 8}, expect: {total: 15, sections: {S0: 17.5, T: 5}}}]"
    (path / "vectors" / "cases.yaml").write_text(cases, encoding="utf-8")
    return path


@pytest.fixture(params=[False, True], ids=["outer first", "inner first"])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return write(tmp_path, inner_first=request.param)


@pytest.fixture
def book(folder: Path) -> Rulebook:
    return load_rulebook(folder)


def case(x: str, y: str) -> ScoringInput:
    return ScoringInput(facts={"x": Decimal(x), "y": Decimal(y)}, bank={"category": "city"})


def test_nine_levels_lint_clean_whatever_their_order(folder: Path) -> None:
    assert [str(f) for f in lint(folder)] == []


def test_each_level_is_its_sum_times_its_weight_rounded_once(book: Rulebook) -> None:
    """By hand: 1.37 → × 0.25 = 0.3425 → 0.34 → × 2 = 0.68 → × 1.25 = 0.85 → × 0.5 = 0.425 → 0.43, and 5 beside it."""
    result = evaluate(book, case("1.37", "6.5"))
    found = {id: str(s.points) for id, s in result.sections.items()}
    wanted = {"S8": "1.37", "S7": "0.34", "S6": "0.34", "S5": "0.68", "S4": "0.68", "S3": "0.85", "S2": "0.85"}
    assert found == {**wanted, "S1": "0.43", "T": "5", "S0": "5.43"}
    assert result.total == Decimal("5.43")
    assert evaluate(book, case("0", "0")).total == 1  # the floor of the total
    assert (evaluate(book, case("40", "8")).total, evaluate(book, case("40", "8")).grade.after) == (15, "good")


def test_the_weight_and_the_limit_of_a_section_are_named(book: Rulebook) -> None:
    trace = evaluate(book, case("1.37", "6.5")).trace
    assert trace is not None
    said = {node.ref: [c.text for c in node.children if c.kind == "limit"] for node in trace.walk()}
    ((inner,), (beside,)) = said["S7"], said["T"]
    assert inner.zh == "各项合计 1.37 分，乘以权重 0.25，计 0.34 分。"
    assert inner.en == "Its parts sum to 1.37 points, times the weight 0.25: 0.34 points."
    assert beside.zh == "各项合计 6.5 分，最高 5 分，计 5 分。"
    assert beside.en == "Its parts sum to 6.5 points, no more than 5 points: 5 points."


def test_many_equals_one_at_every_depth(book: Rulebook) -> None:
    cases = [case(x, y) for x in ("0", "0.01", "1.37", "13.58", "39.99", "40") for y in ("0", "4.99", "5", "5.01")]
    assert_equal(book, cases, evaluate_many(book, to_frame(cases)))


def weights(book: Rulebook) -> Iterator[tuple[str, str]]:
    for path, tunable in tunables(book).items():
        if tunable.group == "sections":
            yield path, tunable.value


def test_every_weight_and_limit_of_a_section_and_of_the_total_can_be_tried(book: Rulebook) -> None:
    assert dict(weights(book)) == {
        "sections.S1.weight": "0.5",
        "sections.S3.weight": "1.25",
        "sections.S5.weight": "2",
        "sections.S7.weight": "0.25",
        "sections.T.ceiling": "5",
        "rulebook.total.floor": "1",
        "rulebook.total.ceiling": "15",
    }
    typed = {"sections.S3.weight": "1", "sections.T.ceiling": "7", "rulebook.total.ceiling": "16"}
    tuning = tune(book, typed)
    assert not tuning.problems
    changed = tuning.rulebook
    assert changed is not None and patched(book, tuning.changes) == changed
    # 40 × 0.25 × 2 × 1 × 0.5 = 10 and 7 beside it; the maxima of all that hold them follow.
    assert [str(changed.sections[s].max) for s in ("S3", "S2", "S1", "T", "S0")] == ["20", "20", "10", "7", "17"]
    assert (changed.max, evaluate(changed, case("40", "8")).total) == (16, 16)
    assert evaluate(changed, case("20", "6")).total == 11  # 5 + 6; before it was 6.25 + 5


def test_any_number_can_be_tried_whatever_the_order_of_sections(book: Rulebook) -> None:
    tuning = tune(book, {"indicators.I.max": "20"})
    assert tuning.rulebook is not None and tuning.rulebook.sections["S0"].max == Decimal("11.25")


def test_a_weight_of_nothing_is_a_plain_sum(book: Rulebook) -> None:
    """A section that says no weight adds up what it holds: the same as a weight of 1."""
    data: dict[str, Any] = dict(book.document_data)
    data["sections"] = {k: {**v, "weight": v.get("weight", "1")} for k, v in data["sections"].items()}
    other, findings = read_rulebook(from_plain(data))
    assert findings == []
    for one in (case("1.37", "6.5"), case("39.99", "0.01")):
        assert evaluate(other, one).total == evaluate(book, one).total


def test_limits_on_the_total_say_what_they_move_and_give_the_grade_of_the_limited_total() -> None:
    """The sum before, the sum after, and the grade of what is left."""
    from scorecard.commands.describe import describe
    from scorecard.engine import ScoringInput, evaluate
    from scorecard.engine.tests.test_corners import SOURCE
    from scorecard.engine.tests.test_corners import book as corner

    cap = {
        "id": "few",
        "name": {"zh": "限总分", "en": "limit of the total"},
        "when": "total() > 3",
        "effect": "cap_total",
        "to": "3",
        "because": {"zh": "总分不得高于3分。", "en": "No more than 3 points."},
        **SOURCE,
    }
    rulebook = corner({"kind": "fixed", "points": "6"}, caps=[cap])
    result = evaluate(rulebook, ScoringInput())
    assert result.trace is not None and result.total == 3
    (limit,) = [node for node in result.trace.walk() if node.kind == "limit"]
    assert limit.text.zh == "总分不得高于3分。总分由 6 分限为 3 分。"
    assert limit.text.en == "No more than 3 points. The total goes from 6 points to 3 points."
    assert result.grade.before == "top" and result.grade.after == "mid"
    assert "“mid”" in result.trace.text.zh and "top" not in result.trace.text.zh
    shown = "\n".join(describe(rulebook, "zh"))
    assert "few 限总分" in shown and "总分不得高于3分。" in shown
