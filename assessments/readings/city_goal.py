"""How far the city is on the way to the goal of sci-tech finance (``docs/readings.md``, Sci-tech finance)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assessments.models import Reading, ReadingPeriod
from assessments.readings.city import city_courses, counted_once
from assessments.readings.figures import target_facts, values_of
from assessments.readings.forecast import Draw, draws
from assessments.readings.goals import goals, in_force, number
from assessments.readings.history import bases_at_year_end, courses_of, summed, year_ends
from assessments.readings.selectors import latest
from banks.models import User
from scorecard.access.roles import READ_ROLES
from scorecard.engine import FactValue
from scorecard.engine.values.rational import Fraction

TARGET = "growth"


@dataclass(frozen=True)
class GoalStanding:
    """The city on the day: ``banks`` of those that have filed (``filed``) gave their figure.

    ``asked`` is what the path of the goal asks of this year's end, ``years`` what each earlier year would lead to by
    then: year and balance. ``average`` is the growth a year since the goal began, ``still`` that which the goal still
    asks a year; both rounded to a hundredth of a percent, None where no time has passed or is left.
    """

    filed: int
    banks: int
    total: Fraction
    goal: Fraction
    asked: Fraction
    average: Fraction | None
    still: Fraction | None
    years: Sequence[tuple[int, Fraction]]

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
    return GoalStanding(
        filed=len(counted_once(sorted(filed))),
        banks=len(given),
        total=total,
        goal=number("goal"),
        asked=number("goal_base") * (1 + line) ** int(period.year - began),
        average=a_year(total / number("goal_base"), today - began),
        still=a_year(number("goal") / total, until - today) if total else None,
        years=_as_in_earlier_years(period, given, filed, line),
    )


def a_year(ratio: Fraction, years: Fraction) -> Fraction | None:
    """The growth a year that gives a ratio over so many years, to a hundredth of a percent."""
    if years <= 0 or ratio <= 0:
        return None
    whole = Decimal(ratio.numerator) / Decimal(ratio.denominator)
    power = whole ** (Decimal(years.denominator) / Decimal(years.numerator))
    return Fraction(round((power - 1) * 10_000), 10_000)


def _as_in_earlier_years(
    period: ReadingPeriod, given: Sequence[int], filed: Mapping[int, dict[str, FactValue]], line: Fraction
) -> list[tuple[int, Fraction]]:
    """The city's balance at this year's end if it went on as in each earlier year; nothing where last year's end is not
    known of a bank, and in December.
    """
    book = goals()
    facts = tuple(target_facts(book))
    lever = book.targets[TARGET].lever
    ends = year_ends(book, given, [period.year - 1])
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
