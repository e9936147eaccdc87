"""Who may do what, since when and by whom: what an auditor reads of a person."""

from dataclasses import dataclass
from datetime import datetime

from banks.models import RoleGrant, RoleRequest, StandIn, User
from scorecard.audit.models import Event
from scorecard.audit.registry import title

SHOWN = 200  # the newest events of a person; the trail holds all of them


@dataclass(frozen=True)
class PersonEvent:
    """One event about a person, in words."""

    seq: int
    at: datetime
    actor: str
    title: str


def grants_of(person: User) -> list[RoleGrant]:
    """The roles that a person holds, with who granted each and when."""
    return list(person.grants.select_related("granted_by").order_by("granted_at", "pk"))


def requests_of(person: User) -> list[RoleRequest]:
    """The roles that took two administrators, open ones and decided ones, the newest first."""
    return list(person.role_requests.select_related("asked_by", "decided_by").order_by("-pk"))


def stand_ins_of(person: User) -> list[StandIn]:
    """Who stood in for a person, and when."""
    return list(person.stand_ins.select_related("person", "named_by"))


def history_of(person: User) -> list[PersonEvent]:
    """What administrators have done about a person, the newest first: entering, changes, roles, passwords."""
    events = Event.objects.filter(
        object_type=User._meta.label_lower, object_id=str(person.pk), event__startswith="banks."
    ).order_by("-seq")[:SHOWN]
    return [PersonEvent(event.seq, event.at, event.actor_name, title(event.event)) for event in events]
