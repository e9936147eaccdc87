"""Many banks at once equal one bank at a time, to the last digit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scorecard.engine import FactValue, Nothing, Rulebook, ScoringInput, evaluate, load_rulebook
from scorecard.engine.arrays import evaluate_many
from scorecard.engine.cases.worked import Vector, read_vectors
from scorecard.engine.tests.books import books
from scorecard.engine.tests.conftest import SHANGHAI
from scorecard.engine.tests.frames import assert_equal, points_of, to_frame, with_peers
from scorecard.engine.tests.strategies import cases
from scorecard.tests.drawn import examples

BOOK = load_rulebook(SHANGHAI)
# Shrinking a frame of whole cases takes longer than it tells: the first failing draw is shown as it is.
drawn = settings(
    max_examples=examples(25),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_the_worked_cases(shanghai: Rulebook, vectors: dict[str, Vector]) -> None:
    found = [v.case for v in vectors.values()]
    assert_equal(shanghai, found, evaluate_many(shanghai, to_frame(found)))


def test_blocks_do_not_matter(shanghai: Rulebook, vectors: dict[str, Vector]) -> None:
    found = [v.case for v in vectors.values()]
    assert_equal(shanghai, found, evaluate_many(shanghai, to_frame(found), block=7))


@drawn
@given(st.lists(cases(BOOK), min_size=1, max_size=12))
def test_drawn_cases_of_shanghai(found: list[ScoringInput]) -> None:
    assert_equal(BOOK, found, evaluate_many(BOOK, to_frame(found)))


@drawn
@given(st.data())
def test_drawn_rulebooks(data: st.DataObject) -> None:
    book = data.draw(books())
    found, snapshot = with_peers(book, data.draw(st.lists(cases(book), min_size=1, max_size=8)))
    assert_equal(book, found, evaluate_many(book, to_frame(found), snapshot=snapshot))


@pytest.mark.parametrize("offset", ["0", "0.01", "-0.01", "0.0000000001", "-0.0000000001"])
def test_around_every_edge(shanghai: Rulebook, full: ScoringInput, offset: str) -> None:
    """Bounds of steps and ends of curves, rounding ties, and equality of the targets, each from both sides."""
    edges = {
        "ec_factor": ("0.75", "0.9", "0.99"),
        "tolerance_pp": ("0", "1", "2"),
        "kpi_weight": ("0", "0.05", "0.1"),
        "mean_days": ("3", "7", "10"),
        "ftp_discount_bp": ("10.75", "0.25", "49.75"),
        "sme_bal_end": ("110", "120", "109.99"),
        "approved": ("90", "89"),
        "sme_hh_end": ("50", "49"),
        "risk_priced_bal": ("36", "108", "72"),
        "sme_rate": ("0.05", "0.055", "0.0525"),
        "self_gap": ("3", "10", "15", "6.5"),
        "sme_staff": ("10", "40", "25"),
    }
    found = [
        full.with_facts({fact: Decimal(edge) + (0 if fact in ("sme_hh_end", "approved") else Decimal(offset))})
        for fact, values in edges.items()
        for edge in values
    ]
    assert_equal(shanghai, found, evaluate_many(shanghai, to_frame(found)))


def test_figures_with_more_digits_than_a_double_has(shanghai: Rulebook, full: ScoringInput) -> None:
    long = Decimal("110.00000000000000000001")
    found = [
        full.with_facts({"sme_bal_end": value, "sme_bal_prev": Decimal(100)})
        for value in (long, Decimal(110), Decimal("109.99999999999999999999"))
    ]
    assert_equal(shanghai, found, evaluate_many(shanghai, to_frame(found)))


def test_a_past_figure_that_only_some_banks_carry_from_the_year_before() -> None:
    """Last year's beginning is filed by one bank, carried from the year before by another, and unknown to a third."""
    folder = SHANGHAI.parents[1] / "national-2020" / "3"
    book = load_rulebook(folder)
    worked = next(v.case for v in read_vectors(book, folder) if v.id == "ordinary-fell-two-years-carried")
    end = {"incl_bal_end": Decimal(100), "growth": True}
    histories: list[dict[int, dict[str, FactValue]]] = [
        {-1: {**end, "incl_bal_begin": Decimal(105)}},
        {-1: dict(end), -2: {"incl_bal_end": Decimal("100.00000000000000000001")}},
        {-1: {**end, "incl_bal_begin": Nothing.NOT_SUPPLIED}},
    ]
    found = [replace(worked, history=history) for history in histories]
    assert [evaluate(book, case, explain=False).indicators["1.1.1"].points for case in found] == [-4, -4, 0]
    snapshot = {str(worked.bank["category"]): worked.peers}
    many = evaluate_many(book, to_frame(found), parameters=worked.parameters, snapshot=snapshot)
    assert_equal(book, found, many)


def realistic(rows: int, seed: int = 7) -> pd.DataFrame:
    from scorecard.commands.synthetic import synthetic_frame

    return synthetic_frame(BOOK, rows, seed)


def test_few_rows_fall_back_on_realistic_data() -> None:
    frame = realistic(50_000)
    many = evaluate_many(BOOK, frame)
    assert len(many.exact) < len(frame) / 1000
    for row in np.linspace(0, len(frame) - 1, 60).astype(int):
        one = many.row(int(row), explain=False)
        assert many.total_of(int(row)) == one.total
        assert [points_of(many, i, int(row)) for i in BOOK.indicators] == [r.points for r in one.indicators.values()]


def test_a_wrong_cell_is_refused(shanghai: Rulebook) -> None:
    from scorecard.engine import FactError

    with pytest.raises(FactError):
        evaluate_many(shanghai, pd.DataFrame({"sme_bal_end": ["many"]}))


def test_an_empty_frame(shanghai: Rulebook) -> None:
    assert len(evaluate_many(shanghai, pd.DataFrame({"sme_bal_end": np.zeros(0)}))) == 0


def test_nothing_filed_equals_an_empty_case(shanghai: Rulebook) -> None:
    many = evaluate_many(shanghai, pd.DataFrame({"sme_bal_end": [np.nan]}))
    assert many.total_of(0) == evaluate(shanghai, ScoringInput()).total
