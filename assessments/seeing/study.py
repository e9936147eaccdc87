"""A local comparison at a line: did banks with a measure change otherwise in the year after than banks just beyond it?

Each bank has a distance to the line and a change. On each side within the bandwidth a straight line is fitted to the
change by least squares; the difference of both where they meet the line is the estimate, so that banks further off,
which change otherwise by themselves (regression to the mean), do not count as an effect. The interval is the percentile
interval of a bootstrap that draws banks anew on each side, with a fixed seed: the same data give the same interval. Its
ends are moved apart by √(n/(n−2)) of the smaller side, since a fitted line takes two degrees of freedom that the
bootstrap does not see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Points on each side of the line, banks that each side must have, draws, seed, and the two ends of the interval.
BANDWIDTH = 5
LEAST = 12
DRAWS = 2000
SEED = 20171231
ENDS = (2.5, 97.5)
# So many banks are drawn at once, so that the memory of a draw does not grow with a province.
CELLS = 1_000_000

Column = NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """Banks of one side: how many, their mean change, and the fitted change at the line (None below ``LEAST``)."""

    banks: int
    mean: float | None
    at_line: float | None


@dataclass(frozen=True)
class Estimate:
    """``difference`` and its interval in points; None where a side has too few banks to say."""

    treated: Side
    others: Side
    difference: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def too_few(self) -> bool:
        """Whether a side has fewer than ``LEAST`` banks."""
        return self.difference is None

    @property
    def tells(self) -> bool:
        """Whether the interval lies on one side of 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def compare(treated: Sequence[tuple[float, float]], others: Sequence[tuple[float, float]]) -> Estimate:
    """The comparison of two lists of (distance to the line, change)."""
    one, other = (np.array(rows, np.float64).reshape(-1, 2) for rows in (treated, others))
    if min(len(one), len(other)) < LEAST:
        return Estimate(_side(one), _side(other))
    draw = np.random.default_rng(SEED)
    drawn = _drawn(one, draw) - _drawn(other, draw)
    found = float(_at_line(one[None])[0] - _at_line(other[None])[0])
    smaller = min(len(one), len(other))
    wider = (smaller / (smaller - 2)) ** 0.5
    low, high = (found + (float(np.percentile(drawn, end)) - found) * wider for end in ENDS)
    return Estimate(_side(one), _side(other), found, low, high)


def _side(rows: Column) -> Side:
    if not len(rows):
        return Side(0, None, None)
    at_line = float(_at_line(rows[None])[0]) if len(rows) >= LEAST else None
    return Side(len(rows), float(rows[:, 1].mean()), at_line)


def _drawn(rows: Column, draw: np.random.Generator) -> Column:
    """The fitted change at the line of ``DRAWS`` samples with replacement."""
    count = len(rows)
    step = max(1, CELLS // count)
    parts: list[Any] = [
        _at_line(rows[draw.integers(0, count, (min(step, DRAWS - start), count))]) for start in range(0, DRAWS, step)
    ]
    return np.concatenate(parts)


def _at_line(samples: Column) -> Column:
    """Of each sample (samples × banks × 2) the least-squares line's value at distance 0; its mean where all banks have
    one distance."""
    x, y = samples[..., 0], samples[..., 1]
    mean_x, mean_y = x.mean(axis=1), y.mean(axis=1)
    off = x - mean_x[:, None]
    spread = (off * off).sum(axis=1)
    slope = np.divide((off * y).sum(axis=1), spread, out=np.zeros_like(spread), where=spread > 1e-12)
    found: Column = mean_y - slope * mean_x
    return found
