"""Names and expressions as operations, in the year under assessment and in the years before."""

from __future__ import annotations

from typing import cast

from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import Bin, Bool, Call, Cmp, E, If, In, Name, Num, Str, Unary, peer_key
from scorecard.engine.lowering.builder import Builder, numbers
from scorecard.engine.lowering.program import NoForm, Value
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.scoring_input import MAX_YEARS_BACK

ONE = Fraction(1)
_FLIP = {">=": "<", ">": "<=", "<=": ">", "<": ">="}
_KINDS = {"bool": "bool", "level": "level", "text": "text", "checklist": "items"}


class Expressions(Builder):
    """Writes expressions of one rulebook. What is asked of points, total and grade comes from `conclusions`."""

    def __init__(self, rulebook: Rulebook) -> None:
        super().__init__(10**rulebook.rounding.indicator)
        self.rulebook = rulebook
        self._names: dict[tuple[str, int], Value | None] = {}
        self._outcomes: dict[tuple[str, int], Value] = {}
        self.total: Value | None = None
        self.rank: Value | None = None
        #: Total and rank before any limit, by which banks are compared.
        self.unlimited: tuple[Value | None, Value | None] = None, None

    # ---- names

    def name(self, id: str, years: int = 0) -> Value:
        key = id, years
        if key not in self._names:
            self._names[key] = None  # a name that refers to itself has no form
            self._names[key] = self._name(id, years)
        found = self._names[key]
        if found is None:
            raise NoForm(id)
        return found

    def _name(self, id: str, years: int) -> Value:
        book = self.rulebook
        if (spec := book.facts.get(id)) is not None:
            return self._fact(spec, years)
        if (definition := book.definitions.get(id)) is not None:
            return self.expression(definition.expr.node, years)
        if id in book.estimates:
            raise NoForm(id)
        if (parameter := book.parameters.get(id)) is not None:
            kind = _KINDS.get(parameter.kind, "number")
            if kind not in ("bool", "number"):
                raise NoForm(id)
            return self.write("load", (), "parameter", id, years, kind, Absence.NOT_SUPPLIED, kind=kind)
        prop = book.properties.get(id)
        kind = "bool" if prop is not None and prop.kind == "bool" else "text"
        return self.write("load", (), "property", id, 0, kind, Absence.NOT_SUPPLIED, kind=kind)

    def _fact(self, spec: FactSpec, years: int) -> Value:
        kind, options = _KINDS.get(spec.kind, "number"), tuple(spec.options)
        if kind == "text":  # columns do not hold free text
            raise NoForm(spec.id)
        code = Absence.UNANSWERED if spec.supplied_by == "bank" and not years else Absence.NOT_SUPPLIED
        given = self.write("load", (), "fact", spec.id, years, kind, code, kind=kind, options=options)
        if years and spec.carries_from:
            repeated = (spec.carries_from, years + 1, kind, Absence.NOT_SUPPLIED)
            other = self.write("load", (), "fact", *repeated, kind=kind, options=options)
        elif spec.derived is not None and not years:
            other = self.expression(spec.derived.node)
        else:
            return given
        if other.kind != kind:
            raise NoForm(spec.id)
        return self.write("fill", (given, other), kind=kind, options=options)

    # ---- expressions

    def expression(self, node: E, years: int = 0) -> Value:
        match node:
            case Name(id):
                return self.name(id, years)
            case Num(value, _):
                return self.constant(value)
            case Unary("-", x):
                return self.negate(self.expression(x, years))
            case Unary(_, x):
                return self.invert(self.expression(x, years))
            case Bin(op, left, right):
                return self._binary(op, self.expression(left, years), self.expression(right, years))
            case Cmp(op, left, right):
                return self._comparison(op, left, right, years)
            case In(x, options, negated):
                return self.one_of(self.expression(x, years), options, negated)
            case Bool(op, items):
                conditions = [self.expression(item, years) for item in items]
                return self.every(*conditions) if op == "and" else self.some(*conditions)
            case If(condition, then, otherwise):
                return self.choose(*(self.expression(part, years) for part in (condition, then, otherwise)))
            case Call():
                if (found := FUNCTIONS[node.name].lower(self, node, years)) is not None:
                    return cast(Value, found)
        raise NoForm(str(node))

    def _binary(self, op: str, a: Value, b: Value) -> Value:
        match op:
            case "+":
                return self.add(a, b)
            case "-":
                return self.subtract(a, b)
            case "*":
                return self.multiply(a, b)
        return self.divide(a, b)

    def _comparison(self, op: str, left: E, right: E, years: int) -> Value:
        if isinstance(left, Str):
            left, right = right, left
        if isinstance(right, Str) and op in ("==", "!="):
            return self.one_of(self.expression(left, years), (right.value,), op == "!=")
        return self.compare(op, self.expression(left, years), self.expression(right, years))

    def peers(self, name: str, node: E, years: int) -> Value:
        if years:  # peers are on record for this year alone
            return self.absent(Absence.NOT_SUPPLIED)
        now = self.total, self.rank
        self.total, self.rank = self.unlimited
        try:
            return self.write("peers", numbers(self.expression(node)), name, peer_key(node))
        finally:
            self.total, self.rank = now

    # ---- targets

    def outcome(self, target: str, years: int = 0) -> Value:
        key = target, years
        if key not in self._outcomes:
            spec = self.rulebook.targets[target]
            try:
                sides = self.expression(spec.left.node, years), self.expression(spec.right.node, years)
                found: tuple[Value, ...] = (self.compare(_FLIP[spec.op], *sides),)
            except NoForm:
                found = ()
            missed = self.write("outcome", found, target, years, kind="bool")
            if years:  # an outcome on record goes first
                recorded = self.write("load", (), "outcome", target, years, "bool", Absence.NOT_SUPPLIED, kind="bool")
                missed = self.write("fill", (recorded, missed), kind="bool")
            self._outcomes[key] = missed
        return self._outcomes[key]

    def missed(self, target: str, years: int = 0) -> Value:
        """Whether a target counts as missed: a blank does."""
        return self.presume(self.outcome(target, years), holds=True, blank=True)

    def missed_years(self, target: str, years: int = 0) -> Value:
        running: list[Value] = []
        for back in range(MAX_YEARS_BACK):
            missed = self.presume(self.missed(target, years + back), holds=False)
            running.append(self.every(running[-1], missed) if running else missed)
        return self.tally(Fraction(0), [(each, ONE) for each in running])
