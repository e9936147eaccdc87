"""Readings of the demonstration banks: invented figures between one year-end and the next, the same for the same bank,
year and month. Those of the years of the rounds lead to the figures that the bank filed for 31 December.
"""

from collections.abc import Mapping
from random import Random

from assessments.demo.banks import PREVIOUS, DemoBank

MONTHS = (3, 6, 9)
WATCHED = 2018  # the year that runs, whose end nobody knows
STOCKS, FLOWS = ("sme_bal_end", "all_bal_end", "sme_hh_end"), ("applied", "approved")
BASES = {base: source for base, source in PREVIOUS.items() if source in (*STOCKS, *FLOWS)}
# How far a figure strays from the straight way of its year, in thousandths of what it began with.
STRAY = 9

Year = dict[str, int]


def year_of(bank: DemoBank, year: int) -> tuple[Year, Year] | None:
    """The bank's figures at the beginning and at the end of a year; None where it was not there."""
    if year == WATCHED:
        before = year_of(bank, year - 1)
        return None if before is None else (before[1], _watched(bank, before[1]))
    facts = bank.facts.get(str(year))
    if facts is None:
        first = bank.facts.get(str(year + 1))
        return None if first is None else _year_before(first)
    start = {source: _number(facts, base) for base, source in BASES.items()}
    return start, {fact: _number(facts, fact) for fact in (*STOCKS, *FLOWS)}


def _number(facts: Mapping[str, tuple[str, str]], fact: str) -> int:
    state, value = facts[fact]
    return int(value) if state == "value" else 0


def _year_before(facts: Mapping[str, tuple[str, str]]) -> tuple[Year, Year]:
    """The year before the first: its end is known as the base of the first, its beginning is a tenth less."""
    end = {source: _number(facts, base) for base, source in BASES.items()}
    return {fact: value * 10 // 11 for fact, value in end.items()}, end


def _watched(bank: DemoBank, start: Year) -> Year:
    """Where the running year leads. Some banks fall behind, as in the years before."""
    rng = _random(bank, WATCHED, 12)
    growth, ahead = rng.randrange(60, 140), rng.randrange(-35, 85)
    end = {
        "all_bal_end": start["all_bal_end"] * (1000 + growth) // 1000,
        "sme_bal_end": start["sme_bal_end"] * (1000 + growth + ahead) // 1000,
        "sme_hh_end": start["sme_hh_end"] * (1000 + rng.randrange(-35, 160)) // 1000,
        "applied": start["applied"] * (1000 + rng.randrange(20, 150)) // 1000,
    }
    rate = start["approved"] * 1000 // start["applied"] if start["applied"] else 0
    end["approved"] = end["applied"] * min(1000, rate + rng.randrange(-18, 25)) // 1000
    return end


def _random(bank: DemoBank, year: int, month: int) -> Random:
    return Random(f"{bank.code}-{year}-{month}")  # noqa: S311  # nosec B311 - invented figures, nothing secret


def day_of(bank: DemoBank, year: int, month: int) -> Year | None:
    """The figures of the period that ends with a month."""
    found = year_of(bank, year)
    if found is None:
        return None
    start, end = found
    rng = _random(bank, year, month)
    values = {}
    for fact in STOCKS:
        way = (end[fact] - start[fact]) * month // 12
        values[fact] = max(0, start[fact] + way + start[fact] * rng.randrange(-STRAY, STRAY + 1) // 1000)
    values["applied"] = max(0, end["applied"] * month * rng.randrange(930, 1071) // 12_000)
    rate = end["approved"] * 1000 // end["applied"] if end["applied"] else 0
    values["approved"] = values["applied"] * max(0, min(1000, rate + rng.randrange(-12, 13))) // 1000
    return values


def reading_of(bank: DemoBank, year: int, month: int) -> dict[str, str] | None:
    """The whole reading: figures of the period, bases of the same day a year before, the credit plan."""
    now = day_of(bank, year, month)
    if now is None:
        return None
    before = day_of(bank, year - 1, month) or dict.fromkeys(now, 0)
    found = {fact: str(value) for fact, value in now.items()}
    found |= {base: str(before[source]) for base, source in BASES.items()}
    began = year_of(bank, year)
    start = began[0] if began else now
    done = now["sme_bal_end"] - start["sme_bal_end"]
    return found | {"plan_increment": str(planned(bank, year, start)), "plan_done": str(done)}


def planned(bank: DemoBank, year: int, start: Year) -> int:
    """The bank's credit plan of a year: what it filed, else nine hundredths of what it began with."""
    state, value = bank.facts.get(str(year), {}).get("plan_increment", ("", ""))
    return int(value.partition(".")[0]) if state == "value" else start["sme_bal_end"] * 9 // 100
