"""Growth against bad loans: where a bank stands by its own signed figures, and how many banks stand where.

Two differences, in percentage points, so that both axes have a limit of the rulebook's that is the same for every bank:
growth of the loans that are assessed less the growth of all loans (the limit of the growth target is 0), and their
non-performing ratio less that of all loans (the limits are the ends of the curve by which the rulebook gives points).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import floor
from typing import Any

from assessments.models import Round
from assessments.models.assessments import CATEGORY
from assessments.rulebooks.stored_values import StoredFacts, to_engine
from scorecard.engine import Rulebook, ScoringInput
from scorecard.engine.exact.context import Scoring
from scorecard.engine.rulebook.dependencies import facts_of
from scorecard.engine.rules.curve import Curve
from scorecard.engine.values.rational import Fraction

# Names of derived figures by which the shipped methods say growth and bad loans: of what is assessed, of all loans.
GROWTH = (("sme_growth", "all_growth"), ("incl_growth", "all_growth"))
RATIO = (("sme_npl_ratio", "all_npl_ratio"), ("incl_npl_ratio", "all_npl_ratio"))
#: Edges of the bins in percentage points: first edge, width, number; what lies beyond is in the first and the last.
Scale = tuple[int, Fraction, int]
ACROSS: Scale = (-40, Fraction(2), 40)
UP: Scale = (-4, Fraction(1, 2), 24)


@dataclass(frozen=True)
class Axes:
    """The figures of a rulebook: (of what is assessed, of all loans) for growth and for bad loans; and the limits:
    the target of the growth, and the ends of the curve of the bad loans with its indicator. Blank where it has none.
    """

    growth: tuple[str, str]
    ratio: tuple[str, str]
    target: str
    indicator: str
    limits: tuple[Fraction, ...]
    facts: tuple[str, ...]


@lru_cache(maxsize=64)
def axes_of(rulebook: Rulebook) -> Axes | None:
    """The axes under a rulebook; None where it derives no growth or no ratio."""
    known = rulebook.definitions
    growth = next((pair for pair in GROWTH if set(pair) <= known.keys()), None)
    ratio = next((pair for pair in RATIO if set(pair) <= known.keys()), None)
    if growth is None or ratio is None:
        return None
    target = next((t.id for t in rulebook.targets.values() if (t.left.text, t.right.text) == growth), "")
    words = f"pp({ratio[0]} - {ratio[1]})"
    indicator = ""
    limits: tuple[Fraction, ...] = ()
    for spec in rulebook.indicators.values():
        if isinstance(spec.rule, Curve) and spec.rule.x.text == words:
            indicator, limits = spec.id, (spec.rule.points[0][0], spec.rule.points[-1][0])
    facts = facts_of(rulebook, [known[name].expr for name in (*growth, *ratio)])
    return Axes(growth, ratio, target, indicator, limits, facts)


@dataclass(frozen=True)
class Place:
    """A bank's figures, exact fractions; None where one cannot be computed."""

    growth: Fraction | None
    all_growth: Fraction | None
    ratio: Fraction | None
    all_ratio: Fraction | None

    @property
    def figures(self) -> tuple[Fraction | None, ...]:
        """The four figures, in the order of ``Axes.growth`` and ``Axes.ratio``."""
        return (self.growth, self.all_growth, self.ratio, self.all_ratio)

    @property
    def across(self) -> Fraction | None:
        """Growth less that of all loans, in percentage points."""
        return _points(self.growth, self.all_growth)

    @property
    def up(self) -> Fraction | None:
        """Non-performing ratio less that of all loans, in percentage points."""
        return _points(self.ratio, self.all_ratio)


def _points(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else (one - other) * 100


def place_of(rulebook: Rulebook, axes: Axes, stored: StoredFacts) -> Place:
    """Where a bank stands by the figures of one signed version."""
    facts = {
        name: to_engine(rulebook.facts[name], stored[name]["state"], stored[name]["value"])
        for name in axes.facts
        if name in stored
    }
    scoring = Scoring(rulebook, ScoringInput(facts=facts))
    values = [scoring.value(name) for name in (*axes.growth, *axes.ratio)]
    return Place(*(value if isinstance(value, Fraction) else None for value in values))


def bin_of(value: Fraction, scale: Scale) -> int:
    """The number of the bin; a value on an edge belongs to the bin above it."""
    first, width, count = scale
    return min(count - 1, max(0, floor((value - first) / width)))


def quadrant_bins(round_: Round, rulebook: Rulebook) -> dict[str, Any]:
    """``{category: {"banks": …, "without": …, "bins": {"across,up": banks}}}`` over signed versions, every institution
    once. One query, read in parts; for the job that keeps a round's figures.
    """
    axes = axes_of(rulebook)
    found: dict[str, Any] = {}
    if axes is None:
        return found
    rows = round_.counted_once.filter(version__isnull=False).values_list(CATEGORY, "version__facts")
    for category, facts in rows.iterator(chunk_size=500):
        one = found.setdefault(category, {"banks": 0, "without": 0, "bins": Counter()})
        place = place_of(rulebook, axes, facts)
        one["banks"] += 1
        if place.across is None or place.up is None:
            one["without"] += 1
        else:
            one["bins"][f"{bin_of(place.across, ACROSS)},{bin_of(place.up, UP)}"] += 1
    return found


def added_bins(kept: Mapping[str, Any], category: str = "") -> tuple[dict[tuple[int, int], int], int]:
    """The kept bins of a category, or of all together: (across, up) → banks; and how many banks have no place."""
    counts: Counter[tuple[int, int]] = Counter()
    without = 0
    for name, one in kept.items():
        if category in ("", name):
            without += one["without"]
            for key, banks in one["bins"].items():
                across, up = map(int, key.split(","))
                counts[across, up] += banks
    return dict(counts), without
