"""Whose tokens a person may see."""

from django.db.models import Q, QuerySet
from django.http import Http404

from assessments.models import ApiToken
from banks.models import User
from scorecard.access.decisions import Hidden
from scorecard.access.roles import Role
from scorecard.access.row_security import unbound
from scorecard.access.single import single


def visible_tokens(actor: User) -> QuerySet[ApiToken]:
    """The own; a signatory those of the bank, an administrator and an auditor all. The newest first."""
    rows = ApiToken.objects.select_related("person", "bank", "granted_by", "revoked_by").order_by("-pk")
    if actor.is_bank_person:
        mine = rows.filter(bank=actor.bank_id)
        return mine if actor.holds(Role.BANK_SIGNATORY) else mine.filter(person=actor)
    if actor.holds(Role.ADMINISTRATOR, Role.AUDITOR):
        return rows
    return rows.filter(Q(person=actor) & Q(bank=None))


def get_token(actor: User, pk: int, *, lock: bool = False) -> ApiToken:
    """One token, or 404: ``Hidden`` (recorded) for one that is not the actor's to see."""
    rows = visible_tokens(actor).filter(pk=pk)
    found = single(rows.select_for_update(of=("self",)) if lock else rows)
    if found is None:
        with unbound():
            other = single(ApiToken.objects.filter(pk=pk))
        if other is not None:
            raise Hidden(bank_id=other.bank_id, target=other)
        raise Http404
    return found
