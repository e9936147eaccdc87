"""The numbers of a rulebook that can be tried otherwise: which there are, and a rulebook with some of them changed.

Weights (the maximum of an indicator, with its rule's points in proportion), cut points of curves and steps, points of
levels, checklists, targets and deductions, grade boundaries, caps on and off, adjustments, and values set for the year.
What adds up from these (maxima of sections, parts and the total) follows by itself, so that what comes out can be read,
scored and published like any rulebook.
"""

from __future__ import annotations

import copy
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scorecard.engine.expr import parse_expression
from scorecard.engine.fields import NUMBER
from scorecard.engine.findings import Finding
from scorecard.engine.lint_meaning import meaning
from scorecard.engine.lint_references import references
from scorecard.engine.marks import from_plain
from scorecard.engine.model import NUMBER_KINDS
from scorecard.engine.nodes import label, rendered
from scorecard.engine.numbers import exact, plain, round_points
from scorecard.engine.reader import read_with_fields
from scorecard.engine.results import Source
from scorecard.engine.rulebook import Rulebook
from scorecard.engine.simulate import Change, apply_change
from scorecard.engine.text import EMPTY, Text

NUMBER_FORM, PERCENT, SWITCH, GRADE = "number", "percent", "switch", "grade"
ON, OFF = "on", "off"
MAX_TYPED = 16
#: What mends a finding of lint, said to somebody who sees a form and no YAML.
REMEDIES = {
    "monotone": Text(
        "请改正得分，使其随分界值单调变化。", "Correct the points so that they go one way with the cut points."
    ),
    "range": Text("请同时调整权重或各档得分，使两者一致。", "Change the weight or the points, so that they agree."),
    "unreachable": Text(
        "请同时调整权重或各档得分，使两者一致。", "Change the weight or the points, so that they agree."
    ),
}


@dataclass(frozen=True, slots=True)
class Knob:
    """One number that can be tried otherwise.

    path     where it stands, as `Change` takes it; entry is the path of the entry it belongs to
    form     number, percent (typed as a percentage, stored as a fraction), switch (on or off), grade (a grade's id)
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


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one chosen value, and what mends it. `path` is "" when it is about the whole."""

    path: str
    message: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class Tuning:
    """Chosen values with everything that follows from them. `rulebook` is None while there are problems."""

    chosen: Mapping[str, str]
    changes: tuple[Change, ...]
    rulebook: Rulebook | None
    problems: tuple[Problem, ...]


def tunables(rulebook: Rulebook) -> dict[str, Knob]:
    """Return every number that can be tried otherwise by its path, in the order of the rulebook."""
    found = rulebook.plan.get("tunables")
    if found is None:
        found = rulebook.plan["tunables"] = {knob.path: knob for knob in _all(rulebook)}
    return found


def _all(rulebook: Rulebook) -> Iterator[Knob]:
    data = rulebook.document_data
    for key, raw in data["indicators"].items():
        spec = rulebook.indicators[key]
        make = _Maker(f"indicators.{key}", "indicators", spec.name, spec.source, spec.basis)
        yield make.knob("max", Text("权重（满分）", "Weight (maximum)"), plain(spec.max), "分")
        yield from _rule(rulebook, make, "rule", raw["rule"], EMPTY)
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
    for adjustment in rulebook.adjustments:
        for i, case in enumerate(adjustment.cases):
            make = _Maker(
                f"adjustments.{adjustment.id}.cases.{i}", "adjustments", adjustment.label, case.source, case.basis
            )
            yield make.knob("points", rendered(rulebook, case.when.node), plain(case.points), "分")
    for key, parameter in rulebook.parameters.items():
        default = parameter.default
        if parameter.kind in NUMBER_KINDS and isinstance(default, Decimal):
            make = _Maker(f"parameters.{key}", "parameters", parameter.label, parameter.source, parameter.basis)
            yield make.value("default", Text("取值", "Value"), plain(default), parameter.unit)


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
        if _is_number(raw.get(key)):
            yield make.points(f"{path}.{key}", say(_ONE[key].zh, _ONE[key].en), str(raw[key]))
    if kind == "fixed" and _is_number(raw.get("points")):
        yield make.points(f"{path}.points", say(_ONE["points"].zh, _ONE["points"].en), str(raw["points"]))
    if kind == "formula" and _is_number(raw.get("scale")):
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


def _nested(rulebook: Rulebook, make: _Maker, path: str, raw: Any, before: Text) -> Iterator[Knob]:
    kind = raw.get("kind", "fixed")
    if kind in ("first", "most_severe"):
        for i, item in enumerate(raw["cases"]):
            if item.get("when"):
                when = rendered(rulebook, parse_expression(str(item["when"])).node)
            else:
                when = Text("其他情形", "otherwise")
            lead = Text(f"{before.zh}{when.zh}：", f"{before.en}{when.en}: ")
            if item.get("rule") is not None:
                yield from _rule(rulebook, make, f"{path}.cases.{i}.rule", item["rule"], lead)
            elif _is_number(item.get("points")):
                yield make.points(
                    f"{path}.cases.{i}.points", Text(f"{lead.zh}得分", f"{lead.en}points"), item["points"]
                )
    other = raw.get("otherwise")
    if isinstance(other, Mapping):
        lead = Text(f"{before.zh}其余：", f"{before.en}otherwise: ")
        yield from _rule(rulebook, make, f"{path}.otherwise", other, lead)
    elif _is_number(other):
        words = Text(f"{before.zh}{_ONE['otherwise'].zh}", f"{before.en}{_ONE['otherwise'].en}")
        yield make.points(f"{path}.otherwise", words, str(other))
    for i, item in enumerate(raw.get("rules") or []):
        lead = Text(f"{before.zh}规则 {i + 1}：", f"{before.en}rule {i + 1}: ")
        yield from _rule(rulebook, make, f"{path}.rules.{i}", item, lead)


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and NUMBER.fullmatch(value) is not None


# ---- Choosing


def tune(rulebook: Rulebook, typed: Mapping[str, str]) -> Tuning:
    """Read typed values by path and work out the rulebook with them; blank and unchanged ones count as not chosen.

    Every problem is found at once, each on the value it is about: text that is no number, and whatever lint says of the
    rulebook that comes out (bands out of order, a curve that falls where it must rise, points outside the range).
    """
    knobs = tunables(rulebook)
    chosen: dict[str, str] = {}
    problems: list[Problem] = []
    for path, text in typed.items():
        knob = knobs.get(path)
        if knob is None:
            problems.append(
                Problem(
                    "",
                    Text(f"评价办法中没有可调整的“{path}”。", f"The rulebook has nothing to change at “{path}”."),
                    Text("请重新打开页面。", "Open the page again."),
                )
            )
            continue
        value = _read(rulebook, knob, text, problems)
        if value is not None and not _same(value, _stored(knob)):
            chosen[path] = value
    if problems:
        return Tuning(chosen, (), None, tuple(problems))
    changes = _follow(rulebook, chosen)
    return _judge(rulebook, chosen, changes)


def retune(rulebook: Rulebook, changes: tuple[Change, ...]) -> Rulebook:
    """Return the rulebook with changes that `tune` has given before."""
    from scorecard.engine.simulate import patched

    return patched(rulebook, changes)


def _stored(knob: Knob) -> str:
    return plain(Decimal(knob.value) / 100) if knob.form == PERCENT else knob.value


def _same(a: str, b: str) -> bool:
    if _is_number(a) and _is_number(b):
        return Decimal(a) == Decimal(b)
    return a == b


def _read(rulebook: Rulebook, knob: Knob, text: str, problems: list[Problem]) -> str | None:
    """A typed value as it stands in the rulebook; None when nothing is typed, or what is typed is wrong."""
    clean = unicodedata.normalize("NFKC", text).replace("−", "-").replace(" ", "").strip()
    if not clean:
        return None
    if knob.form == SWITCH:
        return OFF if clean == OFF else ON
    if knob.form == GRADE:
        if clean in rulebook.grade_order:
            return clean
        problems.append(
            Problem(
                knob.path,
                Text(f"“{knob.label.zh}”不是本办法的等次。", f"“{knob.label.en}” is no grade of this rulebook."),
                Text("请从列表中选择等次。", "Choose a grade of the list."),
            )
        )
        return None
    body = clean.removesuffix("%") if knob.form == PERCENT else clean
    if not NUMBER.fullmatch(body) or len(body) > MAX_TYPED:
        problems.append(
            Problem(
                knob.path,
                Text(
                    f"“{knob.name.zh}”的“{knob.label.zh}”应填数字，不能是“{text[:20]}”。",
                    f"“{knob.label.en}” of “{knob.name.en}” must be a number, not “{text[:20]}”.",
                ),
                Text(
                    f"请填普通小数，例如 {knob.value}。留空表示不改。",
                    f"Type a plain decimal, such as {knob.value}. Leave it blank to keep it.",
                ),
            )
        )
        return None
    number = Decimal(body)
    return plain(number / 100 if knob.form == PERCENT else number)


def _follow(rulebook: Rulebook, chosen: Mapping[str, str]) -> tuple[Change, ...]:
    """The chosen values as changes, with what follows: points in proportion to their maximum, and the sums."""
    data = copy.deepcopy(dict(rulebook.document_data))
    changes: dict[str, str | None] = {}

    def put(path: str, value: str) -> None:
        changes[path] = value
        apply_change(data, Change(path, value))

    knobs = tunables(rulebook)
    switched = [path for path, value in chosen.items() if knobs[path].form == SWITCH and value == OFF]
    for path, value in chosen.items():
        if knobs[path].form != SWITCH:
            put(path, value)
    for path, value in _ends(knobs, chosen):
        put(path, value)
    for key in rulebook.indicators:
        entry = f"indicators.{key}"
        mine = [path for path in chosen if knobs[path].entry == entry]
        weight = chosen.get(f"{entry}.max")
        if weight is not None:
            scaled = [pair for pair in _scaled(rulebook, entry, Decimal(weight)) if pair[0] not in chosen]
            for path, value in scaled:
                put(path, value)
            for path, value in _rest(data, key, Decimal(weight), scaled):
                put(path, value)
        if mine:
            for end, value in _reach(data, key):
                if f"{entry}.{end}" not in chosen:
                    put(f"{entry}.{end}", value)
    for path, value in _sums(rulebook, data):
        put(path, value)
    # Caps are removed from the end, so that the numbers of those before them stay.
    for path in sorted(switched, key=lambda p: -int(p.split(".")[1])):
        changes = {p: v for p, v in changes.items() if not p.startswith(f"{path}.")}
        changes[path] = None
    return tuple(Change(path, value) for path, value in changes.items())


def _scaled(rulebook: Rulebook, entry: str, top: Decimal) -> Iterator[tuple[str, str]]:
    """Points of a rule and the minimum, in proportion to the indicator's new maximum."""
    spec = rulebook.indicators[entry.partition(".")[2]]
    if not spec.max:
        return
    factor = Fraction(top) / Fraction(spec.max)

    def scale(value: str | Decimal) -> str:
        return plain(round_points(Fraction(value) * factor, rulebook.rounding.indicator))

    if spec.min:
        yield f"{entry}.min", scale(spec.min)
    for knob in tunables(rulebook).values():
        if knob.entry == entry and knob.points:
            yield knob.path, scale(knob.value)


def _ends(knobs: Mapping[str, Knob], chosen: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Beyond its first and last point a curve goes on as it did there: where both were equal, they stay equal."""
    for path, knob in knobs.items():
        base, _, end = path.rpartition(".")
        if end not in ("below", "above") or path in chosen:
            continue
        points = [p for p in knobs if p.startswith(f"{base}.points.") and p.endswith(".1")]
        if points:
            there = points[0] if end == "below" else points[-1]
            if there in chosen and _same(knobs[there].value, knob.value):
                yield path, chosen[there]


def _rest(
    data: dict[str, Any], indicator: str, top: Decimal, scaled: list[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """What rounding took from items that add up goes to the largest of them, so that together they reach the top."""
    raw = data["indicators"][indicator]["rule"]
    if raw.get("kind") != "checklist":
        return
    items = [(path, Decimal(value)) for path, value in scaled if ".rule.items." in path]
    book, fields = read_with_fields(from_plain(data))
    bounds = book.indicators[indicator].rule.bounds() if not fields.findings else None
    if items and bounds is not None and bounds[1] != Fraction(top):
        path, value = max(items, key=lambda item: item[1])
        yield path, str(exact(Fraction(value) + Fraction(top) - bounds[1]))


def _reach(data: dict[str, Any], indicator: str) -> Iterator[tuple[str, str]]:
    """Lowest and highest points that the changed rule gives, where they are no longer the indicator's own."""
    book, fields = read_with_fields(from_plain(data))
    if fields.findings:
        return
    spec = book.indicators[indicator]
    bounds = spec.rule.bounds()
    if bounds is None:
        return
    for end, now, value in (("min", spec.min, bounds[0]), ("max", spec.max, bounds[1])):
        if Fraction(now) != value:
            yield end, str(exact(value))


def _sums(rulebook: Rulebook, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Maxima and minima of sections, parts and total, where they are no longer the sum of what they hold."""
    points: dict[tuple[str, str], Fraction] = {}
    for section in reversed(list(rulebook.sections.values())):
        for end in ("min", "max"):
            own = sum((_number(data["indicators"][i].get(end)) for i in section.indicators), Fraction(0))
            total = (own + sum((points[c, end] for c in section.children), Fraction(0))) * section.weight
            if end == "max" and section.ceiling is not None:
                total = min(total, Fraction(section.ceiling))
            if end == "min" and section.floor is not None:
                total = max(total, Fraction(section.floor))
            points[section.id, end] = total
            if total != Fraction(getattr(section, end)):
                yield f"sections.{section.id}.{end}", str(exact(total))
    for end, limit in (("min", rulebook.floor), ("max", rulebook.ceiling)):
        total = sum((points[s.id, end] for s in rulebook.top_sections), Fraction(0))
        if limit is not None:
            total = min(total, Fraction(limit)) if end == "max" else max(total, Fraction(limit))
        if total != Fraction(getattr(rulebook, end)):
            yield f"rulebook.total.{end}", str(exact(total))
        for part in rulebook.parts.values():
            members = [i.id for i in rulebook.indicators.values() if i.part == part.id]
            total = sum((_number(data["indicators"][i].get(end)) for i in members), Fraction(0))
            if total != Fraction(getattr(part, end)):
                yield f"parts.{part.id}.{end}", str(exact(total))


def _number(value: Any) -> Fraction:
    return Fraction(value) if _is_number(value) else Fraction(0)


def _judge(rulebook: Rulebook, chosen: Mapping[str, str], changes: tuple[Change, ...]) -> Tuning:
    """What lint says of the changed rulebook, each finding put down to the chosen value that it is about."""
    if not changes:
        return Tuning(chosen, (), rulebook, ())
    data = copy.deepcopy(dict(rulebook.document_data))
    for change in changes:
        apply_change(data, change)
    book, fields = read_with_fields(from_plain(data))
    findings = [*fields.findings, *references(book, fields)]
    # A cap that is off may leave a figure that nothing else uses; that is no fault of what is tried.
    findings += [f for f in meaning(book, fields) if f.code != "unused"]
    if not findings:
        return Tuning(chosen, changes, book, ())
    problems = tuple(dict.fromkeys(_problem(rulebook, chosen, finding) for finding in sorted(set(findings))))
    return Tuning(chosen, changes, None, problems)


def _problem(rulebook: Rulebook, chosen: Mapping[str, str], finding: Finding) -> Problem:
    knobs = tunables(rulebook)
    found = [p for p in chosen if finding.key == p or finding.key.startswith(f"{p}.")]
    found += [p for p in chosen if p.startswith(f"{finding.key}.")]
    found += [p for p in chosen if finding.key.startswith(f"{knobs[p].entry}.")]
    if finding.key.startswith("grades"):
        found += [p for p in chosen if p.startswith("grades.")]
    path = found[0] if found else ""
    named = knobs[path].name if path else label(rulebook, finding.key)
    where = Text(f"“{named.zh}”：", f"“{named.en}”: ") if path else EMPTY
    message = Text(where.zh + finding.message.zh, where.en + finding.message.en)
    known = REMEDIES if finding.key.startswith("indicators.") else {}
    return Problem(path, message, known.get(finding.code, finding.remedy))
