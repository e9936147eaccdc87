"""Adding and removing second factors, each with an event. The caller has asked for the password and a factor again."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from scorecard.access.decisions import Refused
from scorecard.access.sessions import end_sessions
from scorecard.audit.seals import Gone
from scorecard.audit.services import record

from . import recovery, totp
from .confirmation import must_have
from .keys import encrypt
from .models import Factor, Kind, RecoveryCode

MOST = 10  # factors of one person


@transaction.atomic
def add_factor(*, actor: Any, factor: Factor, name: str, session: str | None = None) -> list[str]:
    """Keep a new factor of the actor's own. With the first one come recovery codes, which are returned and can be read
    this once, and every session but this one ends.
    """
    _locked(actor)
    held = Factor.objects.filter(person=actor).count()
    if held >= MOST:
        raise Refused([_("You have %(count)d second factors; remove one first.") % {"count": MOST}])
    if factor.kind == Kind.PASSKEY and Factor.objects.filter(credential=factor.credential).exists():
        raise Refused([_("This passkey has been added already.")])
    factor.name = name.strip()[:60] or str(factor.get_kind_display())
    factor.save(force_insert=True)
    ended = end_sessions(actor, keep=session) if not held else 0
    data = {"kind": factor.kind, "name": factor.name, "sessions_ended": ended}
    record("identity.factor.added", actor=actor, target=actor, bank_id=actor.bank_id, data=data, seals=[factor])
    return draw_codes(actor=actor) if not held else []


def new_app(person: Any, secret: str, code: str) -> Factor | None:
    """An authenticator app whose code fits, not saved; None where it does not."""
    step = totp.matching_step(secret, code)
    if step is None:
        return None
    return Factor(person=person, kind=Kind.TOTP, secret=encrypt(secret), last_step=step)


@transaction.atomic
def remove_factor(*, actor: Any, factor_id: int) -> None:
    """Remove a factor of the actor's own; the last one only where the actor need not have any. The recovery codes go
    with the last one.
    """
    _locked(actor)
    rows = {one.pk: one for one in Factor.objects.filter(person=actor)}
    factor = rows.pop(factor_id, None)
    if factor is None:
        raise Refused([_("This second factor is not there any more; reload the page.")])
    if not rows and must_have(actor):
        raise Refused([_("Your roles need a second factor: add another one before you remove this one.")])
    gone = Gone.of(factor)
    factor.delete()
    if not rows:
        RecoveryCode.objects.filter(person=actor).delete()
    data = {"kind": factor.kind, "name": factor.name}
    record("identity.factor.removed", actor=actor, target=actor, bank_id=actor.bank_id, data=data, seals=[gone])


@transaction.atomic
def draw_codes(*, actor: Any) -> list[str]:
    """New recovery codes of the actor's own; the older ones work no more."""
    _locked(actor)
    codes = recovery.draw(actor)
    record("identity.codes.drawn", actor=actor, target=actor, bank_id=actor.bank_id, data={"codes": len(codes)})
    return codes


def forget_factors(person: Any) -> list[Gone]:
    """Remove every factor and code of a person inside the caller's transaction; what its event seals of that."""
    rows = list(Factor.objects.filter(person=person))
    gone = [Gone.of(row) for row in rows]
    Factor.objects.filter(pk__in=[row.pk for row in rows]).delete()
    RecoveryCode.objects.filter(person=person).delete()
    return gone


def _locked(person: Any) -> None:
    """One change at a time of what a person has."""
    get_user_model()._default_manager.select_for_update().get(pk=person.pk)
