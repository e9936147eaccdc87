"""A rulebook with some of its numbers changed: what follows by itself, and what lint says of it, field by field.

What adds up from the chosen numbers (maxima of sections, parts and the total) follows by itself, so that what comes out
can be read, scored and published like any rulebook.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from scorecard.engine.declarations.fields import Fields
from scorecard.engine.lint.meaning import meaning, sums
from scorecard.engine.lint.references import references
from scorecard.engine.rulebook.labels import label, rendered
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.numbers import exact, plain, round_points
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import EMPTY, Text
from scorecard.engine.whatif.literals import always, literals, span_of, span_words, with_literals
from scorecard.engine.whatif.simulate import Change, read_changed
from scorecard.engine.whatif.tunables import IN, OFF, SWITCH, Tunable, numbered_expressions, tunables
from scorecard.engine.whatif.typed_values import Problem, read_typed, same, stored

#: What mends a finding of lint, said to somebody who sees a form and no YAML.
_ONE_WAY = Text("请改正得分，使其随分界值单调变化。", "Correct the points so that they go one way with the cut points.")
_AGREE = Text("请同时调整权重或各档得分，使两者一致。", "Change the weight or the points, so that they agree.")
REMEDIES = {"monotone": _ONE_WAY, "range": _AGREE, "unreachable": _AGREE}
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
            said = Text(f"评价办法中没有可调整的“{path}”。", f"The rulebook has nothing to change at “{path}”.")
            problems.append(Problem("", said, Text("请重新打开页面。", "Open the page again.")))
            continue
        value = read_typed(rulebook, tunable, text, problems)
        if value is not None and not same(value, stored(tunable)):
            chosen[path] = value
    if problems:
        return Tuning(chosen, (), None, tuple(problems))
    changes = _follow(rulebook, chosen)
    return _judge(rulebook, chosen, changes)


def _follow(rulebook: Rulebook, chosen: Mapping[str, str]) -> tuple[Change, ...]:
    """The chosen values as changes, with what follows: points in proportion to their maximum, and the sums."""
    known = tunables(rulebook)
    changes: dict[str, str | None] = {p: v for p, v in chosen.items() if known[p].form != SWITCH and IN not in p}
    changes.update(_texts(rulebook, chosen))
    changes.update(_ends(known, chosen))
    for key in rulebook.indicators:
        entry = f"indicators.{key}"
        weight = chosen.get(f"{entry}.max")
        if weight is not None:
            scaled = {p: v for p, v in _scaled(rulebook, entry, Decimal(weight)) if p not in chosen}
            changes |= scaled
            changes.update(_rest(rulebook, changes, key, Decimal(weight), scaled))
        if any(known[path].entry == entry for path in chosen):
            changes.update(pair for pair in _reach(rulebook, changes, key) if pair[0] not in chosen)
    book, _fields = _read(rulebook, changes)
    changes.update((path, str(exact(total))) for path, total, declared in sums(book) if total != declared)
    # Caps are removed from the end, so that the numbers of those before them stay.
    switched = [path for path, value in chosen.items() if known[path].form == SWITCH and value == OFF]
    for path in sorted(switched, key=lambda p: -int(p.split(".")[1])):
        changes = {p: v for p, v in changes.items() if not p.startswith(f"{path}.")}
        changes[path] = None
    return tuple(Change(path, value) for path, value in changes.items())


def _read(rulebook: Rulebook, changes: Mapping[str, str | None]) -> tuple[Rulebook, Fields]:
    return read_changed(rulebook, (Change(path, value) for path, value in changes.items()))


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
    rulebook: Rulebook, changes: Mapping[str, str | None], indicator: str, top: Decimal, scaled: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """What rounding took from items that add up goes to the largest of them, so that together they reach the top."""
    items = {path: Decimal(value) for path, value in scaled.items() if ".rule.items." in path}
    if not items:
        return
    book, fields = _read(rulebook, changes)
    bounds = book.indicators[indicator].rule.bounds()
    if not fields.findings and bounds[1] != Fraction(top):
        path = max(items, key=lambda item: items[item])
        yield path, str(exact(Fraction(items[path]) + Fraction(top) - bounds[1]))


def _reach(rulebook: Rulebook, changes: Mapping[str, str | None], indicator: str) -> Iterator[tuple[str, str]]:
    """Lowest and highest points that the changed rule gives, where they are no longer the indicator's own."""
    book, fields = _read(rulebook, changes)
    spec = book.indicators[indicator]
    bounds = spec.rule.bounds()
    if fields.findings:
        return
    for end, now, value in (("min", spec.min, bounds[0]), ("max", spec.max, bounds[1])):
        if Fraction(now) != value:
            yield f"indicators.{indicator}.{end}", str(exact(value))


def _judge(rulebook: Rulebook, chosen: Mapping[str, str], changes: tuple[Change, ...]) -> Tuning:
    """What lint says of the changed rulebook, each finding assigned to the chosen value that it is about."""
    if not changes:
        return Tuning(chosen, (), rulebook, ())
    book, fields = read_changed(rulebook, changes)
    findings = [*fields.findings, *references(book, fields)]
    # A cap that is off may leave a figure that nothing else uses, and a version may have been published before lint
    # asked for instruments and for steps among peers; that is no fault of what is tried.
    findings += [f for f in meaning(book, fields) if f.code not in ("unused", "instrument", "peers")]
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
        named, other = tunables(rulebook)[key].name, rendered(book, literal.other)
        limits = span_words(span, literal.unit)
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
    remedy = REMEDIES.get(finding.code) if finding.key.startswith("indicators.") else None
    if finding.code == "unreachable" and finding.key.endswith(".when"):
        expression, _unit = numbered_expressions(book).get(finding.key, (None, ""))
        if expression is not None:
            words = rendered(book, expression.node)
            where = Text(f"{where.zh}“{words.zh}”：", f"{where.en}“{words.en}”: ")
        remedy = CASE_REMEDY
    message = Text(where.zh + finding.message.zh, where.en + finding.message.en)
    return Problem(path, message, remedy or finding.remedy)
