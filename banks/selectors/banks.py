"""Reads for the pages of banks and people."""

from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from banks.access import visible_banks
from banks.fields import FIELDS
from banks.models import Bank, BankName, User
from scorecard.access.roles import SUPERVISOR_ROLES
from scorecard.audit.models import Event

if TYPE_CHECKING:
    from collections.abc import Sequence

EVENTS_SHOWN = 20


def branches(actor: User, bank: Bank) -> QuerySet[Bank]:
    """The branches on the register whose head office this is, as far as the actor sees them."""
    return visible_banks(actor).filter(head_office=bank).order_by("code")


def predecessors(actor: User, bank: Bank) -> QuerySet[Bank]:
    """The banks that this one has taken over, as far as the actor sees them, the latest first."""
    return visible_banks(actor).filter(successor=bank).order_by("-succeeded_on", "code")


def bank_names(bank: Bank) -> "Sequence[BankName]":
    """What the bank has been called and of which category it was, the newest first."""
    return list(bank.names.select_related("recorded_by").order_by("-since", "-pk"))


def bank_people(actor: User, bank: Bank) -> "Sequence[User]":
    """Who acts for a bank: for its own people and for supervisors. The bank has come through an access function."""
    if actor.bank_id != bank.pk and not actor.holds(*SUPERVISOR_ROLES):
        return []
    return list(
        User.objects.filter(bank=bank)
        .select_related("created_by")
        .prefetch_related("grants__granted_by")
        .order_by("name_sort", "username")
    )


def bank_events(bank: Bank) -> QuerySet[Event]:
    """What was done to the bank's entry, the newest first."""
    return Event.objects.filter(
        object_type="banks.bank", object_id=str(bank.pk), event__in=["banks.bank.created", "banks.bank.changed"]
    ).select_related("actor")[:EVENTS_SHOWN]


def readable(bank: Bank) -> dict[str, str]:
    """A bank's fields in words, for showing two states of it side by side."""
    found = {}
    for name in FIELDS:
        value = getattr(bank, name)
        if name in ("category", "entity_kind"):
            value = getattr(bank, f"get_{name}_display")()
        elif isinstance(value, bool):
            value = _("yes") if value else _("no")
        elif hasattr(value, "isoformat"):
            value = value.isoformat()
        found[name] = "" if value is None else str(value)
    return found
