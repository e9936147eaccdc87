"""The parsed rulebook: plain frozen data. `Rulebook` itself is in `rulebook.py`, the rule kinds are in `rules/`.

The keys of every entry are declared here once; reader, JSON Schema and words follow from them (`declarations/keys.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from scorecard.engine.declarations import forms
from scorecard.engine.declarations.keys import key
from scorecard.engine.language.syntax import Expression
from scorecard.engine.rulebook.conclusions import Sourced
from scorecard.engine.rules.base import Rule
from scorecard.engine.rules.nested import RULE
from scorecard.engine.rules.words import CEILING, FLOOR
from scorecard.engine.values.facts import FactValue
from scorecard.engine.values.numbers import ROUNDING_MODES
from scorecard.engine.values.rational import ONE, Fraction
from scorecard.engine.values.text import Text

SUPPLIERS = {
    "bank": Text("银行", "the bank"),
    "supervisor": Text("监管部门", "the supervisor"),
    "system": Text("系统", "the system"),
}


class FactKind(NamedTuple):
    """A kind of fact: its words, and the unit and the decimals of one that states none."""

    words: Text
    unit: str = ""
    digits: int = 0


#: Fact kinds whose value is a number.
_NUMBERS = {
    "amount": FactKind(Text("金额", "amount"), "万元", 2),
    "count": FactKind(Text("数量", "count"), "户"),
    "ratio": FactKind(Text("比率", "ratio"), "%", 2),
    "rate": FactKind(Text("利率", "rate"), "%", 2),
    "pp": FactKind(Text("百分点", "percentage points"), "pp", 2),
    "bp": FactKind(Text("基点", "basis points"), "bp", 2),
    "days": FactKind(Text("天数", "days"), "天", 2),
    "hours": FactKind(Text("学时", "hours"), "学时", 2),
    "points": FactKind(Text("分值", "points"), "分", 2),
    "number": FactKind(Text("数值", "number"), "", 4),
}
FACT_KINDS = {
    **_NUMBERS,
    "bool": FactKind(Text("是否", "yes or no")),
    "level": FactKind(Text("等级", "level")),
    "checklist": FactKind(Text("清单", "checklist")),
    "text": FactKind(Text("文字", "text")),
}
NUMBER_KINDS = tuple(_NUMBERS)
KIND = forms.choice({name: kind.words for name, kind in FACT_KINDS.items()})
_MODES = {
    "half_up": Text("四舍五入", "half up"),
    "half_even": Text("四舍六入五成双", "half to even"),
    "down": Text("向零舍去", "towards zero"),
    "up": Text("进一", "away from zero"),
}

BASIS_LABELS = {
    "sourced": Text("原文载明", "sourced"),
    "reconstructed": Text("据公开资料推定，非监管部门原文", "reconstructed, not the supervisor's own"),
    "proposed": Text("系统建议值，非监管部门原文", "proposed, not the supervisor's own"),
}


TEXTS_SEEN = {
    "seen": Text("原文已见", "text seen"),
    "part": Text("原文仅见部分", "text seen in part"),
    "unseen": Text("原文未见", "text not seen"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A document that rules cite: the instrument that they are carried out under, or where we read them.

    described  the title is our description and not the document's own, so it stands without 《》.
    text       whether its text was read: seen, part (an excerpt, a report on it) or unseen; "" where nobody says.
    """

    id: str
    title: Text = key(forms.TEXT, required=True)
    number: str = key(forms.STRING)
    issuer: Text = key(forms.TEXT)
    date: str = key(forms.STRING)
    described: bool = key(forms.FLAG)
    text: str = key(forms.choice(TEXTS_SEEN), default="")

    @property
    def cite(self) -> Text:
        number = f"（{self.number}）" if self.number else ""
        number_en = f" ({self.number})" if self.number else ""
        title = self.title.zh if self.described else f"《{self.title.zh}》"
        return Text(f"{title}{number}", f"{self.title.en}{number_en}")


@dataclass(frozen=True, slots=True)
class FactSpec(Sourced):
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
    label: Text = key(forms.TEXT, required=True)
    help: Text = key(forms.TEXT)
    kind: str = key(KIND, required=True, default="number")
    unit: str = key(forms.UNIT, default=lambda r: FACT_KINDS[r.values["kind"]].unit)
    digits: int = key(forms.integer(0, 10), default=lambda r: FACT_KINDS[r.values["kind"]].digits, value=2)
    min: Decimal | None = key(forms.NUMBER)
    max: Decimal | None = key(forms.NUMBER)
    options: Mapping[str, Text] = key(forms.texts("option -> its name, for levels and checklists"))
    supplied_by: str = key(forms.choice(SUPPLIERS), default="bank")
    section: str = key(forms.ID)
    group: str = key(forms.STRING)
    carries_from: str = key(forms.string("the fact of last year that this one repeats"))
    required: bool = key(forms.FLAG, default=True)
    form: Text = key(forms.TEXT)
    derived: Expression | None = key(forms.Expr(lambda spec: spec.unit if spec.is_number else "bool"))

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
    label: Text = key(forms.TEXT, required=True)
    kind: str = key(
        forms.choice({name: FACT_KINDS[name].words for name in ("text", "bool")}), required=True, default="text"
    )
    options: Mapping[str, Text] = key(forms.TEXTS)


@dataclass(frozen=True, slots=True)
class Parameter(Sourced):
    """A value that the supervisor sets for the year. Without a default it is not supplied until set."""

    id: str
    label: Text = key(forms.TEXT, required=True)
    kind: str = key(KIND, required=True, default="number")
    unit: str = key(forms.UNIT, default=lambda r: FACT_KINDS[r.values["kind"]].unit)
    default: FactValue | None = key(
        forms.VALUE_OF_KIND,
        tune=Text("取值", "Value"),
        unit=lambda entry: str(entry.get("unit") or FACT_KINDS[entry["kind"]].unit),
    )


@dataclass(frozen=True, slots=True)
class Definition(Sourced):
    """A named expression (a derived figure), shown in explanations under its own name."""

    id: str
    label: Text = key(forms.TEXT, required=True)
    unit: str = key(forms.UNIT)
    expr: Expression = key(forms.FIGURE, required=True)


@dataclass(frozen=True, slots=True)
class Section(Sourced):
    """A group of indicators, or of sections. Its points are the sum of what it holds times `weight`, then limited to
    [floor, ceiling] when those are given. `min` and `max` are the declared range."""

    id: str
    parent: str = key(forms.ID)
    name: Text = key(forms.TEXT, required=True)
    name_basis: str = key(forms.BASIS, required=True, value="")
    kind: str = key(
        forms.string(
            words={
                "mechanism": Text("机制建设", "mechanism"),
                "progress": Text("推进情况", "progress"),
                "supervision": Text("日常监管", "supervision"),
            }
        )
    )
    min: Decimal = key(forms.NUMBER, required=True)
    max: Decimal = key(forms.NUMBER, required=True)
    weight: Fraction = key(forms.FACTOR, default=ONE, tune=Text("权重（系数）", "Weight (multiplier)"), unit="")
    floor: Decimal | None = key(forms.NUMBER, tune=FLOOR)
    ceiling: Decimal | None = key(forms.NUMBER, tune=CEILING)
    children: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Indicator(Sourced):
    """One scored item.

    type            qualitative, quantitative or mixed.
    judged_by       who may set points in place of the system's: "supervisor" or "" (nobody).
    not_applicable  what "not applicable" does: share_out (its points are shared out within the section), full, none.
    part            the part of the total it counts in, such as regular or bonus ("" when the rulebook has no parts).
    basis           basis of range and rule; name_basis that of the name.
    """

    id: str
    section: str = key(forms.ID, required=True)
    name: Text = key(forms.TEXT, required=True)
    name_basis: str = key(forms.BASIS, required=True, value="")
    type: str = key(
        forms.choice(
            {
                "qualitative": Text("定性", "qualitative"),
                "quantitative": Text("定量", "quantitative"),
                "mixed": Text("定性与定量结合", "qualitative and quantitative"),
            }
        ),
        required=True,
        default="quantitative",
    )
    min: Decimal = key(forms.NUMBER, required=True)
    max: Decimal = key(forms.NUMBER, required=True, tune=Text("权重（满分）", "Weight (maximum)"))
    rule: Rule = key(RULE, required=True)
    judged_by: str = key(
        forms.choice({"supervisor": SUPPLIERS["supervisor"], "nobody": Text("不作评定", "nobody")}, {"nobody": ""}),
        default="supervisor",
    )
    not_applicable: str = key(
        forms.choice(
            {
                "share_out": Text("分值由本部分其他指标分摊", "its points are shared out within the section"),
                "full": Text("得满分", "full points"),
                "none": Text("不得分", "no points"),
            }
        ),
        default="none",
    )
    part: str = key(forms.STRING)
    evidence: tuple[Text, ...] = key(forms.TEXT_LIST)
    guidance: Text = key(forms.TEXT)
    direction: Mapping[str, str] = key(
        forms.choices_by_name(forms.UP_DOWN, "fact -> the direction in which points must not fall")
    )
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target(Sourced):
    """A pass/fail condition `left op right`.

    `lever` is the fact whose smallest increase "what is still needed" names.
    """

    id: str
    name: Text = key(forms.TEXT, required=True)
    short: Text = key(forms.TEXT, default=lambda r: r.values["name"])
    left: Expression = key(forms.FIGURE, required=True)
    op: str = key(forms.choice({op: Text(op, op) for op in (">=", ">", "<=", "<")}), required=True, default=">=")
    right: Expression = key(forms.FIGURE, required=True)
    unit: str = key(forms.UNIT)
    lever: str = key(forms.LEVER_NAMED)
    base: str = key(
        forms.choice(
            {
                "same_period": Text("上年同期", "same period of last year"),
                "year_start": Text("年初", "start of the year"),
            }
        )
    )


@dataclass(frozen=True, slots=True)
class Rounding:
    """Where and how points are rounded: each indicator, each weighted section, the total."""

    indicator: int = key(forms.integer(0, 8), default=2)
    total: int = key(forms.integer(0, 8), default=2)
    mode: str = key(forms.choice({mode: _MODES[mode] for mode in ROUNDING_MODES}), default="half_up")
    basis: str = key(forms.BASIS, required=True, value="")


@dataclass(frozen=True, slots=True)
class Part(Sourced):
    """A part of the total that cuts across sections, such as regular and bonus points."""

    id: str
    name: Text = key(forms.TEXT, required=True)
    min: Decimal = key(forms.NUMBER, required=True)
    max: Decimal = key(forms.NUMBER, required=True)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the process as the method describes it."""

    id: str = key(forms.ID, required=True)
    name: Text = key(forms.TEXT, required=True)
    actor: str = key(forms.string(words={**SUPPLIERS, "both": Text("双方", "both")}), required=True)
    basis: str = key(forms.BASIS, required=True, value="")


@dataclass(frozen=True, slots=True)
class Total:
    """The declared range of the total, and its limits."""

    min: Decimal = key(forms.NUMBER, required=True)
    max: Decimal = key(forms.NUMBER, required=True)
    floor: Decimal | None = key(forms.NUMBER, tune=FLOOR)
    ceiling: Decimal | None = key(forms.NUMBER, tune=CEILING)


@dataclass(frozen=True, slots=True)
class Head:
    """What a rulebook says of itself. One that extends another leaves out what the base says."""

    code: str = key(forms.STRING, required=True)
    version: str = key(forms.ID, required=True)
    year: int = key(forms.integer(1949, 2200), stated=True)
    title: Text = key(forms.TEXT, required=True)
    summary: Text = key(forms.TEXT)
    basis: str = key(forms.BASIS)
    instrument: str = key(forms.string("document that rules are carried out under where they name none themselves"))
    total: Total = key(forms.nested(Total), required=True, stated=False)
    rounding: Rounding = key(forms.nested(Rounding), required=True, stated=False)
    peer_minimum: int = key(forms.integer(1, 1000), default=5)
