"""What scoring yields. Everything here is frozen and turns into plain JSON with `to_json`.

Numbers become strings in JSON: the exact decimal when it terminates, else ``p/q``. Points are decimals already,
because a rulebook says to how many digits an indicator is rounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from scorecard.engine.values.numbers import exact
from scorecard.engine.values.plain import Explained, Json, Plain
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import EMPTY, Text


@dataclass(frozen=True, slots=True)
class Source(Plain):
    """Where a rule comes from: the id of a document of the rulebook, the article, and the citation as it is shown."""

    document: str
    article: str
    cite: Text


@dataclass(frozen=True, slots=True)
class Node(Plain):
    """One step of the explanation. The children of a `total` and of a `section` add up to its value, to the last digit.

    kind: total, section, indicator, shared_out, limit, rule, branch, fact, expression, target, condition, judgement,
    note.
    """

    kind: str
    label: Text
    text: Text
    value: Fraction | Decimal | bool | str | None = None
    unit: str = ""
    children: tuple[Node, ...] = ()
    source: Source | None = None
    basis: str = ""
    ref: str = ""

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, depth first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def to_json(self) -> Json:
        data: Json = {
            "kind": self.kind,
            "label": self.label.to_json(),
            "text": self.text.to_json(),
            "value": exact(self.value),
        }
        if self.ref:
            data["ref"] = self.ref
        if self.unit:
            data["unit"] = self.unit
        if self.source is not None:
            data["source"] = self.source.to_json()
        if self.basis:
            data["basis"] = self.basis
        if self.children:
            data["children"] = [c.to_json() for c in self.children]
        return data


@dataclass(frozen=True, slots=True)
class Improvement(Plain):
    """What would change an indicator's points: one fact, its value now and then, and the points gained.

    `fact` is "" when more than one fact would change; the text then says what must change.
    """

    fact: str
    now: Decimal | str | None
    then: Decimal | str | None
    gain: Decimal
    text: Text


@dataclass(frozen=True, slots=True)
class IndicatorResult(Explained):
    """Points of one indicator. `state` is one of scored, judged, pending, unanswered, not_applicable, undefined.

    points         what counts: the reviewer's if set, else the system's; None while it awaits somebody (pending,
    undefined)
    or is taken out of the count (not applicable, shared out).
    system_points  what the rule gives from the facts alone, None when it gives nothing.
    """

    RENAMED: ClassVar[Mapping[str, str]] = {"system_points": "system", "self_points": "self", "judged_points": "judged"}
    APART: ClassVar[tuple[str, ...]] = ("id", "trace", "improve")
    EXPLANATION: ClassVar[tuple[str, ...]] = ("trace", "improve")

    id: str
    section: str
    state: str
    points: Decimal | None
    system_points: Decimal | None
    self_points: Decimal | None
    judged_points: Decimal | None
    min: Decimal
    max: Decimal
    reason: Text
    trace: Node | None = None
    improve: tuple[Improvement, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionResult(Plain):
    """Points of one section, with what awaits somebody. `state` is complete, pending or unanswered."""

    APART: ClassVar[tuple[str, ...]] = ("id",)

    id: str
    parent: str
    points: Decimal
    max: Decimal
    min: Decimal
    state: str
    shared_out: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Need(Plain):
    """The smallest increase of one named fact with which a target is met; all other facts stay as they are."""

    fact: str
    now: Decimal
    then: Decimal
    increase: Decimal
    unit: str
    text: Text


@dataclass(frozen=True, slots=True)
class TargetResult(Explained):
    """Outcome of one target. `state` is met, missed, unknown, or not_applicable where an officer decided so; equality
    meets a target whose `op` is ``>=``. One that is unknown and does not count as missed is for an officer to decide.

    margin           left minus right, exact; negative when a >= target is missed. None when a side has no value.
    counts_as_missed True when missed, and also when the bank left a figure blank: a blank never beats an honest answer.
    needed           None when the target is met or a side has no value.
    """

    APART: ClassVar[tuple[str, ...]] = ("id", "trace")

    id: str
    state: str
    left: Fraction | None
    right: Fraction | None
    margin: Fraction | None
    unit: str
    op: str
    reason: Text
    counts_as_missed: bool
    needed: Need | None
    source: Source | None
    basis: str
    trace: Node | None = None


@dataclass(frozen=True, slots=True)
class AppliedCap(Plain):
    """A cap or floor that acted, with the grade (or the total) before and after it."""

    RENAMED: ClassVar[Mapping[str, str]] = {"from_": "from"}

    id: str
    effect: str
    from_: str
    to: str
    because: Text
    source: Source | None
    basis: str


@dataclass(frozen=True, slots=True)
class GradeResult(Plain):
    """Grade before and after caps. `holding` lists caps whose condition holds, whether or not they changed anything.

    `provisional` is True while points await somebody or a figure is blank.
    """

    before: str
    after: str
    applied: tuple[AppliedCap, ...]
    holding: tuple[str, ...] = ()
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class AdjustmentResult(Plain):
    """Points that the rules put on the supervisory rating. `range` is the lowest and highest that the source allows."""

    points: Decimal
    because: Text
    source: Source | None
    basis: str
    range: tuple[Decimal, Decimal] | None
    label: Text = EMPTY


@dataclass(frozen=True, slots=True)
class MeasureResult(Plain):
    """A measure that the rules propose. It never fires by itself: an officer decides with a reason."""

    id: str
    tool: str
    label: Text
    because: Text
    options: Mapping[str, Text]
    source: Source | None
    basis: str
    case_by_case: bool = True
    needs_filing: bool = False


@dataclass(frozen=True, slots=True)
class EstimateResult(Explained):
    """An amount that a scheme would pay, allow or release: an estimate with its clause and its years.

    value is None when a figure is missing; `text` says the amount, or why there is none.
    """

    APART: ClassVar[tuple[str, ...]] = ("id", "trace")

    id: str
    label: Text
    value: Decimal | None
    unit: str
    text: Text
    years: str
    source: Source | None
    basis: str
    trace: Node | None = None


@dataclass(frozen=True, slots=True)
class MissingFact(Plain):
    """A fact without a value that some indicator or target needs. `state` is one of unanswered, not_applicable,
    not_supplied.
    """

    fact: str
    state: str
    label: Text
    indicators: tuple[str, ...]
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckFinding(Plain):
    """A check that did not hold. `severity` is error (blocks submission) or warning (needs an explanation)."""

    APART: ClassVar[tuple[str, ...]] = ("source", "basis")

    id: str
    severity: str
    message: Text
    facts: tuple[str, ...]
    source: Source | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One score run of one bank: everything that the rulebook concludes from the case.

    total      sum of all points that are known, after the rulebook's own floor and ceiling.
    pending    highest number of points that still await somebody.
    """

    rulebook: str
    version: str
    rulebook_hash: str
    engine_version: str
    total: Decimal
    max: Decimal
    min: Decimal
    pending: Decimal
    sections: Mapping[str, SectionResult]
    indicators: Mapping[str, IndicatorResult]
    targets: Mapping[str, TargetResult]
    grade: GradeResult
    adjustment: AdjustmentResult | None
    measures: tuple[MeasureResult, ...]
    missing: tuple[MissingFact, ...]
    checks: tuple[CheckFinding, ...]
    parts: Mapping[str, Decimal] = field(default_factory=dict)
    values: Mapping[str, Fraction | bool | str | None] = field(default_factory=dict)
    trace: Node | None = None
    estimates: Mapping[str, EstimateResult] = field(default_factory=dict)

    def outcome(self) -> Json:
        """Return the compact result for storage: everything except the explanation tree and what would improve it."""
        data: Json = {
            "rulebook": self.rulebook,
            "version": self.version,
            "rulebook_hash": self.rulebook_hash,
            "engine_version": self.engine_version,
            "total": exact(self.total),
            "max": exact(self.max),
            "min": exact(self.min),
            "pending": exact(self.pending),
            "parts": {k: exact(v) for k, v in self.parts.items()},
            "values": {k: exact(v) for k, v in self.values.items()},
            "sections": {k: s.to_json() for k, s in self.sections.items()},
            "indicators": {k: i.outcome() for k, i in self.indicators.items()},
            "targets": {k: t.outcome() for k, t in self.targets.items()},
            "grade": self.grade.to_json(),
            "adjustment": self.adjustment.to_json() if self.adjustment else None,
            "measures": [m.to_json() for m in self.measures],
            "missing": [m.to_json() for m in self.missing],
            "checks": [c.to_json() for c in self.checks],
        }
        if self.estimates:
            data["estimates"] = {k: e.outcome() for k, e in self.estimates.items()}
        return data

    def to_json(self) -> Json:
        """Return the whole result with the explanation tree as plain JSON data; numbers are strings."""
        data = self.outcome()
        data["indicators"] = {k: i.to_json() for k, i in self.indicators.items()}
        data["targets"] = {k: t.to_json() for k, t in self.targets.items()}
        if self.estimates:
            data["estimates"] = {k: e.to_json() for k, e in self.estimates.items()}
        data["trace"] = self.trace.to_json() if self.trace else None
        return data
