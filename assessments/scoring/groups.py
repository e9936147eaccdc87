"""What a round keeps of each peer group (category): how many finished totals lie where, and the middle of each section.

Kept for every group, however small: who sees what of it is decided where it is shown (``assessments.seeing.place``).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import floor
from typing import Any

from scorecard.engine import Rulebook
from scorecard.engine.values.numbers import exact
from scorecard.engine.values.rational import Fraction

#: A bin of totals is so many points wide, counted from 0.
WIDTH = 5


def bin_of(total: Fraction | Decimal) -> int:
    """The number of a total's bin; one on an edge belongs to the bin above it."""
    return floor(total / WIDTH)


def group_figures(rows: Iterable[tuple[Any, ...]], rulebook: Rulebook) -> dict[str, Any]:
    """Of finished totals ``{category: {"banks", "totals": {bin: banks}, "sections": {section: {…}}}}``, of each section
    ``median``, ``max`` and ``banks``, how many have points of it.

    ``rows`` are (category, reviewed, total, points awaited, grade, grade before, targets, sections).
    """
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    sections: dict[str, dict[str, list[Fraction]]] = defaultdict(lambda: defaultdict(list))
    for category, _reviewed, total, pending, _grade, _before, _targets, parts in rows:
        if Decimal(pending):
            continue
        totals[category][str(bin_of(Decimal(total)))] += 1
        for section in rulebook.top_sections:
            if section.id in parts:
                sections[category][section.id].append(Fraction(parts[section.id]))
    return {
        category: {
            "banks": sum(counts.values()),
            "totals": dict(counts),
            "sections": {
                name: {
                    "median": exact(_median(values)),
                    "max": exact(rulebook.sections[name].max),
                    "banks": len(values),
                }
                for name, values in sections[category].items()
            },
        }
        for category, counts in totals.items()
    }


def _median(values: list[Fraction]) -> Fraction:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def counts_of(kept: Mapping[str, Any]) -> dict[int, int]:
    """The kept bins as numbers, from the lowest on."""
    return {int(number): banks for number, banks in sorted(kept["totals"].items(), key=lambda item: int(item[0]))}
