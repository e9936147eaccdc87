"""The three targets with their predecessors and successors: each set with its years, equality, and the base."""

from __future__ import annotations

from collections import defaultdict

import pytest

from scorecard.commands.catalog import installed
from scorecard.engine import evaluate, lint, load_rulebook
from scorecard.engine.arrays import evaluate_many
from scorecard.engine.cases.worked import differences, read_vectors
from scorecard.engine.tests.conftest import RULEBOOKS
from scorecard.engine.tests.frames import assert_equal, to_frame

SETS = {f"{i.code}/{i.version}": i.path for i in installed(RULEBOOKS) if i.code.startswith("targets-")}
BOOKS = {name: load_rulebook(path) for name, path in SETS.items()}

#: set -> (year, words of the title, ids of its binding targets, whether year-start is the base)
EXPECTED = {
    "targets-two-2009/2": (2009, "两个不低于", ["growth", "increment"], False),
    "targets-four-shanghai-2013/2": (2013, "四个不低于", ["growth", "borrowers", "growth_500", "borrowers_500"], False),
    "targets-three-2015/2": (2015, "三个不低于", ["growth", "borrowers", "approval"], False),
    "targets-increase-control-2018/2": (2018, "两增两控", ["growth", "borrowers", "quality", "cost"], False),
    "targets-increase-2020/3": (2020, "两增", ["growth", "borrowers"], True),
    "targets-increase-2021/1": (2021, "两增", ["growth", "borrowers"], True),
}


def test_every_set_with_its_year_its_targets_and_its_base() -> None:
    found = {
        name: (
            book.year,
            EXPECTED[name][1] if EXPECTED[name][1] in book.title.zh else book.title.zh,
            [rule.target for i in book.indicators.values() if (rule := i.rule).kind == "target"],  # type: ignore[attr-defined]
            book.parameters["year_start"].default,
        )
        for name, book in BOOKS.items()
    }
    assert found == EXPECTED


@pytest.mark.parametrize("name", sorted(SETS))
def test_each_set_lints_clean_and_its_worked_cases_hold(name: str) -> None:
    assert [str(f) for f in lint(SETS[name])] == []
    for vector in read_vectors(BOOKS[name], SETS[name]):
        assert differences(vector.expect, evaluate(BOOKS[name], vector.case)) == [], vector.id


@pytest.mark.parametrize("name", sorted(set(SETS) - {"targets-increase-2021/1"}))
def test_the_worked_cases_meet_and_miss_every_target(name: str) -> None:
    states = defaultdict(set)
    for vector in read_vectors(BOOKS[name], SETS[name]):
        for id, target in evaluate(BOOKS[name], vector.case, explain=False).targets.items():
            states[id].add(target.state)
    assert all(found >= {"met", "missed"} for found in states.values()), states


@pytest.mark.parametrize("name", sorted(SETS))
def test_many_equals_one_under_either_base(name: str) -> None:
    cases = [v.case for v in read_vectors(BOOKS[name], SETS[name])]
    for parameters in ({}, {"year_start": True}, {"year_start": False}):
        given = [type(c)(facts=c.facts, bank=c.bank, parameters=parameters) for c in cases]
        assert_equal(BOOKS[name], given, evaluate_many(BOOKS[name], to_frame(given), parameters=parameters))


@pytest.mark.parametrize("name", sorted(SETS))
def test_the_base_decides_and_only_the_base_of_the_version_must_be_filed(name: str) -> None:
    book = BOOKS[name]
    other = "_prev" if book.parameters["year_start"].default else "_begin"
    optional = {f for f, spec in book.facts.items() if not spec.required}
    assert optional
    assert all(f.endswith(other) for f in optional)
    (case,) = [v.case for v in read_vectors(book, SETS[name]) if v.id in ("equal", "five-at-30")]
    assert evaluate(book, case).missing == ()
    flipped = type(case)(facts=case.facts, bank=case.bank, parameters={"year_start": other == "_begin"})
    assert evaluate(book, flipped).targets["growth"].state == "unknown"


def test_predecessors_that_are_known_by_name_only_are_not_shipped() -> None:
    codes = {i.code for i in installed(RULEBOOKS)}
    assert not {c for c in codes if c.startswith(("shanghai-2012", "shanghai-2016"))}
