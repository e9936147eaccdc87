"""How wide the numbers of a result must be, and what is too wide: both follow from the rulebook.

Points are whole units of rounding. They are added up in doubles, which hold whole numbers up to 2**53.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from scorecard.engine.declarations.keys import is_number
from scorecard.engine.rulebook.model import Section
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.rational import Fraction

WHOLE = 2**53  # below it every whole number has a double of its own
MOST_BITS = 63  # items of a checklist, limits, measures: one bit each of a signed number
ADJUSTMENT_DIGITS = 4  # adjustments are kept in ten-thousandths of a point
Range = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Widths:
    """Bytes of each whole number of a result: units of indicators and sections, units of the total, masks of limits
    and of measures, the number of an adjustment's case.
    """

    points: int
    total: int
    pending: int
    limits: int
    measures: int
    cases: int
    grades: int


@lru_cache(maxsize=64)
def widths_of(rulebook: Rulebook) -> Widths:
    """Return the widths of a rulebook's results."""
    ranges = _ranges(rulebook)
    scale, total_scale = 10**rulebook.rounding.indicator, 10**rulebook.rounding.total
    pending = sum((abs(Fraction(i.max)) for i in rulebook.indicators.values()), Fraction(0))
    most = sum((max(abs(i.min), abs(i.max)) for i in rulebook.indicators.values()), Decimal(0))
    # Two bytes where plain sums stay within them: a million banks are written in half the time.
    plain = all(s.weight == 1 and s.floor is None for s in rulebook.sections.values()) and most * scale <= 32767
    points = max([_signed(each, scale) for id, each in ranges.items() if id], default=2)
    return Widths(
        points=max(points, 2 if plain else 4),
        total=max(4, _signed(ranges[""], total_scale)),
        pending=max(4, _signed((Fraction(0), pending), scale)),
        limits=4 if len(rulebook.caps) <= 32 else 8,
        measures=4 if len(rulebook.measures) <= 32 else 8,
        cases=2 if sum(len(rule.cases) for rule in rulebook.adjustments) < 2**15 else 4,
        grades=1 if len(rulebook.grades) < 2**7 else 2,
    )


def too_wide(rulebook: Rulebook) -> Iterator[tuple[str, int, int]]:
    """Yield what does not fit, as (path of the entry, how much, how much may be)."""
    scale, total_scale = 10**rulebook.rounding.indicator, 10**rulebook.rounding.total
    for id, (low, high) in _ranges(rulebook).items():
        units = int(max(abs(low), abs(high)) * (scale if id else max(scale, total_scale)))
        if units >= WHOLE:
            group = "sections" if id in rulebook.sections else "indicators"
            yield f"{group}.{id}" if id else "rulebook.rounding", units, WHOLE - 1
    for rule in rulebook.adjustments:
        for number, case in enumerate(rule.cases):
            fine = int(abs(case.points) * 10**ADJUSTMENT_DIGITS)
            if fine >= 2**31:
                yield f"adjustments.{rule.id}.cases.{number}.points", fine, 2**31 - 1
    for path, count in (("caps", len(rulebook.caps)), ("measures", len(rulebook.measures))):
        if count > MOST_BITS:
            yield path, count, MOST_BITS
    for fact in rulebook.facts.values():
        if fact.kind == "checklist" and len(fact.options) > MOST_BITS:
            yield f"facts.{fact.id}.options", len(fact.options), MOST_BITS


def _signed(points: Range, scale: int) -> int:
    """The bytes of a signed number that holds these points in units."""
    low, high = points[0] * scale, points[1] * scale
    return next((size for size in (1, 2, 4) if -(2 ** (8 * size - 1)) <= low and high < 2 ** (8 * size - 1)), 8)


def _ranges(rulebook: Rulebook) -> dict[str, Range]:
    """The lowest and highest points, before the last rounding, of each indicator and section, and ("") of the total."""
    found: dict[str, Range] = {}
    for indicator in rulebook.indicators.values():
        # Points that await somebody are nought for now.
        found[indicator.id] = min(Fraction(indicator.min), Fraction(0)), max(Fraction(indicator.max), Fraction(0))
    for section in rulebook.top_sections:
        _section(rulebook, section, found)
    sums = [found[section.id] for section in rulebook.top_sections]
    limits = [Decimal(c.to) for c in rulebook.caps if c.effect.endswith("_total") and is_number(c.to)]
    found[""] = _widened(_added(sums), [rulebook.floor, rulebook.ceiling, *limits])
    return found


def _section(rulebook: Rulebook, section: Section, found: dict[str, Range]) -> None:
    for child in section.children:
        _section(rulebook, rulebook.sections[child], found)
    low, high = _added([found[id] for id in (*section.indicators, *section.children)])
    members = [rulebook.indicators[i] for i in section.indicators]
    if any(i.not_applicable == "share_out" for i in members) and any(i.max < 0 for i in members):
        # What is shared out is in proportion to a remaining maximum that may be next to nothing.
        high += high * high * 10**rulebook.rounding.indicator
    unit = Fraction(1, 10**rulebook.rounding.indicator)
    weighted = (low, high) if section.weight == 1 else (low * section.weight - unit, high * section.weight + unit)
    found[section.id] = _widened(weighted, [section.floor, section.ceiling])
    # The sum before the weight is held in the same way.
    found[section.id] = min(low, found[section.id][0]), max(high, found[section.id][1])


def _added(ranges: list[Range]) -> Range:
    return sum((low for low, _ in ranges), Fraction(0)), sum((high for _, high in ranges), Fraction(0))


def _widened(points: Range, ends: list[Decimal | None]) -> Range:
    """The range with limits that may lie outside it: a floor or a ceiling gives its own points."""
    given = [Fraction(end) for end in ends if end is not None]
    return min([points[0], *given]), max([points[1], *given])
