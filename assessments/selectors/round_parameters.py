"""The values of the year that count in a round: what the supervisor set, by the rulebook's parameter."""

from collections.abc import Iterable

from assessments.cases import to_engine
from assessments.models import Round, RoundParameter
from assessments.rulebook_cache import engine_rulebook
from banks.models import FactState
from scorecard.engine import FactValue, Rulebook
from scorecard.engine.model import FactSpec, Parameter


def newest_parameters(round_: Round) -> dict[str, RoundParameter]:
    """The newest row of each parameter that was ever set in the round, withdrawn ones (blank value) among them."""
    rows = RoundParameter.objects.filter(round=round_).select_related("set_by").order_by("revision")
    return {row.parameter: row for row in rows}


def parameter_texts(round_: Round) -> dict[str, str]:
    """The values in force as exact texts, by parameter; one that is not set, or withdrawn, is left out."""
    return {name: row.value for name, row in sorted(newest_parameters(round_).items()) if row.value}


def parameters_of(round_: Round) -> dict[str, FactValue]:
    """The values in force as ``Case.parameters`` takes them; for one that is left out the rulebook's default counts."""
    return read_parameters(engine_rulebook(round_.rulebook), parameter_texts(round_).items())


def read_parameters(rulebook: Rulebook, texts: Iterable[tuple[str, str]]) -> dict[str, FactValue]:
    """Stored texts as the engine takes them; a name that the rulebook does not know is left out."""
    return {
        name: to_engine(_spec(rulebook.parameters[name]), FactState.VALUE, text)
        for name, text in texts
        if name in rulebook.parameters
    }


def _spec(parameter: Parameter) -> FactSpec:
    return FactSpec(parameter.id, parameter.label, parameter.kind, parameter.unit, supplied_by="supervisor")
