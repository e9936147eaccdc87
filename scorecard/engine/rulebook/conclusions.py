"""What a rulebook concludes from figures and points: checks, grades, caps, adjustments, measures, estimates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from scorecard.engine.declarations.forms import (
    BASIS,
    CONDITION,
    FIGURE,
    FLAG,
    ID,
    NAMES,
    NUMBER,
    NUMBER_OR_NONE,
    SOURCE,
    SPAN,
    STRING,
    TEXT,
    TEXTS,
    UNIT,
    Entries,
    choice,
    integer,
)
from scorecard.engine.declarations.keys import key
from scorecard.engine.language.syntax import Expression
from scorecard.engine.values.results import Source
from scorecard.engine.values.text import Text

#: What a condition counts as that cannot be decided.
UNKNOWN = choice({"skip": Text("不适用", "it does not act"), "apply": Text("照样适用", "it acts")})
EFFECTS = {
    "cap_grade": Text("等次不得高于", "grade no higher than"),
    "floor_grade": Text("等次不得低于", "grade no lower than"),
    "set_grade": Text("直接评为", "graded"),
    "cap_total": Text("总分不得高于", "total no higher than"),
    "floor_total": Text("总分不得低于", "total no lower than"),
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """An amount that a scheme would pay, allow or release (a compensation, a ceiling): shown with its clause and the
    years for which that clause holds, always as an estimate and never as a decision.

    digits  decimals to which the amount is rounded once, in the rulebook's mode; later estimates see it rounded.
    years   the years for which the clause holds, as its source says them ("2016—2018").
    """

    id: str
    label: Text = key(TEXT, required=True)
    unit: str = key(UNIT, required=True)
    expr: Expression = key(FIGURE, required=True)
    years: str = key(STRING, required=True)
    digits: int = key(integer(0, 8), default=2)
    source: Source | None = key(SOURCE, required=True, value=None)
    basis: str = key(BASIS, required=True, value="")


@dataclass(frozen=True, slots=True)
class Check:
    """A check on facts. `holds` must be true; otherwise `message` is given. A check whose facts are missing says
    nothing.
    """

    id: str
    severity: str = key(
        choice({"error": Text("错误", "error"), "warning": Text("提醒", "warning")}), required=True, default="error"
    )
    holds: Expression = key(CONDITION, required=True)
    message: Text = key(TEXT, required=True)
    facts: tuple[str, ...] = key(NAMES, default=lambda r: r.values["holds"].names)
    source: Source | None = key(SOURCE, required=True, value=None)
    basis: str = key(BASIS, required=True, value="")


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade: the total from `min` (inclusive; None = no lower end) up to the `min` of the grade above."""

    id: str = key(ID, required=True)
    name: Text = key(TEXT, required=True)
    name_basis: str = key(BASIS, required=True, value="")
    min: Decimal | None = key(NUMBER_OR_NONE)
    notch_of: str = key(ID)
    source: Source | None = key(SOURCE, required=True, value=None)
    basis: str = key(BASIS, required=True, value="")


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit on the result, applied in the order of the rulebook.

    effect        cap_grade, floor_grade, set_grade, cap_total or floor_total
    to            a grade id, or a number of points
    when_unknown  what happens when the condition cannot be decided: skip or apply
    """

    id: str = key(ID, required=True)
    name: Text = key(TEXT, required=True)
    when: Expression = key(CONDITION, required=True)
    effect: str = key(choice(EFFECTS), required=True, default="cap_grade")
    to: str = key(ID, required=True)
    because: Text = key(TEXT, required=True)
    when_unknown: str = key(UNKNOWN, default="skip")
    source: Source | None = key(SOURCE, required=True, value=None)
    basis: str = key(BASIS, required=True, value="")


@dataclass(frozen=True, slots=True)
class AdjustmentCase:
    """One case of an adjustment."""

    when: Expression = key(CONDITION, required=True)
    points: Decimal = key(NUMBER, required=True)
    range: tuple[Decimal, Decimal] | None = key(SPAN)
    because: Text = key(TEXT, required=True)
    when_unknown: str = key(UNKNOWN, default="skip")
    source: Source | None = key(SOURCE, required=True, value=None)
    basis: str = key(BASIS, required=True, value="")


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Points on the supervisory rating: the first case that holds. The `range` of a case limits what an officer may
    choose.
    """

    id: str
    label: Text = key(TEXT, required=True)
    cases: tuple[AdjustmentCase, ...] = key(Entries(AdjustmentCase), required=True)
    source: Source | None = key(SOURCE, required=True, value=None)
    basis: str = key(BASIS, required=True, value="")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool of the supervisor's toolbox."""

    id: str
    name: Text = key(TEXT, required=True)
    description: Text = key(TEXT)
    source: Source | None = key(SOURCE, required=True, value=None)
    basis: str = key(BASIS, required=True, value="")


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure that is proposed when `when` holds. An officer accepts, changes or declines it with a reason."""

    id: str
    tool: str = key(STRING, required=True)
    name: Text = key(TEXT, required=True)
    when: Expression = key(CONDITION, required=True)
    because: Text = key(TEXT, required=True)
    options: Mapping[str, Text] = key(TEXTS)
    case_by_case: bool = key(FLAG, default=True)
    needs_filing: bool = key(FLAG, default=False)
    when_unknown: str = key(UNKNOWN, default="skip")
    source: Source | None = key(SOURCE, required=True, value=None)
    basis: str = key(BASIS, required=True, value="")
