"""What an officer decides of targets that the figures of a filing cannot decide."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.access import get_assessment
from assessments.models import Assessment, FilingVersion, TargetEntry
from assessments.reviews.selectors import latest_decisions
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.inputs import run_inputs
from assessments.scoring.runs import evaluate_version, undecided_targets
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.services import record
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.words.language import in_language

from .shared import length_objections, review_objections, score_review, version_shown


@transaction.atomic
def decide_targets(
    *,
    actor: User,
    assessment_id: int,
    version: int,
    decisions: Mapping[str, tuple[str, str]],
    seen: Mapping[str, int],
) -> list[TargetEntry]:
    """Decide targets that the figures cannot decide: met, missed or not applicable, each with a reason.

    ``decisions`` maps targets to outcome and reason; one that is as it was is left. ``seen`` holds the revision of each
    that was on the screen (0 for none). The reviewed score follows the decision at once: met and not applicable limit
    no grade, missed does and brings its measures. The reason is for the bank too, with its notice.
    Raises ``Stale`` where somebody was faster, ``Refused`` with every reason.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    held = version_shown(assessment, version)
    rulebook = engine_rulebook(assessment.round.rulebook)
    latest = latest_decisions(held)
    if newer := [t for t in decisions if t in latest and latest[t].revision != seen.get(t, 0)]:
        names = "、".join(_name(rulebook, target) for target in newer)
        raise Stale(
            [
                _(
                    "These targets have been decided since you opened them, by somebody else or in another window: "
                    "%(names)s."
                )
                % {"names": names}
            ]
        )
    changed = {
        target: (outcome, reason.strip())
        for target, (outcome, reason) in decisions.items()
        if target not in latest or (latest[target].outcome, latest[target].reason) != (outcome, reason.strip())
    }
    reasons: list[Any] = list(review_objections(actor, assessment))
    open_ = open_targets(held, rulebook)
    for target, (outcome, reason) in changed.items():
        reasons += _objections(rulebook, open_, target, outcome, reason)
    if reasons:
        raise Refused(reasons)
    rows = [
        TargetEntry.objects.create(
            version=held,
            target=target,
            revision=latest[target].revision + 1 if target in latest else 1,
            outcome=outcome,
            reason=reason,
            entered_by=actor,
        )
        for target, (outcome, reason) in changed.items()
    ]
    if rows:
        _record_decisions(assessment, rows, latest, score_review(assessment, held, actor).grade, actor)
    return rows


def open_targets(version: FilingVersion, rulebook: Rulebook) -> list[str]:
    """The targets that the figures as they are now cannot decide, whether or not an officer has decided them."""
    inputs = run_inputs(version, rulebook, "reviewed")
    inputs.pop("decisions", None)
    return undecided_targets(evaluate_version(version, rulebook, inputs, explain=False).outcome())


def _objections(rulebook: Rulebook, open_: list[str], target: str, outcome: str, reason: str) -> list[Any]:
    if target not in rulebook.targets:
        return [_("The rulebook has no target “%(id)s”.") % {"id": target}]
    name = {"name": _name(rulebook, target)}
    if target not in open_:
        return [_("The figures decide the target “%(name)s”; correct the figures instead.") % name]
    found: list[Any] = list(length_objections(reason))
    if outcome not in TargetEntry.Outcome.values:
        found.append(_("“%(name)s”: decide whether it is met, missed or not applicable.") % name)
    if not reason:
        found.append(_("“%(name)s”: give the reason of the decision; the bank reads it with its notice.") % name)
    return found


def _name(rulebook: Rulebook, target: str) -> str:
    return in_language(rulebook.targets[target].short) if target in rulebook.targets else target


def _record_decisions(
    assessment: Assessment, rows: list[TargetEntry], before: Mapping[str, TargetEntry], grade: str, actor: User
) -> None:
    record(
        "assessments.review.target",
        actor=actor,
        target=assessment,
        bank_id=assessment.bank_id,
        data={
            "version": rows[0].version.number,
            "decisions": {
                row.target: {
                    "before": before[row.target].outcome if row.target in before else None,
                    "outcome": row.outcome,
                    "reason": row.reason,
                }
                for row in rows
            },
            "grade": grade,
        },
        seals=rows,
    )
