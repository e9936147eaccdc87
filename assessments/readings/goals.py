"""The goal of sci-tech finance, followed beside the targets of a period's rulebook (``docs/readings.md``, Sci-tech
finance). It is an installed rulebook, read once per process: what is asked, from when to when, and with which basis.
"""

from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from scorecard.engine import Rulebook, load_rulebook
from scorecard.engine.values.rational import Fraction

NAME = "tech-finance-2017/1"


@lru_cache(maxsize=1)
def goals() -> Rulebook:
    """The rulebook of the goal."""
    return load_rulebook(Path(settings.RULEBOOK_DIR) / NAME)


def number(name: str) -> Fraction:
    """A number that the rulebook gives: the goal, its base, its years, the growth of a year."""
    value = goals().parameters[name].default
    if not isinstance(value, Decimal):
        raise TypeError(f"{NAME}: {name} is no number.")
    return Fraction(value)


def in_force(year: int) -> bool:
    """Whether the goal stands over a year: after the year at whose end it begins, until the year of its end."""
    return number("goal_from") < year <= number("goal_until")
