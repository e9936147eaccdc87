"""Runs the table: who may do what now, every reason why not, and the one way a state changes.

The machine knows no row of its own: ``give_table`` hands it the table when Django starts (``AssessmentsConfig.ready``).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.access import get_assessment
from assessments.models import Assessment, Correction, StepRecord
from assessments.workflow.sealed import outcome_rows, seals_of
from assessments.workflow.shown import Kept, content_digest, hold_to_seal, seal_content
from assessments.workflow.step import TRANSITIONS, AnyStep, Capability, Guard, Payload, Step, Transition
from assessments.workflow.telling import tell_step
from banks.models import User
from scorecard.access.decisions import Decision, Refused, Stale, decide
from scorecard.access.reauthentication import Signature
from scorecard.audit.checkpoints import checkpoint_when_committed
from scorecard.audit.services import record
from scorecard.jobs.clock import decisive_now

from . import duties

# What a role may do in a state beside moving it on; screens ask for these names, never for a state.
EDIT_DRAFT = "edit_draft"
REVIEW_POINTS = "review_points"
GIVE_FIGURES = "give_figures"
SECOND_VIEW = "second_view"
DECIDE_MEASURES = "decide_measures"
WRITE_OBJECTION = "write_objection"
CHECK_SECTIONS = "check_sections"
ASSIGN_SECTIONS = "assign_sections"

# What roles may do beside the transitions; empty until ``give_table``.
CAPABILITIES: list[Capability] = []


def give_table(rows: Iterable[Transition], capabilities: Iterable[Capability]) -> None:
    """Take the table over; a later one replaces it. Names that are given twice are an error."""
    listed = list(rows)
    by_name = {row.name: row for row in listed}
    if len(by_name) != len(listed):
        raise ValueError("Two transitions have the same name.")
    TRANSITIONS.clear()
    TRANSITIONS.update(by_name)
    CAPABILITIES[:] = capabilities


def _states(assessment: Assessment) -> dict[str, str]:
    """What an event says of the states; that nothing is being put right goes without saying."""
    found = {"filing": assessment.filing_state, "review": assessment.review_state}
    return found | ({"correction": state} if (state := assessment.correction_state) != Correction.NONE else {})


def _reasons(row: Transition, step: AnyStep, *, words: bool) -> Iterator[Any]:
    """Every reason against the step, all at once."""
    if row.roles.isdisjoint(step.actor.roles):
        yield _("Your role does not take this step.")
    if not row.starts_from(step.assessment):
        yield _("This step is not possible at this stage; somebody may have moved the case on. Reload the page.")
        return
    if words and row.reason and not step.reason.strip():
        yield _("Give a reason: those who must act on it will read it.")
    for guard in row.guards:
        yield from guard(step)


def check(
    name: str,
    *,
    actor: User,
    assessment: Assessment,
    reason: str = "",
    kept: Kept | None = None,
    but: Collection[Guard] = (),
) -> Decision:
    """Whether this step could be taken now, with every reason against it (a missing reason text aside). ``kept`` is
    what the page has read and reads no second time; ``but`` are guards that the same request satisfies first.
    """
    step: AnyStep = Step(actor, assessment, timezone.now(), reason, kept={} if kept is None else kept)
    row = TRANSITIONS[name]
    row = replace(row, guards=tuple(guard for guard in row.guards if guard not in but)) if but else row
    return decide(_reasons(row, step, words=False))


def available(*, actor: User, assessment: Assessment) -> list[Transition]:
    """The steps that the actor's role takes from the present state, whether or not a guard stands against them yet."""
    return [
        row for row in TRANSITIONS.values() if not row.roles.isdisjoint(actor.roles) and row.starts_from(assessment)
    ]


def capabilities(*, actor: User, assessment: Assessment) -> frozenset[str]:
    """What the actor may do here beside the steps: change the draft, give points, view as second, decide measures."""
    step: AnyStep = Step(actor, assessment, timezone.now())
    if any(duties.round_is_open(step)):
        return frozenset()
    return frozenset(
        found.name
        for found in CAPABILITIES
        if actor.holds(found.role)
        and TRANSITIONS[found.transition].starts_from(assessment)
        and not any(reason for guard in found.guards for reason in guard(step))
    )


def shown(name: str, assessment: Assessment, kept: Kept | None = None) -> str:
    """The seal of what a page shows of a step's content; blank for a step that seals none."""
    content = TRANSITIONS[name].content
    return seal_content(name, assessment.pk, content(assessment, {} if kept is None else kept)) if content else ""


def _held(row: Transition, step: AnyStep, seen: str | None, signed: Signature | None) -> dict[str, Any]:
    """Hold the content of the step against the seal of the page, and what the event then says of the signature."""
    if seen is None and signed is None:
        return {}
    content = list(row.content(step.assessment, step.kept)) if row.content is not None else []
    if seen is not None and row.content is not None:
        hold_to_seal(row.name, step.assessment.pk, content, seen)
    return {"signature": {"factors": signed.factors, "shown": content_digest(content)}} if signed is not None else {}


@transaction.atomic
def perform(
    name: str,
    *,
    actor: User,
    assessment_id: int,
    reason: str = "",
    seen_version: int | None = None,
    payload: Payload | None = None,
    seen: str | None = None,
    signed: Signature | None = None,
    listed: str = "",
) -> Assessment:
    """Take one step: lock the row, collect all reasons against it, write states and effects, record one event.

    ``payload`` is of the class that the row names; a transition without one takes none. ``seen_version`` is the number
    of the version the actor had on screen, where there was one: a newer one is ``Stale``. ``seen`` is the seal of the
    content that was on the screen (``shown``), None for a caller that has none: another content is ``Stale`` with what
    differs in ``current``. ``signed`` is with what the actor has proved who they are: it stands in the event, with the
    digest of that content. ``listed`` is the digest of the signed list of which the step is an entry (docs/many.md).
    Days are held to by the database's clock, not by that of the machine that serves.
    Raises ``Refused`` with every reason; nothing is then written. Two people who take the same
    step at the same moment: the second finds the state changed and is refused.
    """
    row = TRANSITIONS[name]
    told = row.payload() if payload is None else payload
    if type(told) is not row.payload:
        raise TypeError(f"{name} takes {row.payload.__name__}, not {type(told).__name__}.")
    assessment = get_assessment(actor, assessment_id, lock=True)
    step: AnyStep = Step(actor, assessment, decisive_now(), reason.strip(), told)
    if reasons := tuple(_reasons(row, step, words=True)):
        raise Refused(reasons)
    number = assessment.version.number if assessment.version else None
    if seen_version is not None and seen_version != number:
        raise Stale([_("A newer version of this filing has come in; look at it before you go on.")], number)
    data: dict[str, Any] = _held(row, step, seen, signed) | ({"list": listed} if listed else {})
    before = _states(assessment)
    absent = duties.stands_for(actor, assessment, row.guards, row.roles)
    assessment.filing_state = row.filing[1] if row.filing[0] != row.filing[1] else assessment.filing_state
    assessment.review_state = row.review[1] or assessment.review_state
    assessment.correction_state = row.correction[1] if row.correction else assessment.correction_state
    held = outcome_rows(assessment)
    for effect in row.effects:
        data |= effect(step) or {}
    assessment.save()
    who = {"actor": actor, "stood_in_for": absent, "handed_to_id": data.get("assigned")}
    kept = StepRecord.objects.create(
        assessment=assessment, transition=name, version=assessment.version, reason=step.reason, **who
    )
    data |= {
        **({"stands_in_for": absent.pk} if absent is not None else {}),
        "from": before,
        "to": _states(assessment),
        "reason": step.reason,
        "version": assessment.version.number if assessment.version else None,
    }
    seals = [assessment, kept, *seals_of(held, outcome_rows(assessment))]
    record(row.event, actor=actor, target=assessment, bank_id=assessment.bank_id, data=data, seals=seals)
    tell_step(assessment, kept)
    checkpoint_when_committed(at_once=True)
    return assessment
