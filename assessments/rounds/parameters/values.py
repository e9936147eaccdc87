"""The values of the year of a round as exact texts, and as the engine takes them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from assessments.models import Round, RoundParameter
from assessments.rulebooks.parameters import parameter_spec
from assessments.rulebooks.stored_values import to_engine
from banks.models import FactState
from scorecard.engine import FactValue, Rulebook
from scorecard.engine.values.scoring_input import of_year

# How many years before the round's are read and frozen; the engine's own limit of looking back.
YEARS_BACK = 6


def parameter_rows(round_: Round) -> list[Any]:
    """What was ever set of the values of the year in a round and, under the same method, in those of earlier years, the
    newest revision of each last: name, year, round, revision, text and source. One query.
    """
    rows = (
        RoundParameter.objects.filter(
            round__rulebook__code=round_.rulebook.code, round__year__range=(round_.year - YEARS_BACK, round_.year)
        )
        .filter(Q(round=round_) | Q(round__year__lt=round_.year))
        .order_by("parameter", "round__year", "round_id", "revision")
    )
    return list(rows.values_list("parameter", "round__year", "round_id", "revision", "value", "source", named=True))


def parameter_texts(round_: Round, rows: Iterable[Any] | None = None) -> dict[str, str]:
    """The values of the year in force in a round as exact texts; one that is not set, or withdrawn, is left out.

    What the rounds of earlier years under the same method had stands under ``name@-1`` and so on (``of_year``): a rule
    that looks back asks for the value of that year. ``rows`` are those of ``parameter_rows`` where they were read.
    """
    newest = {
        of_year(row.parameter, round_.year - row.round__year): row.value
        for row in (parameter_rows(round_) if rows is None else rows)
    }
    return {name: text for name, text in newest.items() if text}


def parameter_values(rulebook: Rulebook, texts: Mapping[str, str]) -> dict[str, FactValue]:
    """The values of the year as the engine takes them; a name that the rulebook does not know is left out."""
    return {
        name: to_engine(parameter_spec(rulebook.parameters[base]), FactState.VALUE, text)
        for name, text in texts.items()
        if (base := name.partition("@")[0]) in rulebook.parameters
    }
