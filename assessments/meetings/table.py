"""The steps of a meeting and of its follow-ups as data (``docs/meetings.md``)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.meetings import effects, guards
from assessments.meetings.steps import Arrangement, Later, MeetingTransition, Record
from assessments.models import FollowUpState, MeetingState
from scorecard.access.roles import Role

ARRANGING = frozenset({Role.CASE_OFFICER, Role.DECISION_MAKER})
DECIDER = frozenset({Role.DECISION_MAKER})
EVERYBODY = frozenset({Role.CASE_OFFICER, Role.SECOND_REVIEWER, Role.DECISION_MAKER})

ROWS = (
    MeetingTransition(
        "arrange",
        _("Arrange the meeting"),
        _("What was arranged before is replaced. Nobody is told yet."),
        ARRANGING,
        (MeetingState.PLANNED,),
        guards=(guards.the_secretary,),
        effect=effects.arrange,
        told=Arrangement,
    ),
    MeetingTransition(
        "call",
        _("Hand the agenda out"),
        _(
            "The people at the table are told. What is proposed in each case is kept with the agenda, and no case on "
            "it is decided before the minutes are signed."
        ),
        ARRANGING,
        (MeetingState.PLANNED,),
        end=MeetingState.CALLED,
        guards=(guards.the_secretary, guards.has_points, guards.has_people, guards.cases_wait),
        effect=effects.call,
        sealed=True,
    ),
    MeetingTransition(
        "take_agenda_back",
        _("Take the agenda back"),
        _("The agenda can be changed again, and is handed out anew."),
        ARRANGING,
        (MeetingState.CALLED,),
        end=MeetingState.PLANNED,
        guards=(guards.the_secretary,),
        reason=True,
    ),
    MeetingTransition(
        "cancel",
        pgettext_lazy("meeting", "Cancel the meeting"),
        _("The meeting does not take place; its cases can be decided, or stand on another agenda."),
        ARRANGING,
        (MeetingState.PLANNED, MeetingState.CALLED),
        end=MeetingState.CANCELLED,
        guards=(guards.the_secretary,),
        reason=True,
        danger=True,
    ),
    MeetingTransition(
        "open",
        _("Open the meeting"),
        _("Attendance, results and follow-ups are written from now on, until the chair signs the minutes."),
        ARRANGING,
        (MeetingState.CALLED,),
        end=MeetingState.HELD,
        guards=(guards.the_secretary, guards.day_has_come),
    ),
    MeetingTransition(
        "write",
        _("Write the minutes"),
        _("What was written before is replaced. It counts once the chair has signed."),
        ARRANGING,
        (MeetingState.HELD,),
        guards=(guards.the_secretary,),
        effect=effects.write,
        told=Record,
    ),
    MeetingTransition(
        "sign",
        _("Sign the minutes"),
        _(
            "You sign as the chair. The minutes get their number and never change; decision makers sign the ratings by "
            "them, and the follow-ups begin."
        ),
        DECIDER,
        (MeetingState.HELD,),
        end=MeetingState.SIGNED,
        guards=(guards.the_chair, guards.somebody_was_there, guards.points_decided, guards.cases_as_called),
        effect=effects.sign,
        signature=True,
        sealed=True,
    ),
    MeetingTransition(
        "finish",
        pgettext_lazy("follow-up", "It is done"),
        _("The follow-up is closed, with what you write."),
        EVERYBODY,
        (MeetingState.SIGNED,),
        guards=(guards.the_owner,),
        reason=True,
        follow_up=(FollowUpState.OPEN, FollowUpState.DONE),
    ),
    MeetingTransition(
        "postpone",
        pgettext_lazy("follow-up", "Give a later day"),
        _("The owner is reminded on the later day."),
        ARRANGING,
        (MeetingState.SIGNED,),
        guards=(guards.the_secretary_or_a_head, guards.a_later_day),
        effect=effects.postpone,
        told=Later,
        reason=True,
        follow_up=(FollowUpState.OPEN, FollowUpState.OPEN),
    ),
    MeetingTransition(
        "drop",
        pgettext_lazy("follow-up", "Drop it"),
        _("Nobody does it any more."),
        DECIDER,
        (MeetingState.SIGNED,),
        reason=True,
        danger=True,
        follow_up=(FollowUpState.OPEN, FollowUpState.DROPPED),
    ),
)
TABLE = {row.name: row for row in ROWS}
