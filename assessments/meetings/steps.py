"""The words of a meeting's steps: one attempt at a step, what it is told, and a row of the table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from django.utils import timezone

from assessments.models import FollowUp, FollowUpState, Meeting, MeetingState
from banks.models import Bank, User


@dataclass(frozen=True)
class Guest:
    """Somebody from outside; ``bank`` where the organisation is one of the register."""

    organisation: str
    name: str
    bank: Bank | None = None


@dataclass(frozen=True)
class Arrangement:
    """Everything that is arranged before the agenda is handed out; ``points`` are title and explanation each."""

    title: str
    place: str
    starts_at: datetime
    chair: User
    members: Sequence[User] = ()
    guests: Sequence[Guest] = ()
    cases: Sequence[int] = ()
    points: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Said:
    """What the meeting said of one point. ``dissents`` are person and reason each."""

    result: str = ""
    grade: str = ""
    measures: str = ""
    reason: str = ""
    dissents: Sequence[tuple[User, str]] = ()


@dataclass(frozen=True)
class ToDo:
    """A follow-up as it is written down; ``place`` is the point that it belongs to."""

    text: str
    owner: User
    due_on: date
    place: int | None = None


@dataclass(frozen=True)
class Record:
    """What is written of a meeting: who was there and who took the chair, what was said of each point by its place, the
    course, the follow-ups.
    """

    chair: User
    members: Iterable[int] = ()
    guests: Iterable[int] = ()
    points: Mapping[int, Said] = field(default_factory=dict)
    course: str = ""
    follow_ups: Sequence[ToDo] = ()


@dataclass(frozen=True)
class Later:
    """A later day of a follow-up."""

    due_on: date


Told = Arrangement | Record | Later | None
Of = TypeVar("Of")


@dataclass
class Attempt:
    """One attempt at a step. ``told`` is None where a page only asks what stands against it."""

    actor: User
    meeting: Meeting
    now: datetime
    reason: str = ""
    told: Told = None
    follow_up: FollowUp | None = None

    @property
    def today(self) -> date:
        """The day in Shanghai."""
        return timezone.localdate(self.now)

    def told_as(self, kind: type[Of]) -> Of:
        """What the step is told, which its row says is of this class."""
        if not isinstance(self.told, kind):
            raise TypeError(f"The step is told {kind.__name__}.")
        return self.told


@dataclass
class Done:
    """What a step has written beside the meeting: for the event, and the rows that it seals."""

    data: dict[str, Any] = field(default_factory=dict)
    seals: list[Any] = field(default_factory=list)


Guard = Callable[[Attempt], Iterable[Any]]


@dataclass(frozen=True)
class MeetingTransition:
    """A row: from which states, by whom, under which guards, to which state. ``told`` is the class of what the step is
    told; ``sealed`` whether its page seals what it shows; ``follow_up`` the states of a follow-up from which and to
    which it moves, None for a step on the meeting itself.
    """

    name: str
    title: Any
    consequence: Any
    roles: frozenset[str]
    states: tuple[MeetingState, ...]
    end: MeetingState | None = None
    guards: tuple[Guard, ...] = ()
    effect: Callable[[Attempt], Done] | None = None
    told: type | None = None
    reason: bool = False
    signature: bool = False
    sealed: bool = False
    danger: bool = False
    follow_up: tuple[FollowUpState, FollowUpState] | None = None

    @property
    def event(self) -> str:
        """The name of its event."""
        return f"assessments.meeting.{self.name}"

    def starts_from(self, meeting: Meeting, follow_up: FollowUp | None) -> bool:
        """Whether meeting and follow-up are in states from which the step is taken."""
        if (self.follow_up is None) != (follow_up is None):
            return False
        here = follow_up is None or self.follow_up is None or follow_up.state == self.follow_up[0]
        return here and meeting.state in self.states
