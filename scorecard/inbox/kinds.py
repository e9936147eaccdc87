"""The kinds of messages. Apps register theirs in ``<app>/message_kinds.py``, which is imported at start.

A kind says whom a reminder is for at the moment when it is sent, and puts what a message holds into words when it is
read. Groups are what a person chooses among on the page "What reaches me".
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from scorecard.access.roles import ALL_ROLES, BANK_ROLES, REVIEW_ROLES
from scorecard.links import Link

from .models import Reminder

AT_ONCE, DAILY, NEVER = "at_once", "daily", "never"


@dataclass(frozen=True)
class Group:
    """Kinds that a person chooses about together. ``roles`` are those whom it concerns."""

    name: str
    title: Any
    hint: Any
    default: str
    obligatory: bool = False
    roles: frozenset[str] = frozenset(ALL_ROLES)
    offered: tuple[str, ...] = (AT_ONCE, DAILY, NEVER)

    @property
    def choices(self) -> tuple[str, ...]:
        """What may be chosen: never only where nobody has to know."""
        return tuple(one for one in self.offered if one != NEVER or not self.obligatory)


GROUPS = {
    group.name: group
    for group in (
        Group(
            "deadlines",
            _("Deadlines"),
            _("The last day of the filing comes near or is over, a later day, a notice or an objection that waits."),
            AT_ONCE,
            obligatory=True,
            roles=BANK_ROLES,
        ),
        Group(
            "decisions",
            _("The supervisor's decisions"),
            _("A filing that is returned, a notice, a letter on an objection."),
            AT_ONCE,
            obligatory=True,
            roles=BANK_ROLES,
        ),
        Group(
            "remarks",
            _("Remarks of the supervisor"),
            _("The supervisor asks your bank something about its filing."),
            AT_ONCE,
            obligatory=True,
            roles=BANK_ROLES,
        ),
        Group(
            "work",
            _("Work that comes to me"),
            _("A filing or a case is passed on to you, or sent back."),
            AT_ONCE,
            roles=BANK_ROLES | REVIEW_ROLES,
        ),
        Group("answers", _("Answers to remarks"), _("Somebody answers what you asked or wrote."), DAILY),
        Group(
            "progress",
            _("Progress"),
            _("What you have passed on is accepted, decided, sent or acknowledged."),
            DAILY,
            roles=BANK_ROLES | REVIEW_ROLES,
        ),
        Group(
            "digest",
            _("Overview of each working day"),
            _("How many cases wait for you, what is overdue, which banks have not filed."),
            AT_ONCE,
            roles=REVIEW_ROLES,
            offered=(AT_ONCE, NEVER),
        ),
        Group(
            "account",
            _("My account"),
            _("An administrator has set your password."),
            AT_ONCE,
            obligatory=True,
        ),
    )
}


def groups_of(roles: Iterable[str]) -> list[Group]:
    """The groups that concern somebody with these roles, in their order."""
    held = frozenset(roles)
    return [group for group in GROUPS.values() if not group.roles.isdisjoint(held)]


@dataclass(frozen=True)
class Telling:
    """One person who is told; ``data`` is what the message holds beside what the reminder holds, ``group`` another
    group than the kind's."""

    person_id: int
    data: Mapping[str, Any] = field(default_factory=dict)
    group: str = ""


class Dropped(Exception):
    """Nobody is told: what the reminder is about has changed, or a later one of the same matter is due."""

    def __init__(self, why: str = "changed") -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Words:
    """A message in the active language: one line, what stands under it, and the page that it leads to."""

    title: str
    text: str = ""
    link: Link | None = None


Told = Callable[[Reminder, datetime], Iterable[Telling]]
InWords = Callable[[Mapping[str, Any]], Words]


@dataclass(frozen=True)
class MessageKind:
    """A kind: whom a reminder is for (``told``, at the moment of sending; it may raise ``Dropped``), and its words."""

    name: str
    group: str
    told: Told
    words: InWords


_kinds: dict[str, MessageKind] = {}
_planners: list[Callable[[datetime], object]] = []


def message_kind(name: str, *, group: str, told: Told, words: InWords) -> None:
    """Register a kind; once each."""
    if name in _kinds:
        raise ValueError(f"The kind of message {name} is registered twice.")
    if group not in GROUPS:
        raise ValueError(f"{name}: there is no group {group}.")
    _kinds[name] = MessageKind(name, group, told, words)


def get_kind(name: str) -> MessageKind:
    """The kind of this name; ``KeyError`` for one that nobody registered."""
    return _kinds[name]


def kind_names() -> list[str]:
    """Every registered kind."""
    return list(_kinds)


def plans(planner: Callable[[datetime], object]) -> Callable[[datetime], object]:
    """Register a function that writes the reminders that follow from a calendar. It is asked again and again."""
    _planners.append(planner)
    return planner


def planners() -> list[Callable[[datetime], object]]:
    """Every registered planner."""
    return list(_planners)


def words_of(kind: str, data: Mapping[str, Any]) -> Words:
    """What a message says; a kind that is no longer there says nothing but its name."""
    found = _kinds.get(kind)
    return found.words(data) if found is not None else Words(kind)
