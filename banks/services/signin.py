"""Signing in: the authentication backend with its throttle. Failures are counted in the database, so that every web
process sees the same number, and each outcome is an event.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from banks.models import SignInFailure, User
from scorecard.access.decisions import TooManyAttempts
from scorecard.audit.services import record

# Many people of one bank share one address, so an address may fail more often than a name before it is closed.
ADDRESS_FACTOR = 5


def _window() -> timedelta:
    return timedelta(minutes=settings.LOGIN_LOCK_MINUTES)


def closed_until(*, username: str, ip: str, now: datetime) -> datetime | None:
    """When signing in opens again for this name or this address; None while it is open.

    A name is closed by ``LOGIN_MAX_FAILURES`` failures within ``LOGIN_LOCK_MINUTES``, an address by five times as many,
    until that many minutes after the last of them. Whether the name exists makes no difference.
    """
    ends: list[datetime] = []
    recent = SignInFailure.objects.filter(at__gt=now - _window())
    for failures, limit in (
        (recent.filter(username=username), settings.LOGIN_MAX_FAILURES),
        (recent.filter(ip=ip) if ip else recent.none(), settings.LOGIN_MAX_FAILURES * ADDRESS_FACTOR),
    ):
        times = list(failures.order_by("-at").values_list("at", flat=True)[:limit])
        if len(times) >= limit:
            ends.append(times[0] + _window())
    person = User.objects.filter(username__iexact=username).only("locked_until").first()
    if person is not None and person.locked_until is not None and person.locked_until > now:
        ends.append(person.locked_until)
    return max(ends, default=None)


class ThrottledBackend(BaseBackend):
    """Name and password against ``banks.User``. Raises ``TooManyAttempts`` while the name or the address is closed."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The person, or None when name and password do not fit or the person is not active."""
        if not username or password is None:
            return None
        name, ip = username.strip().lower()[:60], (request.META.get("REMOTE_ADDR", "") or "") if request else ""
        now = timezone.now()
        if (until := closed_until(username=name, ip=ip, now=now)) is not None:
            raise TooManyAttempts(until)
        person = User.objects.select_related("bank").filter(username__iexact=name).first()
        if person is None:
            User().set_password(password)  # the same work as for a known name, so that time tells nothing
            fits = False
        else:
            fits = person.check_password(password) and person.is_active
        if fits and person is not None:
            _signed_in(person)
            return person
        if (until := _failed(person, name, ip, now)) is not None:
            raise TooManyAttempts(until)
        return None

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, with the bank in the same query; nobody once the person is no longer active."""
        return User.objects.select_related("bank").filter(pk=user_id, is_active=True).first()


@transaction.atomic
def _signed_in(person: User) -> None:
    SignInFailure.objects.filter(username=person.username.lower()).delete()
    if person.locked_until is not None:
        person.locked_until = None
        person.save(update_fields=["locked_until"])
    record("signin.ok", actor=person, target=person, bank_id=person.bank_id)


@transaction.atomic
def _failed(person: User | None, name: str, ip: str, now: datetime) -> datetime | None:
    """Count one failure; returns until when signing in is closed if this was the one too many.

    A name that nobody has is not written into the trail: people type passwords into the wrong field.
    """
    SignInFailure.objects.filter(at__lt=now - timedelta(days=1) - _window()).delete()
    SignInFailure.objects.create(username=name, ip=ip)
    bank_id = person.bank_id if person is not None else None
    record("signin.failed", actor=None, target=person, bank_id=bank_id)
    until = closed_until(username=name, ip=ip, now=timezone.now())
    if until is not None:
        if person is not None:
            User.objects.filter(pk=person.pk).update(locked_until=until)
        record("signin.locked", actor=None, target=person, bank_id=bank_id, data={"until": until})
    return until
