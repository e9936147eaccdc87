"""What the tables of steps beside that of the filing have in common: measures and meetings."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from django.utils.translation import gettext as _

from banks.models import User

REASON_LENGTH = 4000


class RegisterStep(Protocol):
    """One attempt at a step: who takes it, and what they said."""

    actor: User
    reason: str


class RegisterRow(Protocol):
    """A row of a table: who takes the step, whether it asks for a reason, what stands against it, and of which class
    that is which it is told.
    """

    @property
    def roles(self) -> frozenset[str]: ...
    @property
    def reason(self) -> bool: ...
    @property
    def guards(self) -> Iterable[Any]: ...
    @property
    def told(self) -> type[Any] | None: ...


def step_reasons(row: RegisterRow, step: RegisterStep, *, starts: bool, moved: Any, asked: bool) -> Iterator[Any]:
    """Every reason against a step, all at once. ``starts`` is whether the row starts from the present state, ``moved``
    the words where it does not; ``asked`` where a page only asks what stands against it.
    """
    if row.roles.isdisjoint(step.actor.roles):
        yield _("Your role does not take this step.")
    if not starts:
        yield moved
        return
    if not asked and row.reason and not step.reason:
        yield _("Give a reason: those who must act on it will read it.")
    if len(step.reason) > REASON_LENGTH:
        yield _("The text is longer than %(limit)d characters; shorten it.") % {"limit": REASON_LENGTH}
    for guard in row.guards:
        yield from guard(step)


def hold_to_told(name: str, row: RegisterRow, told: Any) -> None:
    """A step is told what its row names, and nothing else; anything else is a mistake of the caller."""
    if (row.told is None) != (told is None) or (row.told is not None and not isinstance(told, row.told)):
        raise TypeError(f"{name} is told {row.told}, not {type(told)}.")
