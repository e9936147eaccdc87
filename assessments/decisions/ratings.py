"""The rating: proposed by rule, decided by a person with a reason.

``propose_rating``, ``withdraw_rating`` and ``decide_rating`` are effects of the workflow: they run inside its
transaction, with the assessment locked, and return what goes into the event of the step.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from assessments.decisions.unfiled import rated_outcome, unfiled_outcome
from assessments.models import Assessment, Measure, Notice, Rating, ScoreKind, ScoreRun
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.runs import outcome_of, score_version, undecided_targets
from assessments.workflow.payloads import DecisionPayload
from assessments.workflow.step import AnyStep, Step
from scorecard.access.decisions import Refused
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.words.language import in_language, screen_language

Json = dict[str, Any]


class ProposedData(TypedDict):
    """What the event of a confirmation names: points, grades before and after caps, adjustment, ids of measures."""

    proposed: Json


class WithdrawnData(TypedDict, total=False):
    """Event data: the proposal that is withdrawn, where there was one, and the decisions on its measures."""

    withdrawn: Json


class TakenBackData(TypedDict):
    """What the event of a taking back names: the decision as it was signed, and what is proposed in its place."""

    taken_back: Json
    proposed: Json


class DecidedData(TypedDict):
    """What the event of a decision names: what was decided beside what was proposed."""

    decided: Json


def propose_rating(step: AnyStep) -> ProposedData:
    """Write the rating that the rules give for the reviewed points, and each measure that a clause proposes.

    Points, grade before and after caps, adjustment and measures are the engine's own, kept as they were concluded; the
    person who decides sees exactly this.
    """
    here = step.assessment
    if here.version is None:
        raise Refused([_("The bank has not submitted anything yet.")])
    run = score_version(version_id=here.version.pk, kind=ScoreKind.REVIEWED, actor=step.actor)
    here.reviewed_run = run
    back = Rating.objects.filter(assessment=here, taken_back_at__isnull=False, replaced_by=None).first()
    return {"proposed": _propose(here, run, back)}


def propose_unfiled(step: AnyStep) -> ProposedData:
    """Write the rating that the rulebook gives a bank that filed nothing, without points."""
    return {"proposed": _propose(step.assessment, None, None)}


def propose_correction(step: AnyStep) -> ProposedData:
    """The same for a rating whose notice is out, after the case has been examined again. The rating that was told
    holds until the notice of the corrected one is sent.
    """
    here = step.assessment
    if here.rating is None:
        raise Refused([_("There is no rating to correct.")])
    run = None
    if here.version is not None:
        run = score_version(version_id=here.version.pk, kind=ScoreKind.REVIEWED, actor=step.actor)
    return {"proposed": _propose(here, run, here.rating, holds=False)}


def differs(corrected: Rating) -> bool:
    """Whether what the rules give for a corrected rating is another result than the one that it would replace: any
    points, target, grade, adjustment or measure.
    """
    told = corrected.replaces
    return told is None or _result(corrected) != _result(told)


def _result(rating: Rating) -> tuple[Any, ...]:
    """Everything of a proposal that a notice would tell."""
    outcome = rated_outcome(rating)
    return (
        rating.points,
        rating.grade_before,
        rating.grade_proposed,
        rating.adjustment_proposed,
        sorted(rating.measures.values_list("code", flat=True)),
        {name: item.get("points") for name, item in outcome.get("indicators", {}).items()},
        {name: item["state"] for name, item in outcome.get("targets", {}).items()},
    )


def changed_reasons(assessment: Assessment) -> Iterator[Any]:
    """Why a correction cannot be closed with the result that was told."""
    rating = assessment.rating_in_hand
    if rating is not None and differs(rating):
        yield _("The new result is another one: decide it, or send it back to the case officer.")


def close_unchanged(step: AnyStep) -> WithdrawnData:
    """The new examination gives the same result: the rating that was told holds, and the proposal falls away; its score
    run stays.
    """
    rating = step.assessment.rating_in_hand
    if rating is None or rating.pk == step.assessment.rating_id:
        raise Refused([_("There is no corrected rating in hand.")])
    return _remove(rating)


def _propose(here: Assessment, run: ScoreRun | None, replaces: Rating | None, *, holds: bool = True) -> Json:
    """Write what the rules give for a run, or for a bank that filed nothing, as the rating in hand; returns what an
    event says of it.
    """
    outcome = outcome_of(run) if run is not None else unfiled_outcome(here)
    adjustment = outcome["adjustment"]
    rating = Rating.objects.create(
        assessment=here,
        run=run,
        replaces=replaces,
        points=run.total if run is not None else "",
        grade_before=outcome["grade"]["before"],
        grade_proposed=outcome["grade"]["after"],
        adjustment_proposed=adjustment["points"] if adjustment else "",
    )
    Measure.objects.bulk_create(
        Measure(rating=rating, code=item["id"], tool=item["tool"], proposal=item) for item in outcome["measures"]
    )
    if holds:
        here.rating = rating
    return {
        "points": rating.points,
        "grade": [rating.grade_before, rating.grade_proposed],
        "adjustment": rating.adjustment_proposed,
        "measures": [item["id"] for item in outcome["measures"]],
    }


def take_back_rating(step: AnyStep) -> TakenBackData:
    """A decided rating is taken back before its notice: it stays as it was signed, with its measures, and what the
    rules give for the same score is proposed again in its place, to be decided anew.
    """
    here = step.assessment
    rating = here.rating
    if rating is None or rating.decided_at is None or Notice.objects.filter(rating=rating).exists():
        raise Refused([_("There is no decided rating without a notice to take back.")])
    rating.taken_back_at = step.now
    rating.save(update_fields=["taken_back_at"])
    return {
        "taken_back": {
            "rating": rating.pk,
            "points": rating.points,
            "grade": rating.grade,
            "adjustment": rating.adjustment,
            "reason": rating.reason,
            "decided_by": rating.decided_by_id,
            "decided_at": rating.decided_at,
            "measures": dict(rating.measures.order_by("id").values_list("code", "state")),
        },
        "proposed": _propose(here, rating.run, rating),
    }


def withdraw_rating(step: AnyStep) -> WithdrawnData:
    """Remove the proposed rating and its measures; what was proposed and decided of it stays in the trail."""
    rating = step.assessment.rating_in_hand
    if rating is None:
        return {}
    if rating.decided_at is not None:
        raise Refused([_("The rating has been decided and cannot be withdrawn.")])
    if rating.pk == step.assessment.rating_id:
        Assessment.objects.filter(pk=step.assessment.pk).update(rating=None)
        step.assessment.rating = None
    return _remove(rating)


def _remove(rating: Rating) -> WithdrawnData:
    """Remove a proposal that nobody decided; returns what the event keeps of it."""
    measures = list(rating.measures.order_by("id"))
    rating.measures.all().delete()
    rating.delete()
    return {
        "withdrawn": {
            "points": rating.points,
            "grade": [rating.grade_before, rating.grade_proposed],
            "measures": {measure.code: measure.state for measure in measures},
        }
    }


def grades_allowed(rating: Rating, rulebook: Rulebook) -> list[str]:
    """The grades that may be decided, best first: the rule's grade after caps, or any below it; never one above."""
    top = rulebook.grade_order[rating.grade_proposed]
    return [grade.id for grade in rulebook.grades if rulebook.grade_order[grade.id] >= top]


def adjustment_range(rating: Rating) -> tuple[Decimal, Decimal] | None:
    """What may be decided on the supervisory rating: the clause's own range where it states one (1 to 3 points off
    where a target is missed, report-2017 § 7-1-4); otherwise between nothing and what was proposed. None: nothing was
    proposed.
    """
    found = rated_outcome(rating)["adjustment"]
    if not found:
        return None
    if found["range"]:
        low, high = (Decimal(bound) for bound in found["range"])
        return low, high
    points = Decimal(found["points"])
    return min(points, Decimal(0)), max(points, Decimal(0))


def decide_rating(step: Step[DecisionPayload]) -> DecidedData:
    """Write the decided grade and adjustment.

    The grade is the proposed one or a lower one: a cap is never lifted by hand. The adjustment stays within what the
    clause allows. A decision that departs from the proposal says so in the trail. A target that nothing decides is
    decided in the first review, before there is a rating.
    """
    held = step.assessment.rating_in_hand
    rating = (
        Rating.objects.select_related("run__version__assessment__round__rulebook")
        .filter(pk=held.pk if held else 0)
        .first()
    )
    if rating is None:
        raise Refused([_("There is no proposed rating to decide.")])
    rulebook = engine_rulebook(step.assessment.round.rulebook)
    grade, adjustment = step.payload.grade, step.payload.adjustment
    reasons: list[Any] = []
    if rating.run is not None and (undecided := undecided_targets(outcome_of(rating.run))):
        names = _(", ").join(in_language(rulebook.targets[t].short) for t in undecided)
        reasons.append(
            _("Send the case back: its officer has not decided the targets that the figures cannot decide: %(names)s.")
            % {"names": names}
        )
    if grade not in rulebook.grade_order:
        reasons.append(_("The rulebook has no grade “%(id)s”.") % {"id": grade})
    elif grade not in grades_allowed(rating, rulebook):
        reasons.append(_above(rating, rulebook, grade))
    if reasons := [*reasons, *_adjustment_reasons(rating, adjustment)]:
        raise Refused(reasons)
    rating.grade, rating.adjustment = grade, "" if adjustment is None else plain(adjustment)
    rating.reason = step.reason
    rating.decided_by, rating.decided_at = step.actor, step.now
    rating.save()
    if rating.pk == step.assessment.rating_id:
        step.assessment.rating = rating
    return {
        "decided": {
            "targets": rating.run.inputs.get("decisions", {}) if rating.run else {},
            "grade": grade,
            "grade_proposed": rating.grade_proposed,
            "grade_differs": grade != rating.grade_proposed,
            "adjustment": rating.adjustment,
            "adjustment_proposed": rating.adjustment_proposed,
            "adjustment_differs": _differs(rating.adjustment, rating.adjustment_proposed),
            "measures": dict(rating.measures.order_by("id").values_list("code", "state")),
        }
    }


def _adjustment_reasons(rating: Rating, points: Decimal | None) -> list[Any]:
    """What stands against an adjustment."""
    allowed = adjustment_range(rating)
    if allowed is None:
        return [] if points is None else [_("No clause adjusts the supervisory rating here; leave it blank.")]
    low, high = allowed
    words = {"low": plain(low), "high": plain(high), "typed": "" if points is None else plain(points)}
    if points is None:
        return [_("Give the adjustment of the supervisory rating, from %(low)s to %(high)s.") % words]
    if not low <= points <= high:
        return [_("The clause allows an adjustment from %(low)s to %(high)s, not %(typed)s.") % words]
    return []


def _differs(one: str, other: str) -> bool:
    return (Decimal(one) if one else None) != (Decimal(other) if other else None)


def _above(rating: Rating, rulebook: Rulebook, grade: str) -> str:
    """Why a grade is too high, with the cap that stands against it."""
    lang = screen_language()
    values = {
        "grade": rulebook.grade(grade).name.get(lang),
        "top": rulebook.grade(rating.grade_proposed).name.get(lang),
        "why": "",
    }
    caps = rated_outcome(rating)["grade"]["applied"]
    if caps:
        values["why"] = in_language(caps[-1]["because"])
        return _("The grade cannot be %(grade)s: %(top)s is the highest that the rules allow. %(why)s") % values
    return (
        _("The grade cannot be %(grade)s: the points give %(top)s, and a decision may only keep or lower it.") % values
    )
