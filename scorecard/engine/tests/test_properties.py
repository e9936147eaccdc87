"""The properties that a score keeps, each on drawn cases of the shipped rulebooks and, where it holds for any rulebook,
on drawn rulebooks. docs/properties.md lists them, and the mistake with which each test was seen to fail.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scorecard.engine import (
    Change,
    FactValue,
    Node,
    Nothing,
    Result,
    Rulebook,
    ScoringInput,
    evaluate,
    load_rulebook,
    still_needed,
)
from scorecard.engine.exact.context import Scoring
from scorecard.engine.exact.grading import band_of
from scorecard.engine.explain.needed import step_of
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.tests.books import books
from scorecard.engine.tests.conftest import NATIONAL, SHANGHAI
from scorecard.engine.tests.strategies import cases, values
from scorecard.engine.values.rational import Fraction
from scorecard.engine.whatif.simulate import patched
from scorecard.tests.drawn import examples

BOOK = load_rulebook(SHANGHAI)
SHIPPED = {"shanghai": BOOK, "national": load_rulebook(NATIONAL)}
# Shrinking a whole case takes minutes and tells little: the first failing draw is shown as it is.
many = settings(
    max_examples=examples(60),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
few = settings(many, max_examples=examples(25))


def quick(case: ScoringInput, rulebook: Rulebook = BOOK) -> Result:
    return evaluate(rulebook, case, explain=False)


def with_case(rulebooks: st.SearchStrategy[Rulebook]) -> st.SearchStrategy[tuple[Rulebook, ScoringInput]]:
    """Draw a rulebook and a case for it."""
    return rulebooks.flatmap(lambda book: st.tuples(st.just(book), cases(book)))


shipped = with_case(st.sampled_from(list(SHIPPED.values())))
drawn = with_case(books())


@many
@given(shipped)
def test_points_stay_within_their_ranges(pair: tuple[Rulebook, ScoringInput]) -> None:
    book, case = pair
    result = quick(case, book)
    for i, found in result.indicators.items():
        spec = book.indicators[i]
        for points in (found.points, found.system_points):
            assert points is None or spec.min <= points <= spec.max
    for s, section in result.sections.items():
        assert book.sections[s].min <= section.points <= book.sections[s].max
    assert book.min <= result.total <= book.max
    assert result.total + result.pending <= book.max


@many
@given(drawn)
def test_points_stay_within_the_ranges_of_drawn_rulebooks(pair: tuple[Rulebook, ScoringInput]) -> None:
    book, case = pair
    result = quick(case, book)
    step = Decimal(1).scaleb(-book.rounding.indicator)  # a range with more digits than points have may be rounded out
    for i, found in result.indicators.items():
        spec = book.indicators[i]
        for points in (found.points, found.system_points):
            assert points is None or spec.min - step < points < spec.max + step
    for s, section in result.sections.items():
        floor, ceiling = book.sections[s].floor, book.sections[s].ceiling
        assert floor is None or section.points >= floor
        assert ceiling is None or section.points <= ceiling
    limits = [Decimal(c.to) for c in book.caps if c.effect in ("cap_total", "floor_total")]
    assert book.floor is None or result.total >= min(book.floor, *limits)
    assert book.ceiling is None or result.total <= max(book.ceiling, *limits)


DIRECTED = [(n, i.id, fact) for n, b in SHIPPED.items() for i in b.indicators.values() for fact in sorted(i.direction)]
TENTHS = [Decimal(n) / 10 for n in range(21)]


def ladder(spec: FactSpec, case: ScoringInput) -> st.SearchStrategy[list[FactValue]]:
    """Draw answers to one fact from low to high: figures as they are filed, and parts of the other figures of the case,
    since curves mostly lie where one figure is near another.
    """
    if spec.kind == "checklist":
        return st.permutations(sorted(spec.options)).map(lambda o: [frozenset(o[:n]) for n in range(len(o) + 1)])
    rung = values(spec)
    if spec.is_number:
        places = Decimal(1).scaleb(-spec.digits - (2 if spec.unit == "%" else 0))
        others = [v for v in case.facts.values() if isinstance(v, Decimal) and v > 0] or [Decimal(1)]
        parts = st.builds(lambda v, part: (v * part).quantize(places), st.sampled_from(others), st.sampled_from(TENTHS))
        fitting = parts.filter(lambda v: (spec.min is None or v >= spec.min) and (spec.max is None or v <= spec.max))
        rung = st.one_of(rung, fitting)
    return st.lists(rung, min_size=2, max_size=8).map(sorted)


@settings(many, max_examples=examples(250))
@given(st.data(), st.sampled_from(DIRECTED))
def test_points_are_monotone_in_the_declared_direction(data: st.DataObject, directed: tuple[str, str, str]) -> None:
    name, indicator, fact = directed
    book = SHIPPED[name]
    case = data.draw(cases(book, blanks=False))
    case = ScoringInput(case.facts, case.bank, case.history)
    rungs = data.draw(ladder(book.facts[fact], case))
    found = [quick(case.with_facts({fact: value}), book).indicators[indicator] for value in rungs]
    assert all(r.points is not None or r.state in ("undefined", "pending") for r in found)
    points = [r.points for r in found if r.points is not None]
    assert points == sorted(points, reverse=book.indicators[indicator].direction[fact] == "down")


@many
@given(cases(BOOK))
def test_a_cap_never_raises(case: ScoringInput) -> None:
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
def test_a_floor_never_lowers(case: ScoringInput) -> None:
    grade = quick(case, FLOORED).grade
    assert FLOORED.grade_order[grade.after] <= FLOORED.grade_order[grade.before]


@many
@given(drawn)
def test_no_cap_raises_and_no_floor_lowers_in_drawn_rulebooks(pair: tuple[Rulebook, ScoringInput]) -> None:
    """Every cap that acted moved the grade or the total one way only, and together they lead from before to after."""
    book, case = pair
    result = quick(case, book)
    rank = book.grade_order[result.grade.before]
    for cap in result.grade.applied:
        if cap.effect in ("cap_total", "floor_total"):
            moved = Decimal(cap.to) - Decimal(cap.from_)
            now = book.grade_order[band_of(book, Decimal(cap.to))]
            rank = max(rank, now) if cap.effect == "cap_total" else min(rank, now)
        else:
            moved = Decimal(book.grade_order[cap.from_] - book.grade_order[cap.to])
            assert rank == book.grade_order[cap.from_]
            rank = book.grade_order[cap.to]
        assert moved != 0
        assert cap.effect == "set_grade" or (moved > 0) == cap.effect.startswith("floor")
    assert rank == book.grade_order[result.grade.after]


@few
@given(cases(BOOK), st.sampled_from(["T1", "T2", "T3"]))
def test_a_met_target_never_lowers_the_result(case: ScoringInput, target: str) -> None:
    case = ScoringInput(case.facts, case.bank, case.history, {}, case.judged, case.not_applicable)
    met = patched(BOOK, (Change(f"targets.{target}.left", "1"), Change(f"targets.{target}.right", "0")))
    missed = patched(BOOK, (Change(f"targets.{target}.left", "0"), Change(f"targets.{target}.right", "1")))
    a, b = quick(case, met), quick(case, missed)
    assert a.total >= b.total
    assert met.grade_order[a.grade.after] <= met.grade_order[b.grade.after]
    rating = [r.adjustment.points if r.adjustment else Decimal(0) for r in (a, b)]
    assert rating[0] >= rating[1]


BANK_FACTS = [
    (n, f)
    for n, b in SHIPPED.items()
    for f, s in sorted(b.facts.items())
    if s.supplied_by == "bank" and s.derived is None
]


@settings(many, max_examples=examples(120))
@given(st.data(), st.sampled_from(BANK_FACTS))
def test_a_blank_never_beats_an_honest_answer(data: st.DataObject, filed: tuple[str, str]) -> None:
    name, fact = filed
    book = SHIPPED[name]
    case = data.draw(cases(book))
    if isinstance(case.facts[fact], Nothing):
        return
    honest, blank = quick(case, book), quick(case.with_facts({fact: Nothing.UNANSWERED}), book)
    assert blank.total <= honest.total
    assert book.grade_order[blank.grade.after] >= book.grade_order[honest.grade.after]
    rating = [r.adjustment.points if r.adjustment else Decimal(0) for r in (blank, honest)]
    assert rating[0] <= rating[1]


def test_a_blank_does_not_bring_own_points_nearer(full: ScoringInput) -> None:
    """A bank that gave itself little must not win in H5, by leaving G1 blank, what it loses in G1 and more."""
    book = SHIPPED["shanghai"]
    own = {i: s.max for i, s in book.indicators.items()} | {"G1": Decimal(-1), "A1": Decimal(0), "B1": Decimal(0)}
    facts = {f: v for f, v in full.facts.items() if f != "self_gap"} | {"plan_increment": Decimal(1_000_000)}
    honest = quick(replace(full, facts=facts, self_points=own), book)
    blank = quick(replace(full, facts=facts | {"plan_increment": Nothing.UNANSWERED}, self_points=own), book)
    assert honest.indicators["G1"].points is not None and honest.indicators["G1"].points > -1
    assert honest.indicators["H5"].state == "scored"
    assert (blank.indicators["H5"].state, blank.indicators["H5"].points) == ("unanswered", book.indicators["H5"].min)
    assert blank.total < honest.total


@few
@given(shipped, st.randoms(use_true_random=False))
def test_order_of_facts_is_irrelevant(pair: tuple[Rulebook, ScoringInput], random: object) -> None:
    book, case = pair
    # Several figures out of their range, so that several checks speak.
    low = [f for f, spec in book.facts.items() if spec.min == 0][:3]
    case = case.with_facts({fact: Decimal(-1) for fact in low})
    names = list(case.facts)
    random.shuffle(names)  # type: ignore[attr-defined]
    shuffled = ScoringInput(
        {n: case.facts[n] for n in names},
        dict(reversed(case.bank.items())),
        case.history,
        dict(reversed(case.self_points.items())),
        case.judged,
        case.not_applicable,
    )
    assert as_text(evaluate(book, case)) == as_text(evaluate(book, shuffled))


def as_text(result: Result) -> str:
    return json.dumps(result.to_json(), ensure_ascii=False)


def assert_re_adds(node: Node) -> None:
    if node.kind in ("total", "section"):
        total = sum((Fraction(c.value) for c in node.children if isinstance(c.value, Decimal | Fraction)), Fraction(0))
        assert total == Fraction(node.value), node.label.en  # type: ignore[arg-type]
        for child in node.children:
            assert_re_adds(child)


@many
@given(st.one_of(shipped, drawn))
def test_the_tree_re_adds_to_the_last_digit(pair: tuple[Rulebook, ScoringInput]) -> None:
    book, case = pair
    result = evaluate(book, case)
    assert result.trace is not None
    assert result.trace.value == result.total
    assert_re_adds(result.trace)
    for found in result.indicators.values():
        assert found.trace is not None
        rule = found.trace.children[0]
        if found.state == "scored" and len(found.trace.children) == 1:
            assert rule.value == found.points


@few
@given(st.one_of(shipped, drawn))
def test_explaining_changes_no_number(pair: tuple[Rulebook, ScoringInput]) -> None:
    book, case = pair
    assert evaluate(book, case).outcome() == quick(case, book).outcome()


@pytest.mark.parametrize(
    ("edge", "above", "below"), [(90, "excellent", "good"), (80, "good", "pass"), (60, "pass", "fail")]
)
def test_each_band_edge_one_unit_below_on_and_above(edge: int, above: str, below: str) -> None:
    unit = Decimal("0.01")
    assert band_of(BOOK, edge - unit) == below
    assert band_of(BOOK, Decimal(edge)) == above
    assert band_of(BOOK, edge + unit) == above


@settings(few, max_examples=examples(40))
@given(cases(BOOK), st.sampled_from([0, 1, 2]))
def test_a_total_on_the_edge_of_a_band_is_in_it(case: ScoringInput, place: int) -> None:
    """The bands are moved so that one begins one unit above the drawn total, on it, and one unit below."""
    total, unit = quick(case).total, Decimal("0.01")
    for shift, kept in ((unit, False), (Decimal(0), True), (-unit, True)):
        edges = [total + shift + 10 * (place - i) for i in range(3)]
        book = patched(BOOK, tuple(Change(f"grades.{i}.min", str(edge)) for i, edge in enumerate(edges)))
        result = quick(case, book)
        assert result.total == total
        assert result.grade.before == BOOK.grades[place if kept else place + 1].id


@few
@given(cases(BOOK, blanks=False))
def test_what_is_still_needed_is_enough_and_the_least(case: ScoringInput) -> None:
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
        "from scorecard.engine.cases.worked import read_vectors\n"
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
            encoding="utf-8",
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(digests) == 1
