"""The closed expression language of rulebooks.

Numbers, fact names, ``+ - * /``, comparisons, ``and or not``, ``a if condition else b`` and the functions in
FUNCTIONS. No attribute access, no call beyond the list, no power, bounded length and depth. Python's own parser reads
the text; only the node types listed here pass, and numbers are taken from the source text, so ``0.1`` is exactly one
tenth.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from scorecard.engine.errors import ExpressionError
from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text

MAX_LENGTH = 600
MAX_DEPTH = 24
MAX_NODES = 200
MAX_DIGITS = 30


@dataclass(frozen=True, slots=True)
class Num:
    value: Fraction
    text: str
    start: int = field(default=0, compare=False)  # where it stands in the text of the expression


@dataclass(frozen=True, slots=True)
class Str:
    value: str


@dataclass(frozen=True, slots=True)
class Name:
    id: str


@dataclass(frozen=True, slots=True)
class Unary:
    op: str  # "-" or "not"
    x: E


@dataclass(frozen=True, slots=True)
class Bin:
    op: str  # + - * /
    left: E
    right: E


@dataclass(frozen=True, slots=True)
class Cmp:
    op: str  # < <= > >= == !=
    left: E
    right: E


@dataclass(frozen=True, slots=True)
class In:
    x: E
    options: tuple[str, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Bool:
    op: str  # and, or
    items: tuple[E, ...]


@dataclass(frozen=True, slots=True)
class If:
    condition: E
    then: E
    otherwise: E


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    args: tuple[E, ...]


E: TypeAlias = Num | Str | Name | Unary | Bin | Cmp | In | Bool | If | Call

_BIN = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_CMP = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


def wrong(zh: str, en: str) -> ExpressionError:
    """Return the error of an expression that cannot be read, or whose types do not agree."""
    return ExpressionError(Text(zh, en))


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression with its source text. `run` is its compiled form, which `compute` sets when first asked."""

    text: str
    node: E
    run: Callable[[Any], Any] | None = field(default=None, init=False, repr=False, compare=False)

    def walk(self) -> Iterator[E]:
        return walk(self.node)

    def __reduce__(self) -> tuple[type[Expression], tuple[str, E]]:
        """Copy and pickle without the compiled form."""
        return Expression, (self.text, self.node)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of facts, properties, parameters and definitions that it uses, each once, in order."""
        return tuple(dict.fromkeys(value_names(self.node)))


def children(node: E) -> tuple[E, ...]:
    match node:
        case Unary(_, x) | In(x, _, _):
            return (x,)
        case Bin(_, left, right) | Cmp(_, left, right):
            return (left, right)
        case Bool(_, items):
            return items
        case If(c, a, b):
            return (c, a, b)
        case Call(_, args):
            return args
    return ()


def walk(node: E) -> Iterator[E]:
    yield node
    for child in children(node):
        yield from walk(child)


def value_names(node: E) -> Iterator[str]:
    """Yield names used as values; ids given to functions such as `met` and unit names are not values."""
    match node:
        case Name(id):
            yield id
        case Call(name, _):
            for child in FUNCTIONS[name].values(node):
                yield from value_names(child)
        case _:
            for child in children(node):
                yield from value_names(child)


def reads_total(node: E) -> bool:
    """Return whether an expression itself reads the total or the grade."""
    return any(isinstance(each, Call) and FUNCTIONS[each.name].of_total for each in walk(node))


def id_arguments(node: Call) -> tuple[str, ...]:
    """Return the ids that an id function is given; names and quoted texts both count."""
    return tuple(a.id if isinstance(a, Name) else a.value for a in node.args if isinstance(a, Name | Str))


def peer_key(node: E) -> str:
    """Return the key of an expression in a snapshot: its text without spaces that carry no meaning."""
    match node:
        case Num(_, text):
            return text
        case Str(value):
            return repr(value)
        case Name(id):
            return id
        case Unary(op, x):
            return f"({op} {peer_key(x)})"
        case Bin(op, left, right) | Cmp(op, left, right):
            return f"({peer_key(left)} {op} {peer_key(right)})"
        case In(x, options, negated):
            return f"({peer_key(x)} {'not in' if negated else 'in'} {options!r})"
        case Bool(op, items):
            return "(" + f" {op} ".join(peer_key(i) for i in items) + ")"
        case If(c, a, b):
            return f"({peer_key(a)} if {peer_key(c)} else {peer_key(b)})"
        case Call(name, args):
            return f"{name}({', '.join(peer_key(a) for a in args)})"


def parse_expression(text: str) -> Expression:
    """Parse `text` of the closed language. Raises ExpressionError with a bilingual sentence."""
    text = text.strip()
    if len(text) > MAX_LENGTH:
        raise wrong(
            f"表达式长度 {len(text)} 超过上限 {MAX_LENGTH}。",
            f"The expression has {len(text)} characters, more than {MAX_LENGTH}.",
        )
    if not text:
        raise wrong("表达式为空。", "The expression is empty.")
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as e:
        at = getattr(e, "offset", None)
        raise wrong(
            f"表达式“{text}”无法解析" + (f"（第 {at} 个字符附近）。" if at else "。"),
            f"The expression “{text}” cannot be parsed" + (f" (near character {at})." if at else "."),
        ) from None
    reader = _Reader(text)
    node = reader.read(tree.body, 1)
    return Expression(text, node)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.nodes = 0

    def read(self, node: ast.expr, depth: int) -> E:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise wrong(f"表达式嵌套超过 {MAX_DEPTH} 层。", f"The expression is nested deeper than {MAX_DEPTH} levels.")
        if self.nodes > MAX_NODES:
            raise wrong(f"表达式超过 {MAX_NODES} 项。", f"The expression has more than {MAX_NODES} parts.")
        down = depth + 1
        match node:
            case ast.Constant(value=bool()):
                raise wrong("请使用比较代替 True 和 False。", "Use a comparison instead of True and False.")
            case ast.Constant(value=int() | float()):
                return self.number(node)
            case ast.Constant(value=str(value)):
                return Str(value)
            case ast.Name(id=id):
                return Name(id)
            case ast.UnaryOp(op=ast.USub(), operand=x):
                return Unary("-", self.read(x, down))
            case ast.UnaryOp(op=ast.Not(), operand=x):
                return Unary("not", self.read(x, down))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BIN:
                return Bin(_BIN[type(op)], self.read(left, down), self.read(right, down))
            case ast.BoolOp(op=op, values=values):
                return Bool("and" if isinstance(op, ast.And) else "or", tuple(self.read(v, down) for v in values))
            case ast.Compare():
                return self.compare(node, down)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return If(self.read(test, down), self.read(body, down), self.read(orelse, down))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self.call(name, args, down)
        part = ast.get_source_segment(self.text, node) or self.text
        raise wrong(f"表达式中的“{part}”不在允许的语法之内。", f"“{part}” is outside the language of expressions.")

    def number(self, node: ast.Constant) -> Num:
        text = ast.get_source_segment(self.text, node) or ""
        if len(text) > MAX_DIGITS or not set(text) <= set("0123456789."):
            raise wrong(f"数字“{text}”应写成普通小数。", f"The number “{text}” must be a plain decimal.")
        *before, line = self.text.splitlines(keepends=True)[: node.lineno]
        start = sum(map(len, before)) + len(line.encode()[: node.col_offset].decode())
        return Num(Fraction(Decimal(text)), text, start)

    def compare(self, node: ast.Compare, depth: int) -> E:
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
            options = node.comparators[0]
            if isinstance(options, ast.Tuple | ast.List) and all(
                isinstance(o, ast.Constant) and isinstance(o.value, str) for o in options.elts
            ):
                values = tuple(str(o.value) for o in options.elts if isinstance(o, ast.Constant))
                return In(self.read(node.left, depth), values, isinstance(node.ops[0], ast.NotIn))
            raise wrong("“in”之后应为带引号的文字列表。", "After “in” there must be a list of quoted texts.")
        parts: list[E] = []
        left = self.read(node.left, depth)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            if type(op) not in _CMP:
                raise wrong("不允许的比较运算。", "This kind of comparison is not allowed.")
            right = self.read(right_node, depth)
            parts.append(Cmp(_CMP[type(op)], left, right))
            left = right
        return parts[0] if len(parts) == 1 else Bool("and", tuple(parts))

    def call(self, name: str, args: list[ast.expr], depth: int) -> Call:
        if name not in FUNCTIONS:
            known = ", ".join(sorted(FUNCTIONS))
            raise wrong(
                f"没有名为“{name}”的函数；可用的函数：{known}。",
                f"There is no function “{name}”; the functions are {known}.",
            )
        function = FUNCTIONS[name]
        low, high = function.fewest, function.most
        if not low <= len(args) <= high:
            count = str(low) if low == high else f"{low}–{high}"
            raise wrong(
                f"函数“{name}”需要 {count} 个参数，现有 {len(args)} 个。",
                f"The function “{name}” takes {count} arguments, not {len(args)}.",
            )
        call = Call(name, tuple(self.read(a, depth) for a in args))
        if function.ids and len(id_arguments(call)) != len(args):
            raise wrong(f"函数“{name}”的参数应为编号。", f"The arguments of “{name}” must be ids.")
        if function.of_fact and not isinstance(call.args[0], Name):
            raise wrong(
                f"函数“{name}”的第一个参数应为填报项。", f"The first argument of “{name}” must be the name of a fact."
            )
        problem = function.problem(call)
        if problem is not None:
            raise ExpressionError(problem)
        return call
