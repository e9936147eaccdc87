"""The numbers of a rulebook that can be tried otherwise, each with its words, its unit, its source and its basis.

Weights (the maximum of an indicator, the weight of a section), limits of sections and of the total, cut points of
curves and steps, points of levels, checklists, targets and deductions, the numbers inside conditions, formulas,
definitions and targets, grade boundaries, caps on and off, adjustments, and values set for the year. `tuning` makes a
rulebook with some of them changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from scorecard.engine.declarations.keys import tunables_of
from scorecard.engine.language.syntax import Expression, parse_expression, value_names
from scorecard.engine.language.words import render
from scorecard.engine.rulebook.dependencies import TOTAL, all_expressions, rule_expressions
from scorecard.engine.rulebook.labels import label, rendered
from scorecard.engine.rulebook.model import Total
from scorecard.engine.rulebook.prepared import once
from scorecard.engine.rulebook.rulebook import GROUPS, Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.results import Source
from scorecard.engine.values.text import EMPTY, Text
from scorecard.engine.whatif.literals import Literal, literals, placeholder

NUMBER_FORM, PERCENT, SWITCH, GRADE, YEARS = "number", "percent", "switch", "grade", "years"
ON, OFF = "on", "off"
#: Between the path of an expression and the place of a number in it, counted from 0.
IN = "#"


@dataclass(frozen=True, slots=True)
class Tunable:
    """One number that can be tried otherwise.

    path     where it stands, as `Change` takes it; a number inside an expression has the expression's path, IN, and its
             place there. entry is the path of the entry it belongs to
    form     number, percent (typed as a percentage, stored as a fraction), years, switch (on or off), grade (a grade's
             id)
    value    as it is typed today; stored as it stands in the rulebook
    """

    path: str
    entry: str
    group: str
    name: Text
    label: Text
    form: str
    value: str
    unit: str
    source: Source | None
    basis: str
    points: bool = False


@once
def tunables(rulebook: Rulebook) -> dict[str, Tunable]:
    """Return every number that can be tried otherwise by its path, in the order of the rulebook."""
    return {tunable.path: tunable for tunable in _all(rulebook)}


#: The kinds of entries whose numbers can be tried, in the order of the form. Facts are shown among the definitions.
TRIED = *("indicators", "sections", "targets", "definitions", "facts"), *("grades", "caps", "adjustments", "parameters")


def _all(rulebook: Rulebook) -> Iterator[Tunable]:
    for kind in TRIED:
        group = "definitions" if kind == "facts" else kind
        for path, name, entry, raw in _entries(rulebook, kind):
            make = _Maker(rulebook, path, group, name, entry.source, entry.basis)
            if kind == "caps":
                yield make.tunable("", Text("是否适用", "Applies"), ON, "", SWITCH)
            yield from tunables_of(make, type(entry), "", raw)
        if kind == "sections":
            make = _Maker(rulebook, TOTAL, group, Text("总分", "Total"), None, rulebook.basis)
            yield from tunables_of(make, Total, "", rulebook.document_data["rulebook"]["total"])


def _entries(rulebook: Rulebook, kind: str) -> Iterator[tuple[str, Text, Any, Mapping[str, Any]]]:
    """Yield path, name, entry and raw data of the entries of a kind; each case of an adjustment is one by itself."""
    held, data = getattr(rulebook, kind), rulebook.document_data.get(kind, {})
    keys = range(len(held)) if GROUPS[kind].listed else list(data)
    for place, key in enumerate(keys):
        path, raw = f"{kind}.{key}", data[key]
        if kind == "adjustments":
            for i, case in enumerate(held[place].cases):
                yield f"{path}.cases.{i}", held[place].label, case, raw["cases"][i]
        else:
            entry = held[key]
            yield path, entry.label if hasattr(entry, "label") else entry.name, entry, raw


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the tunables of one entry; `lead` are the words that come before those of each."""

    rulebook: Rulebook
    entry: str
    group: str
    name: Text
    source: Source | None
    basis: str
    lead: Text = EMPTY

    def tunable(
        self, key: str, words: Text, value: str, unit: str, form: str = NUMBER_FORM, *, points: bool = False
    ) -> Tunable:
        path = f"{self.entry}.{key}" if key else self.entry
        said = Text(f"{self.lead.zh}{words.zh}", f"{self.lead.en}{words.en}")
        return Tunable(
            path, self.entry, self.group, self.name, said, form, value, unit, self.source, self.basis, points
        )

    def under(self, lead: Text) -> _Maker:
        return replace(self, lead=Text(f"{self.lead.zh}{lead.zh}", f"{self.lead.en}{lead.en}"))

    def value(self, key: str, words: Text, stored: str, unit: str) -> Tunable:
        """A figure that is compared: a ratio is typed as a percentage."""
        if unit == "%":
            return self.tunable(key, words, plain(Decimal(stored) * 100), "%", PERCENT)
        return self.tunable(key, words, stored, unit)

    def grade(self, key: str, words: Text, stored: str) -> Tunable:
        return self.tunable(key, words, stored, "", GRADE)

    def points(self, key: str, words: Text, stored: str) -> Tunable:
        return self.tunable(key, words, str(stored), "分", points=True)

    def rendered(self, text: str) -> Text:
        return rendered(self.rulebook, parse_expression(text).node)

    def options(self, fact: str) -> Mapping[str, Text]:
        return self.rulebook.facts[fact].options

    def literals(self, path: str) -> Iterator[Tunable]:
        """The numbers inside one expression of an entry, each known by its condition with a gap where it stands."""
        expression, unit = numbered_expressions(self.rulebook).get(f"{self.entry}.{path}", (None, ""))
        if expression is None:
            return
        for place, literal in enumerate(literals(self.rulebook, expression.text, unit)):
            words = _words(self.rulebook, literal)
            key = f"{path}{IN}{place}"
            if literal.years:
                yield self.tunable(key, words, plain(literal.value), "年", YEARS)
            else:
                yield self.value(key, words, plain(literal.value), literal.unit)


@once
def numbered_expressions(rulebook: Rulebook) -> dict[str, tuple[Expression, str]]:
    """Return the expressions whose numbers can be tried otherwise, by path, each with the unit expected of it."""
    return {
        path: (expression, "" if expected in ("bool", "*") or expected.startswith("~") else expected)
        for path, expression, expected in all_expressions(rulebook)
    }


def _words(rulebook: Rulebook, literal: Literal) -> Text:
    words = render(literal.about, lambda id: placeholder(id) or label(rulebook, id))
    if literal.years:
        return Text(f"“{words.zh}”的年数", f"Years in “{words.en}”")
    return Text(f"“{words.zh}”中的数", f"The number in “{words.en}”")


def users_of(rulebook: Rulebook, entry: str) -> tuple[str, ...]:
    """Return the indicators whose rule names a definition or a derived fact, or a definition that does."""
    wanted = {entry.partition(".")[2]}
    size = 0
    while size != len(wanted):
        size = len(wanted)
        wanted |= {d.id for d in rulebook.definitions.values() if wanted & set(value_names(d.expr.node))}
    return tuple(
        spec.id
        for spec in rulebook.indicators.values()
        if any(wanted & set(e.names) for e in rule_expressions(spec.rule))
    )
