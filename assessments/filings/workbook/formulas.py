"""The rulebook's expressions as formulas of a spreadsheet, as far as one can say the same."""

from collections.abc import Mapping
from decimal import Decimal

from scorecard.engine import FactValue, Rulebook
from scorecard.engine.language.syntax import Bin, Bool, Call, Cmp, E, If, Name, Num, Unary
from scorecard.engine.values.numbers import exact
from scorecard.engine.values.rational import Fraction

_FUNCTIONS = {"abs": "ABS", "min": "MIN", "max": "MAX"}
_DEEPEST = 8  # definitions within definitions


class NoFormula(Exception):
    """An expression that a spreadsheet cannot say: it looks at peers, at other years, at answers."""


class Formulas:
    """Writes expressions with the names of input cells; ``names`` has those of figures, ``before`` last year's."""

    def __init__(self, rulebook: Rulebook, names: Mapping[str, str], before: Mapping[str, FactValue]) -> None:
        self.rulebook, self.names, self.before = rulebook, names, before
        self.used: dict[str, str] = {}

    def check(self, node: E) -> tuple[str, tuple[str, ...]]:
        """A condition as a formula, and the facts whose cells it needs. Raises ``NoFormula``."""
        self.used = {}
        return self._write(node, 0), tuple(self.used)

    def _write(self, node: E, depth: int) -> str:
        match node:
            case Num(value):
                return _number(value)
            case Name(id):
                return self._name(id, depth)
            case Unary("-", x):
                return f"-({self._write(x, depth)})"
            case Unary("not", x):
                return f"NOT({self._write(x, depth)})"
            case Bin(op, left, right):
                return f"({self._write(left, depth)}){op}({self._write(right, depth)})"
            case Cmp(op, left, right):
                sign = {"==": "=", "!=": "<>"}.get(op, op)
                # To ten decimals: a spreadsheet's 0.1 + 0.2 is a little more than its 0.3.
                return f"ROUND(({self._write(left, depth)})-({self._write(right, depth)}),10){sign}0"
            case Bool(op, items):
                return f"{op.upper()}({','.join(self._write(item, depth) for item in items)})"
            case If(condition, then, otherwise):
                parts = (self._write(part, depth) for part in (condition, then, otherwise))
                return f"IF({','.join(parts)})"
            case Call("last", (Name(id),)):
                return self._last(id)
            case Call(name, args) if name in _FUNCTIONS:
                return f"{_FUNCTIONS[name]}({','.join(self._write(arg, depth) for arg in args)})"
        raise NoFormula

    def _name(self, id: str, depth: int) -> str:
        if id in self.names:
            self.used[id] = self.names[id]
            return self.names[id]
        definition = self.rulebook.definitions.get(id)
        if definition is None or depth >= _DEEPEST:
            raise NoFormula
        return f"({self._write(definition.expr.node, depth + 1)})"

    def _last(self, id: str) -> str:
        value = self.before.get(id)
        if not isinstance(value, Decimal):
            raise NoFormula
        return _number(Fraction(value))


def _number(value: Fraction) -> str:
    text = str(exact(value))
    if "/" in text or "E" in text.upper():
        raise NoFormula
    return text
