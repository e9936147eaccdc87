"""What scoring yields. Everything here is frozen and turns into plain JSON with `to_json`.

Numbers become strings in JSON: the exact decimal when it terminates, else ``p/q``. Points are decimals already,
because a rulebook says to how many digits an indicator is rounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from scorecard.engine.values.numbers import exact
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import EMPTY, Text

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from: the id of a document of the rulebook, the article, and the citation as it is shown."""

    document: str
    article: str
    cite: Text

    def to_json(self) -> Json:
        return {"document": self.document, "article": self.article, "cite": self.cite.to_json()}


@dataclass(frozen=True, slots=True)
class Node:
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
class Improvement:
    """What would change an indicator's points: one fact, its value now and then, and the points gained.

    `fact` is "" when the change cannot be put down to one fact; the text then says what must change.
    """

    fact: str
    now: Decimal | str | None
    then: Decimal | str | None
    gain: Decimal
    text: Text

    def to_json(self) -> Json:
        return {
            "fact": self.fact,
            "now": exact(self.now),
            "then": exact(self.then),
            "gain": exact(self.gain),
            "text": self.text.to_json(),
        }


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """Points of one indicator. `state` is one of scored, judged, pending, unanswered, not_applicable, undefined.

    points         what counts: the reviewer's if set, else the system's; None while it awaits somebody (pending,
    undefined)
    or is taken out of the count (not applicable, shared out).
    system_points  what the rule gives from the facts alone, None when it gives nothing.
    """

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

    def outcome(self) -> Json:
        return {
            "section": self.section,
            "state": self.state,
            "points": exact(self.points),
            "system": exact(self.system_points),
            "self": exact(self.self_points),
            "judged": exact(self.judged_points),
            "min": exact(self.min),
            "max": exact(self.max),
            "reason": self.reason.to_json(),
        }

    def to_json(self) -> Json:
        return {
            **self.outcome(),
            "trace": self.trace.to_json() if self.trace else None,
            "improve": [i.to_json() for i in self.improve],
        }


@dataclass(frozen=True, slots=True)
class SectionResult:
    """Points of one section, with what awaits somebody. `state` is complete, pending or unanswered."""

    id: str
    parent: str
    points: Decimal
    max: Decimal
    min: Decimal
    state: str
    shared_out: Decimal = Decimal(0)

    def to_json(self) -> Json:
        return {
            "parent": self.parent,
            "points": exact(self.points),
            "max": exact(self.max),
            "min": exact(self.min),
            "state": self.state,
            "shared_out": exact(self.shared_out),
        }


@dataclass(frozen=True, slots=True)
class Need:
    """The smallest increase of one named fact with which a target is met; all other facts stay as they are."""

    fact: str
    now: Decimal
    then: Decimal
    increase: Decimal
    unit: str
    text: Text

    def to_json(self) -> Json:
        return {
            "fact": self.fact,
            "now": exact(self.now),
            "then": exact(self.then),
            "increase": exact(self.increase),
            "unit": self.unit,
            "text": self.text.to_json(),
        }


@dataclass(frozen=True, slots=True)
class TargetResult:
    """Outcome of one target. `state` is met, missed or unknown; equality meets a target whose `op` is ``>=``.

    margin           left minus right, exact; negative when a >= target is missed. None when a side has no value.
    counts_as_missed True when missed, and also when the bank left a figure blank: a blank never beats an honest answer.
    needed           None when the target is met or a side has no value.
    """

    id: str
    state: str
    left: Fraction | None
    right: Fraction | None
    margin: Fraction | None
    unit: str
    op: str
    reason: Text
    counts_as_missed: bool
    source: Source | None
    basis: str
    needed: Need | None = None
    trace: Node | None = None

    def outcome(self) -> Json:
        return {
            "state": self.state,
            "left": exact(self.left),
            "right": exact(self.right),
            "margin": exact(self.margin),
            "unit": self.unit,
            "op": self.op,
            "reason": self.reason.to_json(),
            "counts_as_missed": self.counts_as_missed,
            "needed": self.needed.to_json() if self.needed else None,
            "source": self.source.to_json() if self.source else None,
            "basis": self.basis,
        }

    def to_json(self) -> Json:
        return {**self.outcome(), "trace": self.trace.to_json() if self.trace else None}


@dataclass(frozen=True, slots=True)
class AppliedCap:
    """A cap or floor that acted, with the grade (or the total) before and after it."""

    id: str
    from_: str
    to: str
    because: Text
    source: Source | None
    basis: str
    effect: str = "cap_grade"

    def to_json(self) -> Json:
        return {
            "id": self.id,
            "effect": self.effect,
            "from": self.from_,
            "to": self.to,
            "because": self.because.to_json(),
            "source": self.source.to_json() if self.source else None,
            "basis": self.basis,
        }


@dataclass(frozen=True, slots=True)
class GradeResult:
    """Grade before and after caps. `holding` lists caps whose condition holds, whether or not they changed anything.

    `provisional` is True while points await somebody or a figure is blank.
    """

    before: str
    after: str
    applied: tuple[AppliedCap, ...]
    holding: tuple[str, ...] = ()
    provisional: bool = False

    def to_json(self) -> Json:
        return {
            "before": self.before,
            "after": self.after,
            "applied": [c.to_json() for c in self.applied],
            "holding": list(self.holding),
            "provisional": self.provisional,
        }


@dataclass(frozen=True, slots=True)
class AdjustmentResult:
    """Points that the rules put on the supervisory rating. `range` is the lowest and highest that the source allows."""

    points: Decimal
    because: Text
    source: Source | None
    basis: str
    range: tuple[Decimal, Decimal] | None
    label: Text = EMPTY

    def to_json(self) -> Json:
        return {
            "points": exact(self.points),
            "because": self.because.to_json(),
            "source": self.source.to_json() if self.source else None,
            "basis": self.basis,
            "range": [exact(v) for v in self.range] if self.range else None,
            "label": self.label.to_json(),
        }


@dataclass(frozen=True, slots=True)
class MeasureResult:
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

    def to_json(self) -> Json:
        return {
            "id": self.id,
            "tool": self.tool,
            "label": self.label.to_json(),
            "because": self.because.to_json(),
            "options": {k: v.to_json() for k, v in self.options.items()},
            "source": self.source.to_json() if self.source else None,
            "basis": self.basis,
            "case_by_case": self.case_by_case,
            "needs_filing": self.needs_filing,
        }


@dataclass(frozen=True, slots=True)
class EstimateResult:
    """An amount that a scheme would pay, allow or release: an estimate with its clause and its years.

    value is None when a figure is missing; `text` says the amount, or why there is none.
    """

    id: str
    label: Text
    value: Decimal | None
    unit: str
    text: Text
    years: str
    source: Source | None
    basis: str
    trace: Node | None = None

    def outcome(self) -> Json:
        return {
            "label": self.label.to_json(),
            "value": exact(self.value),
            "unit": self.unit,
            "text": self.text.to_json(),
            "years": self.years,
            "source": self.source.to_json() if self.source else None,
            "basis": self.basis,
        }

    def to_json(self) -> Json:
        return {**self.outcome(), "trace": self.trace.to_json() if self.trace else None}


@dataclass(frozen=True, slots=True)
class MissingFact:
    """A fact without a value that some indicator or target needs. `state` is one of unanswered, not_applicable,
    not_supplied.
    """

    fact: str
    state: str
    label: Text
    indicators: tuple[str, ...]
    targets: tuple[str, ...]

    def to_json(self) -> Json:
        return {
            "fact": self.fact,
            "state": self.state,
            "label": self.label.to_json(),
            "indicators": list(self.indicators),
            "targets": list(self.targets),
        }


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """A check that did not hold. `severity` is error (blocks submission) or warning (needs an explanation)."""

    id: str
    severity: str
    message: Text
    facts: tuple[str, ...]
    source: Source | None = None
    basis: str = ""

    def to_json(self) -> Json:
        return {"id": self.id, "severity": self.severity, "message": self.message.to_json(), "facts": list(self.facts)}


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
