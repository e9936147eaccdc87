"""The background work of scoring. Each handler takes ids out of the job and calls a service."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import finds_lost_work, job_kind


@job_kind("assessments.score_version", title=_("Scoring of a submission"), queue="scoring")
def score_version_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Score one version: ``params`` holds its id and the kind of score."""
    from assessments.scoring.runs import score_version

    run = score_version(version_id=job.params["version"], kind=job.params["kind"], job=job)
    return {"run": run.pk, "assessment": run.assessment_id}


@job_kind("assessments.score_round", title=_("Scoring of the whole round"), queue="scoring", holds="round")
def score_round_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Cut a round into shards; once all have ended, rank and compute the round's figures."""
    from assessments.scoring.rounds import score_round

    return score_round(job, progress)


@job_kind("assessments.score_shard", title=_("Scoring of a part of a round"), queue="scoring", holds="round")
def score_shard_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Score the versions of one shard."""
    from assessments.scoring.bulk.shard import score_shard

    return score_shard(job, progress)


@job_kind("assessments.round_snapshot", title=_("Figures of the round"), queue="scoring")
def round_snapshot_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Compute the city's figures of a round."""
    from assessments.scoring.statistics import snapshot_job

    return snapshot_job(job, progress)


@finds_lost_work
def find_unscored_versions() -> int:
    """Ask for the score of submitted versions that have none and that no job is about to score."""
    from assessments.scoring.runs import score_unscored

    return score_unscored()
