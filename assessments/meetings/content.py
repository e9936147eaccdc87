"""What somebody relies on who hands an agenda out or signs minutes: what the page of the step shows and seals."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from assessments.decisions.selectors import get_rating
from assessments.meetings.selectors import proposal_of
from assessments.models import Meeting, MeetingPoint, MeetingState
from assessments.workflow.shown import ShownItem
from scorecard.audit.services import canonical
from scorecard.words.formats import moment


def content(meeting: Meeting) -> Iterator[ShownItem]:
    """Title, time, place, people, each point with its proposal and its result, the course and the follow-ups."""
    at = moment(meeting.starts_at)
    said = f"{meeting.title} · {meeting.place} · {at}"
    yield ShownItem("meeting", _("Meeting"), f"{meeting.title} {meeting.place} {meeting.starts_at.isoformat()}", said)
    yield ShownItem("chair", _("Chair"), str(meeting.chair_id), str(meeting.chair))
    members = list(meeting.members.select_related("member"))
    people = [f"{one.member_id}:{one.present}" for one in members]
    yield ShownItem("members", _("At the table"), ",".join(people), ", ".join(str(one.member) for one in members))
    guests = [f"{one.organisation} {one.name} {one.present}" for one in meeting.guests.all()]
    yield ShownItem("guests", _("Guests"), "; ".join(guests))
    for point in meeting.points.select_related("assessment").prefetch_related("dissents"):
        yield from _point(meeting, point)
    yield ShownItem("course", _("Course of the meeting"), meeting.course)
    for row in meeting.follow_ups.all():
        said = f"{row.text} · {row.owner_id} · {row.due_on.isoformat()} · {row.place or ''}"
        yield ShownItem(f"follow-up {row.pk}", _("Follow-up"), said, f"{row.text} · {row.due_on.isoformat()}")


def _point(meeting: Meeting, point: MeetingPoint) -> Iterator[ShownItem]:
    proposal = point.proposal
    if meeting.state == MeetingState.PLANNED and point.assessment is not None:
        rating = get_rating(point.assessment)
        proposal = {"rating": rating.pk, **proposal_of(rating)} if rating is not None else {}
    words = f"{proposal.get('points', '')} {proposal.get('grade', '')}".strip() or point.text
    yield ShownItem(
        f"point {point.place}",
        f"{point.place} {point.title}",
        canonical({"case": point.assessment_id, "title": point.title, "text": point.text, "proposal": proposal}),
        words,
    )
    dissents = [f"{one.member_id}: {one.reason}" for one in point.dissents.all()]
    said = canonical({"said": [point.result, point.grade, point.measures, point.reason, *dissents]})
    result = point.get_result_display() if point.result else ""
    yield ShownItem(
        f"result {point.place}",
        _("Result of point %(place)d") % {"place": point.place},
        said,
        result,
    )
