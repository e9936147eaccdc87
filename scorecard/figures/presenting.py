"""Figures and relations in words: printed values, what was calculated, by how much they differ. Nothing is computed
that the loader has not computed; this only writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from scorecard.engine.values.rational import Fraction
from scorecard.words import formats

from . import codes
from .intervals import last_digit
from .models import Figure, Relation

RELATION_KINDS = {
    "same": gettext_lazy("Same thing in several places"),
    "growth": gettext_lazy("Growth rate out of level and change"),
    "level_change": gettext_lazy("Level out of earlier level and change"),
    "share": gettext_lazy("Share out of part and whole"),
    "average": gettext_lazy("Average out of total and count"),
    "sum": gettext_lazy("Total out of its parts"),
    "at_most": gettext_lazy("Part not above the whole"),
    "whole_count": gettext_lazy("Share of a counted whole"),
    "formula": gettext_lazy("Formula"),
}
STRENGTHS = {
    "stated": gettext_lazy("Stated by the report"),
    "implied": gettext_lazy("Implied, if both mean the same scope"),
}
_BEFORE = frozenset(
    ["约", "近", "接近", "超", "超过", "突破", "高于", "不超过", "不足", "不少于", "仅", "最高", "最长"]
)
_BOUNDS = {"起": pgettext_lazy("range", "from"), "至": pgettext_lazy("range", "to")}


def printed(figure: Figure) -> SafeString:
    """The value as the report prints it: word of precision, number, unit; the exact normalised value in the title."""
    before = figure.qualifier if figure.qualifier in _BEFORE else ""
    if figure.qualifier in _BOUNDS:
        before = str(_BOUNDS[figure.qualifier])
    middle = figure.qualifier if figure.qualifier in ("余", "多") else ""
    after = figure.qualifier if not before and not middle else ""
    number, unit = figure.value, figure.unit
    if middle and unit[:1] in ("万", "亿"):
        number, unit = f"{figure.value}{unit[:1]}", unit[1:]
    if unit == "比例":
        unit = ""
    return format_html(
        '<span class="figure" title="{}" lang="zh-Hans">{}{}{}{}{}{}</span>',
        normalised(figure),
        f"{before} " if before else "",
        number,
        middle,
        f" {unit}" if unit and unit != "%" else unit,
        "" if not after else f" {after}",
        "",
    )


def normalised(figure: Figure) -> str:
    """The exact value with its normalised unit, in words."""
    number = figure.number
    if figure.normalised_unit == "ratio":
        return f"{formats.grouped(number)}"
    return f"{formats.grouped(number)} {codes.UNITS[figure.normalised_unit]}"


def period(text: str) -> str:
    """``2016/2017`` as ``2016 – 2017``; a code of comparison in words; a dash where there is none."""
    if text in codes.COMPARISONS:
        return str(codes.COMPARISONS[text])
    return text.replace("/", " – ")


def place(figure: Figure) -> str:
    """Where in the report: 1-2-1-1, with a special topic (专题) in words."""
    return figure.section.replace("z", pgettext("section of the report", "topic"))


@dataclass(frozen=True)
class Member:
    """One figure of a relation with the name it has there."""

    role: str
    figure: Figure

    @property
    def printed(self) -> SafeString:
        """The figure as the report prints it."""
        return printed(self.figure)

    @property
    def place(self) -> str:
        """Where it stands in the report."""
        return place(self.figure)


@dataclass(frozen=True)
class RelationView:
    """A relation as a page shows it. ``left`` is calculated or, for the same thing twice, printed elsewhere."""

    relation: Relation
    kind: Any
    strength: Any
    formula: str
    members: list[Member]
    left: str
    left_range: str
    right: str
    right_range: str
    difference: str
    unit: str
    difference_unit: str


def _scale(figure: Figure) -> Fraction:
    scale, _units = codes.unit_of(figure.unit)
    return scale / 100 if figure.normalised_unit == "pp" else scale


def _number(value: Fraction, figure: Figure, *, sign: bool = False) -> str:
    """A value in base units written in the figure's printed unit: as many digits as are printed, or two more when it
    has more than that."""
    own = value / _scale(figure)
    digits = len(figure.value.replace(",", "").partition(".")[2])
    more = next((n for n in (digits, digits + 1) if (own * 10**n).denominator == 1), digits + 2)
    return formats.grouped(formats.rounded(own, more), sign=sign)


def _as_printed(value: Fraction, figure: Figure) -> str:
    """The figure's own printed digits where the value is that figure's; calculated values are written out."""
    return figure.value if figure.interval.middle == value else _number(value, figure)


def _range(low: str, high: str, figure: Figure) -> str:
    if low and low == high:
        return pgettext("range", "exact")
    if not low:
        return _("at most {high}").format(high=_number(Fraction(high), figure))
    if not high:
        return _("at least {low}").format(low=_number(Fraction(low), figure))
    return f"{_number(Fraction(low), figure)} – {_number(Fraction(high), figure)}"


def present(relation: Relation) -> RelationView:
    """A relation in words. ``main`` and the members with their figures must have been fetched."""
    figure = relation.main
    unit = figure.unit if figure.unit != "比例" else ""
    members = [Member(member.role, member.figure) for member in relation.members.all()]
    left, right = Fraction(relation.left_value), Fraction(relation.right_value)
    return RelationView(
        relation=relation,
        kind=RELATION_KINDS[relation.kind],
        strength=STRENGTHS[relation.strength],
        formula=f"{relation.left} {'≤' if relation.op == '<=' else '='} {relation.right}" if relation.left else "",
        members=members,
        left=_as_printed(left, figure if relation.kind != "same" else _like(members[0].figure, figure)),
        left_range=_range(relation.left_low, relation.left_high, figure),
        right=_as_printed(right, figure),
        right_range=_range(relation.right_low, relation.right_high, figure),
        difference=_number(relation.difference, figure, sign=True),
        unit=unit,
        # A difference of two percentages is in percentage points.
        difference_unit=str(codes.UNITS["pp"]) if unit == "%" else unit,
    )


def _like(one: Figure, other: Figure) -> Figure:
    """``one`` if it is printed in the unit of ``other``, so that its own digits can stand under that unit."""
    return one if one.unit == other.unit else other


def precision(figure: Figure) -> str:
    """Half a unit of the last printed digit, in the printed unit."""
    return formats.exact_text(last_digit(figure.value) / 2)
