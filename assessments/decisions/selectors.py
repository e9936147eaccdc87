"""What the pages of a decision and of a notice read. Assessments come through ``assessments.access``."""

from operator import attrgetter

from django.db.models import DecimalField, QuerySet, Value
from django.db.models.functions import Cast, NullIf
from django.http import Http404

from assessments.access import get_assessment, visible_assessments
from assessments.models import Assessment, Measure, Notice, Rating
from banks.models import User
from scorecard.access.single import single


def get_rating(assessment: Assessment) -> Rating | None:
    """The rating of an assessment that is in hand, or None before one is proposed."""
    held = assessment.rating_in_hand
    return single(
        Rating.objects.filter(pk=held.pk if held else 0).select_related(
            "run__version", "decided_by", "assessment__bank", "assessment__round__rulebook"
        )
    )


def earlier_ratings(assessment: Assessment) -> list[Rating]:
    """The decided ratings of an assessment beside the one in hand, the newest first."""
    held = assessment.rating_in_hand
    rows = Rating.objects.filter(assessment=assessment, decided_at__isnull=False).exclude(pk=held.pk if held else 0)
    return list(rows.select_related("decided_by").order_by("-pk"))


def list_measures(rating: Rating) -> list[Measure]:
    """The measures of a rating in the order of the proposal."""
    if "measures" in getattr(rating, "_prefetched_objects_cache", {}):  # read for many ratings at once
        return sorted(rating.measures.all(), key=attrgetter("pk"))
    return list(rating.measures.select_related("decided_by").order_by("id"))


def assessment_of_measure(measure_id: int) -> int | None:
    """The id of the assessment that a measure belongs to; whether the actor sees it is for ``get_assessment``."""
    return Measure.objects.filter(pk=measure_id).values_list("rating__assessment", flat=True).first()


def visible_notices(actor: User) -> QuerySet[Notice]:
    """The notices of the assessments that the actor may see, the newest first; their letters stay unread."""
    number = DecimalField(max_digits=12, decimal_places=4)
    return (
        Notice.objects.filter(rating__assessment__in=visible_assessments(actor))
        .select_related("rating__assessment__bank", "rating__assessment__round__rulebook", "replaced_by")
        .defer("body", "replaced_by__body", "rating__assessment__round__rulebook__content")
        .annotate(points_sort=Cast(NullIf("rating__points", Value("")), number))
        .order_by("-issued_at", "-pk")
    )


def get_notice(actor: User, pk: int, letter: int | None = None) -> tuple[Assessment, Notice]:
    """The notice of an assessment that holds, by the assessment's id, or any of its notices by its own; 404 before one
    was sent and for another bank's people.
    """
    assessment = get_assessment(actor, pk)
    rows = Notice.objects.filter(rating__assessment=assessment)
    rows = rows.filter(rating=assessment.rating_id or 0) if letter is None else rows.filter(pk=letter)
    notice = rows.select_related(
        "issued_by", "acknowledged_by", "rating__decided_by", "replaces", "replaced_by"
    ).first()
    if notice is None:
        raise Http404
    return assessment, notice
