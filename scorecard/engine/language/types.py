"""The check that an expression's types and units agree.

Quantities multiply and divide freely; only equal units may be added or compared. A bare number fits any unit in a sum
or comparison; in a product it is a plain number. ``pp(x)`` and ``bp(x)`` turn a plain fraction into percentage or basis
points, and ``unit(20, 学时)`` names the unit of a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import Bin, Bool, Call, Cmp, E, If, In, Name, Num, Str, Unary, id_arguments, wrong
from scorecard.engine.values.text import Text

#: Units that are plain fractions or numbers for the unit check.
PLAIN_UNITS = ("", "%")
_KINDS = {
    "bool": Text("是非", "yes/no"),
    "text": Text("文字", "text"),
    "items": Text("清单", "items"),
    "level": Text("等级", "level"),
}


@dataclass(frozen=True, slots=True)
class Type:
    """Type of an expression: number (with its dimension), bool, text, items or level. `free` is a bare number."""

    kind: str
    dimension: tuple[tuple[str, int], ...] = ()
    free: bool = False

    @property
    def words(self) -> Text:
        if self.kind != "number":
            return _KINDS[self.kind]
        if self.free or not self.dimension:
            return Text("纯数", "plain number")
        over = "·".join(u if p == 1 else f"{u}^{p}" for u, p in self.dimension if p > 0)
        under = "·".join(u if p == -1 else f"{u}^{-p}" for u, p in self.dimension if p < 0)
        unit = f"{over or '1'}/{under}" if under else over
        return Text(unit, unit)


BOOL, TEXT, ITEMS, LEVEL = Type("bool"), Type("text"), Type("items"), Type("level")
PLAIN = Type("number")
FREE = Type("number", (), True)


def number_of(unit: str) -> Type:
    """Return the type of a number in `unit`; a unit may be a quotient such as 万元/户."""
    powers = Counter[str]()
    for sign, names in zip((1, -1), unit.split("/"), strict=False):
        if names not in PLAIN_UNITS:
            powers[names] += sign
    return Type("number", _dimension(powers))


def _dimension(powers: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((unit, power) for unit, power in sorted(powers.items()) if power)


_OF_KIND = {"bool": BOOL, "level": LEVEL, "checklist": ITEMS, "text": TEXT}


def type_of_fact(kind: str, unit: str) -> Type:
    return _OF_KIND.get(kind) or number_of(unit)


@dataclass(frozen=True, slots=True)
class Checker:
    """Finds the types of expressions; functions ask it for those of their arguments.

    types  the type of a name, None when it is unknown
    ids    the known ids under "target", "points" (all indicators, sections and parts) and "grade"
    """

    types: Callable[[str], Type | None]
    ids: Mapping[str, frozenset[str]]

    def type(self, node: E) -> Type:
        """Return the type of `node`. Raises ExpressionError when a name is unknown or types or units do not agree."""
        match node:
            case Num():
                return FREE
            case Str():
                return TEXT
            case Name(id):
                found = self.types(id)
                if found is None:
                    raise wrong(
                        f"没有名为“{id}”的填报项。", f"There is no fact, property, parameter or definition “{id}”."
                    )
                return found
            case Unary("-", x):
                return self.number(x)
            case Unary(_, x):
                return self.bool(x)
            case Bin("+" | "-" as op, left, right):
                return self.unify(self.number(left), self.number(right), op)
            case Bin(op, left, right):
                return self.product(self.number(left), self.number(right), 1 if op == "*" else -1)
            case Cmp(op, left, right):
                return self.compare(op, left, right)
            case In(x, _, _):
                if self.type(x).kind not in ("text", "level"):
                    raise wrong("“in”只能用于文字。", "“in” works on texts only.")
                return BOOL
            case Bool(_, items):
                for item in items:
                    self.bool(item)
                return BOOL
            case If(condition, then, otherwise):
                self.bool(condition)
                return self.unify(self.type(then), self.type(otherwise), "if")
            case Call():
                found_type: Type = FUNCTIONS[node.name].type(self, node)
                return found_type

    def number(self, node: E) -> Type:
        return self._of_kind("number", node, "数值", "A number")

    def bool(self, node: E) -> Type:
        return self._of_kind("bool", node, "条件", "A condition")

    def _of_kind(self, kind: str, node: E, zh: str, en: str) -> Type:
        t = self.type(node)
        if t.kind != kind:
            raise wrong(f"此处应为{zh}，而不是{t.words.zh}。", f"{en} is needed here, not {t.words.en}.")
        return t

    def unify(self, a: Type, b: Type, op: str) -> Type:
        if a.kind != b.kind:
            raise wrong(
                f"“{op}”的两侧分别为{a.words.zh}和{b.words.zh}。",
                f"The two sides of “{op}” are {a.words.en} and {b.words.en}.",
            )
        if a.kind != "number" or a.dimension == b.dimension:
            return b if a.free else a
        if a.free:
            return b
        if b.free:
            return a
        raise wrong(
            f"计量单位不一致：“{op}”的两侧分别为“{a.words.zh}”和“{b.words.zh}”。",
            f"The units do not agree: the two sides of “{op}” are “{a.words.en}” and “{b.words.en}”.",
        )

    def product(self, a: Type, b: Type, sign: int) -> Type:
        powers = Counter(dict(a.dimension))
        for unit, power in b.dimension:
            powers[unit] += sign * power
        return Type("number", _dimension(powers), a.free and b.free)

    def compare(self, op: str, left: E, right: E) -> Type:
        a, b = self.type(left), self.type(right)
        if {a.kind, b.kind} == {"text", "level"} and op in ("==", "!="):
            return BOOL
        self.unify(a, b, op)
        if a.kind != "number" and op not in ("==", "!="):
            raise wrong(f"“{op}”只能比较数值。", f"“{op}” compares numbers only.")
        if a.kind == "items":
            raise wrong("清单不能直接比较，请使用 has 或 count。", "Items cannot be compared; use has or count.")
        return BOOL

    def known(self, call: Call) -> None:
        """Check the ids that a function is given."""
        group = FUNCTIONS[call.name].ids
        for id in id_arguments(call):
            if id not in self.ids[group]:
                what = _NAMED[group]
                raise wrong(f"没有编号为“{id}”的{what.zh}。", f"There is no {what.en} “{id}”.")


_NAMED = {
    "target": Text("目标", "target"),
    "grade": Text("等次", "grade"),
    "points": Text("指标或板块", "indicator, section or part"),
}
