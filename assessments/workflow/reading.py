"""Who may read that a step was taken, and why: the one rule, which history, home, result, exports and trail ask.

The table says for each transition from when the bank reads the step and its reason. Everything else that a supervisor
writes has a rule of its own where it is read: remarks by ``for_bank``, the decision and its measures by the notice.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assessments.models import Assessment, StepRecord
from assessments.workflow.machine import TRANSITIONS
from assessments.workflow.step import BankReads

if TYPE_CHECKING:
    from banks.models import User


@dataclass(frozen=True)
class ReadStep:
    """A step as one reader may read it; ``reason`` is blank where it is not theirs to read."""

    record: StepRecord
    reason: str


def may_read(actor: "User", rule: BankReads, *, told: bool) -> bool:
    """Whether somebody who sees the assessment may read what stands under this rule; ``told`` is whether a notice has
    told the bank of it.
    """
    if actor.bank_id is None or rule is BankReads.AT_ONCE:
        return True
    return rule is BankReads.WITH_NOTICE and told


def readable_steps(actor: "User", assessment: Assessment) -> list[ReadStep]:
    """The steps of an assessment that an access function has given, the newest first, with the reasons that the actor
    may read. A step that the table no longer knows is read by supervisors alone.

    A notice tells of what was decided before it, back to a decision that was taken back: of that one no notice tells.
    """
    found, told = [], False
    rows = (
        StepRecord.objects.filter(assessment=assessment)
        .select_related("actor", "version", "stood_in_for", "handed_to")
        .order_by("-id")
    )
    for record in rows:
        row = TRANSITIONS.get(record.transition)
        told = row.tells if row is not None and row.tells is not None else told
        if not may_read(actor, row.step_read if row else BankReads.NEVER, told=told):
            continue
        readable = may_read(actor, row.reason_read if row else BankReads.NEVER, told=told)
        found.append(ReadStep(record, record.reason if readable else ""))
    return found


def gives_receipt(actor: "User", step: StepRecord) -> bool:
    """Whether somebody who reads a step has its receipt: a supervisor any, a bank those of its own people."""
    row = TRANSITIONS.get(step.transition)
    return row is not None and (actor.bank_id is None or row.by_bank())
