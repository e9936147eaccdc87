"""Setting somebody else's password: one administrator for most people, two for who signs, decides or administers."""

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from banks.models import PasswordReset, User
from banks.services.duties import require_administrator
from banks.services.errors import Invalid
from banks.services.grants import TWO_ADMINISTRATORS
from banks.services.people import password_reasons
from banks.services.signin import lift_delay
from scorecard.access.decisions import Refused
from scorecard.access.sessions import end_sessions
from scorecard.audit.services import record
from scorecard.inbox.services import tell


def takes_two(person: User) -> bool:
    """Whether a password of this person is set by two administrators: it would open a role that takes two."""
    return person.grants.filter(role__in=TWO_ADMINISTRATORS).exists()


@transaction.atomic
def set_password(*, actor: User | None, person: User, password: str) -> bool:
    """Set somebody's password (their own is changed on their profile page); ends their sessions and lifts a lock.
    Where another administrator has to agree first it is only asked for; returns whether it has been set.

    Whoever set it knows it, so its owner changes it at the next sign-in, before anything else, and reads there who
    set it. The command line (``actor`` None) has the database anyway and asks nobody.
    """
    require_administrator(actor)
    locked = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if reasons := password_reasons(password, locked):
        raise Invalid({"password": reasons})
    encoded = make_password(password)
    if actor is None:
        _apply(locked, encoded, must_change=False)
        record("banks.password.set", actor=None, target=locked, bank_id=locked.bank_id)
        return True
    # A newer request, or a password set meanwhile, takes the place of one that waits.
    locked.password_resets.filter(decided_at=None).update(decided_at=timezone.now(), decided_by=actor, encoded="")
    if takes_two(locked):
        PasswordReset.objects.create(user=locked, asked_by=actor, encoded=encoded)
        record("banks.password.requested", actor=actor, target=locked, bank_id=locked.bank_id)
        return False
    done = PasswordReset.objects.create(user=locked, asked_by=actor, decided_at=timezone.now(), done=True)
    _apply(locked, encoded, must_change=True)
    _tell(done)
    record("banks.password.set", actor=actor, target=locked, bank_id=locked.bank_id)
    return True


@transaction.atomic
def decide_reset(*, actor: User, reset_id: int, agree: bool) -> PasswordReset:
    """Agree to a password that another administrator has asked to set, or refuse it.

    Agreeing is neither for who asked nor for whose password it is; refusing is for every administrator. Raises
    ``Refused`` with every reason.
    """
    require_administrator(actor)
    asked = PasswordReset.objects.select_for_update(of=("self",)).select_related("user").filter(pk=reset_id).first()
    if asked is None or asked.decided_at is not None:
        raise Refused([_("This request has been decided already; reload the page.")])
    reasons = []
    if agree and asked.asked_by_id == actor.pk:
        reasons.append(_("You asked for this password yourself; another administrator agrees."))
    if agree and asked.user_id == actor.pk:
        reasons.append(_("Nobody agrees to a new password of their own."))
    if reasons:
        raise Refused(reasons)
    encoded, asked.encoded = asked.encoded, ""
    asked.decided_by, asked.decided_at, asked.done = actor, timezone.now(), agree
    asked.save(update_fields=["encoded", "decided_by", "decided_at", "done"])
    person = asked.user
    if agree:
        _apply(person, encoded, must_change=True)
        _tell(asked)
    event = "banks.password.set" if agree else "banks.password.refused"
    record(event, actor=actor, target=person, bank_id=person.bank_id, data={"asked_by": asked.asked_by_id})
    return asked


def _apply(person: User, encoded: str, *, must_change: bool) -> None:
    person.password, person.must_change_password = encoded, must_change
    person.save(update_fields=["password", "must_change_password"])
    lift_delay(person)
    end_sessions(person)


def _tell(reset: PasswordReset) -> None:
    """The owner is told who has set the password; the password is in no message."""
    data = {"person": reset.user_id, "by": str(reset.asked_by)}
    tell("banks.password", key=f"password:{reset.pk}", bank_id=reset.user.bank_id, data=data)
