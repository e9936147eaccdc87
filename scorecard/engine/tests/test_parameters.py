"""Values that the supervisor sets for a year, this year and in look-backs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scorecard.engine import FactValue, Nothing, Rulebook, ScoringInput, evaluate
from scorecard.engine.arrays import evaluate_many
from scorecard.engine.cases.worked import worked_input
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.reading.reader import read_with_fields
from scorecard.engine.tests.books import SOURCE, TEXT
from scorecard.engine.tests.frames import assert_equal, to_frame
from scorecard.engine.values.facts import Absence, Missing
from scorecard.engine.values.rational import Fraction
from scorecard.tests.drawn import examples


def book(default: str | None, left: str = "r", right: str = "goal") -> Rulebook:
    """A rulebook with the yearly values `goal` (a ratio) and `strict` (yes/no), used now and in look-backs."""
    ratio = {"label": TEXT, "kind": "ratio", **SOURCE}
    goal = {"label": TEXT, "kind": "ratio", **SOURCE, **({} if default is None else {"default": default})}
    rules = {
        "I0": {"kind": "target", "target": "T1", "met": "3", "missed": "1", "years_missed": {"2": "0", "3": "-1"}},
        "I1": {"kind": "formula", "x": "last(goal, 2) + r", "unit": "%", "scale": "2"},
        "I2": {
            "kind": "first",
            "cases": [{"when": "held(r > goal, 2)", "points": "2"}, {"when": "last(strict)", "points": "1"}],
            "otherwise": "0",
        },
        "I3": {"kind": "formula", "x": "missed_years(T1) / unit(4, 年)", "unit": "", "scale": "1.5"},
    }
    data: dict[str, Any] = {
        "rulebook": {
            "code": "drawn",
            "version": "1",
            "year": "2020",
            "title": TEXT,
            "total": {"min": "-20", "max": "40"},
            "rounding": {"indicator": "2", "total": "2", "mode": "half_up", "basis": "proposed"},
        },
        "documents": {"d": {"title": TEXT}},
        "parameters": {"goal": goal, "strict": {"label": TEXT, "kind": "bool", "default": "true", **SOURCE}},
        "facts": {"r": ratio, "s": ratio},
        "sections": {"S": {"name": TEXT, "name_basis": "proposed", "min": "-9", "max": "20", **SOURCE}},
        "indicators": {
            key: {"section": "S", "name": TEXT, "name_basis": "proposed", "type": "quantitative", "min": "-1",
                  "max": "4", "rule": rule, **SOURCE}
            for key, rule in rules.items()
        },
        "targets": {"T1": {"name": TEXT, "left": left, "op": ">=", "right": right, "unit": "%", **SOURCE}},
        "grades": [
            {"id": "top", "name": TEXT, "name_basis": "proposed", "min": "5", **SOURCE},
            {"id": "low", "name": TEXT, "name_basis": "proposed", **SOURCE},
        ],
    }  # fmt: skip
    found, fields = read_with_fields(from_plain(data))
    assert not fields.findings, [str(f) for f in fields.findings]
    return found


def years_back(rulebook: Rulebook, case: ScoringInput, years: int, name: str = "goal") -> Any:
    from scorecard.engine.exact.context import Scoring

    return Scoring(rulebook, case).back(years).value(name)


def test_each_year_has_its_own_value_else_the_default() -> None:
    with_default, without = book("0.3"), book(None)
    case = ScoringInput(parameters={"goal": Decimal("0.5"), "goal@-2": Decimal("0.4")})
    assert [years_back(with_default, case, y) for y in range(4)] == [
        Fraction(1, 2),
        Fraction(3, 10),
        Fraction(2, 5),
        Fraction(3, 10),
    ]
    last = years_back(without, case, 1)
    assert isinstance(last, Missing)
    assert last.kind is Absence.NOT_SUPPLIED
    assert "1 year(s) back" in last.reason.en
    assert years_back(without, case, 2) == Fraction(2, 5)


def test_a_value_that_is_said_to_be_missing_takes_no_default() -> None:
    case = ScoringInput(parameters={"goal": Nothing.NOT_SUPPLIED, "goal@-1": Nothing.NOT_SUPPLIED})
    for years in (0, 1):
        found = years_back(book("0.3"), case, years)
        assert isinstance(found, Missing)
        assert found.kind is Absence.NOT_SUPPLIED


def test_a_default_decides_the_years_before() -> None:
    case = ScoringInput({"r": Decimal("0.2")}, history={-1: {"r": Decimal("0.1")}, -2: {"r": Decimal("0.25")}})
    assert evaluate(book("0.3"), case).indicators["I0"].points == -1  # missed three years running
    assert evaluate(book(None), case).indicators["I0"].state == "pending"
    eased = ScoringInput(case.facts, history=case.history, parameters={"goal@-1": Decimal("0.1")})
    assert evaluate(book("0.3"), eased).indicators["I0"].points == 1  # met last year, by that year's own value


ratios = st.sampled_from([Decimal(v) for v in ("0", "0.1", "0.3", "0.300001", "0.5", "1")])
SIDES = [
    ("r", "goal"),
    ("r if strict else s", "goal"),
    ("goal", "0.3"),
    ("0 if strict or r > s else 1", "goal"),
    ("1 if answered(r) else 0", "goal"),
    ("last(r, 2)", "goal"),
]


@settings(
    max_examples=examples(80),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.data())
def test_many_equals_one(data: st.DataObject) -> None:
    rulebook = book(data.draw(st.sampled_from([None, "0.3"])), *data.draw(st.sampled_from(SIDES)))
    values: st.SearchStrategy[FactValue] = st.one_of(ratios, st.just(Nothing.NOT_SUPPLIED))
    names = [f"goal{year}" for year in ("", "@-1", "@-2", "@-3")]
    given = data.draw(st.dictionaries(st.sampled_from(names), values))
    flags = data.draw(st.dictionaries(st.sampled_from(["strict", "strict@-1", "strict@-2"]), st.booleans()))
    facts = st.dictionaries(st.sampled_from(["r", "s"]), st.one_of(ratios, st.just(Nothing.NOT_APPLICABLE)))
    histories = st.dictionaries(st.sampled_from([-1, -2, -3]), facts)
    cases = [
        ScoringInput(own, history=past, parameters={**given, **flags})
        for own, past in data.draw(st.lists(st.tuples(facts, histories), min_size=1, max_size=6))
    ]
    frame = to_frame(cases)
    if not len(frame.columns):
        return
    assert_equal(rulebook, cases, evaluate_many(rulebook, frame, parameters={**given, **flags}))


@pytest.mark.parametrize("left", ["0 if strict or r > s else 1", "1 if answered(r) else 0", "goal - 0.1"])
def test_a_target_may_have_an_outcome_in_a_year_without_facts(left: str) -> None:
    rulebook = book("0.3", left, "0.3")
    cases = [ScoringInput({"s": Decimal("0.5")})]
    assert evaluate(rulebook, cases[0]).indicators["I3"].points == Decimal("2.25")  # six years running
    assert_equal(rulebook, cases, evaluate_many(rulebook, to_frame(cases)))


def test_worked_cases_name_the_year() -> None:
    rulebook = book("0.3")
    wanted = {"goal": Decimal("0.5"), "goal@-1": Decimal("0.1"), "strict@-1": False}
    plain = {"facts": {"r": "0.2"}, "parameters": {"goal": "0.5", "goal@-1": "0.1", "strict@-1": "false"}}
    assert worked_input(rulebook, plain).parameters == wanted
    with pytest.raises(KeyError):
        worked_input(rulebook, {"parameters": {"gaol@-1": "0.1"}})
