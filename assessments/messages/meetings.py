"""Who is told of an agenda that was handed out, and of a follow-up that is due."""

from collections.abc import Iterable
from datetime import datetime

from assessments.meetings.effects import people_told
from assessments.models import FollowUp, FollowUpState, Meeting, MeetingState
from scorecard.inbox.kinds import Dropped, Telling
from scorecard.inbox.models import Reminder


def called_told(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """Everybody at the table, while the agenda is out."""
    found = Meeting.objects.filter(pk=reminder.data["meeting"], state=MeetingState.CALLED).first()
    if found is None:
        raise Dropped
    return [Telling(pk) for pk in people_told(found)]


def due_told(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """The owner, while the follow-up is open and due on the day that the reminder is about."""
    rows = FollowUp.objects.select_related("meeting__minutes").filter(pk=reminder.data["follow_up"])
    found = rows.filter(state=FollowUpState.OPEN).first()
    if found is None or found.due_on.isoformat() != reminder.data["due"]:
        raise Dropped
    more = {"meeting": found.meeting_id, "number": found.meeting.minutes.number}
    return [Telling(found.owner_id, more)]
