"""A filing as bytes of fixed layout, so that a round's filings become columns at once; and back to columns.

The layout follows from the rulebook: a head, then for each fact its value and how it stands, the bank's own points,
"not applicable", properties of the bank, and the years before as far as the rulebook looks back. Values are little
endian and without padding; trailing zero bytes are left out and put back on reading. Figures are doubles: a decimal of
at most fifteen significant digits comes back as it was filed. What the layout cannot hold exactly (a longer figure, an
answer that is none of its fact's options, data that cannot be read) marks the whole filing ``EXACT``: it is scored
from its JSON instead.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scorecard.engine import FactValue, Nothing, Rulebook, ScoringInput
from scorecard.engine.arrays import Columns
from scorecard.engine.arrays.columns import MAX_DIGITS, Column, filled
from scorecard.engine.exact.peergroup import PEER_GROUP
from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import Call, id_arguments
from scorecard.engine.rulebook.dependencies import all_expressions, facts_of
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rules.base import Rule
from scorecard.engine.rules.target import TargetOutcome
from scorecard.engine.values.facts import Absence

Array = NDArray[Any]

LAYOUT = 1  # raise it with every change of the format: bytes of another one are made again
EXACT = 1  # flag: not in these bytes, read the JSON
YEARS = 6  # as many years as a version keeps
TEXT = 40  # bytes of a property's text in UTF-8
# How a value stands, as stored. A blank and a value that is not there are one: the engine tells them apart by supplier.
_NONE, _VALUE, _NOT_SUPPLIED, _NOT_APPLICABLE = range(4)
_STANDS = {
    Nothing.UNANSWERED: _NONE,
    Nothing.NOT_SUPPLIED: _NOT_SUPPLIED,
    Nothing.NOT_APPLICABLE: _NOT_APPLICABLE,
}
_BACK = {"last", "held", "missed_years"}


class NotExact(Exception):
    """A value that the fixed layout does not hold exactly."""


def _narrow(options: int, bits: bool) -> str:
    need = options if bits else max(1, options.bit_length())
    return "<u1" if need <= 8 else "<u2" if need <= 16 else "<u8"


@dataclass(frozen=True)
class _Field:
    """One fact in one year: the names of its two fields, and how its values are read."""

    value: str
    stands: str
    kind: str  # as in ``Column.kind``
    options: tuple[str, ...]
    default: Absence
    digits: int = 0  # as in ``Column.digits``


@dataclass(frozen=True, eq=False)
class Layout:
    """The fixed layout of one rulebook's filings; ``hash`` names it in the table."""

    rulebook: Rulebook
    dtype: np.dtype[Any]
    facts: Mapping[str, _Field]
    past: Mapping[tuple[str, int], _Field]
    outcomes: Mapping[tuple[str, int], _Field]
    properties: Mapping[str, _Field]
    hash: str

    @property
    def size(self) -> int:
        return self.dtype.itemsize

    # --- To bytes ----------------------------------------------------------------------------------------------------

    def encode(self, case: ScoringInput) -> bytes:
        """The case without what a supervisor adds, as bytes; marked ``EXACT`` where the layout cannot hold it."""
        row = np.zeros((), self.dtype)
        row["layout"] = LAYOUT
        try:
            self._fill(row, case)
        except NotExact:
            return self.exact()
        return row.tobytes().rstrip(b"\0")

    def exact(self) -> bytes:
        """The bytes of a filing that is scored from its JSON."""
        return bytes((LAYOUT, EXACT))

    def _fill(self, row: Any, case: ScoringInput) -> None:
        self._values(row, self.facts, case.facts)
        for years in range(1, YEARS + 1):
            found = case.history.get(-years, {})
            here = {name: each for (name, back), each in (*self.past.items(), *self.outcomes.items()) if back == years}
            self._values(row, here, found)
        self._values(row, self.properties, case.bank)
        for place, indicator in enumerate(self.rulebook.indicators):
            if indicator in case.self_points:
                row["own"][place] = _double(case.self_points[indicator])
                row["has_own"][place] = 1
            row["na"][place] = indicator in case.not_applicable

    def _values(self, row: Any, fields: Mapping[str, _Field], values: Mapping[str, FactValue]) -> None:
        for name, each in fields.items():
            if name in values:
                row[each.stands], row[each.value] = stored_value(each.kind, each.options, values[name])

    # --- From bytes --------------------------------------------------------------------------------------------------

    def records(self, bodies: Sequence[bytes]) -> Array:
        """The filings as one structured array, ``EXACT`` ones among them (``flags``)."""
        size = self.size
        return np.frombuffer(b"".join([body.ljust(size, b"\0") for body in bodies]), self.dtype)

    def columns(self, rows: Array) -> Columns:
        """Columns of the records, without what the supervisor adds."""
        book = self.rulebook
        found = Columns(len(rows))
        found.facts.update({name: _column(rows, each) for name, each in self.facts.items()})
        for (name, years), each in (*self.past.items(), *self.outcomes.items()):
            if rows[each.stands].any():
                found.past[name, years] = _column(rows, each)
        for name, each in self.properties.items():
            found.properties[name] = _column(rows, each)
        own, has_own, flags = rows["own"], rows["has_own"], rows["na"]
        for place, indicator in enumerate(book.indicators):
            given = has_own[:, place] != 0
            if given.any():
                codes = None if given.all() else np.where(given, np.uint8(0), np.uint8(Absence.NOT_SUPPLIED))
                values = np.ascontiguousarray(own[:, place])
                found.own[indicator] = Column("number", values, codes)
            claimed = flags[:, place] != 0
            if claimed.any():
                found.not_applicable[indicator] = claimed
        return found


def stored_value(kind: str, options: Sequence[str], value: FactValue) -> tuple[int, Any]:
    """How a value stands and what is stored for it; raises ``NotExact`` where that would not be exact."""
    if isinstance(value, Nothing):
        return _STANDS[value], 0
    match kind:
        case "number" if isinstance(value, Decimal):
            return _VALUE, _double(value)
        case "bool" if isinstance(value, bool):
            return _VALUE, int(value)
        case "level" if isinstance(value, str) and value in options:
            return _VALUE, options.index(value)
        case "items" if isinstance(value, frozenset) and value <= set(options):
            return _VALUE, sum(1 << place for place, option in enumerate(options) if option in value)
        case "text" if isinstance(value, str) and value:
            text = value.encode()
            if len(text) <= TEXT and not text.endswith(b"\0"):
                return _VALUE, text
    raise NotExact(f"{value!r} is no {kind} that the layout holds")


def _double(value: Decimal) -> float:
    # A zero with a sign or with a far exponent is still zero; anything longer than a double tells apart stays exact.
    if not value.is_finite() or len(value.normalize().as_tuple().digits) > MAX_DIGITS:
        raise NotExact("more digits than a double tells apart")
    number = float(value)
    if Decimal(repr(number)) != value:
        raise NotExact("beyond the range of a double")
    return number + 0.0


def _column(rows: Array, each: _Field) -> Column:
    stands = rows[each.stands]
    table = np.zeros(256, np.uint8)
    table[[_NONE, _NOT_SUPPLIED, _NOT_APPLICABLE]] = each.default, Absence.NOT_SUPPLIED, Absence.NOT_APPLICABLE
    codes: Array | None = None if (stands == _VALUE).all() else table[stands]
    values = rows[each.value]
    if each.kind == "text":
        names, places = np.unique(values, return_inverse=True)
        return Column("text", places.astype(np.intp), codes, tuple(n.decode() for n in names.tolist()) or ("",))
    return column_of(each.kind, each.options, np.ascontiguousarray(values), codes, each.digits)


def column_of(kind: str, options: tuple[str, ...], values: Array, codes: Array | None, digits: int = 0) -> Column:
    """A column of stored values; what stands for a figure that is not there harms no division and no error bound."""
    if kind == "number":
        return Column(kind, values if codes is None else filled(values, codes > 0), codes, digits=digits)
    if kind == "bool":
        return Column(kind, values != 0, codes)
    if values.dtype.itemsize == 8:
        values = values.astype(np.intp)
    return Column(kind, values, codes, options)


# --- The layout of a rulebook ----------------------------------------------------------------------------------------


def kind_of(spec: FactSpec) -> str:
    """How a fact's values are kept in a column; "" for free text, which no rule reads."""
    if spec.is_number:
        return "number"
    return {"bool": "bool", "level": "level", "checklist": "items"}.get(spec.kind, "")


@lru_cache(maxsize=64)
def layout_of(rulebook: Rulebook) -> Layout:
    """The layout of a rulebook's filings, the same for the same facts, indicators, targets and properties."""
    parts: list[tuple[Any, ...]] = [("layout", "u1"), ("flags", "u1")]

    def add(name: str, kind: str, options: tuple[str, ...], default: Absence, digits: int = 0) -> _Field:
        stored = {
            "number": "<f8",
            "bool": "u1",
            "level": _narrow(len(options), bits=False),
            "items": _narrow(len(options), bits=True),
            "text": f"S{TEXT}",
        }
        parts.extend([(f"v:{name}", stored[kind]), (f"s:{name}", "u1")])
        return _Field(f"v:{name}", f"s:{name}", kind, options, default, digits)

    facts = {
        name: add(name, kind_of(spec), tuple(spec.options), absence_of(spec), spec.places)
        for name, spec in rulebook.facts.items()
        if kind_of(spec)
    }
    count = len(rulebook.indicators)
    parts += [("own", "<f8", (count,)), ("has_own", "u1", (count,)), ("na", "u1", (count,))]
    kinds = {name: "bool" if spec.kind == "bool" else "text" for name, spec in rulebook.properties.items()}
    properties = {
        name: add(f"property {name}", kind, (), Absence.NOT_SUPPLIED)
        for name, kind in ({PEER_GROUP: "text"} | kinds).items()
    }
    past_facts, targets = looked_back(rulebook)
    past: dict[tuple[str, int], _Field] = {}
    outcomes: dict[tuple[str, int], _Field] = {}
    for years in range(1, YEARS + 1):
        for name in past_facts:
            spec = rulebook.facts[name]
            if kind_of(spec):
                options = tuple(spec.options)
                past[name, years] = add(f"{name}@-{years}", kind_of(spec), options, Absence.NOT_SUPPLIED, spec.places)
        for name in targets:
            outcomes[name, years] = add(f"{name}@-{years}", "bool", (), Absence.NOT_SUPPLIED)
    dtype = np.dtype(parts)
    claims = [(i.id, i.not_applicable) for i in rulebook.indicators.values()]
    described = repr((LAYOUT, dtype.descr, [(n, f.options) for n, f in facts.items()], claims))
    digest = hashlib.sha256(described.encode()).hexdigest()[:16]
    return Layout(rulebook, dtype, facts, past, outcomes, properties, digest)


def absence_of(spec: FactSpec) -> Absence:
    """What an entry that is not there is: unanswered by the bank, not supplied by anybody else."""
    return Absence.UNANSWERED if spec.supplied_by == "bank" else Absence.NOT_SUPPLIED


def looked_back(rulebook: Rulebook) -> tuple[list[str], list[str]]:
    """The facts and the targets that some rule asks of earlier years, in the rulebook's order."""
    calls = [node for _, e, _ in all_expressions(rulebook) for node in e.walk() if isinstance(node, Call)]
    by_years = {target for spec in rulebook.indicators.values() for target in _by_years(spec.rule)}
    if not by_years and not any(node.name in _BACK for node in calls):
        return [], []
    # Whatever is asked of an earlier year may go through definitions and targets: each fact behind these counts.
    names: set[str] = set()
    targets = set(by_years)
    expressions = [e for _, e, _ in all_expressions(rulebook) if any(_looks_back(n) for n in e.walk())]
    for node in calls:
        if FUNCTIONS[node.name].ids == "target":
            targets.update(id_arguments(node))
    reached = [rulebook.targets[t] for t in rulebook.targets if t in targets]
    expressions += [side for target in reached for side in (target.left, target.right)]
    names.update(facts_of(rulebook, expressions))
    names.update(spec.carries_from for spec in [rulebook.facts[n] for n in names] if spec.carries_from)
    return [n for n in rulebook.facts if n in names], [t for t in rulebook.targets if t in targets]


def _by_years(rule: Rule) -> Iterator[str]:
    """The targets whose points depend on how many years running they are missed."""
    if isinstance(rule, TargetOutcome) and rule.years_missed:
        yield rule.target
    for _key, nested in rule.parts():
        yield from _by_years(nested)


def _looks_back(node: object) -> bool:
    return isinstance(node, Call) and node.name in _BACK


def exact_rows(records: Array) -> list[int]:
    """Which of the records are marked: their filings are scored from the JSON."""
    rows: Iterable[int] = np.flatnonzero(records["flags"] & EXACT).tolist()
    return list(rows)
