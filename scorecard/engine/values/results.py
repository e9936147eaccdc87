"""What scoring yields. Everything here is frozen and turns into plain JSON with `to_json`.

Numbers become strings in JSON: the exact decimal when it terminates, else ``p/q``. Points are decimals already,
because a rulebook says to how many digits an indicator is rounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, ClassVar

from scorecard.engine.values.numbers import exact
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import EMPTY, Text

Json = dict[str, Any]


class Plain:
    """A frozen dataclass whose fields turn into JSON.

    RENAMED      fields that have another name in JSON
    APART        fields that are left out: what the reader of the JSON knows (an id that is the key)
    OPTIONAL     fields that are left out when they are empty
    EXPLANATION  fields that `outcome`, which is kept with a score run, leaves out
    """

    __slots__ = ()
    RENAMED: ClassVar[Mapping[str, str]] = {}
    APART: ClassVar[tuple[str, ...]] = ()
    OPTIONAL: ClassVar[tuple[str, ...]] = ()
    EXPLANATION: ClassVar[tuple[str, ...]] = ()

    def to_json(self, explained: bool = True) -> Json:
        data: Json = {}
        for field in fields(self):  # type: ignore[arg-type]
            name, value = field.name, getattr(self, field.name)
            left_out = name in self.APART or (name in self.EXPLANATION and not explained)
            if not left_out and (value or name not in self.OPTIONAL):
                data[self.RENAMED.get(name, name)] = as_json(value, explained)
        return data

    def outcome(self) -> Json:
        """Return the result without its explanation."""
        return self.to_json(explained=False)


def as_json(value: Any, explained: bool = True) -> Any:
    """Return a value of a result as JSON data; numbers are exact texts."""
    if isinstance(value, Text):
        return value.to_json()
    if isinstance(value, Plain):
        return value.to_json(explained)
    if isinstance(value, tuple):
        return [as_json(v, explained) for v in value]
    if isinstance(value, Mapping):
        return {k: as_json(v, explained) for k, v in value.items()}
    return exact(value)


#: What a screen adds to an instrument whose text was not read, or not all of it.
UNSEEN = {"unseen": Text("（原文未见）", " (text not seen)"), "part": Text("（原文仅见部分）", " (text seen in part)")}


@dataclass(frozen=True, slots=True)
class Instrument(Plain):
    """What a rule is carried out under: the document that orders it, with number and article as a letter cites it.

    text  whether that document was read: seen, part or unseen.
    """

    cite: Text
    text: str


@dataclass(frozen=True, slots=True)
class Source(Plain):
    """Where a rule was read: the id of a document of the rulebook, the article, and the citation as it is shown; and,
    apart from that, the instrument that it is carried out under.
    """

    #: Results of rulebooks that name no instrument stay as they were.
    OPTIONAL = ("instrument",)

    document: str
    article: str
    cite: Text
    instrument: Instrument | None = None

    @property
    def clause(self) -> Text:
        """What a letter cites: the instrument; where none is named, where the rule was read."""
        return self.instrument.cite if self.instrument else self.cite

    @property
    def told(self) -> Text:
        """Both in one line, as screens show them."""
        if self.instrument is None:
            return self.cite
        under = self.instrument.cite
        note = UNSEEN.get(self.instrument.text, EMPTY)
        read = EMPTY if under == self.cite else Text(f"；出处：{self.cite.zh}", f"; read in {self.cite.en}")
        return Text(f"依据：{under.zh}{note.zh}{read.zh}", f"Under {under.en}{note.en}{read.en}")

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Source:
        """Read back what `to_json` gives; results that were stored before instruments were named have none."""
        under = data.get("instrument")
        instrument = Instrument(Text(under["cite"]["zh"], under["cite"]["en"]), under["text"]) if under else None
        return Source(data["document"], data["article"], Text(data["cite"]["zh"], data["cite"]["en"]), instrument)


@dataclass(frozen=True, slots=True)
class Node(Plain):
    """One step of the explanation. The children of a `total` and of a `section` add up to its value, to the last digit.

    kind: total, section, indicator, shared_out, limit, rule, branch, fact, expression, target, condition, judgement,
    note.
    """

    OPTIONAL: ClassVar[tuple[str, ...]] = ("unit", "children", "source", "basis", "ref")

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
class IndicatorResult(Plain):
    """Points of one indicator. `state` is one of scored, judged, pending, unanswered, not_applicable, undefined.

    points         what counts: the reviewer's if set, else the system's; None while it awaits somebody (pending,
                   undefined) or is taken out of the count (not applicable, shared out).
    system_points  what the rule gives from the facts alone, None when it gives nothing.
    """

    RENAMED: ClassVar[Mapping[str, str]] = {"system_points": "system", "self_points": "self", "judged_points": "judged"}
    APART: ClassVar[tuple[str, ...]] = ("id",)
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
class TargetResult(Plain):
    """Outcome of one target. `state` is met, missed, unknown, or not_applicable where an officer decided so; equality
    meets a target whose `op` is ``>=``. One that is unknown and does not count as missed is for an officer to decide.

    margin           left minus right, exact; negative when a >= target is missed. None when a side has no value.
    counts_as_missed True when missed, and also when the bank left a figure blank: a blank never beats an honest answer.
    needed           None when the target is met or a side has no value.
    """

    APART: ClassVar[tuple[str, ...]] = ("id",)
    EXPLANATION: ClassVar[tuple[str, ...]] = ("trace",)

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
class EstimateResult(Plain):
    """An amount that a scheme would pay, allow or release: an estimate with its clause and its years.

    value is None when a figure is missing; `text` says the amount, or why there is none.
    """

    APART: ClassVar[tuple[str, ...]] = ("id",)
    EXPLANATION: ClassVar[tuple[str, ...]] = ("trace",)

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
    """A fact without a value that some indicator or target needs. `state` says which kind of nothing it is."""

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
class Result(Plain):
    """One score run of one bank: everything that the rulebook concludes from the case. `outcome` is what is stored.

    total      sum of all points that are known, after the rulebook's own floor and ceiling.
    pending    highest number of points that still await somebody.
    """

    OPTIONAL: ClassVar[tuple[str, ...]] = ("estimates",)
    EXPLANATION: ClassVar[tuple[str, ...]] = ("trace",)

    rulebook: str
    version: str
    rulebook_hash: str
    engine_version: str
    total: Decimal
    max: Decimal
    min: Decimal
    pending: Decimal
    parts: Mapping[str, Decimal]
    values: Mapping[str, Fraction | bool | str | None]
    sections: Mapping[str, SectionResult]
    indicators: Mapping[str, IndicatorResult]
    targets: Mapping[str, TargetResult]
    grade: GradeResult
    adjustment: AdjustmentResult | None
    measures: tuple[MeasureResult, ...]
    missing: tuple[MissingFact, ...]
    checks: tuple[CheckFinding, ...]
    estimates: Mapping[str, EstimateResult]
    trace: Node | None
