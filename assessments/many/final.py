"""What a second reviewer and a decision maker do in many cases: confirm, decide, send the notices."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from assessments import workflow
from assessments.decisions import measures
from assessments.many.declared import Cells, ManyStep, as_shown, grade_words, missed, names, own, perform, points
from assessments.many.loading import RATING, SHEET, Entry
from assessments.many.shared import Attempt, measure_key
from assessments.models import MeasureState, PointResult
from assessments.workflow import contents, guards
from assessments.workflow.payloads import DecisionPayload
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.engine.values.numbers import plain
from scorecard.words.formats import day
from scorecard.words.language import in_language

SECOND = frozenset({Role.SECOND_REVIEWER.value})
DECIDER = frozenset({Role.DECISION_MAKER.value})


def _confirm_cells(entry: Entry) -> Cells:
    case, sheet = entry.case, entry.sheet
    run = sheet.run
    proposed = [in_language(item["label"]) for item in sheet.outcome.get("measures", ())]
    differing = names(f"{row.id} {row.name}" for row in sheet.differing)
    total, grade = (run.total, run.grade) if run is not None else ("", "")
    return points(total), grade_words(case, grade), differing, missed(entry), names(proposed)


def _adjusted(text: str) -> str:
    return plain(Decimal(text)) if text else ""


def _decide_cells(entry: Entry) -> Cells:
    rating = entry.rating
    if rating is None:
        return ("",) * 5
    before, after = grade_words(entry.case, rating.grade_before), grade_words(entry.case, rating.grade_proposed)
    labels = [in_language(measure.proposal.get("label")) or measure.code for measure in rating.measures.all()]
    changed = f"{before} → {after}" if rating.grade_before != rating.grade_proposed else after
    return points(rating.points), changed, _adjusted(rating.adjustment_proposed), missed(entry), names(labels)


def _decide_alone(entry: Entry) -> Iterator[Any]:
    rating = entry.rating
    if rating is None:
        yield _("There is no proposed rating to decide.")
    elif any(measure.state == MeasureState.CHANGED for measure in rating.measures.all()):
        yield _("A measure has been changed here: a changed measure is decided on the page of its case.")
    point = entry.kept["meeting"].decided
    if point is not None and point.result != PointResult.AGREE:
        yield _("A meeting decided other than proposed: sign it on the page of the case.")


def _decide(attempt: Attempt) -> None:
    case, rating = attempt.entry.case, attempt.entry.rating
    if rating is None:
        raise Refused([_("There is no proposed rating to decide.")])
    for measure in rating.measures.all():
        if measure.state != MeasureState.PROPOSED:
            continue
        choice = attempt.shared.choices.get(measure_key(case.round.rulebook_id, measure.code))
        if choice is None:
            raise Refused([_("The list decides nothing of the measure “%(code)s”.") % {"code": measure.code}])
        measures.decide_measure(
            actor=attempt.actor,
            measure_id=measure.pk,
            outcome=choice.outcome,
            reason=choice.reason,
            content=choice.content,
            options=choice.options,
            seen=measure.decided_at.isoformat() if measure.decided_at else "",
            listed=attempt.listed,
        )
    adjustment = Decimal(rating.adjustment_proposed) if rating.adjustment_proposed else None
    workflow.perform(
        "decide",
        actor=attempt.actor,
        assessment_id=case.pk,
        reason=attempt.shared.reason,
        payload=DecisionPayload(rating.grade_proposed, adjustment),
        signed=attempt.signed,
        listed=attempt.listed,
    )


def _notice_cells(entry: Entry) -> Cells:
    rating, case = entry.rating, entry.case
    if rating is None:
        return ("",) * 5
    told = [
        in_language(measure.proposal.get("label")) or measure.code
        for measure in rating.measures.all()
        if measure.state in (MeasureState.ACCEPTED, MeasureState.CHANGED)
    ]
    return (
        points(rating.points),
        grade_words(case, rating.grade),
        _adjusted(rating.adjustment),
        names(told) or _("none"),
        day(entry.kept["until"]),
    )


def _notice_alone(entry: Entry) -> Iterator[Any]:
    rating = entry.rating
    if rating is None:
        yield _("There is no decided rating.")
        return
    if rating.grade != rating.grade_proposed:
        yield _("The grade was decided lower than the rules give: its notice is read and sent on its own page.")
    if any(measure.state == MeasureState.CHANGED for measure in rating.measures.all()):
        yield _("A measure was changed: its notice is read and sent on its own page.")


# In the order in which a case goes through them.
STEPS: tuple[ManyStep, ...] = (
    ManyStep(
        name="confirm",
        title=_lazy("Confirm the review"),
        consequence=_lazy(
            "You confirm the points. Rating and measures are proposed by rule and go to the decision maker."
        ),
        roles=SECOND,
        row="confirm",
        columns=(
            _lazy("Points"),
            _lazy("Grade by rule"),
            _lazy("Points other than the system's"),
            _lazy("Targets missed"),
            _lazy("Measures to be proposed"),
        ),
        cells=_confirm_cells,
        content=as_shown(contents.review_content),
        carry=perform("confirm"),
        where=own(Role.SECOND_REVIEWER),
        parts=(SHEET,),
    ),
    ManyStep(
        name="decide",
        title=_lazy("Decide the rating"),
        consequence=_lazy(
            "You decide for each bank the grade and the adjustment that the rules give, and each measure as you say "
            "below for all who meet its condition. The decisions are final and go into the notices."
        ),
        roles=DECIDER,
        row="decide",
        columns=(
            _lazy("Points"),
            _lazy("Grade to be decided"),
            _lazy("Adjustment"),
            _lazy("Targets missed"),
            _lazy("Measures"),
        ),
        cells=_decide_cells,
        content=as_shown(contents.rating_content),
        carry=_decide,
        parts=(RATING,),
        asks=frozenset({"reason", "measures"}),
        alone=_decide_alone,
        where=own(Role.DECISION_MAKER),
        met_first=(guards.measures_decided,),
    ),
    ManyStep(
        name="issue_notice",
        title=_lazy("Send the notice"),
        consequence=_lazy(
            "Each bank gets its notice with what stands in its line. From then on it can acknowledge it and, until "
            "its last day, object."
        ),
        roles=DECIDER,
        row="issue_notice",
        columns=(
            _lazy("Points"),
            _lazy("Grade"),
            _lazy("Adjustment"),
            _lazy("Measures in the notice"),
            _lazy("Last day for an objection"),
        ),
        cells=_notice_cells,
        content=as_shown(contents.letter_content),
        carry=perform("issue_notice"),
        parts=(RATING,),
        alone=_notice_alone,
        where=own(Role.DECISION_MAKER),
    ),
)
