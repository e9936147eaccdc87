"""Made-up but realistic filings, for measurements: figures in the digits in which banks file them, about one in a
hundred left blank, some exactly at the edges of the rules.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scorecard.engine.arrays.frames import categorical
from scorecard.engine.rulebook.rulebook import Rulebook

CATEGORIES = ("大型", "股份制", "城商行", "民营", "农商行", "村镇银行", "外资", "政策性", "消费金融", "汽车金融")


def synthetic_frame(rulebook: Rulebook, rows: int, seed: int = 1, blanks: float = 0.01) -> pd.DataFrame:
    """Return `rows` banks' facts for a rulebook with the facts of shanghai-2017; equal seeds give equal frames."""
    rng = np.random.default_rng(seed)
    frame: dict[str, Any] = {}
    for name, figures in _figures(rng, rows).items():
        values = np.asarray(figures, float)
        if blanks:
            values[rng.random(rows) < blanks] = np.nan
        frame[name] = values
    for name, spec in rulebook.facts.items():
        if spec.kind == "level":
            frame[name] = categorical(rng.integers(0, len(spec.options), rows), list(spec.options))
        elif spec.kind == "checklist":
            sets = [
                ";".join(o for b, o in enumerate(spec.options) if m >> b & 1) or "none"
                for m in range(1 << len(spec.options))
            ]
            frame[name] = categorical(rng.integers(0, len(sets), rows), sets)
    frame["returns"] = rng.poisson(0.7, rows).astype(float)
    frame["late_days"] = rng.poisson(0.5, rows).astype(float)
    frame["fee_violations"] = rng.poisson(0.2, rows).astype(float)
    frame["open_findings"] = rng.poisson(0.4, rows).astype(float)
    frame["self_gap"] = np.round(rng.normal(3, 4, rows), 2)
    frame["category"] = categorical(rng.integers(0, len(CATEGORIES), rows), list(CATEGORIES))
    return pd.DataFrame(frame)


def _figures(rng: np.random.Generator, rows: int) -> dict[str, Any]:
    """Figures of banks of every size: balances, borrowers, rates, staff."""
    data: dict[str, Any] = {}
    balance = np.round(rng.lognormal(13, 1.2, rows), 2)
    all_balance = np.round(balance * rng.uniform(2, 8, rows), 2)
    growth, all_growth = rng.normal(0.14, 0.08, rows), rng.normal(0.11, 0.05, rows)
    data["sme_bal_prev"] = balance
    data["sme_bal_end"] = np.round(balance * (1 + growth), 2)
    data["all_bal_prev"] = all_balance
    data["all_bal_end"] = np.round(all_balance * (1 + all_growth), 2)
    borrowers = np.round(rng.lognormal(7, 1.1, rows)) + 5
    data["sme_hh_prev"] = borrowers
    data["sme_hh_end"] = np.round(borrowers * rng.uniform(0.9, 1.4, rows))
    for suffix in ("", "_prev"):
        applied = np.round(borrowers * rng.uniform(0.3, 0.9, rows)) + 3
        data[f"applied{suffix}"] = applied
        data[f"approved{suffix}"] = np.minimum(applied, np.round(applied * rng.uniform(0.7, 1.02, rows)))
    end = data["sme_bal_end"]
    data["sme_npl_end"] = np.round(end * rng.gamma(2, 0.006, rows), 2)
    data["all_npl_end"] = np.round(data["all_bal_end"] * rng.gamma(2, 0.005, rows), 2)
    data["plan_increment"] = np.round(balance * rng.uniform(0.05, 0.25, rows), 0)
    data["risk_priced_bal"] = np.round(end * rng.uniform(0.1, 1, rows), 2)
    data["sme_rate_prev"] = np.round(rng.normal(0.052, 0.006, rows), 4)
    data["sme_rate"] = np.round(data["sme_rate_prev"] + rng.normal(0, 0.003, rows), 4)
    data["ftp_discount_bp"] = np.round(rng.uniform(0, 70, rows), 0)
    data["ec_factor"] = np.round(rng.uniform(0.6, 1.1, rows), 2)
    data["branch_approved_share"] = np.round(rng.uniform(0.1, 1, rows), 4)
    data["mean_days"] = np.round(rng.uniform(1, 14, rows), 1)
    data["kpi_weight"] = np.round(rng.uniform(0, 0.15, rows), 3)
    data["tolerance_pp"] = np.round(rng.uniform(-1, 3, rows), 1)
    data["exempt_cases"] = rng.integers(0, 30, rows).astype(float)
    staff = rng.integers(30, 6000, rows).astype(float)
    data["credit_staff"] = staff
    data["sme_staff"] = np.round(staff * rng.uniform(0.05, 0.5, rows))
    data["train_hours"] = np.round(rng.uniform(0, 40, rows), 1)
    data["train_cover"] = np.round(rng.uniform(0.4, 1, rows), 3)
    data["due_bal"] = np.round(end * rng.uniform(0.2, 0.6, rows), 2)
    data["renewed_bal"] = np.round(data["due_bal"] * rng.uniform(0, 0.3, rows), 2)
    data["tax_bal_prev"] = np.round(end * rng.uniform(0, 0.05, rows), 2)
    data["tax_bal"] = np.round(data["tax_bal_prev"] * rng.uniform(0.8, 1.6, rows), 2)
    return data
