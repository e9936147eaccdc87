"""A score run in words and drawings for the supervisor's pages. Reads stored outcomes; computes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.decisions.letters import target_words
from assessments.models import ScoreRun
from assessments.reviews.selectors import ReviewSheet, Row
from assessments.scoring.results import STATE_KINDS, grade_name, state_words
from assessments.scoring.runs import outcome_of, undecided_targets
from assessments.scoring.same_items import same_items
from scorecard.charts import Bar, BulletBars, DotPlot, Dumbbell, Pair
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.rational import Fraction
from scorecard.words.language import in_language

Json = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """A score as one line: points, grade before and after caps, what the caps say, and what points are awaited."""

    total: Decimal
    top: Decimal
    pending: Decimal
    before: str
    after: str
    caps: tuple[Json, ...]
    provisional: bool

    @property
    def capped(self) -> bool:
        return bool(self.caps)


def side(run: ScoreRun | None, rulebook: Rulebook) -> Side | None:
    """One run; caps carry the grade names in place of ids."""
    if run is None:
        return None
    outcome = outcome_of(run)
    grade = outcome["grade"]
    return Side(
        total=Decimal(run.total),
        top=Decimal(outcome["max"]),
        pending=Decimal(run.pending),
        before=grade_name(rulebook, grade["before"]),
        after=grade_name(rulebook, grade["after"]),
        caps=tuple(
            {**cap, "from_name": grade_name(rulebook, cap["from"]), "to_name": grade_name(rulebook, cap["to"])}
            for cap in grade["applied"]
        ),
        provisional=bool(grade["provisional"]),
    )


def targets(run: ScoreRun | None, rulebook: Rulebook) -> list[Json]:
    """The targets with both sides as printed, a word and its kind."""
    if run is None:
        return []
    words = state_words()
    found = []
    for name, outcome in outcome_of(run)["targets"].items():
        state = "missed" if outcome["counts_as_missed"] else outcome["state"]
        found.append(
            {
                **target_words(rulebook, name, outcome),
                "word": words[state],
                "kind": STATE_KINDS[state],
                "met": state == "met",
            }
        )
    return found


def target_chart(run: ScoreRun, rulebook: Rulebook) -> Dumbbell:
    """Both sides of each target as a dumbbell, with the margin."""
    pairs = []
    for name, outcome in outcome_of(run)["targets"].items():
        state = "missed" if outcome["counts_as_missed"] else outcome["state"]
        unit = "fraction" if outcome["unit"] == "%" else outcome["unit"]
        spec = rulebook.targets[name]
        pairs.append(
            Pair(
                label=in_language(spec.short),
                left=_exact(outcome["left"]),
                right=_exact(outcome["right"]),
                left_label=_("actual"),
                right_label=_("required"),
                unit=unit,
                met=state == "met" if state in ("met", "missed") else None,
                margin=_exact(outcome["margin"]),
            )
        )
    missed = [pair for pair in pairs if pair.met is False]
    if undecided_targets(outcome_of(run)):
        finding = _("Not every target can be told yet")
    elif missed:
        finding = _("{n} of {all} targets missed").format(n=len(missed), all=len(pairs))
    else:
        finding = _("All {all} targets met").format(all=len(pairs))
    return Dumbbell(finding=finding, pairs=pairs, source=in_language(rulebook.title))


def section_chart(run: ScoreRun, rulebook: Rulebook, before: Mapping[str, Any] | None = None) -> BulletBars:
    """The top sections against their maximum, last year's points as marks where the sections are the same."""
    bars, lost = [], []
    earlier = (before or {}).get("outcome", {}).get("sections", {})
    for section in rulebook.top_sections:
        outcome = outcome_of(run)["sections"][section.id]
        points, top = Decimal(outcome["points"]), Decimal(outcome["max"])
        mark = earlier.get(section.id, {})
        bars.append(
            Bar(
                label=in_language(section.name),
                value=points,
                top=top,
                mark=Decimal(mark["points"]) if mark.get("max") == outcome["max"] else None,
            )
        )
        lost.append((top - points, in_language(section.name)))
    most = max(lost, key=lambda item: item[0])
    finding = (
        _("Most is lost in {section}: {points} points").format(section=most[1], points=f"{most[0]:f}")
        if most[0] > 0
        else _("Every section has its full points")
    )
    return BulletBars(
        finding=finding, unit="point", bars=bars, mark_label=_("last year"), source=in_language(rulebook.title)
    )


def peer_dots(row: Row) -> DotPlot | None:
    """The small dot plot of a table cell: this bank among the others of its category, without names."""
    if not row.peers.enough:
        return None
    own = row.counted if row.counted is not None else row.system
    finding = _("{n} banks of the category, median {median}").format(n=row.peers.count, median=f"{row.peers.median:f}")
    return DotPlot(
        finding=finding,
        values=row.peers.points,
        own=own,
        own_label=_("this bank"),
        minimum=row.spec.min,
        maximum=row.spec.max,
        unit="point",
        small=True,
    )


def score_bar(sheet: ReviewSheet) -> Json:
    """What stays in view during a review: self, system and reviewed points, grade, targets, how far the officer is."""
    done, of = sheet.progress
    version = sheet.version
    return {
        "self": Decimal(version.self_total) if version and version.self_total else None,
        "same": same_items(outcome_of(sheet.run)) if sheet.run else None,
        "system": side(sheet.system_run, sheet.rulebook),
        "reviewed": side(sheet.reviewed_run, sheet.rulebook),
        "now": side(sheet.run, sheet.rulebook),
        "targets": targets(sheet.run, sheet.rulebook),
        "done": done,
        "of": of,
        "last_year": sheet.last_year,
        "last_grade": sheet.last_grade,
    }


def _exact(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)
