"""A review on the screen: the bar that stays in view, and a bank among its peers. Reads stored outcomes only."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.models import ScoreRun
from assessments.reviews.selectors import ReviewSheet, Row
from assessments.scoring.results import Score, score_view
from assessments.scoring.runs import outcome_of
from assessments.scoring.same_items import same_items
from scorecard.charts import DotPlot
from scorecard.engine.rulebook.rulebook import Rulebook


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


def run_score(run: ScoreRun | None, rulebook: Rulebook) -> Score | None:
    """A run in words as its bank reads it, None where there is none."""
    return None if run is None else score_view(rulebook, outcome_of(run))


def score_bar(sheet: ReviewSheet) -> dict[str, Any]:
    """What stays in view during a review: self, system and reviewed points, grade, targets, how far the officer is."""
    done, of = sheet.progress
    version = sheet.version
    return {
        "self": Decimal(version.self_total) if version and version.self_total else None,
        "same": same_items(outcome_of(sheet.run)) if sheet.run else None,
        "system": sheet.system_run,
        "reviewed": sheet.reviewed_run,
        "now": run_score(sheet.run, sheet.rulebook),
        "done": done,
        "of": of,
        "last_year": sheet.last_year,
        "last_grade": sheet.last_grade,
    }
