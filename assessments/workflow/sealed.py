"""Which rows of a case an event of a step seals."""

from django.db.models import Model

from assessments.models import Assessment, FilingVersion, Measure, Notice, Rating
from scorecard.audit.seals import Gone, Sealing

Held = dict[type[Model], set[int]]


def outcome_rows(assessment: Assessment) -> Held:
    """The version of a case, its ratings, their measures and notices, as they stand now."""
    return {
        FilingVersion: {assessment.version_id} if assessment.version_id else set(),
        Rating: set(Rating.objects.filter(assessment=assessment).values_list("pk", flat=True)),
        Measure: set(Measure.objects.filter(rating__assessment=assessment).values_list("pk", flat=True)),
        Notice: set(Notice.objects.filter(rating__assessment=assessment).values_list("pk", flat=True)),
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
