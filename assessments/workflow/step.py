"""The words of the workflow: one attempt at a step, what it carries, and a row of the table.

Nothing of the table is known here, so services and pages below the table may import it. ``machine.give_table`` fills
``TRANSITIONS`` when Django starts.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Generic, TypeVar

from django.db.models import Q

from assessments.models import Assessment, Correction, Filing, Review
from assessments.workflow.shown import Content, Kept
from banks.models import User
from scorecard.access.roles import BANK_ROLES


@dataclass(frozen=True)
class Payload:
    """What a transition is told beside actor, assessment and reason: nothing, unless its row names a payload of its
    own. A payload is checked when it is made and raises ``Refused`` with every objection.
    """


P = TypeVar("P", bound=Payload)


@dataclass
class Step(Generic[P]):
    """One attempt at a transition: who, on what, when, what they said, and what the transition is told. Guards, content
    and effects read what they share once (``kept``), under the lock of the attempt.
    """

    actor: User
    assessment: Assessment
    now: datetime
    reason: str = ""
    payload: P = field(default_factory=Payload)  # type: ignore[assignment]
    kept: Kept = field(default_factory=dict)


AnyStep = Step[Any]
# What an effect adds to the step's event: a typed dictionary, declared beside the effect.
EventData = Mapping[str, Any]
Guard = Callable[[AnyStep], Iterable[Any]]
Effect = Callable[[Any], EventData | None]


class BankReads(Enum):
    """From when the people of the bank may read something of a step."""

    AT_ONCE = "at once"
    WITH_NOTICE = "with notice"  # once the notice has been sent
    NEVER = "never"


# The states of the review in which the bank has its notice.
TOLD = (Review.NOTIFIED, Review.ACKNOWLEDGED)


@dataclass(frozen=True)
class Transition:
    """A row: from which states, by whom, under which guards, to which states, with which effects and event.

    ``payload`` is what the step is told. ``content`` is what the person relies on: the page of the step seals it.
    ``signature`` asks for the password again; ``reason`` asks for words; ``back`` sends the case back to somebody who
    must change it or answer. ``todo`` and ``done`` are what a list says before the step and a page after it: the title
    where a row says nothing of its own. ``also_from`` are other states of the review from which it may be taken,
    ``also_filing`` other states of the filing, which a step leaves where it is if it moves nothing of the filing;
    ``correction`` is where the putting right of a rating stands before and after, None where it does not matter and
    stays. Nobody's work waits for a step of ``own_motion``. ``tells`` says whether the step tells the bank of what
    was decided before it, or makes sure that it never learns of it. ``consequence`` says what will happen and to
    whom, for the confirmation page. ``step_read`` and ``reason_read`` say from when the bank may read that the step was
    taken, and why; supervisors read both at once. What a new row does not say the bank never reads.
    """

    name: str
    title: Any
    consequence: Any
    roles: frozenset[str]
    filing: tuple[Filing, Filing]  # from, to
    review: tuple[Review, Review | None]  # from, to; None where it stays as it is
    event: str
    also_from: tuple[Review, ...] = ()
    also_filing: tuple[Filing, ...] = ()
    correction: tuple[Correction, Correction] | None = (Correction.NONE, Correction.NONE)
    own_motion: bool = False
    tells: bool | None = None
    guards: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()
    payload: type[Payload] = Payload
    content: Content | None = None
    reason: bool = False
    signature: bool = False
    back: bool = False
    todo: Any = ""
    done: Any = ""
    step_read: BankReads = BankReads.NEVER
    reason_read: BankReads = BankReads.NEVER

    def by_bank(self) -> bool:
        """Whether the bank's own people take the step."""
        return self.roles <= BANK_ROLES

    def starts_from(self, assessment: Assessment) -> bool:
        """Whether the assessment is in a state from which the step is taken."""
        here = assessment
        return (
            here.filing_state in (self.filing[0], *self.also_filing)
            and here.review_state in (self.review[0], *self.also_from)
            and (self.correction is None or here.correction_state == self.correction[0])
        )

    def where(self) -> Q:
        """The same in a query of assessments."""
        filing, review = [self.filing[0], *self.also_filing], [self.review[0], *self.also_from]
        found = Q(filing_state__in=filing, review_state__in=review)
        return found if self.correction is None else found & Q(correction_state=self.correction[0])

    def leads_on(self) -> bool:
        """Whether somebody's work waits for it: not a step back, and none that is taken of one's own motion."""
        return not (self.back or self.own_motion)

    def after_notice(self) -> bool:
        """Whether it starts once the bank has its notice."""
        return self.review[0] in TOLD

    def of_filing(self) -> bool:
        """Whether it moves a filing that the bank still has, up to and including its signature."""
        return self.by_bank() and self.filing[0] != Filing.SUBMITTED

    def returns_filing(self) -> bool:
        """Whether the supervisor gives the bank its submitted filing back."""
        return self.back and self.filing == (Filing.SUBMITTED, Filing.PREPARING)


# The rows by name, in the order of the table; empty until ``machine.give_table``.
TRANSITIONS: dict[str, Transition] = {}


def names_of(wanted: Callable[[Transition], bool]) -> list[str]:
    """The names of the transitions for which this holds, in the order of the table."""
    return [row.name for row in TRANSITIONS.values() if wanted(row)]


@dataclass(frozen=True)
class Capability:
    """What a role may do in the state that a transition starts from, beside taking the transition."""

    name: str
    role: str
    transition: str
    guards: tuple[Guard, ...] = ()
