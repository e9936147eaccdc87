"""Numbers inside conditions, formulas, definitions and targets: found where they stand, and tried otherwise."""

import copy
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.engine import Rulebook, evaluate, load_rulebook
from scorecard.engine.cases.worked import read_vectors
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.language.syntax import parse_expression
from scorecard.engine.reading.reader import read_rulebook
from scorecard.engine.tests.books import CONDITIONS, EXPRESSIONS
from scorecard.engine.whatif.literals import literals, with_literals
from scorecard.engine.whatif.simulate import Change, patched
from scorecard.engine.whatif.tunables import IN, tunables, users_of
from scorecard.engine.whatif.tuning import tune

ROOT = Path(__file__).resolve().parents[2] / "rulebooks"
BOOKS = ["shanghai-2017", "national-2020"]


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load_rulebook(ROOT / "shanghai-2017" / "3")


BOOK = load_rulebook(ROOT / "shanghai-2017" / "3")
ALIKE = {"source": "report-2017 § 1", "basis": "sourced"}


def with_conditions(book: Rulebook) -> Rulebook:
    """The city's rulebook with one indicator that decides by cases, a target with a line, and a definition."""
    data = copy.deepcopy(dict(book.document_data))
    data["indicators"]["C2"]["rule"] = {
        "kind": "first",
        "cases": [
            {
                "when": "branch_approved_share >= 0.8 and approval_gap > -0.03",
                "points": data["indicators"]["C2"]["max"],
            },
            {"when": "branch_approved_share >= 0.5", "points": "1"},
            {"when": "held(mean_days < 9, 2)", "points": "0.5"},
        ],
        "otherwise": "0",
    }
    data["definitions"]["approval_gap"] = {
        "label": {"zh": "获得率差", "en": "Gap"},
        "unit": "%",
        "expr": "0.9 * approved / applied - 1",
        **ALIKE,
    }
    data["targets"]["T3"]["right"] = "approval_rate_prev + 0.02"
    found, problems = read_rulebook(from_plain(data))
    assert not problems
    return found


@pytest.fixture(scope="module")
def cases(book: Rulebook) -> Rulebook:
    return with_conditions(book)


def test_numbers_in_conditions_stand_with_their_indicator_unit_and_clause(cases: Rulebook) -> None:
    known = {path: tunable for path, tunable in tunables(cases).items() if IN in path}
    first = known["indicators.C2.rule.cases.0.when#0"]
    assert (first.value, first.unit, first.form, first.entry) == ("80", "%", "percent", "indicators.C2")
    assert first.label.zh == "“经营单位权限内审批笔数占比不低于＿”中的数"
    assert first.source is not None and first.basis == cases.indicators["C2"].basis
    assert known["indicators.C2.rule.cases.0.when#1"].value == "-3"
    assert known["indicators.C2.rule.cases.2.when#0"].unit == "工作日"
    assert (known["indicators.C2.rule.cases.2.when#1"].form, known["indicators.C2.rule.cases.2.when#1"].value) == (
        "years",
        "2",
    )
    assert known["targets.T3.right#0"].value == "2" and known["targets.T3.right#0"].unit == "%"
    assert [p for p in known if p.startswith("definitions.")] == ["definitions.approval_gap.expr#0"]  # 1 is its form
    assert users_of(cases, "definitions.approval_gap") == ("C2",)


def test_a_number_in_a_condition_changes_that_number_alone(cases: Rulebook) -> None:
    typed = {
        "indicators.C2.rule.cases.0.when#0": "75%",
        "indicators.C2.rule.cases.0.when#1": "2",
        "indicators.C2.rule.cases.2.when#1": "3",
        "targets.T3.right#0": "1.5",
        "definitions.approval_gap.expr#0": "0.85",
    }
    tuning = tune(cases, typed)
    assert not tuning.problems and tuning.rulebook is not None
    assert {change.path: change.value for change in tuning.changes} == {
        "indicators.C2.rule.cases.0.when": "branch_approved_share >= 0.75 and approval_gap > 0.02",
        "indicators.C2.rule.cases.2.when": "held(mean_days < 9, 3)",
        "targets.T3.right": "approval_rate_prev + 0.015",
        "definitions.approval_gap.expr": "0.85 * approved / applied - 1",
    }
    assert patched(cases, tuning.changes) == tuning.rulebook
    case = read_vectors(cases, ROOT / "shanghai-2017" / "3")[0].case
    between = case.with_facts(
        {"branch_approved_share": Decimal("0.76"), "approved": Decimal(98), "applied": Decimal(80)}
    )
    before, after = (evaluate(b, between).indicators["C2"].points for b in (cases, tuning.rulebook))
    assert (before, after) == (Decimal(1), cases.indicators["C2"].max)


def test_what_can_never_be_reached_is_said_in_words_at_the_number(cases: Rulebook) -> None:
    line = "indicators.C2.rule.cases.1.when#0"
    simple = patched(cases, (Change("indicators.C2.rule.cases.0.when", "branch_approved_share >= 0.8"),))
    (problem,) = tune(simple, {line: "85"}).problems
    assert (
        problem.path == line and "永远用不到" in problem.message.zh and "85" in problem.message.zh.replace("0.85", "85")
    )
    assert "YAML" not in problem.remedy.zh and "when" not in problem.message.en + problem.remedy.en
    # Moved from the other side, the finding is about the second case and stands at the number that was typed.
    (problem,) = tune(simple, {"indicators.C2.rule.cases.0.when#0": "40"}).problems
    assert problem.path == "indicators.C2.rule.cases.0.when#0" and "永远用不到" in problem.message.zh
    (same,) = tune(simple, {line: "80"}).problems
    assert same.path == line


def test_a_number_beyond_every_figure_decides_nothing_and_is_refused(cases: Rulebook, book: Rulebook) -> None:
    (problem,) = tune(cases, {"indicators.C2.rule.cases.0.when#0": "120"}).problems
    assert (
        "0% 至 100%" in problem.message.zh
        and "永远不会成立" in problem.message.zh
        and "never holds" in problem.message.en
    )
    (years,) = tune(cases, {"indicators.C2.rule.cases.2.when#1": "2.5"}).problems
    assert "1 至 5 的整数" in years.message.zh
    (text,) = tune(cases, {"indicators.C2.rule.cases.2.when#0": "九"}).problems
    assert text.path.endswith("#0")
    misses = {f"adjustments.rating.cases.{i}.when#0": str(v) for i, v in enumerate((4, 2, 1))}
    (never,) = tune(book, misses).problems
    assert never.path == "adjustments.rating.cases.0.when#0" and "0 至 3" in never.message.zh
    (twice,) = tune(book, {"adjustments.rating.cases.1.when#0": "3"}).problems
    assert twice.path == "adjustments.rating.cases.1.when#0" and "条件相同" in twice.message.zh


def test_a_cap_by_points_follows_what_its_part_can_still_give() -> None:
    book = load_rulebook(ROOT / "national-2020" / "3")
    assert not tune(book, {"caps.0.when#0": "65"}).problems
    (problem,) = tune(book, {"caps.0.when#0": "1000"}).problems
    assert problem.path == "caps.0.when#0" and "总是成立" in problem.message.zh


@pytest.mark.parametrize("code", BOOKS)
def test_every_number_in_a_condition_can_be_moved_or_is_refused_with_words(code: str) -> None:
    book = load_rulebook(ROOT / code / "3")
    for path, tunable in tunables(book).items():
        if IN not in path:
            continue
        for typed in ("1", "0.5", "-7", "1000000"):
            tuning = tune(book, {path: typed})
            assert tuning.rulebook is not None or all(
                p.path == path and p.message.zh and p.remedy.zh for p in tuning.problems
            ), (
                path,
                typed,
            )
            if tuning.rulebook is not None and tuning.changes:
                assert tunables(tuning.rulebook)[path].value == typed, tunable


@given(
    st.sampled_from(
        [*EXPRESSIONS, *CONDITIONS, "0.1 <= r <= 0.9", "- 3 < d", " d>-2.50 and ( 3 < d )", "'甲' == category or n>4"]
    ),
    st.data(),
)
def test_numbers_are_put_where_they_stand_and_nothing_else_moves(text: str, data: st.DataObject) -> None:
    found = literals(BOOK, text)
    assert with_literals(text, {}) == text
    values = {n: data.draw(st.decimals(0, 5, places=2)) for n in range(len(found)) if data.draw(st.booleans())}
    values = {n: v for n, v in values.items() if not found[n].years}
    after = with_literals(text, {n: format(v, "f") for n, v in values.items()})
    again = literals(BOOK, after)
    expected = [values.get(n, figure.value) for n, figure in enumerate(found)]
    # A value that became a bare 0 or 1 in arithmetic may be the form of a figure.
    if len(again) == len(found):
        assert [figure.value for figure in again] == expected
    names = list(parse_expression(text).names)
    assert list(parse_expression(after).names) == names


def test_a_number_that_becomes_the_form_of_a_figure_is_still_read(cases: Rulebook) -> None:
    """1 times a share is no number of the method any more; the trial that made it so holds all the same."""
    tuning = tune(cases, {"definitions.approval_gap.expr#0": "1"})
    assert not tuning.problems and tuning.rulebook is not None
    assert "definitions.approval_gap.expr#0" not in tunables(tuning.rulebook)
