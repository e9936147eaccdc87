"""A score as the screen tells it: total and grade with the cap that acted, targets with both sides, what was lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.scoring.differences import margin_words, pair
from assessments.scoring.same_items import same_items
from scorecard.charts import Bar, BulletBars, Dumbbell, Pair
from scorecard.engine import Node, Result, Rulebook
from scorecard.engine.rulebook.labels import words
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import IndicatorResult
from scorecard.words.language import in_language
from scorecard.words.sources import provenance

Outcome = Mapping[str, Any]  # a result as plain data (``Result.outcome``)

STATE_KINDS = {"met": "good", "missed": "bad", "unknown": "neutral", "not_applicable": "info"}
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
    """One target: both sides so that unequal ones never look equal, the margin in words, and what is still needed."""

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
    drawn: Pair


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
    self_max: str
    same_points: str
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


def score_view(
    rulebook: Rulebook, outcome: Outcome, *, self_total: Decimal | None = None, losses: Iterable[Loss] = ()
) -> Score:
    """A result in words, the same for the bank and for the officer.

    ``outcome`` is what a run keeps (``runs.outcome_of``) or what a result that is not kept gives (``Result.outcome``);
    ``losses`` come from an explained result (``losses_of``).
    """
    same = same_items(outcome) if self_total is not None else None
    grade = outcome["grade"]
    pending = Decimal(outcome["pending"])
    return Score(
        total=plain(Decimal(outcome["total"])),
        max=plain(Decimal(outcome["max"])),
        pending=plain(pending) if pending else "",
        unanswered=sum(indicator["state"] == "unanswered" for indicator in outcome["indicators"].values()),
        self_total=plain(self_total) if self_total is not None else "",
        self_max=plain(same.top) if same else "",
        same_points=plain(same.points) if same else "",
        grade_before=grade_name(rulebook, grade["before"]),
        grade_after=grade_name(rulebook, grade["after"]),
        caps=tuple(
            CapView(
                grade_name(rulebook, cap["from"]),
                grade_name(rulebook, cap["to"]),
                in_language(cap["because"]),
                provenance(cap["source"]),
                cap["basis"],
            )
            for cap in grade["applied"]
        ),
        provisional=grade["provisional"],
        targets=tuple(target_view(rulebook, name, found) for name, found in outcome["targets"].items()),
        losses=tuple(losses),
    )


def explained_score(rulebook: Rulebook, result: Result, self_total: Decimal | None) -> Score:
    """An explained result in words, with what was lost and what would bring it back."""
    return score_view(rulebook, result.outcome(), self_total=self_total, losses=losses_of(rulebook, result))


def grade_name(rulebook: Rulebook, grade: str) -> str:
    """A grade in the language of the screen; a number of points (of a cap on the total) as it is."""
    return in_language(rulebook.grade(grade).name) if grade in rulebook.grade_order else grade


def state_words() -> dict[str, str]:
    """The states of a target in words, the same for the bank and for the officer."""
    return {
        "met": _("met"),
        "missed": _("missed"),
        "unknown": _("not known yet"),
        "not_applicable": _("not applicable"),
    }


def target_view(rulebook: Rulebook, name: str, outcome: Outcome) -> TargetView:
    """One target in words."""
    target, unit = rulebook.targets[name], outcome["unit"]
    left, right, margin = (_exact(outcome[side]) for side in ("left", "right", "margin"))
    shown = pair(left, right, unit) if left is not None and right is not None else ("", "")
    state = "missed" if outcome["counts_as_missed"] else outcome["state"]
    return TargetView(
        id=name,
        name=in_language(target.name),
        short=in_language(target.short),
        state=state_words()[state],
        kind=STATE_KINDS[state],
        left_label=in_language(words(rulebook, target.left)),
        right_label=in_language(words(rulebook, target.right)),
        left=shown[0],
        right=shown[1],
        op=_relation(outcome),
        margin=margin_words(margin, unit, target.op),
        needed=in_language(outcome["needed"]["text"]) if outcome["needed"] else "",
        reason=in_language(outcome["reason"]),
        clause=provenance(outcome["source"]),
        basis=outcome["basis"],
        drawn=Pair(
            in_language(target.short),
            left,
            right,
            in_language(words(rulebook, target.left)),
            in_language(words(rulebook, target.right)),
            "fraction" if unit == "%" else unit,
            state == "met" if state in ("met", "missed") else None,
            margin,
        ),
    )


def _exact(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _relation(outcome: Outcome) -> str:
    """How the sides stand to each other: the target's own sign where it is met, the opposite where it is not."""
    op: str = outcome["op"]
    if outcome["state"] == "missed":
        return {">=": "<", ">": "≤", "<=": ">", "<": "≥"}[op]
    return {">=": "≥", "<=": "≤"}.get(op, op)


def losses_of(rulebook: Rulebook, result: Result, limit: int = 5) -> Iterable[Loss]:
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
    states = {
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
        state=states[result.state],
        kind=INDICATOR_KINDS[result.state],
        reason=in_language(result.reason),
        clause=provenance(indicator.source),
        basis=indicator.basis,
        name_basis=indicator.name_basis,
        trace=node_json(result.trace),
        gains=tuple(in_language(step.text) for step in result.improve),
    )


def node_json(node: Node | None) -> dict[str, Any] | None:
    """A node of the explanation as the template component takes it."""
    return node.to_json() if node is not None else None


# --- Drawings --------------------------------------------------------------------------------------------------------


def section_chart(rulebook: Rulebook, outcome: Outcome, *, source: str, before: Outcome | None = None) -> BulletBars:
    """Each top section against its maximum; ``before`` is last year's outcome, whose points are marks where the section
    has the same maximum."""
    earlier = (before or {}).get("sections", {})
    bars, lost = [], []
    for section in rulebook.top_sections:
        found, mark = outcome["sections"][section.id], earlier.get(section.id, {})
        name = f"{section.id} {in_language(section.name)}"
        points, top = Decimal(found["points"]), Decimal(found["max"])
        same = mark.get("max") == found["max"]
        bars.append(Bar(name, points, top, mark=Decimal(mark["points"]) if same else None))
        if found["state"] != "pending":  # what still awaits points may yet have them all
            lost.append((top - points, name))
    most, where = max(lost, key=lambda item: item[0], default=(Decimal(0), ""))
    if not lost:
        finding = _("No section has all its points yet.")
    elif most > 0:
        finding = _("Most is lost in {section}: {points} points").format(section=where, points=plain(most))
    elif len(lost) < len(bars):
        finding = _("No points are lost so far; some sections still await theirs")
    else:
        finding = _("Every section has its full points")
    return BulletBars(
        finding=finding, unit="分", source=source, bars=bars, mark_label=_("last year") if earlier else ""
    )


def target_chart(score: Score, *, source: str) -> Dumbbell:
    """Both sides of each target."""
    missed = [view.short for view in score.targets if view.kind == "bad"]
    if missed:
        finding = _("Missed: %(names)s.") % {"names": _(", ").join(missed)}
    elif any(view.kind == "neutral" for view in score.targets):
        finding = _("Not every target is known yet.")
    else:
        finding = _("All targets are met.")
    return Dumbbell(finding=finding, unit="", source=source, pairs=[view.drawn for view in score.targets])
