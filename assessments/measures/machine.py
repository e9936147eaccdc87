"""Runs the register's table: who may do what now, every reason why not, and the one way a measure changes."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.measures.content import content
from assessments.measures.guards import acts_for
from assessments.measures.selectors import filing_in_hand, get_live, get_obligation
from assessments.measures.steps import Attempt, Days, Handing, MeasureTransition
from assessments.measures.table import ROWS, TABLE
from assessments.models import LiveMeasure, MeasureStep, Obligation
from assessments.workflow.registers import hold_to_told, step_reasons
from assessments.workflow.shown import hold_to_seal, seal_content
from assessments.workflow.telling import tell_of
from banks.models import User
from scorecard.access.decisions import Decision, Refused, decide
from scorecard.access.roles import Role
from scorecard.audit.checkpoints import checkpoint_when_committed
from scorecard.audit.services import record

TOLD = "assessments.measure"


def available(*, actor: User, live: LiveMeasure, obligation: Obligation | None = None) -> list[MeasureTransition]:
    """The steps that the actor's roles take from the present state, whether or not a guard stands against them yet.
    None once the last day is over.
    """
    if not live.binds(timezone.localdate()):
        return []
    return [row for row in ROWS if not row.roles.isdisjoint(actor.roles) and row.starts_from(live, obligation)]


def check(name: str, *, actor: User, live: LiveMeasure, obligation: Obligation | None = None) -> Decision:
    """Whether this step could be taken now, with every reason against it; what it is told is not asked yet."""
    step = Attempt(actor, live, obligation, timezone.now(), draft=filing_in_hand(obligation))
    return decide(_reasons(TABLE[name], step, asked=True))


def _reasons(row: MeasureTransition, step: Attempt, *, asked: bool) -> Iterator[Any]:
    moved = _("This step is not possible at this stage; somebody may have moved the measure on. Reload the page.")
    return step_reasons(row, step, starts=row.starts_from(step.live, step.obligation), moved=moved, asked=asked)


def shown(name: str, live: LiveMeasure, obligation: Obligation | None = None) -> str:
    """The seal of what a page shows before a step."""
    return seal_content(name, _subject(live, obligation), content(live, obligation))


def _subject(live: LiveMeasure, obligation: Obligation | None) -> str:
    return f"measure {live.pk}" + (f" {obligation.pk}" if obligation else "")


@transaction.atomic
def take(
    name: str,
    *,
    actor: User,
    live_id: int,
    obligation_id: int | None = None,
    reason: str = "",
    told: Days | Handing | None = None,
    seen: str | None = None,
) -> LiveMeasure:
    """Take one step: lock case and entry, collect all reasons against it, write states and effect, one record and one
    event.

    ``told`` is of the class that the row names. ``seen`` is the seal of what was on the screen (``shown``), None for a
    caller that has none: another content is ``Stale`` with what differs. Raises ``Refused`` with every reason.
    """
    row = TABLE[name]
    hold_to_told(name, row, told)
    live = get_live(actor, live_id, lock=True)
    obligation = get_obligation(live, obligation_id) if obligation_id is not None else None
    now = timezone.now()
    step = Attempt(actor, live, obligation, now, reason.strip(), told, filing_in_hand(obligation))
    if reasons := tuple(_reasons(row, step, asked=False)):
        raise Refused(reasons)
    if seen is not None:
        hold_to_seal(name, _subject(live, obligation), content(live, obligation), seen)
    absent = acts_for(actor, live, step.today) if Role.CASE_OFFICER in row.roles else actor.absent_in(row.roles)
    before = _states(step)
    data = row.effect(step)
    live.state = row.end or live.state
    live.save()
    if obligation is not None and row.moved is not None:
        obligation.state = row.moved
        obligation.save(update_fields=["state"])
    kept = MeasureStep.objects.create(
        live=live,
        obligation=obligation,
        name=name,
        reason=step.reason,
        data=data,
        actor=actor,
        stood_in_for=absent,
        at=now,
    )
    said = {"measure": live.measure.code, "states": [before, _states(step)], "reason": step.reason, **data}
    if obligation is not None:
        said["obligation"] = obligation.kind
    if absent is not None:
        said["stands_in_for"] = absent.pk
    record(
        row.event,
        actor=actor,
        target=live,
        bank_id=live.assessment.bank_id,
        data=said,
        seals=[live, kept, *_written(step)],
    )
    _tell(row, kept)
    checkpoint_when_committed(at_once=True)
    return live


def _tell(row: MeasureTransition, kept: MeasureStep) -> None:
    """What the bank reads is told to its people, what it files to the owner."""
    if row.read:
        case, about = kept.live.assessment, {"step": kept.pk, "transition": row.name, "live": kept.live_id}
        tell_of(TOLD, case, f"measure-step:{kept.pk}", **about)


def _states(step: Attempt) -> dict[str, str]:
    found = {"measure": str(step.live.state)}
    return found | ({"obligation": str(step.obligation.state)} if step.obligation else {})


def _written(step: Attempt) -> Iterable[Model]:
    """The other rows that a step may write."""
    yield from step.live.obligations.all()
    if step.draft is not None:
        yield step.draft
