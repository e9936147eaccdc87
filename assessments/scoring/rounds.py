"""Scoring a whole round: one parent job over shards, then ranks within each category, then the round's figures.

Every shard is a job row of its own and one transaction: what a killed worker leaves is nothing, and a shard that runs
twice finds the runs that are there, because a run's key is made of everything it depends on (``scoring.runs``). The
parent waits for its shards (``scorecard.jobs.parts``) and is done only after ranking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Ranking, Round, RoundState
from assessments.rounds.contents import scoring_content
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.bulk import sql
from assessments.scoring.bulk.shard import peer_inputs
from assessments.scoring.inputs import compares_peers
from assessments.scoring.peers import freeze_peers
from assessments.workflow.shown import hold_to_seal
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import REVIEW_ROLES
from scorecard.audit.services import record
from scorecard.jobs.models import Job, JobState
from scorecard.jobs.parts import LIVING, PartsPending
from scorecard.jobs.progress import Progress
from scorecard.jobs.services import enqueue

ROUND_JOB = "assessments.score_round"
SHARD_JOB = "assessments.score_shard"
SHARD_SIZE: int = settings.SCORING_SHARD_SIZE


# --- Asking ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def request_round_scoring(*, actor: User | None, round_id: int, seen: str | None = None) -> Job:
    """Queue the scoring of every submitted version of an open round; while it runs, asking again returns that job.

    For those who review; the administrator never scores (docs/workflow.md, Roles). None is the command line. ``seen``
    is the seal of the versions and values that the page showed: others are ``Stale``.
    """
    if actor is not None and not actor.holds(*REVIEW_ROLES):
        raise Refused([_("Only supervisors who review assessments score a round.")])
    round_ = Round.objects.select_for_update().filter(pk=round_id).first()
    reasons = []
    if round_ is None:
        reasons.append(_("This round does not exist."))
    elif round_.state != RoundState.OPEN:
        reasons.append(_("Only an open round is scored; a closed one keeps its scores and ranks."))
    elif not round_.taking_part.filter(version__isnull=False).exists():
        reasons.append(_("No bank has submitted yet; there is nothing to score."))
    if round_ is None or reasons:
        raise Refused(reasons)
    running = Job.objects.filter(kind=ROUND_JOB, key=str(round_.pk), state__in=LIVING).first()
    if running is not None:
        return running
    if seen is not None:
        hold_to_seal("score", round_id, scoring_content(round_), seen)
    job = enqueue(ROUND_JOB, key=str(round_.pk), params={"round": round_.pk}, actor=actor)
    record("assessments.round.scoring", actor=actor, target=round_, data={"code": round_.code, "job": job.pk})
    return job


# --- The parent ------------------------------------------------------------------------------------------------------


def score_round(job: Job, progress: Progress) -> dict[str, Any]:
    """The parent's work: cut into shards the first time, rank once every shard has ended.

    Raises ``PartsPending`` while shards are at work, ``Refused`` where one could not be finished: ranks among a part
    of the banks would be wrong.
    """
    round_ = Round.objects.select_related("rulebook").get(pk=job.params["round"])
    versions = _split(job, round_)
    progress.update(sum(job.shards.values_list("done", flat=True)), versions)
    if job.shards.filter(state__in=LIVING).exists():
        raise PartsPending
    failed = job.shards.filter(state=JobState.FAILED).count()
    if failed:
        raise Refused(
            [
                _("%(failed)d of %(parts)d parts could not be scored; nothing was ranked. Start the scoring again.")
                % {"failed": failed, "parts": job.shards.count()}
            ]
        )
    return finish_round(round_, job)


def finish_round(round_: Round, job: Job) -> dict[str, Any]:
    """Rank, compute the round's figures, and say what the job has done."""
    from assessments.scoring.statistics import take_snapshot

    ranked = rank_round(round_=round_, job=job)
    take_snapshot(round_=round_, job=job)
    results = list(job.shards.order_by("pk").values_list("result", flat=True))
    return {
        "scored": sum(result.get("scored", 0) for result in results),
        "new": sum(result.get("new", 0) for result in results),
        "ranked": ranked,
        "failures": [failure for result in results for failure in result.get("failures", [])],
    }


@transaction.atomic
def _split(job: Job, round_: Round) -> int:
    """Make the shards, all or none, and return the number of versions in them. Made once, whatever happens after."""
    Job.objects.select_for_update().get(pk=job.pk)
    rulebook = engine_rulebook(round_.rulebook)
    made = list(job.shards.values_list("total", flat=True))
    if made:
        return sum(total or 0 for total in made)
    versions = list(
        round_.taking_part.filter(version__isnull=False).order_by("pk").values_list("version_id", flat=True)
    )
    params: dict[str, Any] = {"round": round_.pk}
    if compares_peers(rulebook):
        peers = round_.counted_once.filter(version__isnull=False).order_by("pk").values_list("version_id", flat=True)
        inputs = peer_inputs(round_, rulebook, list(peers), SHARD_SIZE)
        params["peers"] = freeze_peers(round_=round_, rulebook=rulebook, inputs=inputs, job=job).pk
    for start in range(0, len(versions), SHARD_SIZE):
        part = versions[start : start + SHARD_SIZE]
        enqueue(
            SHARD_JOB,
            key=f"{job.pk}:{start // SHARD_SIZE + 1}",
            params={**params, "versions": part},
            total=len(part),
            parent=job,
            actor=job.created_by,
        )
    return len(versions)


# --- Ranks -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A place in a group: competition rank, the size of the group, and the percentile."""

    rank: int
    of: int
    percentile: str


def places(totals: Sequence[Decimal]) -> list[Place]:
    """The place of each total among all of them, in the order given.

    Competition ranking: the rank is one more than the number of higher totals, so equals share a rank and the next one
    is skipped (1, 2, 2, 4). The percentile is the share of totals that are lower or equal, in percent with two
    decimals, half up.
    """
    count = len(totals)
    higher: dict[Decimal, int] = {}
    for position, total in enumerate(sorted(totals, reverse=True)):
        higher.setdefault(total, position)
    found = {
        total: Place(
            rank=above + 1,
            of=count,
            percentile=str((Decimal(count - above) * 100 / count).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)),
        )
        for total, above in higher.items()
    }
    return [found[total] for total in totals]


@transaction.atomic
def rank_round(*, round_: Round, job: Job) -> int:
    """Rank the finished totals of a round within each category and freeze the ranks with the job; returns how many.

    The points that count are the reviewed ones where there are any, else the system's. A total that awaits points is
    no total yet: it has no rank and counts in no other bank's. A branch whose legal entity takes part has
    no place of its own. Run twice for one job, it leaves the ranks of the first
    time. One category is in memory at a time.
    """
    if made := Ranking.objects.filter(job=job).count():
        return made
    scored = round_.counted_once.filter(Q(system_run__isnull=False) | Q(reviewed_run__isnull=False))
    categories = list(scored.order_by("bank__category").values_list("bank__category", flat=True).distinct())
    sizes: dict[str, int] = {}
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    columns = ("job_id", "assessment_id", "run_id", "category", "rank", "of", "percentile", "created_at")
    for category in categories:
        rows = (
            scored.filter(bank__category=category)
            .order_by("pk")
            .annotate(
                run=Coalesce("reviewed_run", "system_run"),
                points=Coalesce("reviewed_run__total", "system_run__total"),
                awaited=Coalesce("reviewed_run__pending", "system_run__pending"),
            )
            .values_list("pk", "run", "points", "awaited")
        )
        members = [(pk, run, points) for pk, run, points, awaited in rows if not Decimal(awaited)]
        if not members:
            continue
        sizes[category] = len(members)
        found = places([Decimal(points) for _pk, _run, points in members])
        sql.insert_rows(
            "assessments_ranking",
            columns,
            (
                (job.pk, pk, run, category, place.rank, place.of, place.percentile, now)
                for (pk, run, _points), place in zip(members, found, strict=True)
            ),
        )
    data = {
        "code": round_.code,
        "job": job.pk,
        "banks": sum(sizes.values()),
        "categories": sizes,
    }
    record("assessments.round.ranked", actor=job.created_by, target=round_, data=data)
    return sum(sizes.values())
