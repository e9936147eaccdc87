"""Roles that take two administrators: one asks, another one grants or refuses."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from banks.models import RoleGrant, RoleRequest, User
from banks.services.duties import require_administrator
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.services import record

# Who signs for a bank, who decides, and who gives out roles: nobody gives these out alone.
TWO_ADMINISTRATORS = frozenset({Role.BANK_SIGNATORY, Role.DECISION_MAKER, Role.ADMINISTRATOR})


def grant_roles(*, actor: User | None, person: User, roles: Collection[str]) -> tuple[list[str], list[str]]:
    """Grant what one administrator may grant, and ask for the rest; returns both, sorted.

    The command line (``actor`` None) has the database anyway and grants everything. Inside the caller's transaction.
    """
    asked = sorted(set(roles) & TWO_ADMINISTRATORS) if actor is not None else []
    granted = sorted(set(roles) - set(asked))
    RoleGrant.objects.bulk_create(RoleGrant(user=person, role=role, granted_by=actor) for role in granted)
    for role in asked:
        if actor is not None:
            _request, new = RoleRequest.objects.get_or_create(
                user=person, role=role, decided_at=None, defaults={"asked_by": actor}
            )
            if new:
                record("banks.role.requested", actor=actor, target=person, bank_id=person.bank_id, data={"role": role})
    return granted, asked


@transaction.atomic
def decide_request(*, actor: User, request_id: int, grant: bool) -> RoleRequest:
    """Grant or refuse a role that another administrator has asked for.

    Granting is neither for who asked nor for whom the role is; refusing is for every administrator, so that a request
    can be taken back. Raises ``Refused`` with every reason.
    """
    require_administrator(actor)
    asked = RoleRequest.objects.select_for_update(of=("self",)).select_related("user").filter(pk=request_id).first()
    if asked is None or asked.decided_at is not None:
        raise Refused([_("This request has been decided already; reload the page.")])
    reasons = []
    if grant and asked.asked_by_id == actor.pk:
        reasons.append(_("You asked for this role yourself; another administrator grants it."))
    if grant and asked.user_id == actor.pk:
        reasons.append(_("Nobody grants a role to themselves."))
    if grant and not asked.user.is_active:
        reasons.append(_("This person is inactive; make them active first."))
    if reasons:
        raise Refused(reasons)
    asked.decided_by, asked.decided_at, asked.granted = actor, timezone.now(), grant
    asked.save(update_fields=["decided_by", "decided_at", "granted"])
    data: dict[str, object] = {"role": asked.role, "asked_by": asked.asked_by_id}
    person = asked.user
    if grant:
        RoleGrant.objects.get_or_create(user=person, role=asked.role, defaults={"granted_by": actor})
        data = {"granted": [asked.role], "withdrawn": [], "asked_by": asked.asked_by_id}
    event = "banks.roles.changed" if grant else "banks.role.refused"
    seals = person.grants.filter(role=asked.role) if grant else ()
    record(event, actor=actor, target=person, bank_id=person.bank_id, data=data, seals=seals)
    return asked
