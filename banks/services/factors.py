"""Lost second factors: one administrator asks for the reset, another one agrees; the command line asks nobody."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from banks.models import FactorReset, User
from banks.services.duties import require_administrator
from scorecard.access.decisions import Refused
from scorecard.access.sessions import end_sessions
from scorecard.audit.services import record
from scorecard.identity.confirmation import factors_of
from scorecard.identity.services import forget_factors


@transaction.atomic
def ask_for_reset(*, actor: User, person: User, reason: str) -> FactorReset:
    """Ask another administrator to take away somebody's second factors; the reason says how one knows them lost."""
    require_administrator(actor)
    locked = User.objects.select_for_update().get(pk=person.pk)
    reasons = []
    if not reason.strip():
        reasons.append(_("Say how you know that this person has lost them; the second administrator reads it."))
    if len(reason) > 200:
        reasons.append(_("Use at most %(limit)d characters.") % {"limit": 200})
    if not factors_of(locked):
        reasons.append(_("This person has no second factor."))
    if locked.factor_resets.filter(decided_at=None).exists():
        reasons.append(_("The reset has been asked for already; it waits for another administrator."))
    if reasons:
        raise Refused(reasons)
    asked = FactorReset.objects.create(user=locked, asked_by=actor, reason=reason.strip())
    data = {"reason": asked.reason}
    record("banks.factors.requested", actor=actor, target=locked, bank_id=locked.bank_id, data=data)
    return asked


@transaction.atomic
def decide_factor_reset(*, actor: User, reset_id: int, agree: bool) -> FactorReset:
    """Agree to a reset that another administrator has asked for, or refuse it. Agreeing is neither for who asked nor
    for whose factors they are; refusing is for every administrator. Raises ``Refused`` with every reason.
    """
    require_administrator(actor)
    asked = FactorReset.objects.select_for_update(of=("self",)).select_related("user").filter(pk=reset_id).first()
    if asked is None or asked.decided_at is not None:
        raise Refused([_("This request has been decided already; reload the page.")])
    reasons = []
    if agree and asked.asked_by_id == actor.pk:
        reasons.append(_("You asked for this reset yourself; another administrator agrees."))
    if agree and asked.user_id == actor.pk:
        reasons.append(_("Nobody agrees to a reset of their own second factors."))
    if reasons:
        raise Refused(reasons)
    asked.decided_by, asked.decided_at, asked.done = actor, timezone.now(), agree
    asked.save(update_fields=["decided_by", "decided_at", "done"])
    if agree:
        reset_factors(actor=actor, person=asked.user, asked_by=asked.asked_by_id)
    else:
        data = {"asked_by": asked.asked_by_id}
        record("banks.factors.refused", actor=actor, target=asked.user, bank_id=asked.user.bank_id, data=data)
    return asked


@transaction.atomic
def reset_factors(*, actor: User | None, person: User, asked_by: int | None = None) -> int:
    """Take away every second factor and recovery code of a person, and end the sessions; one event. Returns how many
    factors there were.
    """
    gone = forget_factors(person)
    end_sessions(person)
    data = {"factors": len(gone), "asked_by": asked_by}
    record("banks.factors.reset", actor=actor, target=person, bank_id=person.bank_id, data=data, seals=gone)
    return len(gone)
