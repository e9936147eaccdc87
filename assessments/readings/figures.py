"""Which figures a reading has, and what the checks say of them. The rulebook of the period says which; no figure and no
target is named here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from assessments.readings.goals import goals
from assessments.readings.rules import watching
from assessments.rulebooks.sizes import size_question
from assessments.rulebooks.stored_values import StoredFacts, to_engine, to_stored
from scorecard.engine import FactError, FactValue, Nothing, Rulebook, ScoringInput, parse_fact, run_checks
from scorecard.engine.rulebook.dependencies import facts_of
from scorecard.engine.rulebook.model import FactSpec
from scorecard.words.language import in_language

Values = Mapping[str, FactValue]


@lru_cache(maxsize=64)
def target_facts(rulebook: Rulebook) -> dict[str, FactSpec]:
    """The facts behind both sides of every target, in the order of the rulebook."""
    sides = [side for target in rulebook.targets.values() for side in (target.left, target.right)]
    behind = set(facts_of(rulebook, sides))
    return {id: spec for id, spec in rulebook.facts.items() if id in behind}


@lru_cache(maxsize=64)
def bases(rulebook: Rulebook) -> dict[str, str]:
    """Base figure → the figure of the period that it is a year before (``carries_from``)."""
    facts = target_facts(rulebook)
    return {id: spec.carries_from for id, spec in facts.items() if spec.carries_from}


@lru_cache(maxsize=64)
def reading_facts(rulebook: Rulebook) -> dict[str, FactSpec]:
    """Every figure of a reading: those of the targets, that of the goal beside them, then those of the credit plan."""
    return target_facts(rulebook) | goal_facts(rulebook) | dict(watching().facts)


@lru_cache(maxsize=64)
def goal_facts(rulebook: Rulebook) -> dict[str, FactSpec]:
    """The figures of the goal that no target of the rulebook reads; they may stay blank."""
    return {id: spec for id, spec in target_facts(goals()).items() if id not in target_facts(rulebook)}


@lru_cache(maxsize=64)
def all_bases(rulebook: Rulebook) -> dict[str, str]:
    """The base figures of targets and goal, as ``bases``."""
    return bases(goals()) | bases(rulebook)


def values_of(rulebook: Rulebook, stored: StoredFacts) -> dict[str, FactValue]:
    """Stored figures as the engine takes them; what this rulebook does not read is left out."""
    specs = reading_facts(rulebook)
    return {id: to_engine(specs[id], one["state"], one["value"]) for id, one in stored.items() if id in specs}


def stored_of(values: Values) -> dict[str, dict[str, str]]:
    """The same on the way to the store; a blank is not kept."""
    found = {}
    for id, value in values.items():
        if value is not Nothing.UNANSWERED:
            state, text = to_stored(value)
            found[id] = {"state": state, "value": text}
    return found


def read_figures(rulebook: Rulebook, typed: Mapping[str, Any]) -> tuple[dict[str, FactValue], dict[str, str]]:
    """What was typed, or stands in cells, as values, and one sentence for each that cannot be read.

    A blank is a value (unanswered). No figure of a reading may be "not applicable": a bank could step out of a target.
    """
    values: dict[str, FactValue] = {}
    errors: dict[str, str] = {}
    for id, spec in reading_facts(rulebook).items():
        if id not in typed:
            continue
        try:
            value = parse_fact(spec, typed[id])
        except FactError as error:
            errors[id] = in_language(error.message)
            continue
        if isinstance(value, Nothing) and value is not Nothing.UNANSWERED:
            words = _("“%(label)s” of a reading is a figure; give it, 0 if there is none.")
            errors[id] = words % {"label": in_language(spec.label)}
        else:
            values[id] = value
    return values, errors


@dataclass(frozen=True)
class Finding:
    """One thing that a check says: an error that blocks, or something to be explained."""

    error: bool
    text: str
    facts: tuple[str, ...]


def missing(rulebook: Rulebook, values: Values) -> list[FactSpec]:
    """The figures that are not there yet."""
    absent = (None, Nothing.UNANSWERED)
    asked = {id: spec for id, spec in reading_facts(rulebook).items() if id not in goal_facts(rulebook)}
    return [spec for id, spec in asked.items() if values.get(id) in absent]


def findings(rulebook: Rulebook, values: Values, before: Values) -> list[Finding]:
    """What the rulebook's checks say of these figures, ``before`` being last year's of the same day; errors first.

    Checks that need other figures say nothing. The figures of goal and credit plan are asked about their size alone.
    """
    own = {id: value for id, value in values.items() if id in rulebook.facts}
    known = {id: value for id, value in before.items() if id in rulebook.facts}
    history = {-1: known} if known else {}
    found = [
        Finding(each.severity == "error", in_language(each.message), each.facts)
        for each in run_checks(rulebook, ScoringInput(facts=own, history=history))
    ]
    told = {fact for each in found for fact in each.facts}
    for id, spec in (goal_facts(rulebook) | dict(watching().facts)).items():
        if id not in told and (question := size_question(spec, values.get(id), before.get(id))):
            found.append(Finding(False, question, (id,)))
    return sorted(found, key=lambda each: not each.error)
