"""The values of the year that count in a round: what the supervisor set, by the rulebook's parameter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from assessments.models import Round, RoundParameter
from assessments.rounds.parameters.values import parameter_texts, parameter_values
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.parameters import parameter_spec, shown_parameter, users_of_parameters
from assessments.rulebooks.stored_values import to_engine
from banks.models import FactState
from scorecard.engine import Change, FactValue, Rulebook
from scorecard.engine.rulebook.model import NUMBER_KINDS, Parameter
from scorecard.engine.whatif.simulate import patched
from scorecard.words.language import screen_language


def parameters_of(round_: Round) -> dict[str, FactValue]:
    """The values in force as ``ScoringInput.parameters`` takes them; for one left out the rulebook's default counts."""
    return parameter_values(engine_rulebook(round_.rulebook), parameter_texts(round_))


def set_texts(round_: Round) -> dict[str, str]:
    """What is set for the round itself, as exact texts by parameter; one query."""
    return {name: text for name, text in parameter_texts(round_).items() if "@" not in name}


def with_values(rulebook: Rulebook, texts: Mapping[str, str]) -> Rulebook:
    """The rulebook with values that are set for a round in place of its own defaults; itself where none is."""
    changes = [
        Change(f"parameters.{name}.default", text)
        for name, text in texts.items()
        if name in rulebook.parameters and rulebook.parameters[name].kind in NUMBER_KINDS
    ]
    return patched(rulebook, tuple(changes))


# --- On the screen ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """One revision in words: ``value`` is "" where it withdrew what was set."""

    revision: int
    value: str
    source: str
    by: str
    at: datetime


@dataclass(frozen=True)
class ParameterView:
    """One value of the year in a round: what counts now and by whose word, the rulebook's default, how it came about.

    ``state`` is set, default or missing; ``revision`` is the newest one, 0 where nothing was ever set.
    """

    id: str
    parameter: Parameter
    label: str
    default: str
    clause: str
    basis: str
    state: str
    value: str
    source: str
    revision: int
    used_by: tuple[tuple[str, str], ...]  # indicators and targets: id and name
    history: tuple[Setting, ...]  # the newest first


def parameter_views(round_: Round) -> list[ParameterView]:
    """The values of the year that the round's rulebook leaves to the supervisor, in its order; one query at most."""
    rulebook = engine_rulebook(round_.rulebook)
    if not rulebook.parameters:
        return []
    rows: dict[str, list[RoundParameter]] = {}
    for row in RoundParameter.objects.filter(round=round_).select_related("set_by").order_by("-revision"):
        rows.setdefault(row.parameter, []).append(row)
    return [_view(rulebook, parameter, rows.get(name, [])) for name, parameter in rulebook.parameters.items()]


def set_values(rounds: Iterable[Round], rulebook: Rulebook) -> dict[str, list[tuple[Round, Setting]]]:
    """Parameter → what is set for each of the rounds (all under this rulebook), in their order; one query at most."""
    found: dict[str, list[tuple[Round, Setting]]] = {}
    if not rulebook.parameters:
        return found
    known = {round_.pk: round_ for round_ in rounds}
    newest: dict[tuple[int, str], RoundParameter] = {}
    for row in RoundParameter.objects.filter(round__in=known).order_by("revision"):
        newest[row.round_id, row.parameter] = row
    lang = screen_language()
    for pk, round_ in known.items():
        for name, parameter in rulebook.parameters.items():
            last = newest.get((pk, name))
            if last is not None and last.value:
                shown = Setting(last.revision, _shown(parameter, last.value, lang), last.source, "", last.set_at)
                found.setdefault(name, []).append((round_, shown))
    return found


def _view(rulebook: Rulebook, parameter: Parameter, rows: list[RoundParameter]) -> ParameterView:
    lang = screen_language()
    default = shown_parameter(parameter, parameter.default, lang)
    history = tuple(
        Setting(row.revision, _shown(parameter, row.value, lang), row.source, str(row.set_by or ""), row.set_at)
        for row in rows
    )
    now = history[0].value if history else ""
    named = {each.id: each.name for each in rulebook.indicators.values()}
    named |= {each.id: each.name for each in rulebook.targets.values()}
    return ParameterView(
        id=parameter.id,
        parameter=parameter,
        label=parameter.label.get(lang),
        default=default,
        clause=parameter.source.told.get(lang) if parameter.source else "",
        basis=parameter.basis,
        state="set" if now else "default" if default else "missing",
        value=now or default,
        source=history[0].source if now else "",
        revision=history[0].revision if history else 0,
        used_by=tuple((each, named[each].get(lang)) for each in users_of_parameters(rulebook)[parameter.id]),
        history=history,
    )


def _shown(parameter: Parameter, text: str, lang: str) -> str:
    if not text:
        return ""
    return shown_parameter(parameter, to_engine(parameter_spec(parameter), FactState.VALUE, text), lang)
