"""What `evaluate_many` is measured against: shanghai-2017 written by hand, in NumPy and as a plain loop over rows.

Both know the rulebook's numbers only as constants in code, as one would write them without a rulebook. They give
points of every indicator, sections, total, targets, grade before and after the cap, and the rating adjustment.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

LEVELS = {
    "a1_level": 4,
    "b1_level": 4,
    "c1_level": 3,
    "d2_level": 3,
    "f1_level": 3,
    "f3_level": 2,
    "g7_level": 2,
    "g8_level": 2,
}
CHECKS = {"c4_items": (1, 1, 1), "d3_items": (2, 1, 1), "f2_items": (1, 1, 1)}
SECTIONS = {"A": 3, "B": 3, "C": 4, "D": 4, "E": 2, "F": 3, "G": 8, "H": 5}


def numpy_by_hand(f: dict[str, Array], guard: bool = True) -> dict[str, Array]:
    """Score all rows with plain NumPy. Blanks are NaN; with `guard` values are rounded to nine decimals before a
    comparison or a rounding, without it plain doubles decide.
    """
    with np.errstate(all="ignore"):
        return _numpy(f, guard)


def _numpy(f: dict[str, Array], guard: bool) -> dict[str, Array]:
    def settled(v: Array) -> Array:
        return np.round(v, 9) if guard else v

    def rounded(v: Array, blank: Array, low: float) -> Array:
        return np.where(blank, low, np.floor(settled(v * 100) + 0.5) / 100)

    def line(x: Array, xs: list[float], ys: list[float], low: float = 0.0) -> Array:
        return rounded(np.interp(x, xs, ys), np.isnan(x), low)

    growth, all_growth = f["sme_bal_end"] / f["sme_bal_prev"] - 1, f["all_bal_end"] / f["all_bal_prev"] - 1
    rate, rate_prev = f["approved"] / f["applied"], f["approved_prev"] / f["applied_prev"]
    blank1, blank2 = np.isnan(growth - all_growth), np.isnan(f["sme_hh_end"] - f["sme_hh_prev"])
    blank3 = np.isnan(rate - rate_prev)
    missed1 = settled(growth - all_growth) < 0
    missed2 = f["sme_hh_end"] < f["sme_hh_prev"]
    missed3 = settled(rate - rate_prev) < 0
    p: dict[str, Array] = {}
    for name, table in (("A1", "a1_level"), ("B1", "b1_level"), ("C1", "c1_level"), ("D2", "d2_level")):
        p[name] = f[table].astype(float)
    for name, table in (("F1", "f1_level"), ("F3", "f3_level"), ("G7", "g7_level"), ("G8", "g8_level")):
        p[name] = f[table].astype(float)
    for name, table in (("C4", "c4_items"), ("D3", "d3_items"), ("F2", "f2_items")):
        worth = CHECKS[table]
        p[name] = sum((np.where(f[table] >> i & 1, float(w), 0.0) for i, w in enumerate(worth)), np.zeros(len(growth)))
    p["A2"] = line(f["risk_priced_bal"] / f["sme_bal_end"], [0.3, 0.9], [0, 3])
    p["A3"] = line((f["sme_rate"] - f["sme_rate_prev"]) * 100, [0, 0.5], [3, 0])
    p["B2"] = line(f["ftp_discount_bp"], [0, 50], [0, 3])
    x = f["ec_factor"]
    p["B3"] = np.select([x <= 0.75, x <= 0.9, x <= 0.99], [3.0, 2.0, 1.0], 0.0)
    p["C2"] = line(f["branch_approved_share"], [0.3, 0.8], [0, 3])
    p["C3"] = line(f["mean_days"], [3, 7, 10], [3, 1, 0])
    p["D1"] = line(f["kpi_weight"], [0, 0.05, 0.1], [0, 2, 4])
    x = f["tolerance_pp"]
    p["D4"] = np.select([x >= 2, x >= 1, x >= 0.01], [3.0, 2.0, 1.0], 0.0)
    p["E1"] = line(f["sme_staff"] / f["credit_staff"], [0.1, 0.4], [0, 3])
    trained = np.minimum(f["train_cover"], 1) * np.minimum(f["train_hours"] / 20, 1)
    p["E2"] = rounded(trained * 3, np.isnan(trained), 0.0)
    done = (f["sme_bal_end"] - f["sme_bal_prev"]) / f["plan_increment"] * 6
    planned = np.where(f["plan_increment"] <= 0, -1.0, np.clip(done, 0, 6))
    p["G1"] = rounded(planned, np.isnan(done), -1.0)
    for name, missed, blank in (("G2", missed1, blank1), ("G3", missed2, blank2), ("G4", missed3, blank3)):
        p[name] = np.where(blank, -1.0, np.where(missed, 0.0, 3.0))
    p["G5"] = line(f["renewed_bal"] / f["due_bal"], [0, 0.2], [0, 3])
    up = f["tax_bal"] > f["tax_bal_prev"]
    tax = np.where(f["g6_items"] & 1, 1.0, 0.0) + np.where(f["g6_items"] >> 1 & 1, 1.0, 0.0) + np.where(up, 1.0, 0.0)
    p["G6"] = np.where(np.isnan(f["tax_bal"] - f["tax_bal_prev"]), 0.0, tax)
    p["H1"] = np.maximum(rounded(4 - 0.5 * f["returns"] - 0.2 * f["late_days"], np.isnan(f["returns"]), 0.0), -2)
    p["H2"] = np.maximum(4 - 2 * f["fee_violations"], -4)
    spread = (f["sme_npl_end"] / f["sme_bal_end"] - f["all_npl_end"] / f["all_bal_end"]) * 100
    p["H3"] = line(spread, [0, 2, 4], [3, 1.5, 0])
    p["H4"] = np.maximum(2 - f["open_findings"], -1)
    gap = np.interp(np.abs(f["self_gap"]), [3, 10, 15], [2, 0, -1])
    p["H5"] = np.sign(gap) * np.floor(settled(np.abs(gap) * 100) + 0.5) / 100
    return _conclude(p, [missed1 | blank1, missed2 | blank2, missed3 | blank3])


def _conclude(p: dict[str, Array], missed: list[Array]) -> dict[str, Array]:
    total = np.zeros(len(p["A1"]))
    out: dict[str, Array] = dict(p)
    for section in SECTIONS:
        points = sum((v for k, v in p.items() if k[0] == section), np.zeros(len(total)))
        out[f"section_{section}"] = points
        total = total + points
    total = np.round(total, 2)
    before = 3 - np.searchsorted([60.0, 80.0, 90.0], total, side="right")
    count = missed[0].astype(int) + missed[1] + missed[2]
    after = np.where(count > 0, np.maximum(before, 2), before)
    bonus = np.where(after == 0, 1.0, np.where(after == 1, 0.5, 0.0))
    out |= {"total": total, "before": before, "after": after, "adjustment": np.where(count > 0, -count, bonus)}
    out |= {f"T{i + 1}": m for i, m in enumerate(missed)}
    return out


def _curve(x: float, points: tuple[tuple[float, float], ...]) -> float:
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):  # noqa: RUF007  plain on purpose
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


CURVES: dict[str, tuple[tuple[float, float], ...]] = {
    "A2": ((0.3, 0), (0.9, 3)),
    "A3": ((0, 3), (0.5, 0)),
    "B2": ((0, 0), (50, 3)),
    "C2": ((0.3, 0), (0.8, 3)),
    "C3": ((3, 3), (7, 1), (10, 0)),
    "D1": ((0, 0), (0.05, 2), (0.1, 4)),
    "E1": ((0.1, 0), (0.4, 3)),
    "G5": ((0, 0), (0.2, 3)),
    "H3": ((0, 3), (2, 1.5), (4, 0)),
    "H5": ((3, 2), (10, 0), (15, -1)),
}


def row_by_row(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Score rows one after another in plain Python, None being a blank."""
    return [_one(row) for row in rows]


def _ratio(a: float | None, b: float | None) -> float | None:
    return None if a is None or not b else a / b


def _minus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


def _round(value: float) -> float:
    size = math.floor(round(abs(value) * 100, 9) + 0.5) / 100
    return size if value >= 0 else -size


def _answers(f: dict[str, Any]) -> dict[str, float]:
    """Points of levels and checklists, which stand in the figures themselves."""
    p = {name: float(f[f"{name.lower()}_level"]) for name in ("A1", "B1", "C1", "D2", "F1", "F3", "G7", "G8")}
    for name, fact in (("C4", "c4_items"), ("D3", "d3_items"), ("F2", "f2_items")):
        p[name] = float(sum(w for i, w in enumerate(CHECKS[fact]) if f[fact] >> i & 1))
    return p


def _one(f: dict[str, Any]) -> dict[str, Any]:
    p = _answers(f)
    growth, all_growth = _ratio(f["sme_bal_end"], f["sme_bal_prev"]), _ratio(f["all_bal_end"], f["all_bal_prev"])
    rate, rate_prev = _ratio(f["approved"], f["applied"]), _ratio(f["approved_prev"], f["applied_prev"])
    margins = (_minus(growth, all_growth), _minus(f["sme_hh_end"], f["sme_hh_prev"]), _minus(rate, rate_prev))
    missed = [m is None or round(m, 9) < 0 for m in margins]
    spread = _minus(_ratio(f["sme_npl_end"], f["sme_bal_end"]), _ratio(f["all_npl_end"], f["all_bal_end"]))
    change = _minus(f["sme_rate"], f["sme_rate_prev"])
    inputs = {
        "A2": _ratio(f["risk_priced_bal"], f["sme_bal_end"]),
        "A3": None if change is None else change * 100,
        "B2": f["ftp_discount_bp"],
        "C2": f["branch_approved_share"],
        "C3": f["mean_days"],
        "D1": f["kpi_weight"],
        "E1": _ratio(f["sme_staff"], f["credit_staff"]),
        "G5": _ratio(f["renewed_bal"], f["due_bal"]),
        "H3": None if spread is None else spread * 100,
        "H5": abs(f["self_gap"]),
    }
    for name, x in inputs.items():
        p[name] = 0.0 if x is None else _round(_curve(x, CURVES[name]))
    x = f["ec_factor"]
    p["B3"] = 0.0 if x is None else 3.0 if x <= 0.75 else 2.0 if x <= 0.9 else 1.0 if x <= 0.99 else 0.0
    x = f["tolerance_pp"]
    p["D4"] = 0.0 if x is None else 3.0 if x >= 2 else 2.0 if x >= 1 else 1.0 if x >= 0.01 else 0.0
    cover, hours = f["train_cover"], f["train_hours"]
    p["E2"] = 0.0 if cover is None or hours is None else _round(min(cover, 1) * min(hours / 20, 1) * 3)
    increment, plan = _minus(f["sme_bal_end"], f["sme_bal_prev"]), f["plan_increment"]
    if plan is None or increment is None:
        p["G1"] = -1.0
    else:
        p["G1"] = -1.0 if plan <= 0 else _round(max(0.0, min(6.0, increment / plan * 6)))
    for name, margin, miss in zip(("G2", "G3", "G4"), margins, missed, strict=True):
        p[name] = -1.0 if margin is None else 0.0 if miss else 3.0
    if f["tax_bal"] is None or f["tax_bal_prev"] is None:
        p["G6"] = 0.0
    else:
        p["G6"] = float((f["g6_items"] & 1) + (f["g6_items"] >> 1 & 1) + (f["tax_bal"] > f["tax_bal_prev"]))
    p["H1"] = max(-2.0, _round(4 - 0.5 * f["returns"] - 0.2 * f["late_days"]))
    p["H2"] = max(-4.0, 4.0 - 2 * f["fee_violations"])
    p["H4"] = max(-1.0, 2.0 - f["open_findings"])
    out: dict[str, Any] = dict(p)
    for section in SECTIONS:
        out[f"section_{section}"] = sum(v for k, v in p.items() if k[0] == section)
    total = round(sum(out[f"section_{s}"] for s in SECTIONS), 2)
    before = 0 if total >= 90 else 1 if total >= 80 else 2 if total >= 60 else 3
    count = sum(missed)
    after = max(before, 2) if count else before
    out |= {"total": total, "before": before, "after": after}
    out["adjustment"] = -float(count) if count else 1.0 if after == 0 else 0.5 if after == 1 else 0.0
    return out
