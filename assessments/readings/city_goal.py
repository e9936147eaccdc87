"""How far the city is on the way to the goal of sci-tech finance (``docs/readings.md``, Sci-tech finance)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assessments.models import Reading, ReadingPeriod
from assessments.readings.city import CITY, city_courses, counted_once
from assessments.readings.figures import target_facts, values_of
from assessments.readings.forecast import Draw, Spread, draws, spread_of
from assessments.readings.goals import goals, in_force, number
from assessments.readings.history import bases_at_year_end, courses_of, summed, year_ends
from assessments.readings.selectors import latest
from banks.models import User
from scorecard.access.roles import READ_ROLES
from scorecard.engine import FactValue
from scorecard.engine.values.rational import Fraction

TARGET = "growth"
OF_YEARS = "years"  # whose draws a spread is of: single years of the city
YEARS = 12  # so many years back a growth is looked for


@dataclass(frozen=True)
class GoalStanding:
    """The city on the day: ``banks`` of those that have filed (``filed``) gave their figure.

    ``asked`` is what the path of the goal asks of this year's end, ``years`` what each earlier year would lead to by
    then: year and balance; ``this_end`` and ``at_goal`` are the spreads of where earlier years lead, with balances for
    margins, or with how many years there are where these are too few. ``average`` is the growth a year since the goal
    began, ``still`` that which the goal still asks a year; both rounded to a hundredth of a percent, None where no time
    has passed or is left.
    """

    filed: int
    banks: int
    total: Fraction
    goal: Fraction
    asked: Fraction
    average: Fraction | None
    still: Fraction | None
    years: Sequence[tuple[int, Fraction]]
    this_end: Spread | None  # of this year-end; None in December
    at_goal: Spread  # of the end of the goal's last year

    @property
    def share(self) -> Fraction:
        """The part of the goal that is reached."""
        return self.total / self.goal

    @property
    def needed(self) -> Fraction:
        """What the goal still needs."""
        return max(Fraction(0), self.goal - self.total)

    @property
    def needed_this_year(self) -> Fraction:
        """What this year's end still asks by the path."""
        return max(Fraction(0), self.asked - self.total)


def city_goal(actor: User, period: ReadingPeriod) -> GoalStanding | None:
    """The goal at a reading, for those who read every bank's figures; None outside its years and where no bank gave
    its figure. A branch whose head office has filed is inside its head office's figure.
    """
    if not actor.holds(*READ_ROLES) or not in_force(period.year):
        return None
    book = goals()
    lever = book.targets[TARGET].lever
    rows = latest(Reading.objects.filter(period=period))
    filed = {row.bank_id: values_of(book, row.facts) for row in rows}
    given = [bank for bank in counted_once(sorted(filed)) if isinstance(filed[bank].get(lever), Decimal)]
    if not given:
        return None
    now = summed((lever,), [filed[bank] for bank in given])
    total = Fraction(now[lever])  # type: ignore[arg-type]
    began, until, line = (number(name) for name in ("goal_from", "goal_until", "growth_line"))
    today = period.year - 1 + Fraction(period.month, 12)  # years that are over on the day
    ends = year_ends(book, given, _years(period))
    years = [] if period.month == 12 else _as_in_earlier_years(period, given, filed, ends, line)
    growths = growths_of([{year: ends.get((bank, year), {}).get(lever) for year in _years(period)} for bank in given])
    begin = [(year, total) for year in growths] if period.month == 12 else years
    return GoalStanding(
        filed=len(counted_once(sorted(filed))),
        banks=len(given),
        total=total,
        goal=number("goal"),
        asked=number("goal_base") * (1 + line) ** int(period.year - began),
        average=a_year(total / number("goal_base"), today - began),
        still=a_year(number("goal") / total, until - today) if total else None,
        years=years,
        this_end=None if period.month == 12 else spread(years, number("goal")),
        at_goal=spread(at_end(begin, growths, int(until) - period.year), number("goal")),
    )


def a_year(ratio: Fraction, years: Fraction) -> Fraction | None:
    """The growth a year that gives a ratio over so many years, to a hundredth of a percent."""
    if years <= 0 or ratio <= 0:
        return None
    whole = Decimal(ratio.numerator) / Decimal(ratio.denominator)
    power = whole ** (Decimal(years.denominator) / Decimal(years.numerator))
    return Fraction(round((power - 1) * 10_000), 10_000)


def _years(period: ReadingPeriod) -> range:
    return range(period.year - YEARS, period.year)


def growths_of(balances: Sequence[Mapping[int, FactValue | None]]) -> dict[int, Fraction]:
    """The city's growth of each year, out of the year-end balances of each bank: over the banks that are known at the
    end of the year and at that of the year before.
    """
    found = {}
    for year in sorted({year for one in balances for year in one}):
        pairs = [(one.get(year - 1), one.get(year)) for one in balances]
        known = [(a, b) for a, b in pairs if isinstance(a, Decimal) and isinstance(b, Decimal)]
        before = sum((Fraction(a) for a, _b in known), Fraction(0))
        if before:
            found[year] = sum((Fraction(b) for _a, b in known), Fraction(0)) / before - 1
    return found


def at_end(
    begin: Sequence[tuple[int, Fraction]], growths: Mapping[int, Fraction], left: int
) -> list[tuple[int, Fraction]]:
    """Where each earlier year leads that many years after this year-end, if every year goes on as that one did."""
    if not left:
        return list(begin)
    return [(year, value * (1 + growths[year]) ** left) for year, value in begin if year in growths]


def spread(found: Sequence[tuple[int, Fraction]], goal: Fraction) -> Spread:
    """The spread of balances, or how many there are where these are too few to say."""
    return spread_of([Draw(year, CITY, value, value >= goal) for year, value in found], OF_YEARS)


def _as_in_earlier_years(
    period: ReadingPeriod,
    given: Sequence[int],
    filed: Mapping[int, dict[str, FactValue]],
    ends: Mapping[tuple[int, int], dict[str, FactValue]],
    line: Fraction,
) -> list[tuple[int, Fraction]]:
    """The city's balance at this year's end if it went on as in each earlier year; nothing where last year's end is not
    known of a bank, and in December.
    """
    book = goals()
    facts = tuple(target_facts(book))
    lever = book.targets[TARGET].lever
    bases = [bases_at_year_end(book, ends.get((bank, period.year - 1), {}), filed[bank]) for bank in given]
    if not all(bases):
        return []
    base, now = summed(facts, bases), summed((lever,), [filed[bank] for bank in given])
    known = [
        course
        for course in courses_of(period, book)
        if isinstance(course.day.get(lever), Decimal) and isinstance(course.end.get(lever), Decimal)
    ]
    begins = Fraction(next(iter(base.values())))  # type: ignore[arg-type]
    found: list[Draw] = draws(book, TARGET, period.month, now, base, city_courses(known, facts))
    return [(draw.year, begins * (1 + line + draw.margin)) for draw in found]
