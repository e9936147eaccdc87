"""How a row of the table is written: what steps of a bank, of the supervisor and after the notice have in common."""

from dataclasses import replace
from typing import Any

from assessments.models import Correction, Filing, Review
from assessments.workflow import duties
from assessments.workflow.step import BankReads, Transition
from scorecard.access.roles import Role

OPEN = (duties.round_is_open,)
FILING = (duties.round_is_open, duties.filing_window)
# What one person asks for, a decision maker or a second reviewer confirms who is another person.
CONFIRMING = frozenset({Role.DECISION_MAKER, Role.SECOND_REVIEWER})
OFFICER = (duties.round_is_open, duties.the_assigned_officer)
SECOND = (duties.round_is_open, duties.the_assigned_second)
DECIDER = (duties.round_is_open, duties.the_assigned_decider)


def bank(name: str, title: Any, consequence: Any, role: Role, start: Filing, end: Filing, **more: Any) -> Transition:
    more.setdefault("review", (Review.NONE, Review.NONE))
    more.setdefault("guards", FILING)
    more |= {"step_read": BankReads.AT_ONCE, "reason_read": BankReads.AT_ONCE}  # the bank's own words
    return Transition(
        name, title, consequence, frozenset({role}), (start, end), event=f"assessments.filing.{name}", **more
    )


def supervisor(
    name: str, title: Any, consequence: Any, role: Role | frozenset[Role], start: Review, end: Review, **more: Any
) -> Transition:
    more.setdefault("filing", (Filing.SUBMITTED, Filing.SUBMITTED))
    more.setdefault("guards", OPEN)
    roles = frozenset({role}) if isinstance(role, Role) else role
    return Transition(name, title, consequence, roles, review=(start, end), event=f"assessments.review.{name}", **more)


def told(
    name: str,
    title: Any,
    consequence: Any,
    role: Role | frozenset[Role],
    correction: tuple[Correction, Correction],
    end: Review | None = None,
    **more: Any,
) -> Transition:
    """A step after the notice: it moves what is put right, whether or not the bank has acknowledged."""
    row = supervisor(name, title, consequence, role, Review.NOTIFIED, Review.NOTIFIED, correction=correction, **more)
    return replace(
        row, review=(Review.NOTIFIED, end), also_from=(Review.ACKNOWLEDGED,), also_filing=(Filing.NOT_FILED,)
    )


def bank_told(
    name: str, title: Any, consequence: Any, correction: tuple[Correction, Correction], **more: Any
) -> Transition:
    """The same for a step of the bank's signatory, whose words are the bank's own."""
    row = told(name, title, consequence, Role.BANK_SIGNATORY, correction, **more)
    return replace(row, step_read=BankReads.AT_ONCE, reason_read=BankReads.AT_ONCE)
