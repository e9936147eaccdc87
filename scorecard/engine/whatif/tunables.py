"""The numbers of a rulebook that can be tried otherwise, each with its words, its unit, its source and its basis.

Weights (the maximum of an indicator, the weight of a section), limits of sections and of the total, cut points of
curves and steps, points of levels, checklists, targets and deductions, the numbers inside conditions, formulas,
definitions and targets, grade boundaries, caps on and off, adjustments, and values set for the year. `tuning` makes a
rulebook with some of them changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scorecard.engine.language.syntax import Expression, parse_expression, value_names
from scorecard.engine.language.words import render
from scorecard.engine.reading.declarations import NUMBER
from scorecard.engine.rulebook.dependencies import TOTAL, all_expressions, rule_expressions
from scorecard.engine.rulebook.labels import label, rendered
from scorecard.engine.rulebook.model import NUMBER_KINDS
from scorecard.engine.rulebook.prepared import once
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.results import Source
from scorecard.engine.values.text import EMPTY, Text
from scorecard.engine.whatif.literals import Figure, figures, placeholder

NUMBER_FORM, PERCENT, SWITCH, GRADE, YEARS = "number", "percent", "switch", "grade", "years"
ON, OFF = "on", "off"
#: Between the path of an expression and the place of a number in it, counted from 0.
IN = "#"
#: Expressions whose numbers decide no points and no grade: checks of what is filed, measures, estimates.
APART = ("checks.", "measures.", "estimates.")


@dataclass(frozen=True, slots=True)
class Knob:
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
def tunables(rulebook: Rulebook) -> dict[str, Knob]:
    """Return every number that can be tried otherwise by its path, in the order of the rulebook."""
    return {knob.path: knob for knob in _all(rulebook)}


def _all(rulebook: Rulebook) -> Iterator[Knob]:
    data = rulebook.document_data
    for key, raw in data["indicators"].items():
        spec = rulebook.indicators[key]
        make = _Maker(f"indicators.{key}", "indicators", spec.name, spec.source, spec.basis)
        yield make.knob("max", Text("权重（满分）", "Weight (maximum)"), plain(spec.max), "分")
        yield from _rule(rulebook, make, "rule", raw["rule"], EMPTY)
    yield from _sections(rulebook)
    for target in rulebook.targets.values():
        make = _Maker(f"targets.{target.id}", "targets", target.name, target.source, target.basis)
        for side in ("left", "right"):
            yield from _figures(rulebook, make, side)
    for definition in rulebook.definitions.values():
        entry = f"definitions.{definition.id}"
        make = _Maker(entry, "definitions", definition.label, definition.source, definition.basis)
        yield from _figures(rulebook, make, "expr")
    for spec_ in rulebook.facts.values():
        make = _Maker(f"facts.{spec_.id}", "definitions", spec_.label, spec_.source, spec_.basis)
        yield from _figures(rulebook, make, "derived")
    for i, grade in enumerate(rulebook.grades):
        if grade.min is not None:
            make = _Maker(f"grades.{i}", "grades", grade.name, grade.source, grade.basis)
            yield make.knob("min", Text("分数线", "Lowest points"), plain(grade.min), "分")
    for i, cap in enumerate(rulebook.caps):
        make = _Maker(f"caps.{i}", "caps", cap.name, cap.source, cap.basis)
        yield make.knob("", Text("是否适用", "Applies"), ON, "", SWITCH)
        if cap.effect.endswith("_grade"):
            yield make.knob("to", Text("限制为", "Limit"), cap.to, "", GRADE)
        else:
            yield make.knob("to", Text("限制为", "Limit"), cap.to, "分")
        yield from _figures(rulebook, make, "when")
    for adjustment in rulebook.adjustments:
        for i, case in enumerate(adjustment.cases):
            make = _Maker(
                f"adjustments.{adjustment.id}.cases.{i}", "adjustments", adjustment.label, case.source, case.basis
            )
            yield make.knob("points", rendered(rulebook, case.when.node), plain(case.points), "分")
            yield from _figures(rulebook, make, "when")
    for key, parameter in rulebook.parameters.items():
        default = parameter.default
        if parameter.kind in NUMBER_KINDS and isinstance(default, Decimal):
            make = _Maker(f"parameters.{key}", "parameters", parameter.label, parameter.source, parameter.basis)
            yield make.value("default", Text("取值", "Value"), plain(default), parameter.unit)


def _sections(rulebook: Rulebook) -> Iterator[Knob]:
    """Weight, floor and ceiling of each section that declares one, and those of the total."""
    for key, raw in rulebook.document_data["sections"].items():
        spec = rulebook.sections[key]
        make = _Maker(f"sections.{key}", "sections", spec.name, spec.source, spec.basis)
        if is_number(raw.get("weight")):
            yield make.knob("weight", Text("权重（系数）", "Weight (multiplier)"), plain(Decimal(raw["weight"])), "")
        yield from _limits(make, raw)
    make = _Maker(TOTAL, "sections", Text("总分", "Total"), None, rulebook.basis)
    yield from _limits(make, rulebook.document_data["rulebook"]["total"])


def _limits(make: _Maker, raw: Mapping[str, Any]) -> Iterator[Knob]:
    for end in ("floor", "ceiling"):
        if is_number(raw.get(end)):
            yield make.knob(end, _ONE[end], plain(Decimal(raw[end])), "分")


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the knobs of one entry."""

    entry: str
    group: str
    name: Text
    source: Source | None
    basis: str

    def knob(
        self, key: str, words: Text, value: str, unit: str, form: str = NUMBER_FORM, *, points: bool = False
    ) -> Knob:
        path = f"{self.entry}.{key}" if key else self.entry
        return Knob(path, self.entry, self.group, self.name, words, form, value, unit, self.source, self.basis, points)

    def value(self, key: str, words: Text, stored: str, unit: str) -> Knob:
        """A figure that is compared: a ratio is typed as a percentage."""
        if unit == "%":
            return self.knob(key, words, plain(Decimal(stored) * 100), "%", PERCENT)
        return self.knob(key, words, stored, unit)

    def points(self, key: str, words: Text, stored: str) -> Knob:
        return self.knob(key, words, stored, "分", points=True)


@once
def numbered_expressions(rulebook: Rulebook) -> dict[str, tuple[Expression, str]]:
    """Return the expressions whose numbers can be tried otherwise, by path, each with the unit expected of it."""
    return {
        path: (expression, "" if expected in ("bool", "*") or expected.startswith("~") else expected)
        for path, expression, expected in all_expressions(rulebook)
        if not path.startswith(APART)
    }


def _figures(rulebook: Rulebook, make: _Maker, path: str, before: Text = EMPTY) -> Iterator[Knob]:
    """The numbers inside one expression of an entry, each known by its condition with a gap where it stands."""
    expression, unit = numbered_expressions(rulebook).get(f"{make.entry}.{path}", (None, ""))
    if expression is None:
        return
    for place, figure in enumerate(figures(rulebook, expression.text, unit)):
        words = _words(rulebook, figure)
        said = Text(f"{before.zh}{words.zh}", f"{before.en}{words.en}")
        key = f"{path}{IN}{place}"
        if figure.years:
            yield make.knob(key, said, plain(figure.value), "年", YEARS)
        else:
            yield make.value(key, said, plain(figure.value), figure.unit)


def _words(rulebook: Rulebook, figure: Figure) -> Text:
    words = render(figure.about, lambda id: placeholder(id) or label(rulebook, id))
    if figure.years:
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


_ONE = {
    "below": Text("低于起点得分", "Points below the first point"),
    "above": Text("高于终点得分", "Points above the last point"),
    "otherwise": Text("其余得分", "Points otherwise"),
    "full": Text("满额得分", "Full points"),
    "floor": Text("最低得分", "Lowest points"),
    "ceiling": Text("最高得分", "Highest points"),
    "no_reference": Text("没有基数时得分", "Points without a reference"),
    "start": Text("起评分", "Points to start from"),
    "each": Text("每后一名减分", "Less for each place"),
    "met": Text("完成得分", "Points when met"),
    "missed": Text("未完成得分", "Points when missed"),
    "points": Text("得分", "Points"),
    "scale": Text("系数", "Scale"),
}


def _rule(rulebook: Rulebook, make: _Maker, path: str, raw: Any, before: Text) -> Iterator[Knob]:
    """The numbers of one rule, nested ones with what leads to them."""
    kind = raw.get("kind", "fixed")

    def say(zh: str, en: str) -> Text:
        return Text(f"{before.zh}{zh}", f"{before.en}{en}")

    for key in ("x", "reference"):
        yield from _figures(rulebook, make, f"{path}.{key}", before)
    unit = str(raw.get("unit") or "")
    for key in ("points", "steps"):
        table = raw.get(key)
        if kind in ("curve", "steps") and isinstance(table, list):
            for i, (x, y) in enumerate(table):
                number = i + 1
                yield make.value(
                    f"{path}.{key}.{i}.0", say(f"第 {number} 个分界值", f"Cut point {number}"), str(x), unit
                )
                words = say(f"第 {number} 个分界值得分", f"Points at cut point {number}")
                yield make.points(f"{path}.{key}.{i}.1", words, str(y))
    for key in ("below", "above", "full", "floor", "ceiling", "no_reference", "start", "each", "met", "missed"):
        if is_number(raw.get(key)):
            yield make.points(f"{path}.{key}", say(_ONE[key].zh, _ONE[key].en), str(raw[key]))
    if kind == "fixed" and is_number(raw.get("points")):
        yield make.points(f"{path}.points", say(_ONE["points"].zh, _ONE["points"].en), str(raw["points"]))
    if kind == "formula" and is_number(raw.get("scale")):
        yield make.points(f"{path}.scale", say(_ONE["scale"].zh, _ONE["scale"].en), str(raw["scale"]))
    if kind == "levels":
        options = rulebook.facts[raw["fact"]].options
        for key, points in raw["points"].items():
            option = options.get(key, Text(key, key))
            yield make.points(
                f"{path}.points.{key}", say(f"“{option.zh}”得分", f"Points of “{option.en}”"), str(points)
            )
    if kind == "checklist":
        yield from _checklist(rulebook, make, path, raw, before)
    if kind == "deductions":
        for i, item in enumerate(raw["per"]):
            what = rendered(rulebook, parse_expression(str(item["x"])).node)
            words = say(f"每单位“{what.zh}”扣分", f"Points off for each “{what.en}”")
            yield make.points(f"{path}.per.{i}.points", words, str(item["points"]))
            yield from _figures(rulebook, make, f"{path}.per.{i}.x", before)
    if kind == "target":
        for key, points in (raw.get("years_missed") or {}).items():
            words = say(f"连续 {key} 年未完成得分", f"Points when missed {key} years running")
            yield make.points(f"{path}.years_missed.{key}", words, str(points))
    yield from _nested(rulebook, make, path, raw, before)


def _checklist(rulebook: Rulebook, make: _Maker, path: str, raw: Any, before: Text) -> Iterator[Knob]:
    options = rulebook.facts[raw["fact"]].options if raw.get("fact") else {}
    for key, item in raw["items"].items():
        own = item.get("label") if isinstance(item, Mapping) else None
        words = Text(own["zh"], own["en"]) if own else options.get(key, Text(key, key))
        place = f"{path}.items.{key}.points" if isinstance(item, Mapping) else f"{path}.items.{key}"
        points = item["points"] if isinstance(item, Mapping) else item
        said = Text(f"{before.zh}“{words.zh}”得分", f"{before.en}Points of “{words.en}”")
        yield make.points(place, said, str(points))
        yield from _figures(rulebook, make, f"{path}.items.{key}.when", before)


def _nested(rulebook: Rulebook, make: _Maker, path: str, raw: Any, before: Text) -> Iterator[Knob]:
    kind = raw.get("kind", "fixed")
    if kind in ("first", "most_severe"):
        for i, item in enumerate(raw["cases"]):
            yield from _figures(rulebook, make, f"{path}.cases.{i}.when", before)
            if item.get("when"):
                when = rendered(rulebook, parse_expression(str(item["when"])).node)
            else:
                when = Text("其他情形", "otherwise")
            lead = Text(f"{before.zh}{when.zh}：", f"{before.en}{when.en}: ")
            if item.get("rule") is not None:
                yield from _rule(rulebook, make, f"{path}.cases.{i}.rule", item["rule"], lead)
            elif is_number(item.get("points")):
                yield make.points(
                    f"{path}.cases.{i}.points", Text(f"{lead.zh}得分", f"{lead.en}points"), item["points"]
                )
    other = raw.get("otherwise")
    if isinstance(other, Mapping):
        lead = Text(f"{before.zh}其余：", f"{before.en}otherwise: ")
        yield from _rule(rulebook, make, f"{path}.otherwise", other, lead)
    elif is_number(other):
        words = Text(f"{before.zh}{_ONE['otherwise'].zh}", f"{before.en}{_ONE['otherwise'].en}")
        yield make.points(f"{path}.otherwise", words, str(other))
    for i, item in enumerate(raw.get("rules") or []):
        lead = Text(f"{before.zh}规则 {i + 1}：", f"{before.en}rule {i + 1}: ")
        yield from _rule(rulebook, make, f"{path}.rules.{i}", item, lead)


def is_number(value: Any) -> bool:
    return isinstance(value, str) and NUMBER.fullmatch(value) is not None
