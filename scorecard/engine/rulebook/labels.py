"""The names, formulas and rules of a rulebook in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from scorecard.engine.language.syntax import E, Expression
from scorecard.engine.language.words import render
from scorecard.engine.rulebook.prepared import once
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rules.base import Rule, Wording
from scorecard.engine.values.text import Text


def label(rulebook: Rulebook, id: str) -> Text:
    """Return the label under which anything of a rulebook is shown; an option stands under ``name.option``."""
    for group in (rulebook.facts, rulebook.definitions, rulebook.parameters, rulebook.properties, rulebook.estimates):
        found = group.get(id)
        if found is not None:
            return found.label
    if id in rulebook.targets:
        return rulebook.targets[id].short
    for named in (rulebook.indicators.get(id), rulebook.sections.get(id), rulebook.parts.get(id)):
        if named is not None:
            return Text(f"{id} {named.name.zh}", f"{id} {named.name.en}")
    if id in rulebook.grade_order:
        return rulebook.grade(id).name
    name, _, option = id.partition(".")
    options = options_of(rulebook, name)
    return options.get(option) or Text(option if options else id, option if options else id)


def options_of(rulebook: Rulebook, name: str) -> Mapping[str, Text]:
    """Return the options of a fact or a property with their names; none of anything else."""
    declared = rulebook.facts.get(name) or rulebook.properties.get(name)
    return {} if declared is None else declared.options


def rendered(rulebook: Rulebook, node: E) -> Text:
    """Return an expression in words."""
    return render(node, partial(label, rulebook))


def words(rulebook: Rulebook, expression: Expression) -> Text:
    """Return one of the rulebook's own expressions in words, worked out once."""
    known = _words(rulebook)
    found = known.get(expression.text)
    if found is None:
        found = known[expression.text] = rendered(rulebook, expression.node)
    return found


@once
def _words(rulebook: Rulebook) -> dict[str, Text]:
    """Return the expressions of a rulebook in words, by their text, as far as they have been asked for."""
    return {}


def rule_lines(rulebook: Rulebook, rule: Rule, lang: str) -> Iterator[str]:
    """Yield a rule in words in `lang`, one or a few lines, for people who sign a rulebook."""
    return rule.lines(Wording(lang, partial(label, rulebook), lambda fact: rulebook.facts[fact].options))
