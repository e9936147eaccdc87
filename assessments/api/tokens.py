"""Granting, drawing, revoking and knowing tokens: each a service with one event (docs/api.md, Tokens)."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.api.scopes import Scope, scopes_for
from assessments.api.selectors import get_token
from assessments.models import ApiToken
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.audit.services import record

PREFIX = "sck"
LONGEST_DAYS = 365
REFUSED = "assessments.token.refused"
MOST_LIVING = 20  # of one person: more are machines that nobody looks after any more


def may_grant(actor: User) -> bool:
    """A signatory for the bank, an administrator for the supervisor's desks."""
    return actor.holds(Role.BANK_SIGNATORY) if actor.is_bank_person else actor.holds(Role.ADMINISTRATOR)


def grantable_people(actor: User) -> Any:
    """The people for whom the actor may grant tokens: those of the own bank, or of the supervisor. An account for
    emergencies has none: a token would be used in silence.
    """
    if not may_grant(actor):
        return User.objects.none()
    people = User.objects.filter(bank=actor.bank_id, is_active=True, emergency=None)
    return people.prefetch_related("grants").order_by("name", "pk")


@transaction.atomic
def grant_token(*, actor: User, person_id: int | None, name: str, scopes: Iterable[str], until: date) -> ApiToken:
    """Allow one person one machine. Raises ``Refused`` with every reason."""
    person = grantable_people(actor).filter(pk=person_id or 0).first()
    chosen, label = [scope.value for scope in Scope if scope in set(scopes)], " ".join(name.split())
    if reasons := list(_against_grant(actor, person, label, chosen, until)):
        raise Refused(reasons)
    token = ApiToken.objects.create(
        bank=actor.bank, person=person, name=label, scopes=chosen, until=until, granted_by=actor
    )
    data = {"name": label, "person": person.pk, "scopes": chosen, "until": until}
    record("assessments.token.granted", actor=actor, target=token, bank_id=actor.bank_id, data=data, seals=[token])
    return token


def _against_grant(actor: User, person: User | None, name: str, scopes: list[str], until: date) -> Iterator[Any]:
    today = timezone.localdate()
    if not may_grant(actor):
        yield _("Tokens are granted by a signatory of the bank, and for the supervisor by an administrator.")
        return
    if person is None:
        yield _("Choose a person of your own institution who is active.")
    if not name or len(name) > 60:
        yield _("Say in at most 60 characters which system uses the token.")
    if not today <= until <= today + timedelta(days=LONGEST_DAYS):
        yield _("The last day must lie between today and a year from today.")
    if not scopes:
        yield _("Choose what the token is for.")
    if person is None:
        return
    if wrong := [str(Scope(scope).label) for scope in scopes if scope not in scopes_for(person.roles)]:
        words = {"name": person, "scopes": _(", ").join(wrong)}
        yield _("The roles of %(name)s do not include: %(scopes)s.") % words
    living = ApiToken.objects.filter(person=person, revoked_at=None, until__gte=today).count()
    if living >= MOST_LIVING:
        yield _("%(name)s has %(count)d tokens already; revoke one first.") % {"name": person, "count": living}


@transaction.atomic
def draw_token(*, actor: User, token_id: int) -> tuple[ApiToken, str]:
    """Give the person in whose name it acts the token itself: once, and never again. Raises ``Refused``."""
    token = get_token(actor, token_id, lock=True)
    if token.person_id != actor.pk:
        raise Refused([_("Only %(name)s can draw this token.") % {"name": token.person}])
    if token.state != "granted":
        raise Refused([_("This token has been drawn, revoked or has ended. Ask for another one.")])
    token.key = secrets.token_hex(6)
    secret = f"{PREFIX}_{token.key}_{secrets.token_urlsafe(32)}"
    token.digest, token.drawn_at = _digest(secret), timezone.now()
    token.save(update_fields=["key", "digest", "drawn_at"])
    data = {"name": token.name, "key": token.key}
    record("assessments.token.drawn", actor=actor, target=token, bank_id=token.bank_id, data=data, seals=[token])
    return token, secret


def may_revoke(actor: User, token: ApiToken) -> bool:
    """Its person, a signatory of the bank, an administrator."""
    if actor.pk == token.person_id:
        return True
    if actor.is_bank_person:
        return actor.bank_id == token.bank_id and actor.holds(Role.BANK_SIGNATORY)
    return actor.holds(Role.ADMINISTRATOR)


@transaction.atomic
def revoke_token(*, actor: User, token_id: int) -> ApiToken:
    """End a token now. Raises ``Refused`` where it has ended, or is not the actor's to end."""
    token = get_token(actor, token_id, lock=True)
    if not may_revoke(actor, token):
        raise Refused([_("A token is revoked by its person, by a signatory of the bank or by an administrator.")])
    if token.state not in ("granted", "live"):
        raise Refused([_("This token has ended already; reload the page.")])
    token.revoked_by, token.revoked_at = actor, timezone.now()
    token.save(update_fields=["revoked_by", "revoked_at"])
    data = {"name": token.name, "key": token.key}
    record("assessments.token.revoked", actor=actor, target=token, bank_id=token.bank_id, data=data, seals=[token])
    return token


# --- Use -------------------------------------------------------------------------------------------------------------


def known_token(secret: str) -> ApiToken | None:
    """The token that this secret is, whatever its state; None for one that nobody has."""
    parts = secret.split("_", 2)
    if len(parts) != 3 or parts[0] != PREFIX or len(secret) > 100 or not secret.isascii():
        return None
    rows = ApiToken.objects.filter(key=parts[1]).exclude(digest="").select_related("person__bank")
    return next((row for row in rows if hmac.compare_digest(row.digest, _digest(secret))), None)


def count_use(token: ApiToken, now: datetime) -> int:
    """Count a request; returns how many it makes in this minute. One update, so that no process counts past another."""
    window = int(now.timestamp()) // 60
    rows = ApiToken.objects.filter(pk=token.pk)
    if not rows.filter(window=window).update(used=F("used") + 1, last_used=now):
        rows.exclude(window=window).update(window=window, used=0)
        rows.update(used=F("used") + 1, last_used=now)
    used: int = rows.values_list("used", flat=True)[0]
    return used


def record_refusal(token: ApiToken, reason: str, now: datetime) -> None:
    """The refusal of a known token, as an event: the first one in a minute, whatever was asked before it."""
    rows = Event.objects.filter(event=REFUSED, object_type=ApiToken._meta.label_lower, object_id=str(token.pk))
    if rows.filter(at__gte=now.replace(second=0, microsecond=0)).exists():
        return
    data = {"name": token.name, "key": token.key, "reason": reason}
    record(REFUSED, actor=token.person, target=token, bank_id=token.bank_id, data=data)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
