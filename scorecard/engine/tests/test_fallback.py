"""How many rows of realistic filings under the national method need exact evaluation one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from scorecard.engine import Rulebook, ScoringInput, evaluate, load_rulebook
from scorecard.engine.arrays import ManyResult, evaluate_many, points
from scorecard.engine.arrays.frames import categorical, read_frame
from scorecard.engine.exact.peergroup import peer_snapshot
from scorecard.engine.tests.conftest import NATIONAL
from scorecard.engine.tests.frames import points_of

ROWS = 20_000


def filings(book: Rulebook, rows: int, seed: int) -> pd.DataFrame:
    """Return made-up filings for the facts of national-2020: growth, prices and shares as banks have them, in the
    digits in which they are filed, one in a hundred figures blank, many rows exactly on a line of the method.
    """
    rng = np.random.default_rng(seed)

    def amounts(of: Any, low: float, high: float) -> Any:
        return np.round(of * rng.uniform(low, high, rows), 2)

    def counts(of: Any, low: float, high: float) -> Any:
        return np.round(of * rng.uniform(low, high, rows))

    bal, clients = np.round(rng.lognormal(12, 1.2, rows), 2), np.round(rng.lognormal(7, 1, rows)) + 5
    lent = amounts(bal, 0.5, 1.5)
    rate = np.round(rng.normal(0.05, 0.006, rows), 4)
    data: dict[str, Any] = {
        "incl_bal_begin": bal,
        "incl_bal_end": amounts(bal, 0.95, 1.4),
        "all_bal_begin": amounts(bal, 2, 8),
        "incl_plan_increment": amounts(bal, 0.05, 0.3),
        "incl_hh_begin": clients,
        "incl_hh_end": counts(clients, 0.9, 1.4),
        "incl_lent_year": lent,
        "rate_prev_year": rate,
        "incl_lent_interest": np.round(lent * (rate + np.round(rng.normal(0, 0.004, rows), 4)), 2),
        "incl_npl_end": amounts(bal, 0, 0.05),
        "npl_tolerance_pp": np.round(rng.uniform(-1, 5, rows), 1).clip(0),
        "ftp_discount_bp": np.round(rng.uniform(0, 80, rows)),
        "incl_kpi_weight": np.round(rng.uniform(0, 0.2, rows), 2),
        "incl_renewal_rate": np.round(rng.uniform(0, 0.6, rows), 4),
        "incl_renewal_rate_prev": np.round(rng.uniform(0, 0.6, rows), 4),
        "decision_days": np.round(rng.uniform(1, 14, rows), 1),
    }
    data["all_bal_end"] = amounts(data["all_bal_begin"], 0.98, 1.25)
    data["all_npl_end"] = amounts(data["all_bal_end"], 0, 0.04)
    for name, share in (("mid_clients", 0.3), ("hh_le_100", 0.8), ("first_loan_hh", 0.2)):
        data[f"{name}_prev"] = counts(clients, share / 2, share)
        data[name] = counts(data[f"{name}_prev"], 0.9, 1.3)
    for name, share in (("incl_renewal_bal", 0.2), ("credit_loan_bal", 0.4), ("mid_long_bal", 0.5)):
        data[f"{name}_prev"] = amounts(bal, 0, share)
        data[name] = amounts(data[f"{name}_prev"], 0.9, 1.4)
    # Exactly as last year and exactly the plan: equality passes, and must be seen.
    same, planned = rng.random(rows) < 0.05, rng.random(rows) < 0.05
    data["incl_hh_end"][same] = clients[same]
    data["incl_bal_end"][planned] = np.round(bal + data["incl_plan_increment"], 2)[planned]
    frame: dict[str, Any] = {}
    for name, spec in book.facts.items():
        if spec.kind == "level":
            frame[name] = categorical(rng.integers(0, len(spec.options), rows), list(spec.options))
        elif spec.kind == "checklist":
            items = list(spec.options)
            sets = [";".join(o for i, o in enumerate(items) if m >> i & 1) or "none" for m in range(1 << len(items))]
            frame[name] = categorical(rng.integers(0, len(sets), rows), sets)
        elif spec.kind == "bool":
            frame[name] = rng.random(rows) < 0.7
        else:
            values = np.asarray(data.get(name, rng.poisson(0.4, rows)), float)
            frame[name] = np.where(rng.random(rows) < 0.01, np.nan, values)
    frame["reg_growth_target"] = np.where(rng.random(rows) < 0.5, 0.15, np.nan)
    frame["rate_reg_target"] = np.where(rng.random(rows) < 0.5, 0.05, np.nan)
    frame["category"] = categorical(rng.integers(0, 3, rows), ["large", "city", "rural"])
    frame["differentiated"] = rng.random(rows) < 0.1
    return pd.DataFrame(frame)


def test_few_rows_of_the_national_method_fall_back() -> None:
    """With every bank compared with all of its group, among whom it meets its own value; at most one in a thousand."""
    book = load_rulebook(NATIONAL)
    columns = read_frame(book, filings(book, ROWS, seed=11))
    columns.snapshot = peer_snapshot(book, [columns.case(row) for row in range(ROWS)])
    many = evaluate_many(book, columns)
    assert (many.states == 0).mean() > 0.85  # the figures are there, so that the rules themselves decide
    assert len(many.exact) <= ROWS / 1000
    picked = np.linspace(0, ROWS - 1, 80).astype(int)
    for row in picked:
        assert_row(book, columns.case(int(row)), many, int(row))


def test_rows_in_doubt_that_are_scored_again_in_short_blocks_get_what_exact_evaluation_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = load_rulebook(NATIONAL)
    frame = filings(book, ROWS, seed=12)
    # One bank's loans hardly grow: its share of that growth widens the bound of every row beside it.
    frame.loc[7, ["all_bal_begin", "all_bal_end"]] = 9_876_543.21, 9_876_543.22
    frame.loc[7, ["incl_bal_begin", "incl_bal_end"]] = 1_000_000.01, 1_000_000.02
    columns = read_frame(book, frame)
    short = evaluate_many(book, columns)
    monkeypatch.setattr(points, "FEW", ROWS)
    exact = evaluate_many(book, columns)
    assert len(exact.exact) > 3 * max(len(short.exact), 16), (len(exact.exact), len(short.exact))
    for name in ("units", "states", "sections", "total", "before", "after", "caps", "targets", "measures"):
        assert np.array_equal(getattr(short, name), getattr(exact, name)), name


def assert_row(book: Rulebook, case: ScoringInput, many: ManyResult, row: int) -> None:
    one = evaluate(book, case, explain=False)
    assert many.total_of(row) == one.total
    assert many.grade_of(row) == (one.grade.before, one.grade.after)
    assert [points_of(many, i, row) for i in book.indicators] == [r.points for r in one.indicators.values()]
