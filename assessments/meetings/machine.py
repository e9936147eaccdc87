"""Runs the table of meetings: who may do what now, every reason why not, and the one way a meeting changes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.meetings.content import content
from assessments.meetings.selectors import get_follow_up, get_meeting
from assessments.meetings.steps import Attempt, Done, MeetingTransition, Told
from assessments.meetings.table import ROWS, TABLE
from assessments.models import FollowUp, Meeting, MeetingKind, MeetingStep
from assessments.workflow.registers import hold_to_told, step_reasons
from assessments.workflow.shown import content_digest, hold_to_seal, seal_content
from banks.models import User
from scorecard.access.decisions import Decision, Refused, Stale, decide
from scorecard.access.reauthentication import Signature
from scorecard.access.roles import Role
from scorecard.audit.checkpoints import checkpoint_when_committed
from scorecard.audit.services import record


@transaction.atomic
def plan_meeting(*, actor: User, kind: str, title: str, place: str, starts_at: datetime, chair: User) -> Meeting:
    """Plan a meeting, of which the actor is the secretary. Raises ``Refused`` with every reason."""
    reasons: list[Any] = []
    if not actor.holds(Role.CASE_OFFICER, Role.DECISION_MAKER):
        reasons.append(_("A case officer or a decision maker plans a meeting."))
    if kind not in MeetingKind.values:
        reasons.append(_("Choose the kind of meeting."))
    if not title.strip() or not place.strip():
        reasons.append(_("Give the meeting a title and a place."))
    if not chair.is_active or not chair.holds(Role.DECISION_MAKER):
        reasons.append(_("The chair is a decision maker who is active."))
    if chair == actor:
        reasons.append(_("The secretary does not take the chair as well; choose another decision maker."))
    if reasons:
        raise Refused(reasons)
    here = Meeting.objects.create(
        kind=kind, title=title.strip(), place=place.strip(), starts_at=starts_at, secretary=actor, chair=chair
    )
    kept = MeetingStep.objects.create(meeting=here, name="plan", actor=actor, at=timezone.now())
    data = {"kind": kind, "title": here.title, "starts_at": starts_at, "chair": chair.pk}
    record("assessments.meeting.plan", actor=actor, target=here, data=data, seals=[here, kept])
    return here


def available(*, actor: User, meeting: Meeting, follow_up: FollowUp | None = None) -> list[MeetingTransition]:
    """The steps that the actor's roles take from the present state, whether or not a guard stands against them yet."""
    return [row for row in ROWS if not row.roles.isdisjoint(actor.roles) and row.starts_from(meeting, follow_up)]


def check(name: str, *, actor: User, meeting: Meeting, follow_up: FollowUp | None = None) -> Decision:
    """Whether this step could be taken now, with every reason against it; what it is told is not asked yet."""
    step = Attempt(actor, meeting, timezone.now(), follow_up=follow_up)
    return decide(_reasons(TABLE[name], step, asked=True))


def _reasons(row: MeetingTransition, step: Attempt, *, asked: bool) -> Iterator[Any]:
    moved = _("This step is not possible at this stage; somebody may have moved the meeting on. Reload the page.")
    return step_reasons(row, step, starts=row.starts_from(step.meeting, step.follow_up), moved=moved, asked=asked)


def shown(name: str, meeting: Meeting) -> str:
    """The seal of what a page shows before a step; blank for a step that seals nothing."""
    return seal_content(name, f"meeting {meeting.pk}", content(meeting)) if TABLE[name].sealed else ""


@transaction.atomic
def take(
    name: str,
    *,
    actor: User,
    meeting_id: int,
    follow_up_id: int | None = None,
    reason: str = "",
    told: Told = None,
    seen: str | None = None,
    revision: int | None = None,
    signed: Signature | None = None,
) -> Meeting:
    """Take one step: lock the meeting, collect all reasons against it, write states and effect, one record and one
    event.

    ``told`` is of the class that the row names. ``seen`` is the seal of what was on the screen (``shown``),
    ``revision`` the number of steps that the page had seen; another one is ``Stale``. A follow-up of another
    meeting is 404. Raises ``Refused`` with every reason.
    """
    row = TABLE[name]
    hold_to_told(name, row, told)
    here = get_meeting(actor, meeting_id, lock=True)
    follow_up = get_follow_up(actor, follow_up_id) if follow_up_id is not None else None
    if follow_up is not None and follow_up.meeting_id != here.pk:
        raise Http404
    now = timezone.now()
    step = Attempt(actor, here, now, reason.strip(), told, follow_up)
    if reasons := tuple(_reasons(row, step, asked=False)):
        raise Refused(reasons)
    if revision is not None and revision != here.revision:
        raise Stale([_("Somebody else has changed this meeting since you opened it.")], here.revision)
    proof: dict[str, Any] = {}
    if row.sealed:
        items = list(content(here))
        if seen is not None:
            hold_to_seal(name, f"meeting {here.pk}", items, seen)
        if signed is not None:
            proof = {"signature": {"factors": signed.factors, "shown": content_digest(items)}}
    before = str(here.state)
    done = row.effect(step) if row.effect is not None else Done()
    here.state = row.end or here.state
    here.revision += 1
    here.save()
    if follow_up is not None and row.follow_up is not None:
        follow_up.state = row.follow_up[1]
        follow_up.save(update_fields=["state"])
        done.seals.append(follow_up)
    kept = MeetingStep.objects.create(
        meeting=here, follow_up=follow_up, name=name, reason=step.reason, data=done.data, actor=actor, at=now
    )
    said = {"from": before, "to": str(here.state), "reason": step.reason, **done.data, **proof}
    if follow_up is not None:
        said["follow_up"] = follow_up.pk
    record(row.event, actor=actor, target=here, data=said, seals=[here, kept, *done.seals])
    if row.signature:
        checkpoint_when_committed(at_once=True)
    return here
