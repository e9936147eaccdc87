"""Reads of scoring: versions with their runs as far as somebody may see them, and the work that scores."""

from django.db.models import QuerySet

from assessments.models import Assessment, Correction, FilingVersion, Notice, Rating, Round, ScoreKind, ScoreRun
from assessments.scoring.rounds import ROUND_JOB
from assessments.scoring.statistics import SNAPSHOT_JOB
from banks.models import User
from scorecard.jobs.models import Job
from scorecard.jobs.parts import LIVING


def versions_of(assessment: Assessment) -> QuerySet[FilingVersion]:
    """Every submitted version, the newest first, with its people."""
    return (
        FilingVersion.objects.filter(assessment=assessment)
        .select_related("prepared_by", "checked_by", "signed_by")
        .order_by("-number")
    )


def rating_of(assessment: Assessment) -> Rating | None:
    """The rating that holds, with its notice; None before it is proposed."""
    return Rating.objects.filter(pk=assessment.rating_id or 0).select_related("notice").first()


def told_rating(actor: User, assessment: Assessment) -> Rating | None:
    """The rating as far as the actor may know it: a bank learns it by its notice, a supervisor sees it as it stands."""
    rating = rating_of(assessment)
    if rating is None or not actor.is_bank_person:
        return rating
    return rating if Notice.objects.filter(rating=rating).exists() else None


def runs_of(actor: User, version: FilingVersion) -> dict[str, ScoreRun]:
    """The run of each kind of a version that the actor may see: for a supervisor the newest.

    A bank sees the system's score as it was made of its submission, not what the review adds to it; once its notice is
    out, also the reviewed score that was decided on.
    """
    found = list(
        ScoreRun.objects.filter(version=version).select_related("version__assessment__round__rulebook").order_by("id")
    )
    if not actor.is_bank_person:
        return {run.kind: run for run in found}
    runs = {run.kind: run for run in reversed(found) if run.kind == ScoreKind.SYSTEM}
    rating = told_rating(actor, version.assessment)
    decided = next((run for run in found if rating is not None and run.pk == rating.run_id), None)
    return runs | ({ScoreKind.REVIEWED: decided} if decided is not None else {})


def working_run(assessment: Assessment) -> ScoreRun | None:
    """The reviewed score on which the supervisor works. While a rating is put right it is the newest one; the one that
    counts elsewhere (``Assessment.reviewed_run``) stays until the corrected notice.
    """
    if assessment.correction_state == Correction.NONE:
        return assessment.reviewed_run
    rows = ScoreRun.objects.filter(assessment=assessment, version=assessment.version_id, kind=ScoreKind.REVIEWED)
    return rows.select_related("version__assessment__round__rulebook").order_by("-id").first()


def scoring_job(version: FilingVersion) -> Job | None:
    """The newest scoring job of a version."""
    key = f"{version.pk}:{ScoreKind.SYSTEM}"
    return Job.objects.filter(kind="assessments.score_version", key=key).order_by("-id").first()


def running_job(round_: Round) -> Job | None:
    """The job that scores the round or computes its figures at this moment."""
    return (
        Job.objects.filter(kind__in=[ROUND_JOB, SNAPSHOT_JOB], key=str(round_.pk), state__in=LIVING)
        .order_by("-id")
        .first()
    )


def last_scoring(round_: Round) -> Job | None:
    """The newest scoring of the whole round, whatever became of it."""
    return Job.objects.filter(kind=ROUND_JOB, key=str(round_.pk)).order_by("-id").first()
