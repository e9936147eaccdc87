"""Points of sections: sums, weights, limits, and the sharing out of what is not applicable; the total and its grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from scorecard.engine.rulebook.model import Rounding, Section
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import round_points
from scorecard.engine.values.rational import ZERO as NONE
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import IndicatorResult

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class SectionPoints:
    """Points of a section and how they come about: `raw` is the sum of its indicators and sections, `shared_out` what
    they get of points that are not applicable, `adjusted` what weight, floor and ceiling change.
    """

    points: Decimal
    raw: Decimal
    shared_out: Decimal
    adjusted: Decimal
    state: str
    share: Fraction
    takers: tuple[str, ...]
    rounding: Rounding

    def shared_out_of(self, points: Mapping[str, Decimal]) -> Fraction:
        """Return what other points of the same indicators (the bank's own) would get of the shared-out points."""
        if not self.share:
            return NONE
        positive = sum((max(Fraction(points[i]), NONE) for i in self.takers if i in points), NONE)
        return Fraction(round_points(positive * self.share, self.rounding.indicator, self.rounding.mode))


def section_points(
    rounding: Rounding, section: Section, results: Sequence[IndicatorResult], below: Sequence[SectionPoints]
) -> SectionPoints:
    """Add up one section from its indicators and the sections below it.

    Points of an indicator that is not applicable and shared out go to the other indicators of the section in
    proportion to what each of them earns: their positive points times (taken-out maximum / remaining maximum),
    rounded once.
    """
    raw = sum((r.points for r in results if r.points is not None), ZERO) + sum((s.points for s in below), ZERO)
    out = [r for r in results if r.state == "not_applicable" and r.points is None]
    share: Fraction = NONE
    extra = ZERO
    takers: tuple[str, ...] = ()
    if out:
        takers = tuple(r.id for r in results if r not in out)
        rest = sum((Fraction(r.max) for r in results if r not in out), NONE)
        if rest > 0:
            share = sum((Fraction(r.max) for r in out), NONE) / rest
            positive = sum((r.points for r in results if r.points is not None and r.points > 0), ZERO)
            extra = round_points(Fraction(positive) * share, rounding.indicator, rounding.mode)
    points = raw + extra
    if section.weight != 1:
        points = round_points(Fraction(points) * section.weight, rounding.indicator, rounding.mode)
    if section.ceiling is not None and points > section.ceiling:
        points = section.ceiling
    if section.floor is not None and points < section.floor:
        points = section.floor
    states = {r.state for r in results} | {s.state for s in below}
    state = "unanswered" if "unanswered" in states else "pending" if states & {"pending", "undefined"} else "complete"
    return SectionPoints(points, raw, extra, points - raw - extra, state, share, takers, rounding)


def band_of(rulebook: Rulebook, total: Decimal) -> str:
    """Return the grade whose band holds the total: bands are half open, the lower bound belongs to the band."""
    for grade in rulebook.grades:
        if grade.min is None or total >= grade.min:
            return grade.id
    return rulebook.grades[-1].id


def limited_total(rulebook: Rulebook, raw: Fraction) -> Decimal:
    """Return the sum of the sections within the rulebook's own floor and ceiling, rounded as it says."""
    if rulebook.ceiling is not None:
        raw = min(raw, Fraction(rulebook.ceiling))
    if rulebook.floor is not None:
        raw = max(raw, Fraction(rulebook.floor))
    return round_points(raw, rulebook.rounding.total, rulebook.rounding.mode)
