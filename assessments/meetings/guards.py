"""Guards of a meeting's steps: each yields every reason against the step (``docs/meetings.md``)."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.meetings.selectors import WAITS
from assessments.meetings.steps import Attempt, Later
from assessments.models import Assessment, MeetingPoint, PointResult
from scorecard.access.roles import Role

DECIDED = (PointResult.AGREE, PointResult.OTHER)


def the_secretary(step: Attempt) -> Iterator[Any]:
    """Who planned the meeting arranges and writes it; a decision maker may do so for them."""
    if step.actor.pk != step.meeting.secretary_id and not step.actor.holds(Role.DECISION_MAKER):
        yield _("%(name)s is the secretary of this meeting.") % {"name": step.meeting.secretary}


def the_chair(step: Attempt) -> Iterator[Any]:
    """The chair signs."""
    if step.actor.pk != step.meeting.chair_id:
        yield _("%(name)s has the chair and signs the minutes.") % {"name": step.meeting.chair}


def has_points(step: Attempt) -> Iterator[Any]:
    """An agenda has a point at least."""
    if not step.meeting.points.exists():
        yield _("The agenda has no point yet.")


def has_people(step: Attempt) -> Iterator[Any]:
    """The chair and somebody else are at the table."""
    members = set(step.meeting.members.values_list("member", flat=True))
    if step.meeting.chair_id not in members or len(members) < 2:
        yield _("The chair and at least one other person of the supervisor must be at the table.")


def cases_wait(step: Attempt) -> Iterator[Any]:
    """Each case of the agenda still waits for its decision."""
    cases = [pk for pk in step.meeting.points.values_list("assessment", flat=True) if pk]
    waiting = set(Assessment.objects.filter(WAITS, pk__in=cases).values_list("pk", flat=True))
    for point in step.meeting.points.exclude(assessment=None):
        if point.assessment_id not in waiting:
            yield _("%(case)s does not wait for a decision any more; take it off the agenda.") % {"case": point.title}


def day_has_come(step: Attempt) -> Iterator[Any]:
    """Nothing is written of a meeting before its day."""
    if step.today < timezone.localdate(step.meeting.starts_at):
        yield _("The day of the meeting has not come yet.")


def somebody_was_there(step: Attempt) -> Iterator[Any]:
    """The chair and somebody else were there."""
    there = set(step.meeting.members.filter(present=True).values_list("member", flat=True))
    if step.meeting.chair_id not in there or len(there) < 2:
        yield _("The minutes do not say that the chair and at least one other person were there.")


def points_decided(step: Attempt) -> Iterator[Any]:
    """Each point has a result."""
    for point in step.meeting.points.filter(result=""):
        yield _("Point %(place)d, %(title)s, has no result yet.") % {"place": point.place, "title": point.title}


def cases_as_called(step: Attempt) -> Iterator[Any]:
    """What the meeting decided is still what is proposed."""
    for point in step.meeting.points.filter(result__in=DECIDED).exclude(assessment=None):
        if not as_called(point):
            yield _(
                "%(case)s has changed since the agenda was handed out; write down that it was put off, and take it to "
                "the next meeting."
            ) % {"case": point.title}


def as_called(point: MeetingPoint) -> bool:
    """Whether the case of a point still waits with the proposal that the agenda held."""
    case = Assessment.objects.filter(WAITS, pk=point.assessment_id or 0).first()
    rating = case.rating_in_hand if case is not None else None
    return rating is not None and rating.pk == point.rating_no and rating.decided_at is None


def the_owner(step: Attempt) -> Iterator[Any]:
    """Who has the follow-up says that it is done."""
    if step.follow_up is not None and step.follow_up.owner_id != step.actor.pk:
        yield _("%(name)s has this follow-up.") % {"name": step.follow_up.owner}


def the_secretary_or_a_head(step: Attempt) -> Iterator[Any]:
    """The secretary or a decision maker gives a later day."""
    yield from the_secretary(step)


def a_later_day(step: Attempt) -> Iterator[Any]:
    """A later day is later than the one that holds, and not in the past."""
    if isinstance(step.told, Later) and step.follow_up is not None:
        if step.told.due_on <= step.follow_up.due_on or step.told.due_on < step.today:
            yield _("Give a day that is later than the present one, and not in the past.")
