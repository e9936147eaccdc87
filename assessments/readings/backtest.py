"""The method of the forecast held against what came in: each course, forecast from the years before it, as an office
would have known them then, or from all years but its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assessments.readings.figures import bases
from assessments.readings.forecast import Course, forecast
from scorecard.engine import Rulebook, ScoringInput
from scorecard.engine.exact.context import Scoring
from scorecard.engine.values.rational import Fraction


@dataclass(frozen=True)
class Case:
    """One forecast of the past: its spread and the margin that came in."""

    target: str
    year: int
    low: Fraction
    high: Fraction
    covers: Fraction
    came: Fraction

    @property
    def covered(self) -> bool:
        """Whether what came in lies within the spread; both ends count."""
        return self.low <= self.came <= self.high


@dataclass(frozen=True)
class Coverage:
    """How often the spread covered what came in, and in how many cases nothing was said."""

    cases: int
    covered: int
    stated: Fraction  # the mean of the shares that were stated
    too_few: int

    @property
    def share(self) -> Fraction | None:
        """The share that was covered; None without a case."""
        return Fraction(self.covered, self.cases) if self.cases else None


def cases_of(
    rulebook: Rulebook, target: str, month: int, courses: Sequence[Course], *, left_out: bool = False
) -> Iterator[Case | None]:
    """Each course that has a year to be forecast from: an earlier one or, with ``left_out``, any but its own. None
    where these say too little. No course of the same year is ever used: it has the same weather.
    """
    for course in courses:
        known = [one for one in courses if (one.year != course.year if left_out else one.year < course.year)]
        if not known:
            continue
        base = {fact: course.end[fact] for fact in bases(rulebook) if fact in course.end}
        found = forecast(rulebook, target, month, course.day, base, course.category, known)
        came = Scoring(rulebook, ScoringInput(facts=dict(course.end))).outcome(target).margin
        if came is None or found is None:
            continue
        if found.low is None or found.high is None or found.covers is None:
            yield None
        else:
            yield Case(target, course.year, found.low, found.high, found.covers, came)


def coverage(
    rulebook: Rulebook, month: int, courses: Sequence[Course], *, left_out: bool = False
) -> Mapping[str, Coverage]:
    """The coverage of each target over these courses, which are all from the same day of their years."""
    return {
        target: coverage_of(list(cases_of(rulebook, target, month, courses, left_out=left_out)))
        for target in rulebook.targets
    }


def coverage_of(cases: Sequence[Case | None]) -> Coverage:
    """How often these spreads covered what came in."""
    said = [case for case in cases if case is not None]
    stated = sum((case.covers for case in said), Fraction(0)) / len(said) if said else Fraction(0)
    return Coverage(len(said), sum(case.covered for case in said), stated, len(cases) - len(said))
