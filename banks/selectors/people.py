"""Who may do what, since when and by whom: what an auditor reads of a person."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from banks.models import RoleGrant, RoleRequest, StandIn, User
from scorecard.access.roles import LENT_ROLES
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


def people_with_roles(actor: User) -> QuerySet[User]:
    """The active people of the actor's own bank who have a role there."""
    people = RoleGrant.objects.filter(user__bank=actor.bank_id).values("user")
    return User.objects.filter(pk__in=people, is_active=True, bank=actor.bank_id).order_by("name_sort", "username")


def acting_in(roles: Collection[str]) -> Q:
    """The condition that a person of a bank acts in one of these roles today: holds it, or stands in for who does."""
    lent = StandIn.objects.acting().filter(absent__grants__role__in=LENT_ROLES.intersection(roles))
    return Q(grants__role__in=roles) | Q(pk__in=lent.values("person"))


def runs_for(person: User) -> StandIn | None:
    """The stand-in of today by which a person of a bank acts for another one; no query where there is none."""
    if person.absent_id is None:
        return None
    rows = StandIn.objects.today().filter(person=person, absent=person.absent_id)
    return rows.select_related("absent").first()


def history_of(person: User) -> list[PersonEvent]:
    """What administrators have done about a person, the newest first: entering, changes, roles, passwords."""
    events = Event.objects.filter(
        object_type=User._meta.label_lower, object_id=str(person.pk), event__startswith="banks."
    ).order_by("-seq")[:SHOWN]
    return [PersonEvent(event.seq, event.at, event.actor_name, title(event.event)) for event in events]
