"""The program of a rulebook on arrays equals the exact evaluator, however the rows are cut into blocks."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scorecard.commands.synthetic import synthetic_frame
from scorecard.engine import Rulebook, ScoringInput, load_rulebook
from scorecard.engine.arrays import ManyResult, evaluate_many
from scorecard.engine.arrays.frames import read_frame
from scorecard.engine.arrays.machine import KERNELS, machine_of
from scorecard.engine.cases.worked import read_vectors
from scorecard.engine.lowering.conclusions import program_of
from scorecard.engine.tests.books import books
from scorecard.engine.tests.conftest import RULEBOOKS, SHANGHAI
from scorecard.engine.tests.frames import assert_equal, to_frame, with_peers
from scorecard.engine.tests.strategies import cases
from scorecard.tests.drawn import examples

BOOK = load_rulebook(SHANGHAI)
NATIONAL = load_rulebook(RULEBOOKS / "national-2020" / "3")
FIELDS = (
    *("units", "states", "sections", "targets", "total", "before", "after"),
    *("caps", "holding", "adjustments", "measures"),
)
BLOCK = 25  # rows, so that what is drawn fills several blocks
drawn = settings(
    max_examples=examples(20),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


def assert_same(a: ManyResult, b: ManyResult) -> None:
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


def check(book: Rulebook, found: Sequence[ScoringInput]) -> None:
    """Assert that arrays and `evaluate` agree on cases, wherever they lie in a block and in whatever order."""
    whole = pd.concat([to_frame(found)] * -(-BLOCK * 2 // len(found)), ignore_index=True)
    # One frame has one set of yearly values, and one snapshot with the peers of every group.
    given = found[0].parameters
    snapshot = {str(case.bank.get("category", "")): case.peers for case in found}
    assert all(case.parameters == given for case in found)
    many = evaluate_many(book, whole, parameters=given, snapshot=snapshot, block=BLOCK)
    assert_equal(book, found, many)
    assert_same(many, evaluate_many(book, whole, parameters=given, snapshot=snapshot))
    backwards = evaluate_many(book, whole.iloc[::-1], parameters=given, snapshot=snapshot)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(backwards, name), getattr(many, name)[..., ::-1], err_msg=name)


@pytest.mark.parametrize("folder", sorted(RULEBOOKS.glob("*/*")), ids=lambda f: f.parent.name + "-" + f.name)
def test_worked_cases_of_every_rulebook(folder: Path) -> None:
    book = load_rulebook(folder)
    found = [v.case for v in read_vectors(book, folder) if v.case.filed]  # many at once have all filed
    assert found
    groups: list[list[ScoringInput]] = []
    for case in found:
        for group in groups:
            if (case.parameters, case.peers) == (group[0].parameters, group[0].peers):
                group.append(case)
                break
        else:
            groups.append([case])
    for group in groups:
        check(book, group)


@drawn
@given(st.lists(cases(BOOK), min_size=1, max_size=12))
def test_drawn_cases_of_shanghai(found: list[ScoringInput]) -> None:
    check(BOOK, found)


@drawn
@given(st.lists(cases(NATIONAL), min_size=1, max_size=8))
def test_drawn_cases_of_the_national_method(found: list[ScoringInput]) -> None:
    check(NATIONAL, with_peers(NATIONAL, found)[0])


@drawn
@given(st.data())
def test_drawn_rulebooks(data: st.DataObject) -> None:
    book = data.draw(books())
    check(book, with_peers(book, data.draw(st.lists(cases(book), min_size=1, max_size=8)))[0])


@pytest.mark.parametrize("book", [BOOK, NATIONAL], ids=["shanghai", "national"])
def test_everything_that_the_methods_say_has_a_form(book: Rulebook) -> None:
    """No indicator, target or condition is evaluated exactly for every bank."""
    for op in program_of(book).ops:
        if op.name == "points":
            assert len(op.args) == 2, op
        if op.name == "outcome":
            assert len(op.args) == 1, op
        if op.name == "condition_holds":
            assert len(op.args) == 3, op


def test_each_operation_follows_its_operands_and_is_written_once() -> None:
    ops = program_of(NATIONAL).ops
    assert all(arg < place for place, op in enumerate(ops) for arg in op.args)
    assert len(set(ops)) == len(ops)
    assert {op.name for op in ops} - {"constant", "absent"} <= set(KERNELS)


def test_ties_of_realistic_filings_are_proven() -> None:
    """Under one row in a thousand is evaluated exactly, though six in a hundred are ties of some indicator."""
    columns = read_frame(BOOK, synthetic_frame(BOOK, 50_000, seed=3))
    many = evaluate_many(BOOK, columns)
    assert len(many.exact) < len(many) / 1000


def edges(full: ScoringInput) -> list[ScoringInput]:
    """Filings at steps, ends of curves, rounding ties and equal sides of targets, and a hair beside them."""
    at = {
        "ec_factor": ("0.75", "0.9", "0.99"),
        "tolerance_pp": ("0", "1", "2"),
        "kpi_weight": ("0", "0.05", "0.1"),
        "mean_days": ("3", "7", "10"),
        "ftp_discount_bp": ("10.75", "0.25", "49.75"),
        "sme_bal_end": ("110", "120", "109.99"),
        "risk_priced_bal": ("36", "108", "72"),
        "sme_rate": ("0.05", "0.055", "0.0525"),
        "train_cover": ("0.335", "0.345", "0.355"),
        "branch_approved_share": ("0.3001", "0.30025", "0.3035"),
    }
    beside = ("0", "0.0000000001", "-0.0000000001")
    return [
        full.with_facts({f: max(Decimal(0), Decimal(v) + Decimal(b))})
        for f, vs in at.items()
        for v in vs
        for b in beside
    ]


def test_edges_and_ties(full: ScoringInput) -> None:
    check(BOOK, edges(full))


def test_without_the_bound_edges_come_out_wrong() -> None:
    """The guard is needed: plain doubles give other points on rounding ties. So the tests above can fail."""
    columns = read_frame(BOOK, synthetic_frame(BOOK, 20_000))
    plain = ManyResult.empty(BOOK, columns)
    machine_of(BOOK).score(columns, plain, 4096, guard=False)
    wrong = (plain.units != evaluate_many(BOOK, columns).units).any(axis=0).sum()
    assert 0 < wrong < 1000


@pytest.mark.parametrize("rows", [1, 50, 1023, 1024, 1025, 1031, 16_384, 16_391, 33_001])
def test_every_number_of_rows(rows: int) -> None:
    """Blocks, rests of blocks, shares of threads: nothing is left out or taken for another row."""
    columns = read_frame(BOOK, synthetic_frame(BOOK, rows, seed=rows))
    assert_same(evaluate_many(BOOK, columns, block=1024), evaluate_many(BOOK, columns, block=rows))


def test_columns_that_come_and_go_are_not_taken_for_one_another() -> None:
    """What follows from the columns is kept for the next frame with the same ones, and for no other."""
    frame = synthetic_frame(BOOK, 300, seed=5)
    first = evaluate_many(BOOK, frame)
    less = evaluate_many(BOOK, frame.drop(columns=["mean_days", "applied"]))
    assert not np.array_equal(first.units, less.units)
    assert_same(first, evaluate_many(BOOK, frame))
    for row in (0, 17, 299):
        assert less.total_of(row) == less.row(row, explain=False).total


def test_long_figures(full: ScoringInput) -> None:
    long = Decimal("110.00000000000000000001")
    found = [
        full.with_facts({"sme_bal_end": v, "sme_bal_prev": Decimal(100)})
        for v in (long, Decimal(110), Decimal("109.99999999999999999999"))
    ]
    frame = pd.concat([to_frame(found)] * 20, ignore_index=True)
    assert_equal(BOOK, found, evaluate_many(BOOK, frame))
