"""Scoring again what was scored: the same version, inputs, rulebook and engine give the same bytes."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import F, Q, QuerySet

from assessments.models import ScoreRun
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.inputs import run_key
from assessments.scoring.runs import build_run
from scorecard.audit.services import canonical
from scorecard.engine import ENGINE_VERSION


@dataclass
class Recomputed:
    """The runs that come to something else, as sentences, while it is iterated; then how many runs there were."""

    rows: QuerySet[ScoreRun]
    runs: int = 0
    earlier: int = field(default=0)

    def __iter__(self) -> Iterator[str]:
        for run in self.rows.iterator(chunk_size=200):
            self.runs += 1
            rulebook = engine_rulebook(run.version.assessment.round.rulebook)
            made = build_run(run.version, rulebook, run.kind, run.inputs, _key(run), None)
            old = run.engine_version != ENGINE_VERSION
            self.earlier += old
            fields = [
                "total",
                "pending",
                "grade_before",
                "grade",
                "targets",
                "rulebook_hash",
                *([] if old else ["key"]),
            ]
            wrong = [name for name in fields if getattr(run, name) != getattr(made, name)]
            if run.array and bytes(run.array) != made.array:
                wrong.append("array")
            if run.stored is not None and not old and canonical(run.stored) != canonical(made.stored or {}):
                wrong.append("stored")
            if wrong:
                yield f"Run {run.pk} of version {run.version_id} differs in {', '.join(wrong)}."


def _key(run: ScoreRun) -> str:
    version = run.version
    return run_key(
        kind=run.kind, rulebook_hash=run.rulebook_hash, version=version.pk, digest=version.digest,
        inputs=canonical(run.inputs),
    )  # fmt: skip


def differing_runs(round_code: str = "", *, newest: bool = False) -> Recomputed:
    """Compute the runs of a round (blank: of all) again; ``newest``: only those that count today."""
    rows = ScoreRun.objects.select_related("version__assessment__round__rulebook", "version__assessment__bank")
    if round_code:
        rows = rows.filter(assessment__round__code=round_code)
    if newest:
        rows = rows.filter(Q(pk=F("assessment__system_run")) | Q(pk=F("assessment__reviewed_run")))
    return Recomputed(rows.order_by("pk"))
