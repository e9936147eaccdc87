"""Scoring a frozen version: once per set of inputs, kept for ever, explained again on demand.

A score run is keyed by version, rulebook hash, engine version, kind and every input that was added to the version's own
(architecture.md, Work in the background). Doing it again finds the row. The explanation tree is not stored: the engine
makes it again from version and inputs, and what it concludes must equal what was stored, bit by bit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from assessments.filings.scoring_input import version_input
from assessments.models import Assessment, Correction, FilingVersion, RoundState, ScoreKind, ScoreRun
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.inputs import run_inputs, run_key, target_decisions
from assessments.scoring.outcome_codec import array_of, target_letters
from assessments.scoring.peers import snapshot_by_hash
from assessments.workflow import duties
from banks.models import User
from scorecard.access.decisions import NotShown, Refused
from scorecard.audit.services import canonical, record
from scorecard.engine import ENGINE_VERSION, Result, Rulebook, evaluate
from scorecard.engine.values.numbers import plain
from scorecard.jobs.clock import database_now
from scorecard.jobs.models import Job, JobState
from scorecard.words.language import screen_language


class NotReproduced(Exception):
    """A stored run, computed again, gives something else: the data or the engine was changed without a new version."""


class OfEarlierEngine(NotReproduced, NotShown):
    """The same of a run that an earlier version of the engine computed: what it gave is kept and holds, and only how it
    came about cannot be shown again. The reasons say both results.
    """

    def __init__(self, run: ScoreRun, rulebook: Rulebook, today: Result, letters: str) -> None:
        NotShown.__init__(self, _both_results(run, rulebook, today, letters))


@transaction.atomic
def score_version(*, version_id: int, kind: str, job: Job | None = None, actor: User | None = None) -> ScoreRun:
    """Score one version and return its run; the same inputs always give the same row, made once.

    ``system`` counts the version's facts with what the supervisor has supplied; ``reviewed`` adds the points that
    reviewers gave, the latest per indicator. The newest run of the current version becomes the assessment's. Nothing is
    written for a case that changes no more: a run that is there is returned, a new one is ``Refused``. Idempotent and
    safe to run late: inputs are read under the lock of the assessment, so of two runs the later one sees all.
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
    inputs = run_inputs(version, rulebook, kind)
    key = run_key(
        kind=kind, rulebook_hash=rulebook.hash, version=version.pk, digest=version.digest, inputs=canonical(inputs)
    )
    run = ScoreRun.objects.filter(key=key).first()
    if reasons := list(duties.against_change(assessment)):
        if run is None:
            raise Refused(reasons)
        return run
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
            seals=[run],
        )
    _point_to(assessment, version, kind, run)
    return run


def build_run(
    version: FilingVersion, rulebook: Rulebook, kind: str, inputs: dict[str, Any], key: str, job: Job | None
) -> ScoreRun:
    """Compute a run exactly, with its JSON and its array, without writing it."""
    result = evaluate_version(version, rulebook, inputs, explain=False)
    rows = array_of(rulebook, result)
    return ScoreRun(
        assessment=version.assessment,
        version=version,
        kind=kind,
        key=key,
        rulebook_hash=rulebook.hash,
        engine_version=ENGINE_VERSION,
        inputs=inputs,
        stored=result.outcome(),
        array=rows.tobytes(),
        total=f"{result.total:f}",
        total_sort=Decimal(result.total).quantize(Decimal("0.0001")),
        pending=f"{result.pending:f}",
        grade_before=result.grade.before,
        grade=result.grade.after,
        targets=target_letters(rows)[0],
        job=job,
    )


def evaluate_version(version: FilingVersion, rulebook: Rulebook, inputs: Mapping[str, Any], *, explain: bool) -> Result:
    """Evaluate one version exactly with the inputs of a run (``scoring.inputs``)."""
    given = version_input(
        version,
        supervisor_facts=inputs["facts"],
        judged=inputs["judged"],
        rulebook=rulebook,
        parameters=inputs.get("parameters"),
        snapshot=snapshot_by_hash(inputs["peers"]) if "peers" in inputs else None,
    )
    return evaluate(rulebook, replace(given, decisions=target_decisions(inputs)), explain=explain)


def undecided_targets(outcome: Mapping[str, Any]) -> list[str]:
    """The targets of an outcome that neither the figures nor an officer decide, in the rulebook's order.

    They limit the grade as if missed until an officer decides them. A blank is none of them: it counts as missed.
    """
    targets = outcome.get("targets", {})
    return [name for name, found in targets.items() if found["state"] == "unknown" and not found["counts_as_missed"]]


def _point_to(assessment: Assessment, version: FilingVersion, kind: str, run: ScoreRun) -> None:
    """Make the run the assessment's own where it is of the current version; a late run of an older one is not. While a
    rating is put right, the reviewed run that it was decided on stays the one that counts, until the corrected notice.
    """
    if assessment.version_id != version.pk:
        return
    if kind == ScoreKind.REVIEWED and assessment.correction_state != Correction.NONE:
        return
    field = "reviewed_run" if kind == ScoreKind.REVIEWED else "system_run"
    if getattr(assessment, f"{field}_id") != run.pk:
        setattr(assessment, field, run)
        assessment.save(update_fields=[field])


def explain_run(run: ScoreRun) -> Result:
    """Compute a stored run again with the whole explanation; raises ``NotReproduced`` where the outcome differs from
    the JSON or from the array that the run keeps.

    ``run.version`` and its assessment's round and rulebook should be loaded with it.
    """
    return _reproduced(run, explain=True)


def outcome_of(run: ScoreRun) -> dict[str, Any]:
    """The engine's whole result but the explanation, as JSON; read-only.

    What is kept is taken. Where only the array is kept, the run is computed again, held against the array, and the
    result stays with the object, so that one page computes it once: ``NotReproduced`` where they differ.
    """
    if run.stored is None:
        run.stored = reproduce_outcome(run)
    return run.stored


def reproduce_outcome(run: ScoreRun) -> dict[str, Any]:
    """The outcome computed again from version and inputs, held against everything that the run keeps."""
    return _reproduced(run, explain=False).outcome()


def _reproduced(run: ScoreRun, *, explain: bool) -> Result:
    rulebook = engine_rulebook(run.version.assessment.round.rulebook)
    if rulebook.hash != run.rulebook_hash:
        raise NotReproduced(
            f"Run {run.pk} was made under the rulebook {run.rulebook_hash}, the round has {rulebook.hash}."
        )
    result = evaluate_version(run.version, rulebook, run.inputs, explain=explain)
    same = run.stored is None or canonical(result.outcome() | _unversioned) == canonical(run.stored | _unversioned)
    rows = array_of(rulebook, result)
    if not same or (run.array and bytes(run.array) != rows.tobytes()):
        if run.engine_version != ENGINE_VERSION:
            raise OfEarlierEngine(run, rulebook, result, target_letters(rows)[0])
        raise NotReproduced(f"Run {run.pk}, computed again by engine {ENGINE_VERSION}, gives another outcome.")
    return result


def _both_results(run: ScoreRun, rulebook: Rulebook, today: Result, letters: str) -> Iterator[str]:
    """What is kept, what today's engine gives, and the targets that the two see otherwise."""
    lang = screen_language()
    kept = {"engine": run.engine_version, "total": run.total, "grade": rulebook.grade(run.grade).name.get(lang)}
    yield _("Engine %(engine)s computed this result: %(total)s points, %(grade)s. It is kept and holds.") % kept
    now = {
        "engine": ENGINE_VERSION,
        "total": plain(today.total),
        "grade": rulebook.grade(today.grade.after).name.get(lang),
    }
    yield (
        _(
            "Today's engine %(engine)s gives %(total)s points, %(grade)s, for the same data, so it cannot show how the "
            "kept result came about."
        )
        % now
    )
    open_ones = [
        t.short.get(lang) for t, letter in zip(rulebook.targets.values(), letters, strict=True) if letter == "u"
    ]
    if open_ones and run.grade != today.grade.after:
        yield (
            _("The figures decide nothing of %(targets)s: since engine 1.3.0 that limits the grade as if missed.")
            % {"targets": _(", ").join(open_ones)}
        )


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


UNSCORED = 100  # most versions that one sweep asks for
AFTER_A_FAILURE = timedelta(hours=1)
AFTER_A_SUBMISSION = timedelta(minutes=10)  # until then its own job, or the round's, is about to score it


def score_unscored() -> int:
    """Queue the scoring of submitted versions that have no score and no job; returns how many.

    A job that was given up leaves its version without a score; it is asked for again an hour after the failure, so
    that a submission is scored without anybody's doing once what stood in the way is gone.
    """
    jobs = Job.objects.filter(kind="assessments.score_version", key=Concat(OuterRef("written"), Value(":system")))
    at_work = jobs.filter(state__in=[JobState.QUEUED, JobState.RUNNING])
    just_failed = jobs.filter(state=JobState.FAILED, finished_at__gte=database_now() - AFTER_A_FAILURE)
    unscored = (
        Assessment.objects.taking_part()
        .filter(
            version__submitted_at__lte=database_now() - AFTER_A_SUBMISSION,
            system_run__isnull=True,
            round__state=RoundState.OPEN,
        )
        .annotate(written=Cast("version_id", CharField()))
        .exclude(Exists(at_work))
        .exclude(Exists(just_failed))
        .select_related("version")
    )
    found = 0
    for assessment in unscored.order_by("pk")[:UNSCORED]:
        if assessment.version is not None:
            assessment.version.assessment = assessment
            request_scoring(actor=None, version=assessment.version)
            found += 1
    return found


def score_again(*, actor: User, assessment_id: int) -> Job:
    """Queue the scoring of the current version once more, after a job that could not be finished."""
    from assessments.access import get_assessment

    with transaction.atomic():
        assessment = get_assessment(actor, assessment_id, lock=True)
        if reasons := list(duties.against_change(assessment)):
            raise Refused(reasons)
        if assessment.version is None:
            raise Refused([_("There is no submitted version to score.")])
        assessment.version.assessment = assessment
        return request_scoring(actor=actor, version=assessment.version)
