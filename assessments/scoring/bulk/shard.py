"""Scoring a part of a round on arrays, in one transaction: read, score, write, point, one event.

The assessments are locked first and everything is read under the lock, so of two runs the later one sees all; a
thousand banks hold it for about a tenth of a second. Filings come encoded (``encoded.py``); the few that the encoding
does not hold exactly are evaluated one by one, as single scoring does.
"""

import gc
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from django.db import transaction

from assessments.filings.scoring_input import build_input
from assessments.models import Assessment, FilingVersion, PeerSnapshot, Round, ScoreKind, ScoreRun
from assessments.rounds.parameters.values import parameter_values
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.bulk import sql
from assessments.scoring.bulk.columns import added_inputs, columns_of, score_rows
from assessments.scoring.bulk.encoded import UNREADABLE, encode_missing
from assessments.scoring.bulk.encoding import layout_of
from assessments.scoring.bulk.pending import LockedAssessment, NotEncoded, PendingRun, lock_filings, pending_runs
from assessments.scoring.bulk.write import NewRuns, point_assessments, write_runs
from assessments.scoring.inputs import extra_inputs
from scorecard.audit.seals import Rows
from scorecard.audit.services import record
from scorecard.engine import Rulebook, ScoringInput
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ShardResult:
    """What a shard has done: the keys and ids of its new runs, and the versions that cannot be read."""

    keys: list[str]
    failures: list[int]
    runs: list[int]


def score_shard(job: Job, progress: Progress) -> dict[str, Any]:
    """Score the versions of one shard: the system's score of each, and the reviewed score where a review has begun.

    A number of queries that does not depend on the number of banks; nothing is left of a shard that is killed.
    """
    round_ = Round.objects.select_related("rulebook").get(pk=job.params["round"])
    ids: list[int] = job.params["versions"]
    rulebook = engine_rulebook(round_.rulebook)
    try:
        made = _score(round_, rulebook, ids, job)
    except NotEncoded:  # found under the locks, and mended without them
        encode_missing(ids, rulebook, lambda count: progress.update(0))
        made = _score(round_, rulebook, ids, job)
    progress.update(len(ids))
    return {
        "scored": len(ids) - len(made.failures),
        "new": len(made.keys),
        "failures": _failures(made.failures),
    }


def _score(round_: Round, rulebook: Rulebook, ids: Sequence[int], job: Job) -> ShardResult:
    with transaction.atomic(), _without_collector():
        made = score_versions(round_, rulebook, ids, job=job)
        if made.keys:
            record(
                "assessments.score.computed",
                actor=job.created_by,
                target=job,
                data={
                    "round": round_.pk,
                    "versions": len(ids),
                    "runs": len(made.keys),
                    "keys": sha256("".join(sorted(made.keys)).encode()).hexdigest(),
                },
                seals=[Rows(ScoreRun, made.runs)],
            )
    return made


@contextmanager
def _without_collector() -> Iterator[None]:
    """Hold the search for reference cycles: a shard makes many small objects at once and no cycle of them, and looking
    through them again and again takes longer than all else."""
    held = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if held:
            gc.enable()


def score_versions(round_: Round, rulebook: Rulebook, ids: Sequence[int], *, job: Job) -> ShardResult:
    """Lock, read, score, write and point, within the caller's transaction. The versions are encoded."""
    peers = _peers(job)
    locked, filings = lock_filings(ids, layout_of(rulebook))
    extra = extra_inputs(round_, rulebook, peers)
    wanted = list(pending_runs(filings, locked, rulebook, round_, extra))
    query = "SELECT key, id FROM assessments_scorerun WHERE version_id = ANY(%(ids)s::bigint[])"
    known = dict(sql.fetch(query, {"ids": list(ids)}))
    fresh = [item for item in wanted if item.key not in known]
    rows, unread = score_rows(fresh, rulebook, extra)
    failed = {fresh[place].version for place in unread}
    if failed:
        kept = [place for place, item in enumerate(fresh) if item.version not in failed]
        fresh, rows = [fresh[place] for place in kept], rows[kept]
    new = NewRuns(
        rulebook,
        job.pk,
        [item.assessment for item in fresh],
        [item.version for item in fresh],
        [item.kind for item in fresh],
        [item.key for item in fresh],
        [item.inputs for item in fresh],
        rows,
    )
    runs = write_runs(new)
    known.update(zip(new.keys, runs, strict=True))
    _point_to(locked, wanted, known)
    return ShardResult(list(new.keys), sorted(failed), runs)


def _peers(job: Job) -> PeerSnapshot | None:
    """The peers' values that the parent job has frozen for all its shards."""
    frozen = job.params.get("peers")
    return None if frozen is None else PeerSnapshot.objects.get(pk=frozen)


def _point_to(locked: Mapping[int, LockedAssessment], wanted: Iterable[PendingRun], runs: Mapping[str, int]) -> None:
    """Make the runs the assessments' own; a run of a version that is no longer the current one changes nothing."""
    pointers: dict[int, list[int | None]] = {}
    for item in wanted:
        here = locked[item.assessment]
        run = runs.get(item.key)
        if run is None or here.version != item.version:
            continue
        reviewed = item.kind == ScoreKind.REVIEWED
        if run != (here.reviewed_run if reviewed else here.system_run):
            pointers.setdefault(here.pk, [None, None])[reviewed] = run
    point_assessments([(pk, system, reviewed) for pk, (system, reviewed) in sorted(pointers.items())])


def _failures(versions: Sequence[int]) -> list[dict[str, Any]]:
    """The assessments that could not be scored, each with its bank's names; the technical reason stays in the log."""
    if not versions:
        return []
    cases = Assessment.objects.filter(version__in=versions).select_related("bank").order_by("version")
    return [{"assessment": case.pk, "zh": case.bank.name_zh, "en": case.bank.name_en} for case in cases]


# --- Peers -----------------------------------------------------------------------------------------------------------


def peer_inputs(round_: Round, rulebook: Rulebook, ids: Sequence[int], size: int) -> Iterator[ScoringInput]:
    """The versions by their own figures, with the points that the review sets (they count in totals), to freeze the
    peers' values of them all.
    """
    extra = extra_inputs(round_, rulebook, None)
    for start in range(0, len(ids), size):
        part = ids[start : start + size]
        encode_missing(part, rulebook)
        with transaction.atomic():
            locked, filings = lock_filings(part, layout_of(rulebook))
            found = list(pending_runs(filings, locked, rulebook, round_, extra))
            judged = {item.version: item.judged for item in found if item.kind == "reviewed"}
            items = [replace(item, judged=judged.get(item.version, {})) for item in found if item.kind == "system"]
        columns, exact = columns_of(items, rulebook)
        columns.parameters = parameter_values(rulebook, extra.get("parameters", {}))
        marked = set(exact)
        versions = FilingVersion.objects.in_bulk([items[place].version for place in exact])
        for place, item in enumerate(items):
            if place not in marked:
                yield columns.case(place)
                continue
            version = versions[item.version]
            try:
                yield build_input(
                    rulebook,
                    facts={**version.facts, **added_inputs(item, extra)["facts"]},
                    history=version.history,
                    properties=version.bank_properties,
                    answers=version.answers,
                    judged=item.judged,
                    parameters=extra.get("parameters"),
                )
            except UNREADABLE:
                logger.warning("Version %s cannot be read and is no peer.", version.pk)
