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


def _of(model: type[Model], **wanted: Any) -> set[int]:
    return set(model._default_manager.filter(**wanted).values_list("pk", flat=True))


def outcome_rows(assessment: Assessment) -> Held:
    """The version of a case, its ratings, their measures and notices, the objections, and the entries of the register
    with their records, as they stand now.
    """
    return {
        FilingVersion: {assessment.version_id} if assessment.version_id else set(),
        Rating: set(Rating.objects.filter(assessment=assessment).values_list("pk", flat=True)),
        Measure: set(Measure.objects.filter(rating__assessment=assessment).values_list("pk", flat=True)),
        Notice: set(Notice.objects.filter(rating__assessment=assessment).values_list("pk", flat=True)),
        Objection: _of(Objection, notice__rating__assessment=assessment),
        ObjectionGround: _of(ObjectionGround, objection__notice__rating__assessment=assessment),
        ObjectionLetter: _of(ObjectionLetter, objection__notice__rating__assessment=assessment),
        LiveMeasure: _of(LiveMeasure, assessment=assessment),
        MeasureStep: _of(MeasureStep, live__assessment=assessment),
    }


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
