"""What a transition writes beside the two states, and what of it goes into the step's event."""

from datetime import datetime
from typing import Any, TypedDict

from assessments.decisions import notices, ratings
from assessments.filings import submission
from assessments.measures import entering
from assessments.meetings import selectors as meetings
from assessments.objections import services as objections
from assessments.scoring.bulk.encoded import encode_version
from assessments.scoring.runs import request_scoring
from assessments.workflow import assigned
from assessments.workflow.payloads import DecisionPayload, ObjectionPayload, ReturnPayload
from assessments.workflow.step import AnyStep, EventData, Step
from scorecard.access.roles import Role
from scorecard.engine.values.numbers import plain


class SubmissionData(TypedDict):
    """The digest of what was signed."""

    digest: str


class ReturnData(TypedDict, total=False):
    """The day that a return gives the bank, where it gives one."""

    due_at: datetime


def stamp_preparer(step: AnyStep) -> None:
    """The preparer passes the draft on; earlier checks and signatures fall away."""
    here = step.assessment
    here.prepared_by, here.checked_by, here.signed_by = step.actor, None, None


def stamp_checker(step: AnyStep) -> None:
    """The reviewer has checked."""
    step.assessment.checked_by = step.actor


def clear_check(step: AnyStep) -> None:
    """Sent back inside the bank: who prepared stays on record, the check falls away."""
    here = step.assessment
    here.checked_by, here.signed_by = None, None


def freeze_and_score(step: AnyStep) -> SubmissionData:
    """Freeze a version of what is signed, encode it and queue its scoring, in the same transaction."""
    step.assessment.signed_by = step.actor
    version = submission.freeze_version(step)
    encode_version(version)
    request_scoring(actor=step.actor, version=version)
    return {"digest": version.digest}


def take_case(step: AnyStep) -> None:
    """The officer who accepts has the case; accepted by a stand-in it stays with the officer who is away."""
    step.assessment.officer = step.assessment.officer or step.actor


def return_to_bank(step: Step[ReturnPayload]) -> ReturnData:
    """Back to the bank for correction: a new version will follow, this one is kept (docs/workflow.md, A return)."""
    here, due_at = step.assessment, step.payload.due_at
    here.return_reason, here.returned_at = step.reason, step.now
    here.due_at = due_at or here.due_at
    here.prepared_by = here.checked_by = here.signed_by = None
    here.reviewed_by = here.second_by = None
    here.reviewed_run = None
    return {"due_at": due_at} if due_at else {}


def stamp_first_review(step: AnyStep) -> None:
    """The officer passes the case on."""
    here = step.assessment
    here.reviewed_by, here.second_by = step.actor, None


def reopen_first_review(step: AnyStep) -> None:
    """Sent back to the officer: the first review is to be done again."""
    here = step.assessment
    here.reviewed_by, here.second_by = None, None


def propose_rating(step: AnyStep) -> EventData | None:
    """The second reviewer confirms; the rating and its measures are proposed by rule."""
    step.assessment.second_by = step.actor
    return ratings.propose_rating(step)


def propose_unfiled(step: AnyStep) -> EventData | None:
    """Nothing came: the rating and its measures are proposed by the rule for that, and the draft's checks fall away."""
    here = step.assessment
    here.prepared_by = here.checked_by = here.signed_by = None
    return ratings.propose_unfiled(step)


def withdraw_rating(step: AnyStep) -> EventData | None:
    """The decision maker sends the case back: the proposed rating and its measures go, the trail keeps them."""
    return ratings.withdraw_rating(step)


def take_back_rating(step: AnyStep) -> EventData | None:
    """The decided rating stays on record, and what the rules give is to be decided again."""
    return ratings.take_back_rating(step)


def assign_second(step: AnyStep) -> EventData | None:
    """Who is to take the second review, by rule (docs/workflow.md, Whose case it is)."""
    return assigned.assign(step, Role.SECOND_REVIEWER)


def assign_decider(step: AnyStep) -> EventData | None:
    """Who is to decide the rating, its correction or an objection, by rule."""
    return assigned.assign(step, Role.DECISION_MAKER)


def lodge_objection(step: AnyStep) -> EventData | None:
    """The bank's objection is received: its words are frozen, and its receipt has a number."""
    return objections.lodge(step)


def decide_objection(step: Step[ObjectionPayload]) -> EventData | None:
    """Write what is decided of the objection and of each ground, and send the letter that says so."""
    return objections.decide(step)


def propose_correction(step: AnyStep) -> EventData | None:
    """The case has been examined again; what the rules give now is proposed beside the rating that was told."""
    return ratings.propose_correction(step)


def withdraw_correction(step: AnyStep) -> EventData | None:
    """The decision maker sends the correction back: its proposal goes, the trail keeps it."""
    return ratings.withdraw_rating(step)


def close_unchanged(step: AnyStep) -> EventData | None:
    """The result stays; a bank that objected is told by a letter."""
    data = dict(ratings.close_unchanged(step))
    return data | (objections.tell_unchanged(step) or {})


def decide_rating(step: Step[DecisionPayload]) -> EventData | None:
    """Write the decided grade and adjustment; the event says what a meeting had decided."""
    point = meetings.of_case(step.assessment).decided
    rating, told = step.assessment.rating_in_hand, step.payload
    adjustment = plain(told.adjustment) if told.adjustment is not None else ""
    other = point is not None and rating is not None and meetings.departs(point, rating, told.grade, adjustment)
    data: dict[str, Any] = dict(ratings.decide_rating(step))
    if point is not None:
        data["meeting"] = {"minutes": point.meeting.minutes.number, "departs": other}
    return data


def issue_notice(step: AnyStep) -> EventData | None:
    """Freeze the letter to the bank, and enter its measures in the register."""
    data = dict(notices.issue_notice(step))
    return data | entering.enter(step)


def acknowledge_notice(step: AnyStep) -> EventData | None:
    """The bank has read its notice."""
    return notices.acknowledge_notice(step)
