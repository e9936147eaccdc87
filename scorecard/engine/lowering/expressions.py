"""Names and expressions as operations, in the year under assessment and in the years before."""

from __future__ import annotations

from typing import cast

from scorecard.engine.language.peers import peer_key
from scorecard.engine.language.syntax import Bin, Bool, Call, Cmp, E, If, In, Name, Num, Str, Unary, id_arguments
from scorecard.engine.lowering import program as do
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import NoForm, Value
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.rational import Fraction

MAX_YEARS_BACK = 6
HUNDRED, TEN_THOUSAND, ONE = Fraction(100), Fraction(10000), Fraction(1)
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
            return self.write(do.Load((), "parameter", id, years, kind, Absence.NOT_SUPPLIED), kind)
        prop = book.properties.get(id)
        kind = "bool" if prop is not None and prop.kind == "bool" else "text"
        return self.write(do.Load((), "property", id, 0, kind, Absence.NOT_SUPPLIED), kind)

    def _fact(self, spec: FactSpec, years: int) -> Value:
        kind, options = _KINDS.get(spec.kind, "number"), tuple(spec.options)
        if kind == "text":  # columns do not hold free text
            raise NoForm(spec.id)
        code = Absence.UNANSWERED if spec.supplied_by == "bank" and not years else Absence.NOT_SUPPLIED
        given = self.write(do.Load((), "fact", spec.id, years, kind, code), kind, options)
        if spec.derived is None or years:
            return given
        derived = self.expression(spec.derived.node)
        if derived.kind != kind:
            raise NoForm(spec.id)
        return self.write(do.Fill((given.place, derived.place)), kind, options)

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
                return self._call(node, years)
        raise NoForm("a text on its own")

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

    def _call(self, node: Call, years: int) -> Value:
        args, ids = node.args, id_arguments(node)
        match node.name:
            case "min" | "max" | "abs" | "clip" | "pp" | "bp" | "unit":
                return self._numeric(
                    node.name, [self.expression(a, years) for a in args[: 1 if node.name == "unit" else None]]
                )
            case "last":
                return self.expression(args[0], years + (_whole(args[1]) if len(args) == 2 else 1))
            case "answered":
                return self.answered(self.expression(args[0], years))
            case "has" | "count" | "level":
                return self._of_fact(node.name, self.expression(args[0], years), args[1:])
            case "held":
                return self.held(args[0], _whole(args[1]), years)
            case "met":
                return self.invert(self.missed(ids[0], years))
            case "missed":
                return self.missed(ids[0], years)
            case "missed_count":
                return self.missed_count(ids, years)
            case "missed_years":
                return self.missed_years(ids[0], years)
            case "rank" | "percentile" | "median" | "peers":
                return self._peers(node.name, args[0], years)
        return self.of_points(node.name, ids, years)

    def _numeric(self, name: str, values: list[Value]) -> Value:
        match name:
            case "min":
                return self.lowest(*values)
            case "max":
                return self.highest(*values)
            case "abs":
                return self.absolute(values[0])
            case "clip":
                return self.highest(values[1], self.lowest(values[2], values[0]))
            case "unit":
                return values[0]
        return self.multiply(values[0], self.constant(HUNDRED if name == "pp" else TEN_THOUSAND))

    def _of_fact(self, name: str, answer: Value, rest: tuple[E, ...]) -> Value:
        if name == "level":
            if not answer.options or not all(option.isdigit() for option in answer.options):
                raise NoForm("levels that are no numbers")
            return self.worth(answer, [Fraction(option) for option in answer.options])
        if name == "has":
            return self.ticked(answer, rest[0].value if isinstance(rest[0], Str) else "")
        if answer.kind != "items":
            raise NoForm("a count of no items")
        return self.worth(answer, [ONE] * len(answer.options))

    def _peers(self, name: str, node: E, years: int) -> Value:
        if years:  # peers are on record for this year alone
            return self.absent(Absence.NOT_SUPPLIED)
        own = self.expression(node)
        if own.kind != "number":
            raise NoForm("peers of what is no number")
        return self.write(do.Peers((own.place,), name, peer_key(node)))

    def of_points(self, name: str, ids: tuple[str, ...], years: int) -> Value:
        """A function of points, total or grade. Raises NoForm."""
        raise NoForm(name)

    # ---- targets

    def outcome(self, target: str, years: int = 0) -> Value:
        key = target, years
        if key not in self._outcomes:
            spec = self.rulebook.targets[target]
            try:
                sides = self.expression(spec.left.node, years), self.expression(spec.right.node, years)
                found: tuple[int, ...] = (self.compare(_FLIP[spec.op], *sides).place,)
            except NoForm:
                found = ()
            self._outcomes[key] = self.write(do.Outcome(found, target, years), "bool")
        return self._outcomes[key]

    def missed(self, target: str, years: int = 0) -> Value:
        """Whether a target counts as missed: a blank does."""
        return self.presume(self.outcome(target, years), holds=True, blank=True)

    def missed_count(self, targets: tuple[str, ...], years: int) -> Value:
        """How many targets count as missed; what is proven counts while another is undecided."""
        missed = [self.missed(target, years) for target in targets]
        count = self.tally(Fraction(0), [(self.presume(each, holds=False), ONE) for each in missed])
        return self.choose(self.some(*missed), count, self.constant(Fraction(0)))

    def missed_years(self, target: str, years: int = 0) -> Value:
        running: list[Value] = []
        for back in range(MAX_YEARS_BACK):
            missed = self.presume(self.missed(target, years + back), holds=False)
            running.append(self.every(running[-1], missed) if running else missed)
        return self.tally(Fraction(0), [(each, ONE) for each in running])

    def held(self, condition: E, count: int, years: int) -> Value:
        """True when a condition holds this year and in each year before; a year without a record has not held."""
        now = self.expression(condition, years)
        past = [self.presume(self.expression(condition, years + back), holds=False) for back in range(1, count)]
        return self.every(now, *past)


def _whole(node: E) -> int:
    return int(cast(Num, node).value)
