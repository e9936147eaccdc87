"""What earlier years say of this year's end: draws out of courses, and their spread (``docs/readings.md``, Forecast).

Pure: it asks no database. Everything is exact; nothing is fitted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assessments.readings.figures import Values, bases
from assessments.readings.rules import watching
from scorecard.engine import Rulebook, ScoringInput
from scorecard.engine.exact.context import Scoring
from scorecard.engine.exact.targets import holds
from scorecard.engine.language.exact import compute
from scorecard.engine.rulebook.dependencies import facts_of
from scorecard.engine.values.numbers import scaled
from scorecard.engine.values.rational import Fraction

FEWEST = 9  # courses below which nothing is said
ENOUGH = 19  # courses from which on the spread covers nine tenths
PROMISED = Fraction(9, 10)
OF_CATEGORY, OF_CITY = "category", "city"


@dataclass(frozen=True)
class Course:
    """One bank in one earlier year: its figures on the day, and on 31 December with the base figures of that day."""

    bank: int
    category: str
    year: int
    day: Values
    end: Values


@dataclass(frozen=True)
class Draw:
    """What one course gives: the target's margin at this year's end, and whether the target is met then."""

    year: int
    bank: int
    margin: Fraction
    met: bool


@dataclass(frozen=True)
class Spread:
    """The draws of one target. ``low``, ``middle`` and ``high`` are None where there are too few to say; ``covers`` is
    the least share of cases in which the spread covers what comes, if this year is like those.
    """

    cases: int
    met: int
    courses: str  # whose: OF_CATEGORY or OF_CITY
    low: Fraction | None = None
    middle: Fraction | None = None
    high: Fraction | None = None
    covers: Fraction | None = None

    @property
    def met_share(self) -> Fraction | None:
        """The share of draws in which the target is met; None where there are too few to say."""
        return None if self.low is None else Fraction(self.met, self.cases)

    def to_json(self) -> dict[str, Any]:
        """As it is kept: exact fractions as text."""
        kept = {name: getattr(self, name) for name in ("low", "middle", "high", "covers")}
        found = {name: None if value is None else str(value) for name, value in kept.items()}
        return {"cases": self.cases, "met": self.met, "courses": self.courses, **found}


def moving(rulebook: Rulebook, target: str) -> tuple[str, ...]:
    """The figures of the period that a target reads: those that are no base of comparison."""
    sides = rulebook.targets[target]
    return tuple(fact for fact in facts_of(rulebook, (sides.left, sides.right)) if fact not in bases(rulebook))


def draws(
    rulebook: Rulebook, target: str, month: int, now: Values, base: Values, courses: Sequence[Course]
) -> list[Draw]:
    """A draw for each course that has a ratio for every figure of the target; none where a figure or a base of today is
    not known. ``base`` holds the base figures of last 31 December.
    """
    names = moving(rulebook, target)
    sides = rulebook.targets[target]
    needed = [fact for fact in facts_of(rulebook, (sides.left, sides.right)) if fact not in names]
    known: Values = {fact: base[fact] for fact in needed if isinstance(base.get(fact), Decimal)}
    if len(known) < len(needed) or not all(isinstance(now.get(fact), Decimal) for fact in names):
        return []
    found = []
    for course in courses:
        figures = _moved(rulebook, names, month, now, known, course)
        if figures is None:
            continue
        scoring = _possible(rulebook, target, figures, {**now, **known}, known)
        margin = scoring.outcome(target).margin
        if margin is not None:
            found.append(Draw(course.year, course.bank, margin, holds(sides.op, margin)))
    return found


def _moved(
    rulebook: Rulebook, names: Sequence[str], month: int, now: Values, base: Values, course: Course
) -> dict[str, Decimal] | None:
    """Today's figures, moved as one course moved from this day on, in the steps in which they are filed.

    A figure that accumulates over the year, and one whose last 31 December is not known, is multiplied by what the
    course's was. A level goes on at the pace of its own year so far, and by how far the course's left its own pace.
    """
    begins = {source: name for name, source in bases(rulebook).items()}
    found = {}
    for fact in names:
        value, day, end = now[fact], course.day.get(fact), course.end.get(fact)
        if not (isinstance(value, Decimal) and isinstance(day, Decimal) and isinstance(end, Decimal)) or not day:
            return None
        start, before = base.get(begins.get(fact, "")), course.end.get(begins.get(fact, ""))
        growth = Fraction(end) / Fraction(day) - 1
        level = fact not in watching().accumulating and value
        if level and isinstance(start, Decimal) and isinstance(before, Decimal):
            growth += _pace(start, value, month) - _pace(before, day, month)
        places = rulebook.facts[fact].places
        found[fact] = scaled(max(0, round(Fraction(value) * (1 + growth) * 10**places)), places)
    return found


def _pace(start: Decimal, day: Decimal, month: int) -> Fraction:
    """By which part of itself a level still changes until 31 December if it goes on as it did since 1 January."""
    return (1 - Fraction(start) / Fraction(day)) * Fraction(12 - month, month)


def _possible(
    rulebook: Rulebook, target: str, figures: dict[str, Decimal], start: Values, base: Mapping[str, Any]
) -> Scoring:
    """The draw as it is scored. Where an error check that reads the lever refuses it, the lever is taken back towards
    where it stands today, to the last step that passes; where even that does not pass, the draw stays as it is.
    """
    lever = rulebook.targets[target].lever
    first = _scoring(rulebook, figures, base)
    checks = [
        check
        for check in rulebook.checks.values()
        if check.severity == "error" and lever in check.facts and set(check.facts) <= {*figures, *base}
    ]

    def passes(scoring: Scoring) -> bool:
        return all(compute(check.holds, scoring) is not False for check in checks)

    begin = start.get(lever)
    if not lever or lever not in figures or not isinstance(begin, Decimal) or passes(first):
        return first
    places = rulebook.facts[lever].places
    low, high = int(Fraction(begin) * 10**places), int(Fraction(figures[lever]) * 10**places)

    def at(step: int) -> Scoring:
        return _scoring(rulebook, figures | {lever: scaled(step, places)}, base)

    if low >= high or not passes(at(low)):
        return first
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if passes(at(middle)) else (low, middle)
    return at(low)


def _scoring(rulebook: Rulebook, figures: Mapping[str, Decimal], base: Mapping[str, Any]) -> Scoring:
    return Scoring(rulebook, ScoringInput(facts={**base, **figures}))


def spread_of(found: Sequence[Draw], courses: str) -> Spread:
    """The spread of draws: from the k-th to the k-th from above, k = max(1, (n + 1) // 40). No more than
    nine tenths is promised: courses of one year are not independent of each other.
    """
    cases, met = len(found), sum(draw.met for draw in found)
    if cases < FEWEST:
        return Spread(cases, met, courses)
    margins = sorted(draw.margin for draw in found)
    k = max(1, (cases + 1) // 40)
    half = cases // 2
    middle = margins[half] if cases % 2 else (margins[half - 1] + margins[half]) / 2
    covers = min(PROMISED, Fraction(cases + 1 - 2 * k, cases + 1))
    return Spread(cases, met, courses, margins[k - 1], middle, margins[cases - k], covers)


def forecast(
    rulebook: Rulebook, target: str, month: int, now: Values, base: Values, category: str, courses: Sequence[Course]
) -> Spread | None:
    """The spread of one target at this year's end: by the courses of the bank's category, where these are fewer than
    ``ENOUGH`` by those of all banks. None where a figure of the bank is not known.
    """
    names = moving(rulebook, target)
    if not names or any(not isinstance(now.get(fact), Decimal) for fact in names):
        return None
    found = draws(rulebook, target, month, now, base, [course for course in courses if course.category == category])
    if len(found) >= ENOUGH:
        return spread_of(found, OF_CATEGORY)
    everybody = draws(rulebook, target, month, now, base, courses)
    return spread_of(everybody, OF_CITY) if everybody else None
