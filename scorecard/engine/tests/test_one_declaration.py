"""One declaration is enough: a rule kind and an expression function that only this file knows work everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from jsonschema import Draft202012Validator

from scorecard.commands.rulebook_schema import rulebook_schema
from scorecard.engine import Rulebook, ScoringInput, evaluate, lint, load_rulebook
from scorecard.engine.arrays import evaluate_many
from scorecard.engine.arrays.frames import read_frame
from scorecard.engine.declarations.forms import POINTS, choice
from scorecard.engine.declarations.keys import key
from scorecard.engine.errors import RulebookError
from scorecard.engine.language.function import FUNCTIONS, Function
from scorecard.engine.reading.reader import rulebook_from_json
from scorecard.engine.rulebook.labels import rule_lines
from scorecard.engine.rules.base import KINDS, Checker, FigureRule, Wording, rule_kind
from scorecard.engine.tests.frames import assert_equal, to_frame
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantities
from scorecard.engine.whatif.diff import diff
from scorecard.engine.whatif.tunables import tunables
from scorecard.engine.whatif.tuning import tune


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Declare a rule kind: full points within so much of a goal, else none."""
    known = dict(KINDS)

    @rule_kind("near", "接近目标", "near a goal")
    @dataclass(frozen=True, slots=True)
    class Near(FigureRule):
        kind: ClassVar[str] = "near"
        title: ClassVar[Text] = Text("接近目标计分", "Near a goal")
        goal: Fraction = key(POINTS, required=True, label=Text("目标值", "Goal"))
        within: Fraction = key(POINTS, required=True, label=Text("允许偏离", "Distance allowed"))
        full: Fraction = key(POINTS, default=lambda r: r.high, tune=Text("满足时得分", "Points when near"))
        side: str = key(choice({"both": Text("两侧", "either side"), "above": Text("以上", "above")}), default="both")

        def at(self, x: Fraction) -> Fraction:
            return self.full if abs(x - self.goal) <= self.within else Fraction(0)

        def why(self, x: Fraction) -> Text:
            far = quantities(abs(x - self.goal), self.unit)
            return Text(f"偏离 {far.zh}", f"{far.en} away from the goal")

        def bounds(self) -> tuple[Fraction, Fraction]:
            return Fraction(0), self.full

        def lines(self, w: Wording) -> Iterator[str]:
            goal = w.quantity(self.goal, self.unit)
            yield w.either(f"{w.words(self.x)}接近 {goal}", f"{w.words(self.x)} near {goal}")

        def check(self, r: Checker) -> None:
            if self.within < 0:
                r.report("within", "range", Text("不得为负。", "It is below zero."), Text("请改正。", "Correct it."))

        def lower(self, b: Any) -> Any:
            far = b.absolute(b.subtract(b.expression(self.x.node), b.constant(self.goal)))
            near = b.compare("<=", far, b.constant(self.within))
            return b.nested(Fraction(0), [(near, self.full)])

    added = KINDS["near"]
    KINDS.clear()
    KINDS.update(known)
    monkeypatch.setitem(KINDS, "near", added)


@pytest.fixture
def half(monkeypatch: pytest.MonkeyPatch) -> None:
    """Declare a function: half of a number."""
    from scorecard.engine.language.functions.arithmetic import Arithmetic

    class Half(Arithmetic):
        name = "half"
        said = Text("{0}的一半", "half of {0}")

        def of(self, values: list[Fraction]) -> Fraction:
            return values[0] / 2

        def lowered(self, builder: Any, *values: Any) -> Any:
            return builder.multiply(values[0], builder.constant(Fraction(1, 2)))

    added: Function = FUNCTIONS.pop("half")
    monkeypatch.setitem(FUNCTIONS, "half", added)


RULEBOOK = """\
rulebook:
  code: toy
  version: 1
  year: 2020
  title: {{zh: 试, en: Toy}}
  instrument: note
  total: {{min: 0, max: 2}}
  rounding: {{indicator: 2, total: 2, basis: proposed}}
documents:
  note: {{title: {{zh: 文, en: Note}}}}
facts:
  r: {{label: {{zh: 占比, en: Share}}, kind: ratio, source: note, basis: proposed}}
sections:
  A: {{name: {{zh: 甲, en: A}}, name_basis: proposed, min: 0, max: 2, source: note, basis: proposed}}
indicators:
  A1:
    section: A
    name: {{zh: 指标, en: Item}}
    name_basis: proposed
    type: quantitative
    min: 0
    max: 2
    source: note
    basis: proposed
    rule:
{rule}
grades:
  - {{id: good, name: {{zh: 好, en: Good}}, name_basis: proposed, min: 1, source: note, basis: proposed}}
  - {{id: bad, name: {{zh: 差, en: Bad}}, name_basis: proposed, min: null, source: note, basis: proposed}}
"""
NEAR = {"kind": "near", "x": "r", "unit": "'%'", "goal": "0.5", "within": "0.1"}
FIRST_LINE = RULEBOOK[: RULEBOOK.index("{rule}")].count("\n") + 1


def folder(tmp_path: Path, rule: dict[str, str], version: str = "1") -> Path:
    """Write the rulebook with a rule and return its folder."""
    path = tmp_path / "toy" / version
    path.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(f"      {name}: {value}" for name, value in rule.items())
    (path / "rulebook.yaml").write_text(RULEBOOK.format(rule=lines), encoding="utf-8")
    return path


def filings(*shares: str) -> list[ScoringInput]:
    return [ScoringInput(facts={"r": Decimal(share)}) for share in shares]


def points_of(book: Rulebook, share: str) -> Decimal | None:
    return evaluate(book, filings(share)[0]).indicators["A1"].points


@pytest.mark.usefixtures("near")
def test_a_rule_kind_is_read_scored_and_explained(tmp_path: Path) -> None:
    assert lint(folder(tmp_path, NEAR)) == []
    book = load_rulebook(folder(tmp_path, NEAR))
    assert [points_of(book, share) for share in ("0.4", "0.6", "0.61")] == [Decimal(2), Decimal(2), Decimal(0)]
    trace = evaluate(book, filings("0.55")[0]).indicators["A1"].trace
    assert trace is not None
    said = trace.children[0].text
    assert (said.zh, said.en) == ("偏离 5%，得 2 分。", "5% away from the goal: 2 points.")
    assert list(rule_lines(book, book.indicators["A1"].rule, "en")) == ["Share near 50%"]
    assert list(rule_lines(book, book.indicators["A1"].rule, "zh")) == ["占比接近 50%"]
    assert book.indicators["A1"].facts == ("r",)
    assert rulebook_from_json(book.to_json()).hash == book.hash


@pytest.mark.usefixtures("near")
def test_a_rule_kind_scores_many_banks_at_once(tmp_path: Path) -> None:
    book = load_rulebook(folder(tmp_path, NEAR))
    cases = filings("0.39", "0.4", "0.5", "0.6", "0.6001", "0.9")
    assert_equal(book, cases, evaluate_many(book, read_frame(book, to_frame(cases))))


@pytest.mark.usefixtures("near")
def test_a_rule_kind_has_its_schema(tmp_path: Path) -> None:
    validator = Draft202012Validator({**rulebook_schema()["$defs"]["rule"], "$defs": rulebook_schema()["$defs"]})
    assert validator.is_valid({"kind": "near", "x": "r", "goal": 0.5, "within": 0.1, "side": "above"})
    for broken in (
        {"kind": "near", "x": "r", "goal": 0.5},
        {"kind": "near", "x": "r", "goal": 0.5, "within": "wide"},
        {"kind": "near", "x": "r", "goal": 0.5, "within": 0.1, "side": "below"},
        {"kind": "near", "x": "r", "goal": 0.5, "within": 0.1, "far": 1},
    ):
        assert not validator.is_valid(broken)


@pytest.mark.usefixtures("near")
@pytest.mark.parametrize(
    ("change", "line", "code", "said"),
    [
        ({"far": "1"}, 5, "unknown-key", "不认识的键“far”。 The key “far” is not known here."),
        ({"within": "wide"}, 4, "number", "“wide”不是数字。 “wide” is not a number."),
        ({"goal": ""}, 3, "missing-key", "缺少“goal”。 “goal” is missing."),
        ({"x": "missing_name"}, 1, "type", "没有名为“missing_name”的填报项。 There is no fact, property, parameter"),
        ({"unit": "户"}, 1, "unit", "表达式的类型为“纯数”"),
        ({"within": "-1"}, 4, "range", "不得为负。 It is below zero."),
        ({"side": "below"}, 5, "choice", "“side”的值“below”无效。 “below” is not a value of “side”."),
    ],
)
def test_a_rule_kind_is_checked(tmp_path: Path, change: dict[str, str], line: int, code: str, said: str) -> None:
    path = folder(tmp_path, NEAR | change)
    found = next(finding for finding in lint(path) if finding.code != "unused")
    assert (found.file, found.line, found.code) == ("rulebook.yaml", FIRST_LINE + line, code)
    assert f"{found.message.zh} {found.message.en}".startswith(said)
    with pytest.raises(RulebookError):
        load_rulebook(path)


@pytest.mark.usefixtures("near")
def test_a_rule_kind_is_tried_otherwise_and_compared(tmp_path: Path) -> None:
    book = load_rulebook(folder(tmp_path, NEAR | {"full": "2"}))
    found = tunables(book)["indicators.A1.rule.full"]
    assert (found.label.zh, found.label.en, found.value) == ("满足时得分", "Points when near", "2")
    tuned = tune(book, {"indicators.A1.rule.full": "1", "indicators.A1.max": "1"})
    assert tuned.problems == () and tuned.rulebook is not None
    assert points_of(tuned.rulebook, "0.5") == 1
    other = load_rulebook(folder(tmp_path, NEAR | {"full": "2", "within": "0.2", "side": "above"}, "2"))
    fields = [f for g in diff(book, other).groups if g.kind == "indicators" for e in g.entries for f in e.fields]
    labels = {f.label.en: ([t.text.en for t in f.before], [t.text.en for t in f.after]) for f in fields}
    assert labels["Rule › Distance allowed"] == (["0.1"], ["0.2"])
    assert labels["Rule › side"] == ([], ["above"])


@pytest.mark.usefixtures("half")
def test_a_function_is_parsed_typed_computed_and_said(tmp_path: Path) -> None:
    rule = {"kind": "formula", "x": "half(r)", "unit": "'%'", "scale": "4"}
    assert lint(folder(tmp_path, rule)) == []
    book = load_rulebook(folder(tmp_path, rule))
    assert points_of(book, "0.5") == 1
    assert list(rule_lines(book, book.indicators["A1"].rule, "zh")) == ["占比的一半 × 4 分"]
    assert list(rule_lines(book, book.indicators["A1"].rule, "en")) == ["half of Share × 4 points"]
    cases = filings("0", "0.25", "0.5", "0.3333", "1")
    assert_equal(book, cases, evaluate_many(book, read_frame(book, to_frame(cases))))


@pytest.mark.usefixtures("half")
@pytest.mark.parametrize(
    ("x", "code", "said"),
    [
        ("half(r, r)", "expression", "The function “half” takes 1 arguments, not 2."),
        ("half(r > 1)", "type", "A number is needed here, not yes/no."),
        ("half(r) + unit(1, 户)", "type", "The units do not agree"),
    ],
)
def test_a_function_is_checked(tmp_path: Path, x: str, code: str, said: str) -> None:
    found = lint(folder(tmp_path, {"kind": "formula", "x": x, "unit": "'%'", "scale": "4"}))
    found = next(finding for finding in found if finding.code != "unused")
    assert (found.line, found.code) == (FIRST_LINE + 1, code)
    assert found.message.en.startswith(said)


@pytest.mark.usefixtures("half")
def test_numbers_inside_a_function_are_tried_otherwise(tmp_path: Path) -> None:
    rule = {"kind": "first", "cases": "[{when: half(r) >= 0.25, points: 2}]", "otherwise": "0"}
    book = load_rulebook(folder(tmp_path, rule))
    found = tunables(book)["indicators.A1.rule.cases.0.when#0"]
    assert found.label.en == "The number in “half of Share ≥ ＿”" and found.unit == "%"


def test_the_toys_are_gone() -> None:
    assert "near" not in KINDS and "half" not in FUNCTIONS
