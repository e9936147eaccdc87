"""The numbers inside expressions: where each stands, what it is a number of, and between which values it decides.

``x < 0.8``, ``points(regular) < 60`` and ``min(hours / unit(20, 学时), 1)`` hold numbers of the method as much as a cut
point of a curve does. A bare 0 or 1 in arithmetic (growth as ``a / b - 1``, a share that ends at 1) is the form of a
figure and no number of the method; how many years ``last`` goes back is neither.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import Bin, Call, E, Name, Num, Unary, parse_expression
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text

#: Stands for the number that is spoken of, where the words of its condition are written.
BLANK = "＿"
_HERE = "here__"
_ARITHMETIC = ("min", "max", "clip")
_OPS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
YEARS_HELD = (Fraction(1), Fraction(5))


@dataclass(frozen=True, slots=True)
class Literal:
    """One number of an expression.

    start, end   where it stands in the text, its sign included
    unit         the unit in which it is compared, "%" for a fraction that is shown as a percentage
    about        the comparison that it belongs to (else the whole expression), with a name in its place (`placeholder`)
    other, op    what it is compared with, and how: `other op number`; None and "" where it is not compared
    years        whether it says how many years a condition must have held
    """

    start: int
    end: int
    value: Decimal
    unit: str
    about: E
    other: E | None
    op: str
    years: bool = False


def literals(rulebook: Rulebook, text: str, unit: str = "") -> tuple[Literal, ...]:
    """Return the numbers of an expression in the order of its text; `unit` is that of the expression itself."""
    return tuple(_Reader(rulebook, text, unit).found())


def with_literals(text: str, values: Mapping[int, str]) -> str:
    """Return the text of an expression with other numbers; `values` is by the place among `literals`, from 0."""
    parts, at = [], 0
    for place, (start, end) in enumerate(_Reader(None, text, "").spans()):
        if place in values:
            parts += [text[at:start], values[place]]
            at = end
    return "".join([*parts, text[at:]])


def placeholder(name: str) -> Text | None:
    """Return the label of the name that stands for the number in `Literal.about`; None for every other name."""
    return Text(BLANK, BLANK) if name == _HERE else None


class _Reader:
    """Python's own tree of the text: unlike the engine's it knows where each number stands."""

    def __init__(self, rulebook: Rulebook | None, text: str, unit: str) -> None:
        self.rulebook, self.text, self.unit = rulebook, text, unit
        lead = len(text) - len(text.lstrip())
        self.lines = [lead]
        for line in text[lead:].splitlines(keepends=True):
            self.lines.append(self.lines[-1] + len(line))
        self.tree = ast.parse(text.strip(), mode="eval").body
        self.parents: dict[ast.AST, ast.AST] = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }

    def at(self, node: ast.expr) -> tuple[int, int]:
        """Where a node begins and ends, in characters; Python counts bytes of the line."""

        def place(line: int, column: int) -> int:
            start = self.lines[line - 1]
            return start + len(self.text[start:].encode()[:column].decode())

        return place(node.lineno, node.col_offset), place(node.end_lineno or 1, node.end_col_offset or 0)

    def numbers(self) -> Iterator[tuple[ast.expr, ast.expr]]:
        """Each number with its sign, and the same with the unit that is named for it; in the order of the text."""
        found = [n for n in ast.walk(self.tree) if isinstance(n, ast.Constant) and isinstance(n.value, int | float)]
        for constant in sorted(found, key=lambda n: (n.lineno, n.col_offset)):
            signed: ast.expr = constant
            parent = self.parents.get(constant)
            if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.USub):
                signed, parent = parent, self.parents.get(parent)
            named: ast.expr = signed
            if isinstance(parent, ast.Call) and _function(parent) == "unit" and parent.args[0] is signed:
                named = parent
            if not self._form(constant, named):
                yield signed, named

    def spans(self) -> Iterator[tuple[int, int]]:
        for signed, _named in self.numbers():
            yield self.at(signed)

    def found(self) -> Iterator[Literal]:
        for signed, named in self.numbers():
            start, end = self.at(signed)
            other, op = self._compared(named)
            years = _function(self.parents.get(named)) == "held"
            own = named.args[1].id if isinstance(named, ast.Call) and isinstance(named.args[1], ast.Name) else None
            unit = own or ("年" if years else self._context(named) or "")
            value = Decimal(self.text[start:end].replace(" ", ""))
            yield Literal(start, end, value, unit, self._about(signed, named, years), other, op, years)

    def _form(self, constant: ast.Constant, named: ast.expr) -> bool:
        """Whether a number is the form of a figure and none of the method."""
        parent = self.parents.get(named)
        function = _function(parent)
        if function == "last":
            return True
        bare = isinstance(named, ast.Constant) and constant.value in (0, 1)
        return bare and (isinstance(parent, ast.BinOp) or function in _ARITHMETIC)

    def _expression(self, node: ast.expr) -> E:
        start, end = self.at(node)
        return parse_expression(self.text[start:end]).node

    def _compared(self, node: ast.expr) -> tuple[E | None, str]:
        """What a number is compared with, and how, seen from the other side."""
        parent = self.parents.get(node)
        if not isinstance(parent, ast.Compare):
            return None, ""
        sides = [parent.left, *parent.comparators]
        place = next(i for i, side in enumerate(sides) if side is node)
        if place:
            return self._expression(sides[place - 1]), _OPS.get(type(parent.ops[place - 1]), "")
        return self._expression(sides[1]), _MIRRORED.get(_OPS.get(type(parent.ops[0]), ""), "")

    def _context(self, node: ast.expr) -> str | None:
        """The unit that a number takes from what it is compared with, added to, or given out as."""
        parent = self.parents.get(node)
        match parent:
            case None:
                return self.unit
            case ast.Compare():
                sides = [s for s in (parent.left, *parent.comparators) if s is not node]
                return self._unit(sides)
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                return self._unit([parent.right if parent.left is node else parent.left]) or self._context(parent)
            case ast.Call() if _function(parent) in _ARITHMETIC:
                return self._unit([a for a in parent.args if a is not node]) or self._context(parent)
            case ast.IfExp() | ast.UnaryOp():
                return self._context(parent)
        return None

    def _unit(self, nodes: list[ast.expr]) -> str | None:
        if self.rulebook is None:
            return None
        return next((unit for node in nodes if (unit := unit_of(self.rulebook, self._expression(node)))), None)

    def _above(self, node: ast.AST) -> Iterator[ast.expr]:
        """The expressions around a node, the nearest first."""
        while (parent := self.parents.get(node)) is not None:
            if isinstance(parent, ast.expr):
                yield parent
            node = parent

    def _about(self, signed: ast.expr, named: ast.expr, years: bool) -> E:
        """The comparison around a number, else what it is reckoned with, with a placeholder for it. Years are named by
        their whole condition, whose number cannot be left out.
        """
        chain = list(self._above(named))
        if years:
            return self._expression(chain[0])
        around = next((n for n in chain if isinstance(n, ast.Compare)), chain[0] if chain else self.tree)
        start, end = self.at(around)
        a, b = self.at(signed)
        return parse_expression(self.text[start:a] + _HERE + self.text[b:end]).node


def _function(node: ast.AST | None) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


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


@dataclass(frozen=True, slots=True)
class Span:
    """The values that a figure can take; None where it has no end. `whole` when they are whole numbers."""

    low: Fraction | None = None
    high: Fraction | None = None
    whole: bool = False


def span_of(rulebook: Rulebook, node: E) -> Span:
    """The values that one side of a comparison can take, as far as the rulebook says."""
    match node:
        case Name(id) if id in rulebook.facts:
            spec = rulebook.facts[id]
            low, high = (None if v is None else Fraction(v) for v in (spec.min, spec.max))
            return Span(low, high, spec.kind == "count")
        case Call(name, _):
            return Span(*FUNCTIONS[name].span(rulebook, node))
    return Span()


def always(span: Span, op: str, number: Fraction) -> bool | None:
    """Whether `figure op number` holds for every value that the figure can take (True), for none (False), or for some
    (None).
    """
    low, high = span.low, span.high
    below = low is not None and number < low  # under every value
    above = high is not None and number > high  # over every value
    least = low is not None and number <= low
    most = high is not None and number >= high
    gap = span.whole and number.denominator != 1
    found = {
        "<": (above, least),
        "<=": (most, below),
        ">": (below, most),
        ">=": (least, above),
        "==": (False, below or above or gap),
        "!=": (below or above or gap, False),
    }.get(op, (False, False))
    return True if found[0] else False if found[1] else None


def span_words(span: Span, unit: str) -> Text:
    """The values that a figure can take, in words."""
    percent = unit == "%"

    def shown(value: Fraction | None) -> str:
        if value is None:
            return ""
        scaled = value * 100 if percent else value
        return plain(Decimal(scaled.numerator) / Decimal(scaled.denominator)) + ("%" if percent else "")

    low, high = shown(span.low), shown(span.high)
    if low and high:
        return Text(f"{low} 至 {high}", f"{low} to {high}")
    if low:
        return Text(f"不低于 {low}", f"{low} or more")
    return Text(f"不高于 {high}", f"{high} or less") if high else Text("", "")
