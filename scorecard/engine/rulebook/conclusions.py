"""What a rulebook concludes from figures and points: checks, grades, caps, adjustments, measures, estimates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from scorecard.engine.declarations import forms
from scorecard.engine.declarations.keys import key
from scorecard.engine.language.syntax import Expression
from scorecard.engine.values.results import Instrument, Source
from scorecard.engine.values.text import Text

#: What a condition counts as that cannot be decided.
UNKNOWN = forms.choice({"skip": Text("不适用", "it does not act"), "apply": Text("照样适用", "it acts")})
EFFECTS = {
    "cap_grade": Text("等次不得高于", "grade no higher than"),
    "floor_grade": Text("等次不得低于", "grade no lower than"),
    "set_grade": Text("直接评为", "graded"),
    "cap_total": Text("总分不得高于", "total no higher than"),
    "floor_total": Text("总分不得低于", "total no lower than"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """An entry that says what it is carried out under (by default the instrument of the rulebook's head), where we read
    it, and on what basis it says so.
    """

    instrument: Instrument | None = key(forms.INSTRUMENT, last=True)
    source: Source | None = key(forms.SOURCE, required=True, last=True, value=None)
    basis: str = key(forms.BASIS, required=True, last=True, value="")


@dataclass(frozen=True, slots=True)
class Estimate(Sourced):
    """An amount that a scheme would pay, allow or release (a compensation, a ceiling): shown with its clause and the
    years for which that clause holds, always as an estimate and never as a decision.

    digits  decimals to which the amount is rounded once, in the rulebook's mode; later estimates see it rounded.
    years   the years for which the clause holds, as its source says them ("2016—2018").
    """

    id: str
    label: Text = key(forms.TEXT, required=True)
    unit: str = key(forms.UNIT, required=True)
    expr: Expression = key(forms.FIGURE, required=True)
    years: str = key(forms.STRING, required=True)
    digits: int = key(forms.integer(0, 8), default=2)


@dataclass(frozen=True, slots=True)
class Check(Sourced):
    """A check on facts. `holds` must be true; otherwise `message` is given. A check whose facts are missing says
    nothing.
    """

    id: str
    severity: str = key(
        forms.choice({"error": Text("错误", "error"), "warning": Text("提醒", "warning")}),
        required=True,
        default="error",
    )
    holds: Expression = key(forms.CONDITION, required=True)
    message: Text = key(forms.TEXT, required=True)
    facts: tuple[str, ...] = key(forms.NAMES, default=lambda r: r.values["holds"].names)


@dataclass(frozen=True, slots=True)
class Grade(Sourced):
    """One grade: the total from `min` (inclusive; None = no lower end) up to the `min` of the grade above."""

    id: str = key(forms.ID, required=True)
    name: Text = key(forms.TEXT, required=True)
    name_basis: str = key(forms.BASIS, required=True, value="")
    min: Decimal | None = key(forms.NUMBER_OR_NONE, tune=Text("分数线", "Lowest points"))
    notch_of: str = key(forms.ID)


@dataclass(frozen=True, slots=True)
class Cap(Sourced):
    """A limit on the result, applied in the order of the rulebook.

    effect        cap_grade, floor_grade, set_grade, cap_total or floor_total
    to            a grade id, or a number of points
    when_unknown  what happens when the condition cannot be decided: skip or apply
    """

    id: str = key(forms.ID, required=True)
    name: Text = key(forms.TEXT, required=True)
    when: Expression = key(forms.CONDITION, required=True, order=1)
    effect: str = key(forms.choice(EFFECTS), required=True, default="cap_grade")
    to: str = key(forms.BOUND, required=True, tune=Text("限制为", "Limit"))
    because: Text = key(forms.TEXT, required=True)
    when_unknown: str = key(UNKNOWN, default="skip")


@dataclass(frozen=True, slots=True)
class AdjustmentCase(Sourced):
    """One case of an adjustment."""

    when: Expression = key(forms.CONDITION, required=True, order=1)
    points: Decimal = key(forms.NUMBER, required=True, tune=lambda t, entry: t.rendered(entry["when"]))
    range: tuple[Decimal, Decimal] | None = key(forms.SPAN)
    because: Text = key(forms.TEXT, required=True)
    when_unknown: str = key(UNKNOWN, default="skip")


@dataclass(frozen=True, slots=True)
class Adjustment(Sourced):
    """Points on the supervisory rating: the first case that holds. The `range` of a case limits what an officer may
    choose.
    """

    id: str
    label: Text = key(forms.TEXT, required=True)
    cases: tuple[AdjustmentCase, ...] = key(forms.Entries(AdjustmentCase), required=True)


@dataclass(frozen=True, slots=True)
class Tool(Sourced):
    """A tool of the supervisor's toolbox."""

    id: str
    name: Text = key(forms.TEXT, required=True)
    description: Text = key(forms.TEXT)


@dataclass(frozen=True, slots=True)
class Measure(Sourced):
    """A measure that is proposed when `when` holds. An officer accepts, changes or declines it with a reason."""

    id: str
    tool: str = key(forms.STRING, required=True)
    name: Text = key(forms.TEXT, required=True)
    when: Expression = key(forms.CONDITION, required=True)
    because: Text = key(forms.TEXT, required=True)
    options: Mapping[str, Text] = key(forms.TEXTS)
    case_by_case: bool = key(forms.FLAG, default=True)
    needs_filing: bool = key(forms.FLAG, default=False)
    when_unknown: str = key(UNKNOWN, default="skip")
