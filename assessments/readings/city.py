"""The city at a reading: sums over the banks that have filed, the same conditions on them, and what each single earlier
year would give (``docs/readings.md``, Standing).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assessments.models import Reading, ReadingPeriod
from assessments.readings.figures import target_facts, values_of
from assessments.readings.forecast import OF_CITY, Course, Draw, draws, spread_of
from assessments.readings.history import bases_at_year_end, courses_of, summed, year_ends
from assessments.readings.selectors import latest
from assessments.readings.standing import targets_on
from assessments.rulebooks.cache import engine_rulebook
from banks.models import Bank, User
from scorecard.access.roles import READ_ROLES
from scorecard.engine import FactValue

Figures = dict[str, FactValue]
CITY = 0  # the number of the city among courses


@dataclass(frozen=True)
class CityStanding:
    """The city: how many banks are in its sums (``banks``), of how many last year's end is known (``known``), the
    targets on the day and at the year's end, and the draws of earlier years by target.
    """

    banks: int
    known: int
    content: dict[str, Any]
    years: dict[str, list[Draw]]


def counted_once(bank_ids: Sequence[int]) -> list[int]:
    """These banks without the branches whose head office is among them: its figures hold theirs already."""
    heads = dict(Bank.objects.filter(pk__in=bank_ids).values_list("pk", "head_office"))
    return [bank for bank in bank_ids if heads[bank] not in heads]


def city_standing(actor: User, period: ReadingPeriod) -> CityStanding | None:
    """The city for those who read every bank's figures; None before a bank has filed."""
    rows = latest(Reading.objects.filter(period=period)) if actor.holds(*READ_ROLES) else Reading.objects.none()
    rulebook = engine_rulebook(period.rulebook)
    facts = tuple(target_facts(rulebook))
    filed = {row.bank_id: values_of(rulebook, row.facts) for row in rows}
    once = counted_once(sorted(filed))
    if not once:
        return None
    ends = year_ends(rulebook, once, [period.year - 1])
    bases = {bank: bases_at_year_end(rulebook, ends.get((bank, period.year - 1), {}), filed[bank]) for bank in once}
    # What the year-end asks is worked out over the banks of which last year's end is known.
    known = [bank for bank in once if bases[bank]]
    now, base = summed(facts, [filed[bank] for bank in once]), summed(facts, [bases[bank] for bank in known])
    whole = len(known) == len(once)
    day = targets_on(rulebook, now, {})
    end = targets_on(rulebook, {**now, **base}, {}) if whole else {}
    earlier = city_courses(courses_of(period), facts)
    targets, years = {}, {}
    for id, result in day.items():
        years[id] = draws(rulebook, id, period.month, now, base, earlier) if whole else []
        spread = spread_of(years[id], OF_CITY) if years[id] else None
        plain, at_end = result.to_json(), end[id].to_json() if id in end else None
        targets[id] = {"day": plain, "end": at_end, "forecast": spread.to_json() if spread else None}
    content = {"targets": targets, "warnings": []}
    return CityStanding(len(once), len(known), content, years)


def city_courses(courses: Sequence[Course], facts: Sequence[str]) -> list[Course]:
    """One course for each year: the sums over the banks of which both day and year-end are known."""
    by_year: dict[int, list[Course]] = defaultdict(list)
    for course in courses:
        by_year[course.year].append(course)
    found = []
    for year, rows in sorted(by_year.items()):
        once = set(counted_once([row.bank for row in rows]))
        kept = [row for row in rows if row.bank in once]
        day = summed(facts, [dict(row.day) for row in kept])
        end = summed(facts, [dict(row.end) for row in kept])
        found.append(Course(CITY, "", year, day, end))
    return found
