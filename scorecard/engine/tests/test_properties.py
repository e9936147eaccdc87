"""The properties that engine.md lists, each on drawn cases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecard.engine import (
    Case,
    Change,
    Node,
    Nothing,
    Overlay,
    Result,
    Rulebook,
    evaluate,
    load_rulebook,
    simulate,
    still_needed,
)
from scorecard.engine.context import Scoring
from scorecard.engine.reach import step_of
from scorecard.engine.simulate import patched
from scorecard.engine.tests.conftest import SHANGHAI
from scorecard.engine.tests.strategies import cases, values

BOOK = load_rulebook(SHANGHAI)
many = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def quick(case: Case, rulebook: Rulebook = BOOK) -> Result:
    return evaluate(rulebook, case, explain=False)


@many
@given(cases(BOOK))
def test_points_stay_within_their_ranges(case: Case) -> None:
    result = quick(case)
    for i, found in result.indicators.items():
        spec = BOOK.indicators[i]
        for points in (found.points, found.system_points):
            assert points is None or spec.min <= points <= spec.max
    for s, section in result.sections.items():
        assert BOOK.sections[s].min <= section.points <= BOOK.sections[s].max
    assert BOOK.min <= result.total <= BOOK.max
    assert result.total + result.pending <= BOOK.max


DIRECTED = sorted((i.id, fact) for i in BOOK.indicators.values() for fact in i.direction)


@settings(many, max_examples=120)
@given(st.data(), cases(BOOK, blanks=False), st.sampled_from(DIRECTED))
def test_points_are_monotone_in_the_declared_direction(data: st.DataObject, case: Case, pair: tuple[str, str]) -> None:
    indicator, fact = pair
    spec = BOOK.facts[fact]
    case = Case(case.facts, case.bank, case.history)
    if spec.kind == "checklist":
        more = data.draw(values(spec))
        low, high = case.facts[fact], case.facts[fact] | more  # type: ignore[operator]
    else:
        low, high = sorted((case.facts[fact], data.draw(values(spec))))  # type: ignore[type-var]
    a = quick(case.with_facts({fact: low})).indicators[indicator]
    b = quick(case.with_facts({fact: high})).indicators[indicator]
    if a.points is None or b.points is None:
        assert "undefined" in (a.state, b.state)
        return
    better, worse = (b, a) if BOOK.indicators[indicator].direction[fact] == "up" else (a, b)
    assert better.points is not None
    assert worse.points is not None
    assert better.points >= worse.points


@many
@given(cases(BOOK))
def test_a_cap_never_raises(case: Case) -> None:
    grade = quick(case).grade
    assert BOOK.grade_order[grade.after] >= BOOK.grade_order[grade.before]


FLOORED = patched(
    BOOK,
    (
        Change("caps.0.effect", "floor_grade"),
        Change("caps.0.to", "good"),
        # Bands where drawn totals fall, so that grades above the floor come up.
        Change("grades.0.min", "30"),
        Change("grades.1.min", "25"),
        Change("grades.2.min", "20"),
    ),
)


@few
@given(cases(BOOK))
def test_a_floor_never_lowers(case: Case) -> None:
    grade = quick(case, FLOORED).grade
    assert FLOORED.grade_order[grade.after] <= FLOORED.grade_order[grade.before]


@few
@given(cases(BOOK), st.sampled_from(["T1", "T2", "T3"]))
def test_a_met_target_never_lowers_the_result(case: Case, target: str) -> None:
    case = Case(case.facts, case.bank, case.history, {}, case.judged, case.not_applicable)
    met = patched(BOOK, (Change(f"targets.{target}.left", "1"), Change(f"targets.{target}.right", "0")))
    missed = patched(BOOK, (Change(f"targets.{target}.left", "0"), Change(f"targets.{target}.right", "1")))
    a, b = quick(case, met), quick(case, missed)
    assert a.total >= b.total
    assert met.grade_order[a.grade.after] <= met.grade_order[b.grade.after]
    rating = [r.adjustment.points if r.adjustment else Decimal(0) for r in (a, b)]
    assert rating[0] >= rating[1]


BANK_FACTS = sorted(f for f, s in BOOK.facts.items() if s.supplied_by == "bank")


@many
@given(cases(BOOK), st.sampled_from(BANK_FACTS))
def test_a_blank_never_beats_an_honest_answer(case: Case, fact: str) -> None:
    if isinstance(case.facts[fact], Nothing):
        return
    honest, blank = quick(case), quick(case.with_facts({fact: Nothing.UNANSWERED}))
    assert blank.total <= honest.total
    assert BOOK.grade_order[blank.grade.after] >= BOOK.grade_order[honest.grade.after]
    rating = [r.adjustment.points if r.adjustment else Decimal(0) for r in (blank, honest)]
    assert rating[0] <= rating[1]


@few
@given(cases(BOOK), st.randoms(use_true_random=False))
def test_order_of_facts_is_irrelevant(case: Case, random: object) -> None:
    names = list(case.facts)
    random.shuffle(names)  # type: ignore[attr-defined]
    shuffled = Case(
        {n: case.facts[n] for n in names},
        dict(reversed(case.bank.items())),
        case.history,
        dict(reversed(case.self_points.items())),
        case.judged,
        case.not_applicable,
    )
    assert as_text(evaluate(BOOK, case)) == as_text(evaluate(BOOK, shuffled))


def as_text(result: Result) -> str:
    return json.dumps(result.to_json(), ensure_ascii=False)


def assert_re_adds(node: Node) -> None:
    if node.kind in ("total", "section"):
        total = sum((Fraction(c.value) for c in node.children if isinstance(c.value, Decimal | Fraction)), Fraction(0))
        assert total == Fraction(node.value), node.label.en  # type: ignore[arg-type]
        for child in node.children:
            assert_re_adds(child)


@few
@given(cases(BOOK))
def test_the_tree_re_adds_to_the_last_digit(case: Case) -> None:
    result = evaluate(BOOK, case)
    assert result.trace is not None
    assert result.trace.value == result.total
    assert_re_adds(result.trace)
    for found in result.indicators.values():
        assert found.trace is not None
        rule = found.trace.children[0]
        if found.state == "scored" and len(found.trace.children) == 1:
            assert rule.value == found.points


@few
@given(cases(BOOK))
def test_explaining_changes_no_number(case: Case) -> None:
    assert evaluate(BOOK, case).outcome() == quick(case).outcome()


@few
@given(cases(BOOK))
def test_an_empty_overlay_changes_nothing(case: Case) -> None:
    found = simulate(BOOK, case, Overlay())
    assert not found.changed
    assert found.before.outcome() == found.after.outcome()


@pytest.mark.parametrize(
    ("edge", "above", "below"), [(90, "excellent", "good"), (80, "good", "pass"), (60, "pass", "fail")]
)
def test_each_band_edge_one_unit_below_on_and_above(edge: int, above: str, below: str) -> None:
    from scorecard.engine.conclude import band_of

    unit = Decimal("0.01")
    assert band_of(BOOK, edge - unit) == below
    assert band_of(BOOK, Decimal(edge)) == above
    assert band_of(BOOK, edge + unit) == above


@few
@given(cases(BOOK, blanks=False))
def test_what_is_still_needed_is_enough_and_the_least(case: Case) -> None:
    for target, need in still_needed(BOOK, case).targets.items():
        if need is None:
            continue
        assert evaluate(BOOK, case.with_facts({need.fact: need.then}), explain=False).targets[target].state == "met"
        step = step_of(BOOK.facts[need.fact])
        short = Decimal(str(float(step))) if need.then - need.now > Decimal(str(float(step))) else None
        if short is not None:
            less = Scoring(BOOK, case.with_facts({need.fact: need.then - short}))
            assert less.target_missed(target) is True


def test_the_same_inputs_give_the_same_bytes_in_every_process() -> None:
    code = (
        "import hashlib, json\n"
        "from scorecard.engine import evaluate, load_rulebook\n"
        "from scorecard.engine.vectors import read_vectors\n"
        f"from pathlib import Path\np = Path({str(SHANGHAI)!r})\n"
        "b = load_rulebook(p)\n"
        "h = hashlib.sha256()\n"
        "for v in read_vectors(b, p):\n"
        "    h.update(json.dumps(evaluate(b, v.case).to_json()).encode())\n"
        "print(h.hexdigest())"
    )
    root = str(SHANGHAI.parents[3])
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(digests) == 1
