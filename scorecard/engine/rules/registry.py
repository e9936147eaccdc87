"""Reading of rules: the name under `kind` chooses the reader."""

from __future__ import annotations

from collections.abc import Callable

from scorecard.engine.language.syntax import Call, Expression
from scorecard.engine.reading.declarations import Fields
from scorecard.engine.reading.source import Mark
from scorecard.engine.rules.answers import Checklist, Fixed, Item, Judged, Levels, TargetOutcome
from scorecard.engine.rules.base import Rule
from scorecard.engine.rules.choice import Branch, Combine, FirstThatHolds, MostSevere
from scorecard.engine.rules.curves import Curve, Deductions, Formula, Rank, Share, Steps
from scorecard.engine.values.rational import ONE, ZERO, Fraction
from scorecard.engine.values.text import Text


def read_rule(f: Fields, mark: Mark, low: Fraction, high: Fraction) -> Rule:
    """Read one rule; `low` and `high` are the range of its indicator, which some kinds use as limits."""
    if not isinstance(mark.value, dict):
        f.report(
            mark,
            "mapping",
            Text("规则应为一组键值。", "A rule must be a mapping."),
            Text("请写明 kind 及其参数。", "Write its kind and parameters."),
        )
        return Fixed(ZERO)
    if mark.get("kind") is None and mark.get("points") is not None and len(mark.value) == 1:
        return Fixed(f.fraction(mark, "points", ZERO) or ZERO)
    kind = f.choice(mark, "kind", KINDS, "", required=True)
    if not kind:
        return Fixed(ZERO)
    f.known(mark, ("kind", *KINDS[kind][0]))
    return KINDS[kind][1](f, mark, low, high)


def pairs(f: Fields, mark: Mark, key: str) -> list[tuple[Fraction, Fraction]]:
    found: list[tuple[Fraction, Fraction]] = []
    for item in f.list(mark, key, required=True):
        if not isinstance(item.value, list) or len(item.value) != 2:
            f.report(
                item,
                "list",
                Text("此处应为两个数字。", "Two numbers are needed here."),
                Text("请写成 [数值, 分值]。", "Write [value, points]."),
            )
            continue
        numbers = [f.scalar_number(v) for v in item.value]
        if None not in numbers:
            found.append((Fraction(numbers[0] or 0), Fraction(numbers[1] or 0)))
    return found


def _curve(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    points = pairs(f, m, "points")
    if len(points) < 2:
        if len(f.list(m, "points")) >= 2:
            return Fixed(ZERO)  # the points themselves are reported already
        f.report(
            m,
            "curve",
            Text("分段线性规则至少需要两个点。", "A curve needs at least two points."),
            Text("请补充点。", "Add points."),
            "points",
        )
        points = [(ZERO, ZERO), (ONE, ZERO)]
    open_ends = []
    for end in f.list(m, "open_ends"):
        if end.value not in ("left", "right"):
            f.report(
                end,
                "choice",
                Text(f"“{end.value}”不是“open_ends”的可选值。", f"“{end.value}” is not a value of “open_ends”."),
                Text("请改为 left 或 right。", "Use one of left, right."),
            )
        open_ends.append(end.value)
    below = f.fraction(m, "below", points[0][1])
    above = f.fraction(m, "above", points[-1][1])
    return Curve(
        f.need_expression(m, "x"),
        f.string(m, "unit"),
        tuple(points),
        points[0][1] if below is None else below,
        points[-1][1] if above is None else above,
        "left" in open_ends,
        "right" in open_ends,
        f.string(m, "lever"),
        f.choice(m, "direction", ("up", "down"), ""),
    )


def _steps(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    return Steps(
        f.need_expression(m, "x"),
        f.string(m, "unit"),
        f.choice(m, "compare", ("at_most", "at_least", "below", "above"), "at_least", required=True),
        tuple(pairs(f, m, "steps")),
        f.fraction(m, "otherwise", ZERO, required=True) or ZERO,
        f.string(m, "lever"),
        f.choice(m, "direction", ("up", "down"), ""),
    )


def _formula(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    scale = f.fraction(m, "scale", ONE)
    floor = f.fraction(m, "floor", low)
    ceiling = f.fraction(m, "ceiling", high)
    return Formula(f.need_expression(m, "x"), f.string(m, "unit"), ONE if scale is None else scale, floor, ceiling)


def _share(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    return Share(
        f.need_expression(m, "x"),
        f.need_expression(m, "reference"),
        f.string(m, "unit"),
        f.fraction(m, "full", high) or ZERO,
        f.fraction(m, "floor", ZERO) or ZERO,
        f.fraction(m, "no_reference"),
        f.string(m, "lever"),
    )


def _deductions(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    per = []
    for item in f.list(m, "per", required=True):
        f.known(item, ("x", "unit", "points"))
        per.append(
            (
                f.need_expression(item, "x"),
                f.string(item, "unit"),
                f.fraction(item, "points", ZERO, required=True) or ZERO,
            )
        )
    return Deductions(f.fraction(m, "start", high) or ZERO, f.fraction(m, "floor", low) or ZERO, tuple(per))


def _rank(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    x = f.need_expression(m, "x")
    ranked = Expression(f"rank({x.text})", Call("rank", (x.node,)))
    each = f.fraction(m, "each", ONE, required=True) or ZERO
    return Rank(
        x,
        f.string(m, "unit"),
        f.fraction(m, "full", high) or ZERO,
        each,
        f.fraction(m, "floor", max(low, ZERO)) or ZERO,
        ranked,
    )


def _levels(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    points = {k: Fraction(f.scalar_number(v) or 0) for k, v in f.mapping(m, "points", required=True).items()}
    return Levels(f.string(m, "fact", required=True), points or {"0": ZERO})


def _checklist(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    items = []
    for key, item in f.mapping(m, "items", required=True).items():
        if not isinstance(item.value, dict):
            points = f.scalar_number(item)
            items.append(Item(key, Text(key, key), Fraction(points or 0)))
            continue
        f.known(item, ("label", "points", "when"))
        label = f.text(item, "label") if item.get("label") is not None else Text(key, key)
        points = f.number(item, "points", required=True)
        items.append(Item(key, label, Fraction(points or 0), f.expression(item, "when", required=False)))
    return Checklist(f.string(m, "fact"), tuple(items))


def _target(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    years = []
    for key, value in f.mapping(m, "years_missed").items():
        points = f.scalar_number(value)
        if not key.isdigit() or not 2 <= int(key) <= 5:
            f.report(
                value,
                "number",
                Text("年数应为 2 至 5。", "The years must be from 2 to 5."),
                Text("请改正年数。", "Correct the years."),
            )
            continue
        years.append((int(key), Fraction(points or 0)))
    return TargetOutcome(
        f.string(m, "target", required=True),
        f.fraction(m, "met", high) or ZERO,
        f.fraction(m, "missed", ZERO) or ZERO,
        tuple(sorted(years, reverse=True)),
    )


def _judged(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    return Judged(low, high, f.string(m, "fact"))


def _fixed(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    return Fixed(f.fraction(m, "points", ZERO, required=True) or ZERO)


def _some(f: Fields, m: Mark, key: str) -> list[Mark]:
    """Read a list that is not empty."""
    mark = m.get(key)
    found = f.list(m, key, required=True)
    if mark is not None and mark.value == []:
        f.report(
            m,
            "list",
            Text(f"“{key}”不能为空。", f"“{key}” must not be empty."),
            Text("请至少写一项。", "Write one entry at least."),
            key,
        )
    return found


def _branch(f: Fields, item: Mark, low: Fraction, high: Fraction, conditional: bool) -> Branch:
    f.known(item, ("when", "points", "rule", "label"))
    when = f.expression(item, "when", required=conditional)
    label = f.text(item, "label") if item.get("label") is not None else Text("", "")
    return Branch(when, _then(f, item, low, high), label)


def _then(f: Fields, item: Mark, low: Fraction, high: Fraction) -> Rule:
    nested = item.get("rule")
    if nested is not None:
        if item.get("points") is not None:
            f.report(
                item,
                "unknown-key",
                Text("“points”与“rule”不能并存。", "“points” and “rule” exclude each other."),
                Text("请只保留其中一项。", "Keep one of them."),
                "points",
            )
        return read_rule(f, nested, low, high)
    return Fixed(f.fraction(item, "points", ZERO, required=True) or ZERO)


def _first(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    cases = tuple(_branch(f, item, low, high, True) for item in _some(f, m, "cases"))
    return FirstThatHolds(cases, _otherwise(f, m, low, high))


def _otherwise(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    other = m.get("otherwise")
    if other is not None and isinstance(other.value, dict):
        return read_rule(f, other, low, high)
    return Fixed(f.fraction(m, "otherwise", ZERO, required=True) or ZERO)


def _most_severe(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    cases = tuple(_branch(f, item, low, high, False) for item in _some(f, m, "cases"))
    if all(c.when is not None for c in cases):
        return MostSevere(cases, _otherwise(f, m, low, high))
    if m.get("otherwise") is not None:
        f.report(
            m,
            "unreachable",
            Text(
                "有一项没有条件、总是成立，“otherwise”永远用不到。",
                "A case without “when” always holds, so “otherwise” never counts.",
            ),
            Text("请删除“otherwise”，或为该项写明“when”。", "Remove “otherwise”, or give that case a “when”."),
            "otherwise",
        )
    return MostSevere(cases)


def _combine(f: Fields, m: Mark, low: Fraction, high: Fraction) -> Rule:
    rules = tuple(read_rule(f, item, low, high) for item in _some(f, m, "rules"))
    return Combine(f.string(m, "kind"), rules or (Fixed(ZERO),))


Reader = Callable[[Fields, Mark, Fraction, Fraction], Rule]

#: kind -> (its keys, its reader)
KINDS: dict[str, tuple[tuple[str, ...], Reader]] = {
    "curve": (("x", "unit", "points", "below", "above", "open_ends", "lever", "direction"), _curve),
    "steps": (("x", "unit", "compare", "steps", "otherwise", "lever", "direction"), _steps),
    "formula": (("x", "unit", "scale", "floor", "ceiling"), _formula),
    "share": (("x", "reference", "unit", "full", "floor", "no_reference", "lever"), _share),
    "deductions": (("start", "floor", "per"), _deductions),
    "rank": (("x", "unit", "full", "each", "floor"), _rank),
    "levels": (("fact", "points"), _levels),
    "checklist": (("fact", "items"), _checklist),
    "target": (("target", "met", "missed", "years_missed"), _target),
    "judged": (("fact",), _judged),
    "fixed": (("points",), _fixed),
    "first": (("cases", "otherwise"), _first),
    "most_severe": (("cases", "otherwise"), _most_severe),
    "lower_of": (("rules",), _combine),
    "higher_of": (("rules",), _combine),
    "mean_of": (("rules",), _combine),
    "sum_of": (("rules",), _combine),
}
