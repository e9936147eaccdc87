"""A rulebook with some of its numbers changed: what follows by itself, and what lint says of it, field by field.

What adds up from the chosen numbers (maxima of sections, parts and the total) follows by itself, so that what comes out
can be read, scored and published like any rulebook.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scorecard.engine.declarations.keys import is_number
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.lint.meaning import inner_first, meaning
from scorecard.engine.lint.references import references
from scorecard.engine.reading.reader import read_with_fields
from scorecard.engine.rulebook.labels import label, rendered
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.numbers import exact, plain, round_points
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import EMPTY, Text
from scorecard.engine.whatif.literals import always, literals, span_of, span_words, with_literals
from scorecard.engine.whatif.simulate import Change, apply_change
from scorecard.engine.whatif.tunables import (
    IN,
    OFF,
    SWITCH,
    Tunable,
    numbered_expressions,
    tunables,
)
from scorecard.engine.whatif.typed_values import Problem, read_typed, same, stored

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
CASE_REMEDY = Text(
    "请调整此项或前面各项条件中的数，使每一项都可能用到。",
    "Change the numbers of this condition or of those before it, so that each case can be the one.",
)


@dataclass(frozen=True, slots=True)
class Tuning:
    """Chosen values with everything that follows from them. `rulebook` is None while there are problems."""

    chosen: Mapping[str, str]
    changes: tuple[Change, ...]
    rulebook: Rulebook | None
    problems: tuple[Problem, ...]


def tune(rulebook: Rulebook, typed: Mapping[str, str]) -> Tuning:
    """Read typed values by path and work out the rulebook with them; blank and unchanged ones count as not chosen.

    Every problem is found at once, each on the value it is about: text that is no number, and whatever lint says of the
    rulebook that comes out (bands out of order, a curve that falls where it must rise, points outside the range).
    """
    known = tunables(rulebook)
    chosen: dict[str, str] = {}
    problems: list[Problem] = []
    for path, text in typed.items():
        tunable = known.get(path)
        if tunable is None:
            problems.append(
                Problem(
                    "",
                    Text(f"评价办法中没有可调整的“{path}”。", f"The rulebook has nothing to change at “{path}”."),
                    Text("请重新打开页面。", "Open the page again."),
                )
            )
            continue
        value = read_typed(rulebook, tunable, text, problems)
        if value is not None and not same(value, stored(tunable)):
            chosen[path] = value
    if problems:
        return Tuning(chosen, (), None, tuple(problems))
    changes = _follow(rulebook, chosen)
    return _judge(rulebook, chosen, changes)


def retune(rulebook: Rulebook, changes: tuple[Change, ...]) -> Rulebook:
    """Return the rulebook with changes that `tune` has given before."""
    from scorecard.engine.whatif.simulate import patched

    return patched(rulebook, changes)


def _follow(rulebook: Rulebook, chosen: Mapping[str, str]) -> tuple[Change, ...]:
    """The chosen values as changes, with what follows: points in proportion to their maximum, and the sums."""
    data = copy.deepcopy(dict(rulebook.document_data))
    changes: dict[str, str | None] = {}

    def put(path: str, value: str) -> None:
        changes[path] = value
        apply_change(data, Change(path, value))

    known = tunables(rulebook)
    switched = [path for path, value in chosen.items() if known[path].form == SWITCH and value == OFF]
    for path, value in chosen.items():
        if known[path].form != SWITCH and IN not in path:
            put(path, value)
    for path, text in _texts(rulebook, chosen):
        put(path, text)
    for path, value in _ends(known, chosen):
        put(path, value)
    for key in rulebook.indicators:
        entry = f"indicators.{key}"
        mine = [path for path in chosen if known[path].entry == entry]
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


def _texts(rulebook: Rulebook, chosen: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The expressions in which numbers were chosen, each with all of them."""
    places: dict[str, dict[int, str]] = {}
    for key, value in chosen.items():
        path, inside, place = key.partition(IN)
        if inside:
            places.setdefault(path, {})[int(place)] = value
    for path, values in places.items():
        expression, _unit = numbered_expressions(rulebook)[path]
        yield path, with_literals(expression.text, values)


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
    for tunable in tunables(rulebook).values():
        if tunable.entry == entry and tunable.points:
            yield tunable.path, scale(tunable.value)


def _ends(known: Mapping[str, Tunable], chosen: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Beyond its first and last point a curve goes on as it did there: where both were equal, they stay equal."""
    for path, tunable in known.items():
        base, _, end = path.rpartition(".")
        if end not in ("below", "above") or path in chosen:
            continue
        points = [p for p in known if p.startswith(f"{base}.points.") and p.endswith(".1")]
        if points:
            there = points[0] if end == "below" else points[-1]
            if there in chosen and same(known[there].value, tunable.value):
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
    for section in inner_first(rulebook):
        raw = data["sections"][section.id]
        for end in ("min", "max"):
            own = sum((_number(data["indicators"][i].get(end)) for i in section.indicators), Fraction(0))
            total = own + sum((points[c, end] for c in section.children), Fraction(0))
            total = _limited(total * _number(raw.get("weight", "1")), raw, end)
            points[section.id, end] = total
            if total != Fraction(getattr(section, end)):
                yield f"sections.{section.id}.{end}", str(exact(total))
    for end in ("min", "max"):
        total = sum((points[s.id, end] for s in rulebook.top_sections), Fraction(0))
        total = _limited(total, data["rulebook"]["total"], end)
        if total != Fraction(getattr(rulebook, end)):
            yield f"rulebook.total.{end}", str(exact(total))
        for part in rulebook.parts.values():
            members = [i.id for i in rulebook.indicators.values() if i.part == part.id]
            total = sum((_number(data["indicators"][i].get(end)) for i in members), Fraction(0))
            if total != Fraction(getattr(part, end)):
                yield f"parts.{part.id}.{end}", str(exact(total))


def _limited(total: Fraction, raw: Mapping[str, Any], end: str) -> Fraction:
    """The lowest points within the floor, the highest within the ceiling, of a section or the total as it stands."""
    if end == "max":
        return min(total, _number(raw["ceiling"])) if is_number(raw.get("ceiling")) else total
    return max(total, _number(raw["floor"])) if is_number(raw.get("floor")) else total


def _number(value: Any) -> Fraction:
    return Fraction(value) if is_number(value) else Fraction(0)


def _judge(rulebook: Rulebook, chosen: Mapping[str, str], changes: tuple[Change, ...]) -> Tuning:
    """What lint says of the changed rulebook, each finding assigned to the chosen value that it is about."""
    if not changes:
        return Tuning(chosen, (), rulebook, ())
    data = copy.deepcopy(dict(rulebook.document_data))
    for change in changes:
        apply_change(data, change)
    book, fields = read_with_fields(from_plain(data))
    findings = [*fields.findings, *references(book, fields)]
    # A cap that is off may leave a figure that nothing else uses; that is no fault of what is tried.
    findings += [f for f in meaning(book, fields) if f.code != "unused"]
    problems = dict.fromkeys(_problem(rulebook, book, chosen, finding) for finding in sorted(set(findings)))
    if not fields.findings:
        problems |= dict.fromkeys(_idle(rulebook, book, chosen))
    if problems:
        return Tuning(chosen, changes, None, tuple(problems))
    return Tuning(chosen, changes, book, ())


def _idle(rulebook: Rulebook, book: Rulebook, chosen: Mapping[str, str]) -> Iterator[Problem]:
    """Chosen numbers that decide nothing: what they are compared with lies on one side of them, whatever is filed."""
    for key, value in chosen.items():
        path, inside, place = key.partition(IN)
        if not inside:
            continue
        expression, unit = numbered_expressions(rulebook)[path]
        literal = literals(rulebook, expression.text, unit)[int(place)]
        if literal.other is None:
            continue
        span = span_of(book, literal.other)
        holds = always(span, literal.op, Fraction(value))
        if holds is None:
            continue
        named, other, limits = (
            tunables(rulebook)[key].name,
            rendered(book, literal.other),
            span_words(span, literal.unit),
        )
        word, word_en = ("总是", "always") if holds else ("永远不会", "never")
        yield Problem(
            key,
            Text(
                f"“{named.zh}”：{other.zh}只能取{limits.zh}，以此为界的条件{word}成立。",
                f"“{named.en}”: {other.en} can only be {limits.en}, so the condition {word_en} holds.",
            ),
            Text("请改用能够区分不同情形的数。", "Type a number that tells one bank from another."),
        )


def _problem(rulebook: Rulebook, book: Rulebook, chosen: Mapping[str, str], finding: Finding) -> Problem:
    """Put a finding about the changed rulebook `book` down to the chosen value that it is about, in a form's words."""
    known = tunables(rulebook)
    found = [p for p in chosen if finding.key in (p, p.partition(IN)[0]) or finding.key.startswith(f"{p}.")]
    # An entry of a list of cases is judged by those before it: the nearest chosen one of the same list is meant.
    cases = finding.key.rpartition(".cases.")[0]
    found += [p for p in chosen if cases and p.startswith(f"{cases}.cases.")]
    found += [p for p in chosen if p.startswith((f"{finding.key}.", f"{finding.key}{IN}"))]
    found += [p for p in chosen if finding.key.startswith(f"{known[p].entry}.")]
    if finding.key.startswith("grades"):
        found += [p for p in chosen if p.startswith("grades.")]
    path = found[0] if found else ""
    named = known[path].name if path else label(rulebook, finding.key)
    where = Text(f"“{named.zh}”：", f"“{named.en}”: ") if path else EMPTY
    if finding.code == "unreachable" and finding.key.endswith(".when"):
        expression, _unit = numbered_expressions(book).get(finding.key, (None, ""))
        if expression is not None:
            words = rendered(book, expression.node)
            where = Text(f"{where.zh}“{words.zh}”：", f"{where.en}“{words.en}”: ")
        return Problem(path, Text(where.zh + finding.message.zh, where.en + finding.message.en), CASE_REMEDY)
    message = Text(where.zh + finding.message.zh, where.en + finding.message.en)
    remedies = REMEDIES if finding.key.startswith("indicators.") else {}
    return Problem(path, message, remedies.get(finding.code, finding.remedy))
