"""Which rows of a case an event of a step seals."""

from typing import Any

from django.db.models import Model

from assessments.models import (
    Assessment,
    FilingVersion,
    Measure,
    Notice,
    Objection,
    ObjectionGround,
    ObjectionLetter,
    Rating,
)
from scorecard.audit.seals import Gone, Sealing

Held = dict[type[Model], set[int]]


def _of(model: type[Model], **wanted: Any) -> set[int]:
    return set(model._default_manager.filter(**wanted).values_list("pk", flat=True))


def outcome_rows(assessment: Assessment) -> Held:
    """The version of a case, its ratings, their measures and notices, and the objections, as they stand now."""
    return {
        FilingVersion: {assessment.version_id} if assessment.version_id else set(),
        Rating: set(Rating.objects.filter(assessment=assessment).values_list("pk", flat=True)),
        Measure: set(Measure.objects.filter(rating__assessment=assessment).values_list("pk", flat=True)),
        Notice: set(Notice.objects.filter(rating__assessment=assessment).values_list("pk", flat=True)),
        Objection: _of(Objection, notice__rating__assessment=assessment),
        ObjectionGround: _of(ObjectionGround, objection__notice__rating__assessment=assessment),
        ObjectionLetter: _of(ObjectionLetter, objection__notice__rating__assessment=assessment),
    }


def seals_of(before: Held, after: Held) -> list[Sealing]:
    """The rows that are there after a step (a version only once: it never changes), and those that it has removed."""
    found: list[Sealing] = []
    for model, ids in after.items():
        there = ids - before[model] if model is FilingVersion else ids
        found.extend(model(pk=pk) for pk in sorted(there))
        if model is not FilingVersion:
            found.extend(Gone(model._meta.label_lower, pk) for pk in sorted(before[model] - ids))
    return found
