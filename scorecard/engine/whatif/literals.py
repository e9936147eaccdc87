"""The numbers inside expressions: where each stands, what it is a number of, and between which values it decides.

``x < 0.8``, ``points(regular) < 60`` and ``min(hours / unit(20, 学时), 1)`` hold numbers of the method as much as a cut
point of a curve does. A bare 0 or 1 in arithmetic (growth as ``a / b - 1``, a share that ends at 1) is the form of a
figure and no number of the method; how many years ``last`` goes back is neither.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any

from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import Bin, Call, Cmp, E, If, Name, Num, Unary, children, parse_expression
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import exact
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import EMPTY, Text

#: Stands for the number that is spoken of, where the words of its condition are written.
BLANK = "＿"
_HERE = "here__"
_ARITHMETIC = ("min", "max", "clip")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
YEARS_HELD = (Decimal(1), Decimal(5))


@dataclass(frozen=True, slots=True)
class Literal:
    """One number of an expression.

    unit         the unit in which it is compared, "%" for a fraction that is shown as a percentage
    about        the comparison that it belongs to (else the whole expression), with a name in its place (`placeholder`)
    other, op    what it is compared with, and how: `other op number`; None and "" where it is not compared
    years        whether it says how many years a condition must have held
    """

    value: Decimal
    unit: str
    about: E
    other: E | None
    op: str
    years: bool = False


def literals(rulebook: Rulebook, text: str, unit: str = "") -> tuple[Literal, ...]:
    """Return the numbers of an expression in the order of its text; `unit` is that of the expression itself."""
    return tuple(_literal(rulebook, text, unit, *number) for number in _numbers(text))


def with_literals(text: str, values: Mapping[int, str]) -> str:
    """Return the text of an expression with other numbers; `values` is by the place among `literals`, from 0."""
    parts, at = [], 0
    for place, (signed, _named, _around) in enumerate(_numbers(text)):
        start, end = _ends(text, signed)
        if place in values:
            parts += [text[at:start], values[place]]
            at = end
    return "".join([*parts, text[at:]])


def placeholder(name: str) -> Text | None:
    """Return the label of the name that stands for the number in `Literal.about`; None for every other name."""
    return Text(BLANK, BLANK) if name == _HERE else None


def _numbers(text: str) -> Iterator[tuple[E, E, Sequence[E]]]:
    """Yield each number with its sign, the same with the unit that is named for it, and what is around that, the
    nearest first; in the order of the text.
    """
    for number, *around in sorted(_chains(parse_expression(text).node), key=lambda chain: chain[0].start):
        signed: E = number
        if around and isinstance(around[0], Unary) and around[0].op == "-":
            signed, *around = around
        named = signed
        if around and _function(around[0]) == "unit" and around[0].args[0] is signed:
            named, *around = around
        if not _form(named, around):
            yield signed, named, around


def _chains(node: E, above: tuple[E, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield each number followed by what is around it, the nearest first."""
    if isinstance(node, Num):
        yield (node, *above)
    for child in children(node):
        yield from _chains(child, (node, *above))


def _form(named: E, around: Sequence[E]) -> bool:
    """Return whether a number is the form of a figure and none of the method."""
    parent = around[0] if around else None
    function = _function(parent)
    bare = isinstance(named, Num) and named.value in (0, 1)
    return function == "last" or (bare and (isinstance(parent, Bin) or function in _ARITHMETIC))


def _ends(text: str, signed: E) -> tuple[int, int]:
    """Return where a number begins, with its sign, and ends in the text of its expression."""
    lead = len(text) - len(text.lstrip())
    number = signed.x if isinstance(signed, Unary) else signed
    assert isinstance(number, Num)  # noqa: S101  narrows the type
    start = lead + number.start
    return (start if number is signed else text.rindex("-", 0, start)), start + len(number.text)


def _literal(rulebook: Rulebook, text: str, unit: str, signed: E, named: E, around: Sequence[E]) -> Literal:
    start, end = _ends(text, signed)
    parent = around[0] if around else None
    years = _function(parent) == "held"
    own = named.args[1].id if isinstance(named, Call) and isinstance(named.args[1], Name) else None
    other, op = None, ""
    match parent:
        case Cmp(sign, left, right):
            other, op = (right, _MIRRORED[sign]) if left is named else (left, sign)
    # The comparison around it, else what it is reckoned with. Years are named by their whole condition, whose number
    # cannot be left out.
    about = next((node for node in around if isinstance(node, Cmp)), parent or named)
    return Literal(
        Decimal(text[start:end].replace(" ", "")),
        own or ("年" if years else _context(rulebook, unit, named, around) or ""),
        parent if years and parent else _swapped(about, signed),
        other,
        op,
        years,
    )


def _swapped(value: Any, number: E) -> Any:
    """Return a part of an expression with the placeholder in place of a number."""
    if value is number:
        return Name(_HERE)
    if isinstance(value, tuple):
        return tuple(_swapped(item, number) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(*(_swapped(getattr(value, f.name), number) for f in fields(value)))
    return value


def _context(rulebook: Rulebook, unit: str, node: E, around: Sequence[E]) -> str | None:
    """Return the unit that a number takes from what it is compared with, added to, or given out as."""
    if not around:
        return unit
    parent, *above = around
    others = [unit_of(rulebook, child) for child in children(parent) if child is not node]
    match parent:
        case Cmp():
            return others[0]
        case Bin("+" | "-", _, _):
            return others[0] or _context(rulebook, unit, parent, above)
        case Call(name, _) if name in _ARITHMETIC:
            return next(filter(None, others), None) or _context(rulebook, unit, parent, above)
        case If() | Unary():
            return _context(rulebook, unit, parent, above)
    return None


def _function(node: E | None) -> str:
    return node.name if isinstance(node, Call) else ""


def unit_of(rulebook: Rulebook, node: E) -> str | None:
    """The unit of an expression where its own words say it; None for a bare number and for what has no word."""
    match node:
        case Name(id):
            for group in (rulebook.facts, rulebook.definitions, rulebook.parameters):
                if id in group:
                    return group[id].unit
        case Unary("-", x):
            return unit_of(rulebook, x)
        case Bin("+" | "-", left, right):
            return unit_of(rulebook, left) or unit_of(rulebook, right)
        case Bin("*", left, right) if isinstance(left, Num) or isinstance(right, Num):
            return unit_of(rulebook, right if isinstance(left, Num) else left)
        case Bin("/", left, Num()):
            return unit_of(rulebook, left)
        case Call(name, args):
            if FUNCTIONS[name].passes:
                return next((found for arg in args if (found := unit_of(rulebook, arg))), None)
            return FUNCTIONS[name].unit_of(node)
    return None


#: Lowest and highest value that a figure can take, None without end, and whether values are whole numbers.
Span = tuple[Fraction | None, Fraction | None, bool]


def span_of(rulebook: Rulebook, node: E) -> Span:
    """Return the values that one side of a comparison can take, as far as the rulebook says."""
    match node:
        case Name(id) if id in rulebook.facts:
            spec = rulebook.facts[id]
            low, high = (None if end is None else Fraction(end) for end in (spec.min, spec.max))
            return low, high, spec.kind == "count"
        case Call(name, _):
            return FUNCTIONS[name].span(rulebook, node)
    return None, None, False


def always(span: Span, op: str, number: Fraction) -> bool | None:
    """Return whether `figure op number` holds for every value that the figure can take, None where for some alone."""
    low = -math.inf if span[0] is None else span[0]
    high = math.inf if span[1] is None else span[1]
    apart = number < low or number > high or (span[2] and number.denominator != 1)
    holds, fails = {
        "<": (high < number, low >= number),
        "<=": (high <= number, low > number),
        ">": (low > number, high <= number),
        ">=": (low >= number, high < number),
        "==": (False, apart),
        "!=": (apart, False),
    }.get(op, (False, False))
    return True if holds else False if fails else None


def span_words(span: Span, unit: str) -> Text:
    """Return the values that a figure can take, in words."""
    factor, sign = (100, "%") if unit == "%" else (1, "")
    low, high = ("" if end is None else f"{exact(end * factor)}{sign}" for end in span[:2])
    if low and high:
        return Text(f"{low} 至 {high}", f"{low} to {high}")
    if low:
        return Text(f"不低于 {low}", f"{low} or more")
    return Text(f"不高于 {high}", f"{high} or less") if high else EMPTY
