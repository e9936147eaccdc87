"""Scoring a frozen version: once per set of inputs, kept for ever, explained again on demand.

A score run is keyed by version, rulebook hash, engine version, kind and every input that was added to the version's own
(architecture.md, Work in the background). Doing it again finds the row. The explanation tree is not stored: the engine
makes it again from version and inputs, and what it concludes must equal what was stored, bit by bit.
"""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.cases import Stored, periods, version_case
from assessments.models import Assessment, FilingVersion, ReviewEntry, ScoreKind, ScoreRun
from assessments.rulebook_cache import engine_rulebook
from banks.models import FactEntry, User
from banks.selectors.facts import current_facts
from scorecard.access.decisions import Refused
from scorecard.audit.services import canonical, record
from scorecard.engine import ENGINE_VERSION, Result, Rulebook, evaluate
from scorecard.jobs.models import Job

TARGET_LETTERS = {"met": "m", "missed": "x", "unknown": "u"}


class NotReproduced(Exception):
    """A stored run, computed again, gives something else: the data or the engine was changed without a new version."""


@transaction.atomic
def score_version(*, version_id: int, kind: str, job: Job | None = None, actor: User | None = None) -> ScoreRun:
    """Score one version and return its run; the same inputs always give the same row, made once.

    ``system`` counts the version's facts with what the supervisor has supplied; ``reviewed`` adds the points that
    reviewers gave, the latest per indicator. The newest run of the version in hand becomes the assessment's. Idempotent
    and safe to run late: inputs are read under the lock of the assessment, so of two runs the later one sees all.
    ``actor`` is the person whose step asked for it, None in a job of its own.
    """
    version = FilingVersion.objects.select_related("assessment__round__rulebook").get(pk=version_id)
    assessment = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("round__rulebook", "bank")
        .get(pk=version.assessment_id)
    )
    version.assessment = assessment
    rulebook = engine_rulebook(assessment.round.rulebook)
    inputs = _inputs(assessment, version, rulebook, kind)
    key = run_key(version, rulebook, kind, inputs)
    run = ScoreRun.objects.filter(key=key).first()
    if run is None:
        run = build_run(version, rulebook, kind, inputs, key, job)
        run.save(force_insert=True)
        record(
            "assessments.score.computed",
            actor=actor or (job.created_by if job else None),
            target=run,
            bank_id=assessment.bank_id,
            data={
                "version": version.number,
                "kind": kind,
                "total": run.total,
                "pending": run.pending,
                "grade": [run.grade_before, run.grade],
                "targets": run.targets,
                "key": key,
            },
        )
    _point_to(assessment, version, kind, run)
    return run


def run_key(version: FilingVersion, rulebook: Rulebook, kind: str, inputs: dict[str, Any]) -> str:
    """SHA-256 over everything that the outcome depends on."""
    body = {
        "version": version.pk,
        "digest": version.digest,
        "rulebook": rulebook.hash,
        "engine": ENGINE_VERSION,
        "kind": kind,
        "inputs": inputs,
    }
    return hashlib.sha256(canonical(body).encode()).hexdigest()


def _inputs(assessment: Assessment, version: FilingVersion, rulebook: Rulebook, kind: str) -> dict[str, Any]:
    """What is added to the version's own: the supervisor's facts, and for a reviewed score the reviewers' points."""
    return {
        "facts": supervisor_facts(assessment, rulebook),
        "judged": judged_points(version) if kind == ScoreKind.REVIEWED else {},
    }


def supervisor_facts(assessment: Assessment, rulebook: Rulebook) -> dict[str, Stored]:
    """The facts of the round's year that the rulebook expects from the supervisor or the system, as known now."""
    period = periods(assessment.round.year)[0]
    wanted = [fact for fact, spec in rulebook.facts.items() if spec.supplied_by != "bank"]
    return from_supervisor(current_facts(assessment.bank_id, [period], wanted)[period], rulebook)


def from_supervisor(entries: Mapping[str, FactEntry], rulebook: Rulebook) -> dict[str, Stored]:
    """Of a bank's current facts, those that the rulebook expects from the supervisor or the system."""
    return {
        fact: {"state": entries[fact].state, "value": entries[fact].value}
        for fact, spec in rulebook.facts.items()
        if spec.supplied_by != "bank" and fact in entries
    }


def judged_points(version: FilingVersion) -> dict[str, str]:
    """The reviewers' points by indicator: the latest entry counts; one without points agrees with the system."""
    latest: dict[str, str] = {}
    rows = ReviewEntry.objects.filter(version=version).order_by("indicator", "revision")
    for indicator, points in rows.values_list("indicator", "points"):
        latest[indicator] = points
    return {indicator: points for indicator, points in latest.items() if points}


def build_run(
    version: FilingVersion, rulebook: Rulebook, kind: str, inputs: dict[str, Any], key: str, job: Job | None
) -> ScoreRun:
    """Compute a run without writing it: scoring a whole round writes many at once."""
    result = _evaluate(version, rulebook, inputs, explain=False)
    return ScoreRun(
        assessment=version.assessment,
        version=version,
        kind=kind,
        key=key,
        rulebook_hash=rulebook.hash,
        engine_version=ENGINE_VERSION,
        inputs=inputs,
        stored=result.outcome(),
        total=f"{result.total:f}",
        total_sort=Decimal(result.total).quantize(Decimal("0.0001")),
        pending=f"{result.pending:f}",
        grade_before=result.grade.before,
        grade=result.grade.after,
        targets=target_letters(result),
        job=job,
    )


def target_letters(result: Result) -> str:
    """One letter per target in rulebook order; a blank counts as missed, as it does for the grade."""
    return "".join("x" if t.counts_as_missed else TARGET_LETTERS[t.state] for t in result.targets.values())


def _evaluate(version: FilingVersion, rulebook: Rulebook, inputs: dict[str, Any], *, explain: bool) -> Result:
    case = version_case(version, supervisor_facts=inputs["facts"], judged=inputs["judged"], rulebook=rulebook)
    return evaluate(rulebook, case, explain=explain)


def _point_to(assessment: Assessment, version: FilingVersion, kind: str, run: ScoreRun) -> None:
    """Make the run the assessment's own where it is of the version in hand; a late run of an older one is not."""
    if assessment.version_id != version.pk:
        return
    field = "reviewed_run" if kind == ScoreKind.REVIEWED else "system_run"
    if getattr(assessment, f"{field}_id") != run.pk:
        setattr(assessment, field, run)
        assessment.save(update_fields=[field])


def explain_run(run: ScoreRun) -> Result:
    """Compute a stored run again with the whole explanation; raises ``NotReproduced`` where the outcome differs.

    ``run.version`` and its assessment's round and rulebook should be loaded with it.
    """
    rulebook = engine_rulebook(run.version.assessment.round.rulebook)
    if rulebook.hash != run.rulebook_hash:
        raise NotReproduced(
            f"Run {run.pk} was made under the rulebook {run.rulebook_hash}, the round has {rulebook.hash}."
        )
    result = _evaluate(run.version, rulebook, run.inputs, explain=True)
    if canonical(result.outcome() | _unversioned) != canonical(run.outcome | _unversioned):
        raise NotReproduced(f"Run {run.pk}, computed again by engine {ENGINE_VERSION}, gives another outcome.")
    return result


def outcome_of(run: ScoreRun) -> dict[str, Any]:
    """The outcome of a run that keeps only its array."""
    return explain_run(run).outcome()


# A later engine that concludes the same reproduces the run; only its own number differs.
_unversioned = {"engine_version": ""}


def request_scoring(*, actor: User | None, version: FilingVersion, kind: str = ScoreKind.SYSTEM) -> Job:
    """Queue the scoring of a version in the caller's transaction; asking again while it waits adds nothing."""
    from scorecard.jobs.services import enqueue

    return enqueue(
        "assessments.score_version",
        key=f"{version.pk}:{kind}",
        params={"version": version.pk, "kind": str(kind)},
        actor=actor,
        bank_id=version.assessment.bank_id,
    )


def score_again(*, actor: User, assessment_id: int) -> Job:
    """Queue the scoring of the version in hand once more, after a job that could not be finished."""
    from assessments.access import get_assessment

    with transaction.atomic():
        assessment = get_assessment(actor, assessment_id, lock=True)
        if assessment.version is None:
            raise Refused([_("There is no submitted version to score.")])
        assessment.version.assessment = assessment
        return request_scoring(actor=actor, version=assessment.version)
