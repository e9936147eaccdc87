"""The words of the register's steps: one attempt at a step, what it is told, and a row of the table."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from assessments.models import LiveMeasure, LiveState, Obligation, ObligationFiling, ObligationState
from banks.models import User
from scorecard.access.roles import BANK_ROLES


@dataclass(frozen=True)
class Days:
    """The days of a measure: by when it is to be fulfilled, its last day (None for none), and the day of each
    obligation by its kind.
    """

    due_on: date | None = None
    ends_on: date | None = None
    obligations: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True)
class Handing:
    """To whom an entry is handed."""

    officer: User | None = None


@dataclass
class Attempt:
    """One attempt at a step: who, on which entry and obligation, when, what they said, and what the step is told.
    ``told`` is None where a page only asks what stands against the step.
    """

    actor: User
    live: LiveMeasure
    obligation: Obligation | None
    now: datetime
    reason: str = ""
    told: Days | Handing | None = None
    draft: ObligationFiling | None = None  # of the obligation: what is to be filed, or what was filed last

    @property
    def today(self) -> date:
        """The day in Shanghai."""
        return timezone.localdate(self.now)


Data = dict[str, Any]
Guard = Callable[[Attempt], Iterable[Any]]
Effect = Callable[[Attempt], Data]


@dataclass(frozen=True)
class MeasureTransition:
    """A row: from which states, by whom, under which guards, to which state, with which effect and event.

    ``obligation`` are the states of an obligation from which the step is taken, none where it is about the measure
    itself; ``moved`` is its state after. ``end`` is the measure's state after, None where it stays. ``read`` says
    whether the bank reads that the step was taken, and why. ``told`` is the class of what the step is told.
    """

    name: str
    title: Any
    consequence: Any
    roles: frozenset[str]
    states: tuple[LiveState, ...]
    effect: Effect
    end: LiveState | None = None
    obligation: tuple[ObligationState, ...] = ()
    moved: ObligationState | None = None
    guards: tuple[Guard, ...] = ()
    told: type[Days | Handing] | None = None
    reason: bool = False
    signature: bool = False
    danger: bool = False
    read: bool = True
    done: Any = ""

    @property
    def event(self) -> str:
        """The name of its event."""
        return f"assessments.measure.{self.name}"

    def by_bank(self) -> bool:
        """Whether the bank's own people take the step."""
        return self.roles <= BANK_ROLES

    def starts_from(self, live: LiveMeasure, obligation: Obligation | None) -> bool:
        """Whether entry and obligation are in states from which the step is taken."""
        if bool(self.obligation) != (obligation is not None):
            return False
        return live.state in self.states and (obligation is None or obligation.state in self.obligation)
