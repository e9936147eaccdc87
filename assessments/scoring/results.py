"""A score as the screen tells it: total and grade with the cap that acted, targets with both sides, what was lost."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from scorecard.charts import Bar, BulletBars, Dumbbell, Pair
from scorecard.engine import Node, Result, Rulebook, show, show_pair
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import IndicatorResult, TargetResult
from scorecard.engine.values.units import after
from scorecard.words.language import in_language, screen_language

STATE_KINDS = {"met": "good", "missed": "bad", "unknown": "neutral"}
INDICATOR_KINDS = {
    "scored": "neutral",
    "judged": "info",
    "pending": "attention",
    "undefined": "attention",
    "unanswered": "bad",
    "not_applicable": "neutral",
}


@dataclass(frozen=True)
class TargetView:
    """One target: both sides so that unequal ones never look equal, the margin, and what is still needed."""

    id: str
    name: str
    short: str
    state: str
    kind: str
    left_label: str
    right_label: str
    left: str
    right: str
    op: str
    margin: str
    needed: str
    reason: str
    clause: str
    basis: str


@dataclass(frozen=True)
class CapView:
    """A cap or floor that acted: from what to what, why, by which clause."""

    before: str
    after: str
    because: str
    clause: str
    basis: str


@dataclass(frozen=True)
class Loss:
    """Points that an indicator does not have, and the first thing that would bring some."""

    id: str
    name: str
    points: str
    max: str
    lost: str
    gain: str


@dataclass(frozen=True)
class Score:
    """A result in words, for the panel beside the form and for the result page."""

    total: str
    max: str
    pending: str
    unanswered: int
    self_total: str
    grade_before: str
    grade_after: str
    caps: tuple[CapView, ...]
    provisional: bool
    targets: tuple[TargetView, ...]
    losses: tuple[Loss, ...]

    @property
    def missed(self) -> int:
        """How many targets are missed."""
        return sum(target.kind == "bad" for target in self.targets)


def score_view(rulebook: Rulebook, result: Result, self_total: Decimal | None) -> Score:
    """A result of the engine in words."""
    return Score(
        total=plain(result.total),
        max=plain(result.max),
        pending=plain(result.pending) if result.pending else "",
        unanswered=sum(i.state == "unanswered" for i in result.indicators.values()),
        self_total=plain(self_total) if self_total is not None else "",
        grade_before=grade_name(rulebook, result.grade.before),
        grade_after=grade_name(rulebook, result.grade.after),
        caps=tuple(
            CapView(
                grade_name(rulebook, cap.from_),
                grade_name(rulebook, cap.to),
                in_language(cap.because),
                in_language(cap.source.cite) if cap.source else "",
                cap.basis,
            )
            for cap in result.grade.applied
        ),
        provisional=result.grade.provisional,
        targets=tuple(target_view(rulebook, target) for target in result.targets.values()),
        losses=tuple(losses(rulebook, result)),
    )


def grade_name(rulebook: Rulebook, grade: str) -> str:
    """A grade in the language of the screen; a number of points (of a cap on the total) as it is."""
    return in_language(rulebook.grade(grade).name) if grade in rulebook.grade_order else grade


def state_words() -> dict[str, str]:
    """The states of a target in words, the same for the bank and for the officer."""
    return {"met": _("met"), "missed": _("missed"), "unknown": _("not known yet")}


def target_view(rulebook: Rulebook, result: TargetResult) -> TargetView:
    """One target in words."""
    target = rulebook.targets[result.id]
    labels = [in_language(child.label) for child in result.trace.children] if result.trace else []
    left = right = margin = ""
    if result.left is not None and result.right is not None and result.margin is not None:
        left, right = pair(result.left, result.right, result.unit)
        margin = signed(result.margin * 100 if result.unit == "%" else result.margin, _margin_unit(result.unit))
    state = "missed" if result.counts_as_missed else result.state
    return TargetView(
        id=result.id,
        name=in_language(target.name),
        short=in_language(target.short),
        state=state_words()[state],
        kind=STATE_KINDS[state],
        left_label=labels[0] if len(labels) == 2 else _("Own side"),
        right_label=labels[1] if len(labels) == 2 else _("Compared with"),
        left=left,
        right=right,
        op=_relation(result),
        margin=margin,
        needed=in_language(result.needed.text) if result.needed else "",
        reason=in_language(result.reason),
        clause=in_language(result.source.cite) if result.source else "",
        basis=result.basis,
    )


def _relation(result: TargetResult) -> str:
    """How the sides stand to each other: the target's own sign where it is met, the opposite where it is not."""
    if result.state == "missed":
        return {">=": "<", ">": "≤", "<=": ">", "<": "≥"}[result.op]
    return {">=": "≥", "<=": "≤"}.get(result.op, result.op)


def pair(left: Fraction, right: Fraction, unit: str) -> tuple[str, str]:
    """Both sides with their unit; figures that compare unequal are never printed equal."""
    if unit == "%":
        shown = show_pair(left * 100, right * 100, 2)
        return f"{shown[0]}%", f"{shown[1]}%"
    whole = left.denominator == 1 and right.denominator == 1
    shown = show_pair(left, right, 0 if whole else 2, grouping=True)
    return f"{shown[0]}{_after(unit, left)}", f"{shown[1]}{_after(unit, right)}"


def _margin_unit(unit: str) -> str:
    return "pp" if unit == "%" else unit


def _after(unit: str, value: Fraction) -> str:
    """A unit as it follows a figure in the language of the screen."""
    return after(unit, screen_language(), abs(value) == 1)


def signed(value: Fraction | Decimal, unit: str, digits: int = 2) -> str:
    """A difference with its sign and unit; digits are added until something of it is left."""
    exact = Fraction(value)
    if exact.denominator == 1 and unit not in ("pp", "%"):
        digits = 0
    while exact and not show(exact, digits).strip("-0."):
        digits += 1
    sign = "\u2212" if exact < 0 else "+" if exact > 0 else ""
    return f"{sign}{show(abs(exact), digits, grouping=True)}{_after(unit, exact)}"


def losses(rulebook: Rulebook, result: Result, limit: int = 5) -> Iterable[Loss]:
    """The indicators that lose most, the largest first; what awaits the supervisor is no loss yet."""
    found = [
        (indicator.max - indicator.points, indicator)
        for indicator in result.indicators.values()
        if indicator.points is not None and indicator.points < indicator.max and indicator.state != "not_applicable"
    ]
    found.sort(key=lambda item: -item[0])
    for lost, indicator in found[:limit]:
        gain = in_language(indicator.improve[0].text) if indicator.improve else in_language(indicator.reason)
        yield Loss(
            indicator.id,
            in_language(rulebook.indicators[indicator.id].name),
            plain(indicator.points or Decimal(0)),
            plain(indicator.max),
            plain(lost),
            gain,
        )


# --- The result page -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class IndicatorView:
    """One indicator of a result with everything that a reader opens it for."""

    id: str
    name: str
    points: str
    max: str
    self_points: str
    system_points: str
    judged: bool
    state: str
    kind: str
    reason: str
    clause: str
    basis: str
    name_basis: str
    trace: dict[str, Any] | None
    gains: tuple[str, ...]


@dataclass(frozen=True)
class SectionView:
    """One top section with its indicators."""

    id: str
    name: str
    points: str
    max: str
    pending: bool
    basis: str
    indicators: tuple[IndicatorView, ...]


def section_views(rulebook: Rulebook, result: Result) -> list[SectionView]:
    """The top sections with all indicators below them."""
    return [
        SectionView(
            id=section.id,
            name=in_language(section.name),
            points=plain(result.sections[section.id].points),
            max=plain(section.max),
            pending=result.sections[section.id].state == "pending",
            basis=section.basis,
            indicators=tuple(
                indicator_view(rulebook, result.indicators[i.id]) for i in rulebook.indicators_of(section.id)
            ),
        )
        for section in rulebook.top_sections
    ]


def indicator_view(rulebook: Rulebook, result: IndicatorResult) -> IndicatorView:
    """One indicator in words, with its explanation as plain data."""
    indicator = rulebook.indicators[result.id]
    words = {
        "scored": "",
        "judged": _("Reviewed"),
        "pending": _("Awaits the supervisor"),
        "undefined": _("To be judged"),
        "unanswered": _("Unanswered"),
        "not_applicable": _("Not applicable"),
    }
    return IndicatorView(
        id=result.id,
        name=in_language(indicator.name),
        points=plain(result.points) if result.points is not None else "",
        max=plain(result.max),
        self_points=plain(result.self_points) if result.self_points is not None else "",
        system_points=plain(result.system_points) if result.system_points is not None else "",
        judged=result.judged_points is not None,
        state=words[result.state],
        kind=INDICATOR_KINDS[result.state],
        reason=in_language(result.reason),
        clause=in_language(indicator.source.cite) if indicator.source else "",
        basis=indicator.basis,
        name_basis=indicator.name_basis,
        trace=node_json(result.trace),
        gains=tuple(in_language(step.text) for step in result.improve),
    )


def node_json(node: Node | None) -> dict[str, Any] | None:
    """A node of the explanation as the template component takes it."""
    return node.to_json() if node is not None else None


def section_chart(rulebook: Rulebook, result: Result, *, source: str) -> BulletBars:
    """Each section against its maximum."""
    bars = [Bar(f"{s.id} {in_language(s.name)}", result.sections[s.id].points, s.max) for s in rulebook.top_sections]
    ratios = [(Fraction(b.value or 0) / Fraction(b.top or 1), str(b.label)) for b in bars if b.top]
    weakest = min(ratios)[1] if ratios else ""
    finding = _("%(section)s is furthest from its maximum.") % {"section": weakest}
    return BulletBars(finding=finding, unit="分", source=source, bars=bars)


def target_chart(score: Score, result: Result, *, source: str) -> Dumbbell:
    """Both sides of each target."""
    pairs = [
        Pair(
            view.short,
            target.left,
            target.right,
            view.left_label,
            view.right_label,
            "fraction" if target.unit == "%" else target.unit,
            None if target.state == "unknown" else target.state == "met",
            target.margin,
        )
        for view, target in zip(score.targets, result.targets.values(), strict=True)
    ]
    missed = [view.short for view in score.targets if view.kind == "bad"]
    if missed:
        finding = _("Missed: %(names)s.") % {"names": _(", ").join(missed)}
    elif any(view.kind == "neutral" for view in score.targets):
        finding = _("Not every target is known yet.")
    else:
        finding = _("All targets are met.")
    return Dumbbell(finding=finding, unit="", source=source, pairs=pairs)
