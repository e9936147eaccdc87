"""Corners that drawn rulebooks seldom reach, each reckoned by hand, on the exact evaluator and on arrays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from scorecard.engine import Nothing, Rulebook, ScoringInput, evaluate, parse_fact, still_needed
from scorecard.engine.arrays import evaluate_many
from scorecard.engine.arrays.frames import read_frame
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.errors import FactError
from scorecard.engine.lint.meaning import meaning
from scorecard.engine.lint.references import references
from scorecard.engine.reading.reader import read_with_fields
from scorecard.engine.rulebook.labels import rule_lines
from scorecard.engine.tests.books import SOURCE, TEXT, facts
from scorecard.engine.tests.frames import assert_equal, to_frame, with_peers


def book(rule: dict[str, Any], **more: Any) -> Rulebook:
    """Return a rulebook of one indicator of -5 to 10 points and the grades top (from 4), mid (from 2) and low."""
    section = {"name": TEXT, "name_basis": "proposed", "min": "-5", "max": "10", **SOURCE}
    grades = [
        {"id": g, "name": {"zh": g, "en": g}, "name_basis": "proposed", "min": m, **SOURCE}
        for g, m in (("top", "4"), ("mid", "2"), ("low", None))
    ]
    head = {
        "code": "corner",
        "version": "1",
        "year": "2020",
        "title": TEXT,
        "total": {"min": "-5", "max": "10"},
        "peer_minimum": "1",
    }
    indicator = {**section, "section": "S", "type": "quantitative", "rule": rule}
    data = {
        "rulebook": {**head, "rounding": {"indicator": "2", "total": "2", "mode": "half_up", "basis": "proposed"}},
        "documents": {"d": {"title": TEXT}},
        "properties": {"category": {"label": TEXT, "kind": "text"}},
        "facts": facts(),
        "sections": {"S": section},
        "indicators": {"I": indicator},
        "grades": grades,
        **more,
    }
    found, fields = read_with_fields(from_plain(data))
    assert not (findings := fields.findings + references(found, fields)), [str(f) for f in findings]
    return found


SEVERE = {
    "kind": "most_severe",
    "cases": [{"when": "a > 0", "points": "3"}, {"when": "c > 0", "points": "2"}],
    "otherwise": {"kind": "formula", "x": "d"},
}


@pytest.mark.parametrize(
    ("a", "c", "d", "points"),
    [
        ("1", "0", "-1", "3"),  # one case holds: what stands under otherwise does not count beside it
        ("1", "1", "-1", "2"),
        ("0", "0", "-1", "-1"),
        ("1", "1", None, "2"),  # a blank that only otherwise needs costs nothing
        ("0", "0", None, "-5"),
        (None, "1", "-1", "-5"),  # a case that cannot be decided may be the most severe one
    ],
)
def test_otherwise_of_the_most_severe_counts_only_where_no_case_holds(
    a: str | None, c: str | None, d: str | None, points: str
) -> None:
    rulebook = book(SEVERE)
    given = {k: Nothing.UNANSWERED if v is None else Decimal(v) for k, v in {"a": a, "c": c, "d": d}.items()}
    case = ScoringInput(given)
    assert evaluate(rulebook, case).indicators["I"].points == Decimal(points)
    many = evaluate_many(rulebook, read_frame(rulebook, to_frame([case, case])))
    assert_equal(rulebook, [case, case], many)


def test_the_most_severe_says_which_branch_counts() -> None:
    rulebook = book(SEVERE)
    trace = evaluate(rulebook, ScoringInput({"a": Decimal(0), "c": Decimal(0), "d": Decimal(1)})).indicators["I"].trace
    assert trace is not None and "none of the cases holds: 1" in str(trace)
    assert "otherwise → " in "\n".join(rule_lines(rulebook, rulebook.indicators["I"].rule, "en"))
    without = {"kind": "most_severe", "cases": [{"points": "3"}, {"when": "c > 0", "points": "2"}]}
    lines = "\n".join(rule_lines(rulebook, book(without).indicators["I"].rule, "en"))
    assert "always → " in lines and "otherwise" not in lines


def cap(id: str, when: str, effect: str, to: str) -> dict[str, Any]:
    return {"id": id, "name": {"zh": id, "en": id}, "when": when, "effect": effect, "to": to, "because": TEXT, **SOURCE}


@pytest.mark.parametrize(
    ("limit", "points", "grade", "gap", "blocked"),
    [
        (("cap_total", "1"), "5", "mid", "0", True),  # five points, of which the cap takes four
        (("cap_total", "1"), "1.5", "mid", "0.5", True),
        (("cap_total", "1"), "0.5", "mid", "1.5", True),  # not in force yet, but in the way all the same
        (("cap_grade", "mid"), "5", "top", "0", True),
        (("cap_grade", "mid"), "3", "top", "1", True),
        (("cap_grade", "mid"), "1", "mid", "1", False),
        (("set_grade", "low"), "3", "mid", "0", True),
        (("floor_grade", "mid"), "1", "top", "3", False),
        (("cap_total", "2"), "1", "mid", "1", False),
    ],
)
def test_what_the_next_grade_takes_names_every_cap_in_its_way(
    limit: tuple[str, str], points: str, grade: str, gap: str, blocked: bool
) -> None:
    rulebook = book({"kind": "formula", "x": "d"}, caps=[cap("few", "a < 3", *limit)])
    case = ScoringInput({"d": Decimal(points), "a": Decimal(1)})
    found = still_needed(rulebook, case).grade
    assert found is not None and found.grade == grade
    assert found.points == Decimal(gap)
    assert found.blocked_by == (("few",) if blocked else ())
    # With that many points more, and the cap lifted where it is in the way, the grade is reached; a unit less is short.
    lifted = {"a": Decimal(3)} if blocked else {}
    for less, reached in ((Decimal(0), True), (Decimal("0.01"), False)):
        tried = evaluate(rulebook, case.with_facts({"d": Decimal(points) + found.points - less, **lifted}))
        if not less or found.points:
            assert (rulebook.grade_order[tried.grade.after] <= rulebook.grade_order[grade]) is reached


def test_a_grade_that_begins_between_two_totals_takes_the_next_total() -> None:
    rulebook = book({"kind": "formula", "x": "d"}, grades=[top(min="4.005"), low()])
    found = still_needed(rulebook, ScoringInput({"d": Decimal("3.99")})).grade
    assert found is not None and found.points == Decimal("0.02")


def top(min: str) -> dict[str, Any]:
    return {"id": "top", "name": TEXT, "name_basis": "proposed", "min": min, **SOURCE}


def low() -> dict[str, Any]:
    return {"id": "low", "name": TEXT, "name_basis": "proposed", "min": None, **SOURCE}


@pytest.mark.parametrize(
    ("left", "goal", "lever", "start", "limits", "then"),
    [
        ("r * r", "0.97", "r", "0.1", {"min": "0", "max": "1"}, "0.9849"),  # near the end of the range
        ("r * r", "1", "r", "0.1", {"min": "0", "max": "1"}, "1"),  # at its very end
        ("r * r", "1.01", "r", "0.1", {"min": "0", "max": "1"}, None),  # beyond it
        ("max(r, s)", "0.9", "r", "0.1", {"min": "0", "max": "1"}, "0.9"),  # counts only once it is the higher
        ("r if r > 0.5 else 0", "0.3", "r", "0.1", {}, "0.5001"),
        ("s", "0.9", "r", "0.1", {"min": "0", "max": "1"}, None),  # has no part in it
        ("1 - r", "0.95", "r", "0.1", {"min": "0", "max": "1"}, None),  # would have to fall
    ],
)
def test_the_smallest_increase_is_found_wherever_it_lies_in_the_range(
    left: str, goal: str, lever: str, start: str, limits: dict[str, str], then: str | None
) -> None:
    ratio = {"label": TEXT, "kind": "ratio", **SOURCE}
    target = {"name": TEXT, "left": left, "op": ">=", "right": goal, "unit": "%", "lever": lever, **SOURCE}
    rulebook = book(
        {"kind": "formula", "x": "d"}, facts={**facts(), "r": {**ratio, **limits}, "s": ratio}, targets={"T": target}
    )
    case = ScoringInput({"r": Decimal(start), "s": Decimal("0.5"), "d": Decimal(0)})
    need = still_needed(rulebook, case).targets["T"]
    assert (need.then if need else None) == (Decimal(then) if then else None)
    if need is not None:
        for less, state in ((Decimal(0), "met"), (Decimal("0.0001"), "missed")):
            assert evaluate(rulebook, case.with_facts({"r": need.then - less})).targets["T"].state == state


def test_banks_of_which_the_category_is_not_known_are_one_peer_group_on_arrays_too() -> None:
    rulebook = book({"kind": "rank", "x": "r", "unit": "%", "full": "4", "each": "1"})
    known = {"category": "city"}
    drawn = [
        ScoringInput({"r": Decimal(r)}, known if n % 2 else {}) for n, r in enumerate(("0.1", "0.2", "0.3", "0.4"))
    ]
    compared, snapshot = with_peers(rulebook, drawn)
    assert [evaluate(rulebook, c).total for c in compared] == [3, 3, 4, 4]
    many = evaluate_many(rulebook, read_frame(rulebook, to_frame(drawn), snapshot=snapshot))
    assert_equal(rulebook, compared, many)
    assert [many.row(n).total for n in range(4)] == [3, 3, 4, 4]


@pytest.mark.parametrize(
    ("x", "state"),
    [("rank(r)", "unanswered"), ("percentile(r)", "unanswered"), ("median(r)", "undefined"), ("peers(r)", "scored")],
)
def test_a_blank_is_a_blank_also_where_no_peer_has_the_figure(x: str, state: str) -> None:
    """Collected figures are collected, though there be none: nothing is left to wait for."""
    rulebook = book({"kind": "formula", "x": x})
    drawn = [ScoringInput({}, {"category": "rural"}), ScoringInput({"r": Decimal("0.1")}, {"category": "city"})]
    compared, snapshot = with_peers(rulebook, drawn)
    assert evaluate(rulebook, compared[0]).indicators["I"].state == state
    many = evaluate_many(rulebook, read_frame(rulebook, to_frame(drawn), snapshot=snapshot))
    assert_equal(rulebook, compared, many)


def test_an_otherwise_beside_a_case_that_always_holds_is_a_finding() -> None:
    rule = {"kind": "most_severe", "cases": [{"points": "3"}, {"when": "c > 0", "points": "2"}], "otherwise": "0"}
    _, fields = read_with_fields(from_plain({"indicators": {"I": {"min": "0", "max": "3", "rule": rule}}}))
    found = [f for f in fields.findings if f.code == "unreachable"]
    assert [f.key for f in found] == ["indicators.I.rule.otherwise"]


@pytest.mark.parametrize(
    ("caps", "found"),
    [
        ([("yes", "cap_grade", "mid"), ("a > 0", "floor_total", "6")], ["caps.1.effect"]),
        ([("a > 0", "floor_total", "6"), ("yes", "cap_grade", "mid")], []),
        ([("yes", "floor_grade", "mid"), ("a > 0", "cap_total", "1")], ["caps.1.effect"]),
        ([("yes", "cap_grade", "mid"), ("a > 0", "cap_total", "1")], []),
        ([("yes", "cap_grade", "mid"), ("not grade_at_least(mid)", "floor_total", "1")], []),
    ],
)
def test_a_limit_on_the_total_does_not_stand_after_one_on_the_grade_that_it_undoes(
    caps: list[tuple[str, str, str]], found: list[str]
) -> None:
    """With the first pair five points are lifted to six and the grade top, where seven stay at mid."""
    rulebook = book({"kind": "formula", "x": "d"}, caps=[cap(f"c{n}", *each) for n, each in enumerate(caps)])
    _, fields = read_with_fields(from_plain(rulebook.document_data))
    assert [f.key for f in meaning(rulebook, fields) if f.code == "cap-order"] == found


@pytest.mark.parametrize(
    ("condition", "grade"),
    [
        ("held(points(I) >= 1, 1)", "low"),
        ("held(points(I) >= 1, 2)", "top"),
        ("held(total() >= 1, 2)", "top"),
        ("held(grade_at_least(mid), 2)", "top"),
        ("held(share_of_max(I) > 0, 2)", "top"),
        ("held(r >= median(r), 2)", "top"),
        ("held(rank(r) <= 1, 2)", "top"),
        ("missed_years(T) >= unit(1, 年)", "low"),
        ("missed_years(T) >= unit(2, 年)", "top"),
    ],
)
def test_points_grade_and_peers_of_this_year_do_not_stand_in_for_those_of_another(condition: str, grade: str) -> None:
    target = {"name": TEXT, "left": "r", "op": ">", "right": "median(r)", "unit": "%", **SOURCE}
    rulebook = book(
        {"kind": "formula", "x": "d"}, targets={"T": target}, caps=[cap("c", condition, "cap_grade", "low")]
    )
    past = {-1: {"r": Decimal("0.1"), "d": Decimal(5)}}
    drawn = [ScoringInput({"r": Decimal("0.1"), "d": Decimal(5)}, {"category": "city"}, past)] * 2
    compared, snapshot = with_peers(rulebook, drawn)
    assert [evaluate(rulebook, case).grade.after for case in compared] == [grade, grade]
    many = evaluate_many(rulebook, read_frame(rulebook, to_frame(drawn), snapshot=snapshot))
    assert_equal(rulebook, compared, many)


def test_who_files_nothing_is_rated_by_the_entry_for_it_and_not_as_a_blank() -> None:
    """A blank filing has six points here and is top; a bank that never filed is low whatever a blank would give."""
    rulebook = book({"kind": "fixed", "points": "6"}, caps=[cap("silent", "not filed()", "set_grade", "low")])
    never, blank = evaluate(rulebook, ScoringInput(filed=False)), evaluate(rulebook, ScoringInput())
    assert ([c.id for c in never.grade.applied], never.grade.after) == (["silent"], "low")
    assert (blank.grade.applied, blank.grade.after) == ((), "top")


NESTED = {
    "kind": "first",
    "cases": [{"when": "a > 5", "points": "3"}],
    "otherwise": {
        "kind": "first",
        "cases": [{"when": "a > 2", "points": "2", "label": {"zh": "较高", "en": "rather high"}}],
        "otherwise": "0",
    },
}


@pytest.mark.parametrize(
    ("a", "zh", "en"),
    [
        ("3", "较高：2 分。", "rather high: 2 points."),  # once: "none of the cases holds" above the one that does
        ("1", "以上均不成立：0 分。", "none of the cases holds: 0 points."),
    ],
)
def test_cases_within_none_holds_say_themselves_what_holds(a: str, zh: str, en: str) -> None:
    trace = evaluate(book(NESTED), ScoringInput({"a": Decimal(a)})).indicators["I"].trace
    assert trace is not None and (trace.children[0].text.zh, trace.children[0].text.en) == (zh, en)


def test_points_that_are_awaited_are_said_beside_total_and_grade() -> None:
    waiting = evaluate(book({"kind": "judged"}), ScoringInput()).trace
    assert waiting is not None
    assert waiting.text.zh.endswith("另有指标 I 待评定，最高 10 分，总分和等次为暂定。")
    assert waiting.text.en.endswith(" I still awaits up to 10 points: total and grade are provisional.")
    done = evaluate(book({"kind": "judged"}), ScoringInput(judged={"I": Decimal(3)})).trace
    assert done is not None and "暂定" not in done.text.zh and "awaits" not in done.text.en


def test_options_are_named_in_conditions_and_values() -> None:
    options = {"large": {"zh": "大型银行", "en": "Large bank"}, "city": {"zh": "城商行", "en": "City bank"}}
    rule = {
        "kind": "first",
        "cases": [
            {"when": "category in ('large', 'city')", "points": "1"},
            {"when": "category == 'city'", "points": "2"},
        ],
        "otherwise": "0",
    }
    rulebook = book(rule, properties={"category": {"label": TEXT, "kind": "text", "options": options}})
    trace = evaluate(rulebook, ScoringInput(bank={"category": "city"})).indicators["I"].trace
    assert trace is not None
    said = [node.text for node in trace.walk()]
    assert any("大型银行、城商行" in text.zh and "Large bank, City bank" in text.en for text in said)
    assert any(text.zh.endswith("：城商行。") and text.en.endswith(": City bank.") for text in said)
    lines = {lang: "\n".join(rule_lines(rulebook, rulebook.indicators["I"].rule, lang)) for lang in ("zh", "en")}
    assert "“城商行”" in lines["zh"] and "“City bank”" in lines["en"]
    assert not any(id in text.zh + text.en for text in said for id in ("'city'", "“city”", " large", "、city"))


def test_a_yes_in_a_frame_is_read_as_everywhere_else() -> None:
    found = book({"kind": "first", "cases": [{"when": "yes", "points": "3"}], "otherwise": "0"})
    cells = ["是", "有", "√", "Y", "TRUE", "1", 1.0, True, "否", "无", "0", 0.0, False, "不适用", "", None]
    columns = read_frame(found, pd.DataFrame({"yes": pd.Series(cells, dtype=object)}))
    assert [columns.facts["yes"].at(row) for row in range(len(cells))] == [
        parse_fact(found.facts["yes"], cell, percent=False) for cell in cells
    ]
    with pytest.raises(FactError, match="must be yes or no"):
        read_frame(found, pd.DataFrame({"yes": ["maybe"]}))
