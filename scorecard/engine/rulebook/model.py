"""The parsed rulebook: plain frozen data. `Rulebook` itself is in `rulebook.py`, the rule kinds are in `rules/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from scorecard.engine.language.syntax import Expression
from scorecard.engine.rules.base import Rule
from scorecard.engine.values.facts import FactValue
from scorecard.engine.values.rational import ONE, Fraction
from scorecard.engine.values.results import Source
from scorecard.engine.values.text import EMPTY, Text

BASES = ("sourced", "reconstructed", "proposed")
SUPPLIERS = ("bank", "supervisor", "system")
#: Fact kinds whose value is a number, and how each is shown.
NUMBER_KINDS = ("amount", "count", "ratio", "rate", "pp", "bp", "days", "hours", "points", "number")
FACT_KINDS = (*NUMBER_KINDS, "bool", "level", "checklist", "text")

BASIS_LABELS = {
    "sourced": Text("有出处", "sourced"),
    "reconstructed": Text("系统重构，非监管部门原文", "reconstructed, not the supervisor's own"),
    "proposed": Text("建议值，非监管部门原文", "proposed, not the supervisor's own"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A document that rules cite."""

    id: str
    title: Text
    number: str = ""
    issuer: Text = EMPTY
    date: str = ""

    @property
    def cite(self) -> Text:
        number = f"（{self.number}）" if self.number else ""
        number_en = f" ({self.number})" if self.number else ""
        return Text(f"《{self.title.zh}》{number}", f"{self.title.en}{number_en}")


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact to file: a figure or an answer for one bank and one year.

    kind          one of FACT_KINDS. A ratio or rate is a fraction (0.45 means 45 %); it is shown and typed as a
    percentage.
    digits        decimals with which it is filed (in its own unit; for ratios, of the percentage).
    supplied_by   bank, supervisor or system. Only the bank's facts can be unanswered; the others are not supplied.
    carries_from  the fact of last year that this one repeats: this year's opening balance is last year's closing
    balance.
    derived       how it is computed when nobody files it.
    """

    id: str
    label: Text
    kind: str
    unit: str
    help: Text = EMPTY
    digits: int = 2
    min: Decimal | None = None
    max: Decimal | None = None
    options: Mapping[str, Text] = field(default_factory=dict)
    supplied_by: str = "bank"
    section: str = ""
    group: str = ""
    carries_from: str = ""
    required: bool = True
    form: Text = EMPTY
    derived: Expression | None = None
    source: Source | None = None
    basis: str = ""

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBER_KINDS

    @property
    def places(self) -> int:
        """Decimals of the value itself: a percentage is kept as a fraction, in two more than it is filed in."""
        return self.digits + (2 if self.unit == "%" else 0)


@dataclass(frozen=True, slots=True)
class Property:
    """A property of the bank that rules may depend on (category, differentiated treatment)."""

    id: str
    label: Text
    kind: str  # text, bool
    options: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the supervisor sets for the year. Without a default it is not supplied until set."""

    id: str
    label: Text
    kind: str
    unit: str
    default: FactValue | None = None
    source: Source | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """A named expression (a derived figure), shown in explanations under its own name."""

    id: str
    label: Text
    unit: str
    expr: Expression
    source: Source | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An amount that a scheme would pay, allow or release (a compensation, a ceiling): shown with its clause and the
    years for which that clause holds, always as an estimate and never as a decision.

    digits  decimals to which the amount is rounded once, in the rulebook's mode; later estimates see it rounded.
    years   the years for which the clause holds, as its source says them ("2016—2018").
    """

    id: str
    label: Text
    unit: str
    expr: Expression
    years: str
    digits: int = 2
    source: Source | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A check on facts. `holds` must be true; otherwise `message` is given. A check whose facts are missing says
    nothing.
    """

    id: str
    severity: str  # error, warning
    holds: Expression
    message: Text
    facts: tuple[str, ...]
    source: Source | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A group of indicators, or of sections. Its points are the sum of what it holds times `weight`, then limited to
    [floor, ceiling] when those are given. `min` and `max` are the declared range."""

    id: str
    parent: str
    name: Text
    min: Decimal
    max: Decimal
    kind: str = ""
    weight: Fraction = ONE
    floor: Decimal | None = None
    ceiling: Decimal | None = None
    children: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    source: Source | None = None
    basis: str = ""
    name_basis: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One scored item.

    type            qualitative, quantitative or mixed.
    judged_by       who may set points in place of the system's: "supervisor" or "" (nobody).
    not_applicable  what "not applicable" does: share_out (its points are shared out within the section), full, none.
    part            the part of the total it counts in, such as regular or bonus ("" when the rulebook has no parts).
    basis           basis of range and rule; name_basis that of the name.
    """

    id: str
    section: str
    name: Text
    min: Decimal
    max: Decimal
    type: str
    rule: Rule
    judged_by: str = "supervisor"
    not_applicable: str = "none"
    part: str = ""
    evidence: tuple[Text, ...] = ()
    guidance: Text = EMPTY
    facts: tuple[str, ...] = ()
    direction: Mapping[str, str] = field(default_factory=dict)
    source: Source | None = None
    basis: str = ""
    name_basis: str = ""

    @property
    def kind(self) -> str:
        """The same as `type`: qualitative, quantitative or mixed."""
        return self.type


@dataclass(frozen=True, slots=True)
class Target:
    """A pass/fail condition `left op right`.

    `lever` is the fact whose smallest increase "what is still needed" names.
    """

    id: str
    name: Text
    short: Text
    left: Expression
    op: str
    right: Expression
    unit: str
    lever: str = ""
    base: str = ""
    source: Source | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade: the total from `min` (inclusive; None = no lower end) up to the `min` of the grade above."""

    id: str
    name: Text
    min: Decimal | None
    notch_of: str = ""
    source: Source | None = None
    basis: str = ""
    name_basis: str = ""


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit on the result, applied in the order of the rulebook.

    effect        cap_grade, floor_grade, set_grade, cap_total or floor_total
    to            a grade id, or a number of points
    when_unknown  what happens when the condition cannot be decided: skip or apply
    """

    id: str
    name: Text
    when: Expression
    effect: str
    to: str
    because: Text
    when_unknown: str = "skip"
    source: Source | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class AdjustmentCase:
    """One case of an adjustment."""

    when: Expression
    points: Decimal
    because: Text
    range: tuple[Decimal, Decimal] | None = None
    source: Source | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Points on the supervisory rating: the first case that holds. The `range` of a case limits what an officer may
    choose.
    """

    id: str
    label: Text
    cases: tuple[AdjustmentCase, ...]
    source: Source | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool of the supervisor's toolbox."""

    id: str
    name: Text
    description: Text = EMPTY
    source: Source | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure that is proposed when `when` holds. An officer accepts, changes or declines it with a reason."""

    id: str
    tool: str
    name: Text
    when: Expression
    because: Text
    options: Mapping[str, Text] = field(default_factory=dict)
    case_by_case: bool = True
    needs_filing: bool = False
    source: Source | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Rounding:
    """Where and how points are rounded: each indicator, each weighted section, the total."""

    indicator: int = 2
    total: int = 2
    mode: str = "half_up"
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the total that cuts across sections, such as regular and bonus points."""

    id: str
    name: Text
    min: Decimal
    max: Decimal
    source: Source | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """What a rulebook extends: code and version of the base, the base's hash, and the changes, each as
    (verb, path)."""

    rulebook: str
    hash: str
    changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the process as the method describes it."""

    id: str
    name: Text
    actor: str
    basis: str = ""
