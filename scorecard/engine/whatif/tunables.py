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

from scorecard.engine.declarations.keys import is_number, keys_of
from scorecard.engine.language.syntax import Expression, parse_expression, value_names
from scorecard.engine.language.words import render
from scorecard.engine.rulebook.dependencies import TOTAL, all_expressions, rule_expressions
from scorecard.engine.rulebook.labels import label, rendered
from scorecard.engine.rulebook.model import NUMBER_KINDS, Indicator
from scorecard.engine.rulebook.prepared import once
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rules.nested import RULE
from scorecard.engine.rules.words import CEILING, FLOOR
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.results import Source
from scorecard.engine.values.text import EMPTY, Text
from scorecard.engine.whatif.literals import Literal, literals, placeholder

NUMBER_FORM, PERCENT, SWITCH, GRADE, YEARS = "number", "percent", "switch", "grade", "years"
ON, OFF = "on", "off"
#: Between the path of an expression and the place of a number in it, counted from 0.
IN = "#"
#: Expressions whose numbers decide no points and no grade: checks of what is filed, measures, estimates.
APART = ("checks.", "measures.", "estimates.")


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


def _all(rulebook: Rulebook) -> Iterator[Tunable]:
    data = rulebook.document_data
    for key, raw in data["indicators"].items():
        spec = rulebook.indicators[key]
        make = _Maker(rulebook, f"indicators.{key}", "indicators", spec.name, spec.source, spec.basis)
        yield make.tunable("max", Text("权重（满分）", "Weight (maximum)"), plain(spec.max), "分")
        yield from RULE.tunables(make, "rule", raw["rule"], keys_of(Indicator)["rule"], raw)
    yield from _sections(rulebook)
    for target in rulebook.targets.values():
        make = _Maker(rulebook, f"targets.{target.id}", "targets", target.name, target.source, target.basis)
        for side in ("left", "right"):
            yield from make.literals(side)
    for definition in rulebook.definitions.values():
        entry = f"definitions.{definition.id}"
        make = _Maker(rulebook, entry, "definitions", definition.label, definition.source, definition.basis)
        yield from make.literals("expr")
    for spec_ in rulebook.facts.values():
        make = _Maker(rulebook, f"facts.{spec_.id}", "definitions", spec_.label, spec_.source, spec_.basis)
        yield from make.literals("derived")
    for i, grade in enumerate(rulebook.grades):
        if grade.min is not None:
            make = _Maker(rulebook, f"grades.{i}", "grades", grade.name, grade.source, grade.basis)
            yield make.tunable("min", Text("分数线", "Lowest points"), plain(grade.min), "分")
    for i, cap in enumerate(rulebook.caps):
        make = _Maker(rulebook, f"caps.{i}", "caps", cap.name, cap.source, cap.basis)
        yield make.tunable("", Text("是否适用", "Applies"), ON, "", SWITCH)
        if cap.effect.endswith("_grade"):
            yield make.tunable("to", Text("限制为", "Limit"), cap.to, "", GRADE)
        else:
            yield make.tunable("to", Text("限制为", "Limit"), cap.to, "分")
        yield from make.literals("when")
    for adjustment in rulebook.adjustments:
        for i, case in enumerate(adjustment.cases):
            make = _Maker(
                rulebook,
                f"adjustments.{adjustment.id}.cases.{i}",
                "adjustments",
                adjustment.label,
                case.source,
                case.basis,
            )
            yield make.tunable("points", rendered(rulebook, case.when.node), plain(case.points), "分")
            yield from make.literals("when")
    for key, parameter in rulebook.parameters.items():
        default = parameter.default
        if parameter.kind in NUMBER_KINDS and isinstance(default, Decimal):
            make = _Maker(
                rulebook, f"parameters.{key}", "parameters", parameter.label, parameter.source, parameter.basis
            )
            yield make.value("default", Text("取值", "Value"), plain(default), parameter.unit)


def _sections(rulebook: Rulebook) -> Iterator[Tunable]:
    """Weight, floor and ceiling of each section that declares one, and those of the total."""
    for key, raw in rulebook.document_data["sections"].items():
        spec = rulebook.sections[key]
        make = _Maker(rulebook, f"sections.{key}", "sections", spec.name, spec.source, spec.basis)
        if is_number(raw.get("weight")):
            yield make.tunable("weight", Text("权重（系数）", "Weight (multiplier)"), plain(Decimal(raw["weight"])), "")
        yield from _limits(make, raw)
    make = _Maker(rulebook, TOTAL, "sections", Text("总分", "Total"), None, rulebook.basis)
    yield from _limits(make, rulebook.document_data["rulebook"]["total"])


def _limits(make: _Maker, raw: Mapping[str, Any]) -> Iterator[Tunable]:
    for end in ("floor", "ceiling"):
        if is_number(raw.get(end)):
            yield make.tunable(end, _ENDS[end], plain(Decimal(raw[end])), "分")


_ENDS = {"floor": FLOOR, "ceiling": CEILING}


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
        if not path.startswith(APART)
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
