"""What is known of earlier years: the figures of 31 December, and the courses from a day to it."""

from collections.abc import Collection, Iterable

from assessments.filings.earlier import as_signed, cases_of_banks
from assessments.models import Reading, ReadingPeriod
from assessments.readings.figures import bases, target_facts, values_of
from assessments.readings.forecast import Course
from assessments.readings.selectors import latest
from assessments.rulebooks.cache import engine_rulebook
from banks.models import Bank, FactEntry
from banks.selectors.facts import latest as latest_facts
from scorecard.engine import FactValue, Rulebook

Year = tuple[int, int]  # bank and year


def year_ends(
    rulebook: Rulebook, bank_ids: Collection[int], years: Collection[int]
) -> dict[Year, dict[str, FactValue]]:
    """The figures of 31 December, by bank and year: as they were signed or stand on file (``as_signed``), else the
    reading of December. Three queries.
    """
    facts, periods = target_facts(rulebook), [str(year) for year in years]
    entries: dict[Year, dict[str, FactEntry]] = {}
    rows = FactEntry.objects.filter(bank__in=bank_ids, period__in=periods, fact__in=list(facts))
    for entry in latest_facts(rows):
        entries.setdefault((entry.bank_id, int(entry.period)), {})[entry.fact] = entry
    cases = cases_of_banks(bank_ids, periods)
    found: dict[Year, dict[str, FactValue]] = {}
    for bank in bank_ids:
        for year in years:
            known = values_of(rulebook, as_signed(entries.get((bank, year), {}), cases[bank].get(str(year))))
            kept = {id: value for id, value in known.items() if id in facts}
            if kept:
                found[bank, year] = kept
    december = Reading.objects.filter(period__year__in=years, period__month=12, bank__in=bank_ids)
    for row in latest(december.select_related("period")):
        found.setdefault((row.bank_id, row.period.year), values_of(rulebook, row.facts))
    return found


def bases_at_year_end(
    rulebook: Rulebook, before: dict[str, FactValue], reading: dict[str, FactValue]
) -> dict[str, FactValue]:
    """The base figures of 31 December of this year: last year's figures of that day; where the rulebook compares with
    the start of the year and last year is not known, those of the reading, which are the same.
    """
    year_start = all(target.base == "year_start" for target in rulebook.targets.values())
    found = {}
    for base, source in bases(rulebook).items():
        if source in before:
            found[base] = before[source]
        elif year_start and base in reading:
            found[base] = reading[base]
    return found


def courses_of(period: ReadingPeriod, rulebook: Rulebook | None = None) -> list[Course]:
    """Every bank in every earlier year of which the reading of the same day and the figures of 31 December are known,
    the earliest first; of the figures of the period's rulebook, or of another one. Five queries.
    """
    if period.month == 12:
        return []
    rulebook = rulebook or engine_rulebook(period.rulebook)
    rows = Reading.objects.filter(period__month=period.month, period__year__lt=period.year).select_related("period")
    days = {(row.bank_id, row.period.year): values_of(rulebook, row.facts) for row in latest(rows)}
    banks, years = {bank for bank, _year in days}, sorted({year for _bank, year in days})
    categories = dict(Bank.objects.filter(pk__in=banks).values_list("pk", "category"))
    ends = year_ends(rulebook, sorted(banks), years)
    return courses(days, ends, categories)


def courses(
    days: dict[Year, dict[str, FactValue]], ends: dict[Year, dict[str, FactValue]], categories: dict[int, str]
) -> list[Course]:
    """The courses out of what is known of days and year-ends."""
    return [
        Course(bank, categories[bank], year, days[bank, year], ends[bank, year])
        for bank, year in sorted(days, key=lambda key: (key[1], key[0]))
        if (bank, year) in ends
    ]


def summed(facts: Iterable[str], rows: Collection[dict[str, FactValue]]) -> dict[str, FactValue]:
    """The sums of figures over banks; a figure that one of them lacks is left out."""
    found: dict[str, FactValue] = {}
    for fact in facts:
        values = [row.get(fact) for row in rows]
        if rows and all(hasattr(value, "as_integer_ratio") for value in values):
            found[fact] = sum(values)  # type: ignore[arg-type,assignment]
    return found
