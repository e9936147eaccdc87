"""Guards that read a filing, a review or a rating: what must be complete, and whose work is in it."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.decisions import measures, ratings, unfiled
from assessments.filings import selectors as filings
from assessments.meetings import selectors as meetings
from assessments.models import Filing
from assessments.objections import selectors as objections
from assessments.reviews import reasons as reviews
from assessments.workflow.duties import took_part
from assessments.workflow.payloads import DecisionPayload, ObjectionPayload
from assessments.workflow.step import AnyStep
from scorecard.engine.values.numbers import plain


def not_the_preparer(step: AnyStep) -> Iterator[Any]:
    """Who filled in does not check or sign (docs/workflow.md, Roles): neither who passed the draft on, nor anybody
    whose figures, answers or files are in it."""
    here = step.assessment
    if (
        step.actor.pk == here.prepared_by_id
        or took_part(step, "pass_to_reviewer")
        or step.actor.pk in filings.contributors(here)
    ):
        yield _("You prepared this filing; somebody else must check and sign it.")


def filing_complete(step: AnyStep) -> Iterator[Any]:
    """Every required figure and answer is there, no error is left, each warning is explained."""
    yield from filings.blocking_reasons(step.assessment, step.kept)


def score_ready(step: AnyStep) -> Iterator[Any]:
    """The current version has its system score."""
    yield from reviews.score_reasons(step.assessment)


def review_complete(step: AnyStep) -> Iterator[Any]:
    """The supervisor's facts are given, every indicator that asks for judgement has been looked at."""
    if step.assessment.filing_state != Filing.NOT_FILED:
        sheet = step.kept.get("sheet")
        yield from reviews.review_reasons(step.assessment) if sheet is None else reviews.sheet_reasons(sheet)


def rule_for_unfiled(step: AnyStep) -> Iterator[Any]:
    """Only a bank that never filed is rated as such, and only where the rulebook says how."""
    yield from unfiled.unfiled_reasons(step.assessment)


def objection_window(step: AnyStep) -> Iterator[Any]:
    """A bank objects once to each notice, until its last day for it; that instant itself still counts."""
    yield from objections.window_reasons(step.assessment, step.now)


def objection_written(step: AnyStep) -> Iterator[Any]:
    """An objection has a ground at least, each with its words."""
    yield from objections.unwritten_reasons(step.assessment)


def grounds_answered(step: AnyStep) -> Iterator[Any]:
    """Each ground of an objection is upheld or refused, with an answer; a page that only asks has none yet."""
    told = step.payload if isinstance(step.payload, ObjectionPayload) else ObjectionPayload()
    yield from objections.unanswered_reasons(step.assessment, told)


def result_unchanged(step: AnyStep) -> Iterator[Any]:
    """The new examination gives the same result as the one that was told."""
    yield from ratings.changed_reasons(step.assessment)


def no_meeting_before_it(step: AnyStep) -> Iterator[Any]:
    """A case on an agenda that is handed out, or of a meeting whose minutes are not signed, waits for them."""
    found = _of_meetings(step)
    if found.sitting is not None:
        yield _("The case is on the agenda of “%(meeting)s”; it is decided once the minutes are signed.") % {
            "meeting": found.sitting.title
        }


def as_the_meeting_decided(step: AnyStep) -> Iterator[Any]:
    """Who decides otherwise than the meeting did says so, with the number of its minutes; a page that only asks has
    nothing to hold against them yet."""
    point = _of_meetings(step).decided
    told, rating = step.payload, step.assessment.rating_in_hand if point is not None else None
    if point is None or rating is None or not isinstance(told, DecisionPayload):
        return
    number = point.meeting.minutes.number
    adjustment = plain(told.adjustment) if told.adjustment is not None else ""
    if meetings.departs(point, rating, told.grade, adjustment) and number not in step.reason:
        words = _("The meeting decided otherwise (minutes %(number)s): say why you depart, and name the minutes.")
        yield words % {"number": number}


def _of_meetings(step: AnyStep) -> meetings.OfCase:
    found: meetings.OfCase = step.kept["meeting"] if "meeting" in step.kept else meetings.of_case(step.assessment)
    return found


def measures_decided(step: AnyStep) -> Iterator[Any]:
    """Each proposed measure has been accepted, changed or declined with a reason."""
    yield from measures.measure_reasons(step.assessment)


#: What a decision waits for beside the people.
MEASURES_AND_MEETING = (measures_decided, no_meeting_before_it, as_the_meeting_decided)
