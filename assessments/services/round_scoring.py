"""Scoring a whole round: one parent job over shards, then ranks within each category, then the round's figures.

Every shard is a job row of its own and one transaction: what a killed worker leaves is nothing, and a shard that runs
twice finds the runs that are there, because a run's key is made of everything it rests on (``services.scoring``). The
parent waits for its shards (``scorecard.jobs.parts``) and is done only after ranking.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import Assessment, FilingVersion, Ranking, ReviewEntry, Round, RoundState, ScoreKind, ScoreRun
from assessments.rulebook_cache import engine_rulebook
from banks.models import User
from banks.selectors.facts import current_facts_of
from scorecard.access.decisions import Refused
from scorecard.access.roles import REVIEW_ROLES
from scorecard.audit.services import record
from scorecard.engine.rulebook import Rulebook
from scorecard.jobs.models import Job, JobState
from scorecard.jobs.parts import LIVING, PartsPending
from scorecard.jobs.services import Progress, enqueue

from .scoring import build_run, from_supervisor, run_key

logger = logging.getLogger(__name__)

ROUND_JOB = "assessments.score_round"
SHARD_JOB = "assessments.score_shard"
SHARD_SIZE = 100
HEARTBEAT_EVERY = 20
# What a version can hold that the engine cannot read: it is reported with its bank, and the others are scored.
UNREADABLE = (ValueError, ArithmeticError, LookupError, TypeError)


# --- Asking ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def request_round_scoring(*, actor: User | None, round_id: int) -> Job:
    """Queue the scoring of every submitted version of an open round; while it runs, asking again returns that job.

    For those who review; the administrator never scores (product.md, People). None is the command line.
    """
    if actor is not None and not actor.holds(*REVIEW_ROLES):
        raise Refused([_("Only supervisors who review assessments score a round.")])
    round_ = Round.objects.select_for_update().filter(pk=round_id).first()
    reasons = []
    if round_ is None:
        reasons.append(_("This round does not exist."))
    elif round_.state != RoundState.OPEN:
        reasons.append(_("Only an open round is scored; a closed one keeps its scores and ranks."))
    elif not round_.assessments.filter(version__isnull=False).exists():
        reasons.append(_("No bank has submitted yet; there is nothing to score."))
    if round_ is None or reasons:
        raise Refused(reasons)
    running = Job.objects.filter(kind=ROUND_JOB, key=str(round_.pk), state__in=LIVING).first()
    if running is not None:
        return running
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
    from .round_snapshot import take_snapshot

    ranked = rank_round(round_=round_, job=job)
    take_snapshot(round_=round_, job=job)
    results = list(job.shards.order_by("pk").values_list("result", flat=True))
    return {
        "url": reverse("round-detail", args=[round_.pk]),
        "scored": sum(result.get("scored", 0) for result in results),
        "new": sum(result.get("new", 0) for result in results),
        "ranked": ranked,
        "failures": [failure for result in results for failure in result.get("failures", [])],
    }


@transaction.atomic
def _split(job: Job, round_: Round) -> int:
    """Make the shards, all or none, and return the number of versions in them. Made once, whatever happens after."""
    Job.objects.select_for_update().get(pk=job.pk)
    made = list(job.shards.values_list("total", flat=True))
    if made:
        return sum(total or 0 for total in made)
    versions = list(
        round_.assessments.filter(version__isnull=False).order_by("pk").values_list("version_id", flat=True)
    )
    for start in range(0, len(versions), SHARD_SIZE):
        part = versions[start : start + SHARD_SIZE]
        enqueue(
            SHARD_JOB,
            key=f"{job.pk}:{start // SHARD_SIZE + 1}",
            params={"round": round_.pk, "versions": part},
            total=len(part),
            parent=job,
            actor=job.created_by,
        )
    return len(versions)


# --- A shard ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """One run that there should be: a version, the kind of score, and everything that is added to the version's own."""

    version: FilingVersion
    kind: str
    inputs: dict[str, Any]
    key: str


def score_shard(job: Job, progress: Progress) -> dict[str, Any]:
    """Score the versions of one shard: the system's score of each, and the reviewed score where a review has begun.

    Computes first and locks after: under the lock the inputs are read once more, and what has changed in between is
    computed again. Four reads, one bulk insert, one event, however many banks.
    """
    rulebook = engine_rulebook(Round.objects.select_related("rulebook").get(pk=job.params["round"]).rulebook)
    ids: list[int] = job.params["versions"]
    done: dict[str, ScoreRun] = {}
    failures: dict[int, str] = {}
    wanted = _wanted(ids, rulebook)
    known = set(ScoreRun.objects.filter(key__in=[item.key for item in wanted]).values_list("key", flat=True))
    for number, item in enumerate(wanted):
        if item.key not in known:
            _compute(item, rulebook, job, done, failures)
        if number % HEARTBEAT_EVERY == 0:
            progress.update(min(number * len(ids) // len(wanted), len(ids)))
    with transaction.atomic():
        cases = _lock(ids)
        wanted = [item for item in _wanted(ids, rulebook) if item.version.pk not in failures]
        known = set(ScoreRun.objects.filter(key__in=[item.key for item in wanted]).values_list("key", flat=True))
        for item in wanted:
            if item.key not in known and item.key not in done:
                _compute(item, rulebook, job, done, failures)
        rows = [done[item.key] for item in wanted if item.key in done and item.key not in known]
        ScoreRun.objects.bulk_create(rows, batch_size=100, ignore_conflicts=True)
        _point_to(cases, wanted)
        if rows:
            record(
                "assessments.score.computed",
                actor=job.created_by,
                target=job,
                data={"round": job.params["round"], "versions": len(ids), "runs": len(rows), "keys": _digest(rows)},
            )
    progress.update(len(ids))
    return {"scored": len(ids) - len(failures), "new": len(rows), "failures": _failures(cases, failures)}


def _compute(item: Wanted, rulebook: Rulebook, job: Job, done: dict[str, ScoreRun], failures: dict[int, str]) -> None:
    try:
        done[item.key] = build_run(item.version, rulebook, item.kind, item.inputs, item.key, job)
    except UNREADABLE as error:
        logger.exception("Version %s could not be scored.", item.version.pk)
        failures[item.version.pk] = f"{type(error).__name__}: {error}"


def _wanted(version_ids: Sequence[int], rulebook: Rulebook) -> list[Wanted]:
    """Every run that the versions should have with the inputs as they are now, in three queries."""
    versions = list(
        FilingVersion.objects.filter(pk__in=version_ids)
        .select_related("assessment__round", "assessment__bank")
        .order_by("pk")
    )
    period = {version.assessment.round.period for version in versions}
    facts = current_facts_of([version.assessment.bank_id for version in versions], period)
    judged = _judged(version_ids)
    found = []
    for version in versions:
        here = version.assessment
        supplied = from_supervisor(facts[here.bank_id][here.round.period], rulebook)
        kinds: list[tuple[str, dict[str, str]]] = [(ScoreKind.SYSTEM, {})]
        if version.pk in judged or (here.reviewed_run_id is not None and here.version_id == version.pk):
            kinds.append((ScoreKind.REVIEWED, judged.get(version.pk, {})))
        for kind, points in kinds:
            inputs = {"facts": supplied, "judged": points}
            found.append(Wanted(version, kind, inputs, run_key(version, rulebook, kind, inputs)))
    return found


def _judged(version_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """The reviewers' points by version and indicator: the latest entry counts, one without points agrees."""
    latest: dict[int, dict[str, str]] = defaultdict(dict)
    rows = ReviewEntry.objects.filter(version__in=version_ids).order_by("version", "indicator", "revision")
    for version, indicator, points in rows.values_list("version", "indicator", "points"):
        latest[version][indicator] = points
    return {pk: {indicator: points for indicator, points in entry.items() if points} for pk, entry in latest.items()}


def _lock(version_ids: Sequence[int]) -> list[Assessment]:
    """The assessments of these versions, locked in the order of their keys."""
    return list(
        Assessment.objects.select_for_update(of=("self",))
        .filter(versions__in=version_ids)
        .select_related("bank")
        .order_by("pk")
    )


def _point_to(cases: Iterable[Assessment], wanted: Sequence[Wanted]) -> None:
    """Make the runs the assessments' own; a run of a version that is no longer the one in hand changes nothing."""
    runs = dict(ScoreRun.objects.filter(key__in=[item.key for item in wanted]).values_list("key", "pk"))
    mine: dict[tuple[int | None, str], int | None] = {
        (item.version.pk, item.kind): runs.get(item.key) for item in wanted
    }
    changed = []
    for case in cases:
        before = (case.system_run_id, case.reviewed_run_id)
        case.system_run_id = mine.get((case.version_id, ScoreKind.SYSTEM)) or case.system_run_id
        case.reviewed_run_id = mine.get((case.version_id, ScoreKind.REVIEWED)) or case.reviewed_run_id
        if before != (case.system_run_id, case.reviewed_run_id):
            changed.append(case)
    Assessment.objects.bulk_update(changed, ["system_run", "reviewed_run"], batch_size=100)


def _digest(rows: Iterable[ScoreRun]) -> str:
    """One digest over the keys of the runs, so that the trail shows a later change of any."""
    return sha256("".join(sorted(row.key for row in rows)).encode()).hexdigest()


def _failures(cases: Iterable[Assessment], failures: dict[int, str]) -> list[dict[str, str]]:
    """What could not be scored, each with its bank and where to look; the technical reason stays in the log."""
    banks = {case.version_id: case for case in cases}
    return [
        {
            "text": _("%(bank)s: the filing could not be scored; its data cannot be read.") % {"bank": case.bank.name},
            "url": reverse("assessment-result", args=[case.pk]),
        }
        for pk in sorted(failures)
        if (case := banks.get(pk)) is not None
    ]


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
    equal: dict[Decimal, int] = defaultdict(int)
    for total in totals:
        equal[total] += 1
    return [
        Place(
            rank=higher[total] + 1,
            of=count,
            percentile=str(
                (Decimal(count - higher[total]) * 100 / count).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
            ),
        )
        for total in totals
    ]


@transaction.atomic
def rank_round(*, round_: Round, job: Job) -> int:
    """Rank every scored bank of a round within its category and freeze the ranks with the job; returns how many.

    The points that count are the reviewed ones where there are any, else the system's. Run twice for one job, it leaves
    the ranks of the first time.
    """
    rows = list(
        round_.assessments.filter(Q(system_run__isnull=False) | Q(reviewed_run__isnull=False))
        .order_by("pk")
        .values_list("pk", "bank__category", "system_run", "system_run__total", "reviewed_run", "reviewed_run__total")
    )
    groups: dict[str, list[tuple[int, int, Decimal]]] = defaultdict(list)
    for pk, category, system, system_total, reviewed, reviewed_total in rows:
        groups[category].append((pk, reviewed or system, Decimal(reviewed_total if reviewed else system_total)))
    if Ranking.objects.filter(job=job).exists():
        return len(rows)
    Ranking.objects.bulk_create(
        (
            Ranking(
                job=job,
                assessment_id=pk,
                run_id=run,
                category=category,
                rank=place.rank,
                of=place.of,
                percentile=place.percentile,
            )
            for category, members in sorted(groups.items())
            for (pk, run, _total), place in zip(members, places([member[2] for member in members]), strict=True)
        ),
        batch_size=500,
    )
    data = {
        "code": round_.code,
        "job": job.pk,
        "banks": len(rows),
        "categories": {k: len(v) for k, v in groups.items()},
    }
    record("assessments.round.ranked", actor=job.created_by, target=round_, data=data)
    return len(rows)
