"""Which rows of a case an event of a step seals."""

from typing import Any

from django.db.models import Model

from assessments.models import (
    Assessment,
    FilingVersion,
    LiveMeasure,
    Measure,
    MeasureStep,
    Notice,
    Objection,
    ObjectionGround,
    ObjectionLetter,
    Rating,
)
from scorecard.audit.seals import Gone, Sealing

Held = dict[type[Model], set[int]]
NEVER_CHANGED = (FilingVersion, MeasureStep)
# What there is only of a case that has a rating, and its way to the case.
_OF_A_RATING: dict[type[Model], str] = {
    Measure: "rating__assessment",
    Notice: "rating__assessment",
    Objection: "notice__rating__assessment",
    ObjectionGround: "objection__notice__rating__assessment",
    ObjectionLetter: "objection__notice__rating__assessment",
    LiveMeasure: "assessment",
    MeasureStep: "live__assessment",
}


def _of(model: type[Model], **wanted: Any) -> set[int]:
    return set(model._default_manager.filter(**wanted).values_list("pk", flat=True))


def outcome_rows(assessment: Assessment) -> Held:
    """The version of a case, its ratings, their measures and notices, the objections, and the entries of the register
    with their records, as they stand now.

    Everything but the version hangs on a rating: a case that has none costs one query, as each signature of a filing
    does.
    """
    held: Held = {FilingVersion: {assessment.version_id} if assessment.version_id else set()}
    held[Rating] = _of(Rating, assessment=assessment)
    for model, way in _OF_A_RATING.items():
        held[model] = _of(model, **{way: assessment}) if held[Rating] else set()
    return held


def seals_of(before: Held, after: Held) -> list[Sealing]:
    """The rows that are there after a step (versions and records only once: they never change), and those that it has
    removed.
    """
    found: list[Sealing] = []
    for model, ids in after.items():
        there = ids - before[model] if model in NEVER_CHANGED else ids
        found.extend(model(pk=pk) for pk in sorted(there))
        if model not in NEVER_CHANGED:
            found.extend(Gone(model._meta.label_lower, pk) for pk in sorted(before[model] - ids))
    return found
