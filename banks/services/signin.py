"""Signing in: the authentication backend with its growing delay. Failures are counted in the database, so that every
web process sees the same number, and each outcome is an event.

Nobody can be locked out by somebody else (docs/decisions/0012): failures count for the name *at the address* or device
that made them. What many addresses do to one name delays its unknown devices alone; many names that fail from one
address shorten the patience with each name there, and close the address to nobody.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from banks.models import SignInFailure, User
from scorecard.access.decisions import TooManyAttempts
from scorecard.access.single import single
from scorecard.audit.services import record
from scorecard.identity import passkeys
from scorecard.identity.confirmation import factors_of
from scorecard.inbox.selectors import with_unread
from scorecard.saved.selectors import with_saved

# Many people of one bank share one address, and a name can be guessed from many, so both may fail more often than a
# name at one address before anything changes.
WIDE_FACTOR = 5
# Failures of one name at an address from which many names have failed, after which its next attempt there waits.
BUSY_LIMIT = 2
FIRST_DELAY = timedelta(seconds=15)
# How long failures are remembered; a sign-in forgets those of its name at its place.
MEMORY = timedelta(days=1)
# What the cookie is signed for that says who has signed in on this device before, and for how long it says so.
DEVICE_COOKIE = "device"
DEVICE_AGE = timedelta(days=180)
_PEOPLE_OF_A_DEVICE = 20
# The place under which wrong passwords of people who are signed in are counted.
SIGNATURE = "signature"


def delay(failures: int, limit: int) -> timedelta:
    """How long the next attempt waits after so many failures: nothing below ``limit``, then 15 seconds, doubled with
    each further failure, ``LOGIN_LOCK_MINUTES`` at most."""
    if failures < limit:
        return timedelta(0)
    longest = timedelta(minutes=settings.LOGIN_LOCK_MINUTES)
    waits: timedelta = FIRST_DELAY * 2 ** min(failures - limit, 30)
    return min(waits, longest)


def closed_until(*, username: str, ip: str, device: str, now: datetime) -> datetime | None:
    """When signing in opens again for this name at this place; None while it is open.

    ``device`` is the known device's number, "" on one that has not seen this name sign in: then the place is the
    address. Whether the name exists makes no difference.
    """
    recent = SignInFailure.objects.filter(at__gt=now - MEMORY)
    limit = settings.LOGIN_MAX_FAILURES
    if device:
        counted = [(recent.filter(username=username, device=device), limit)]
    else:
        busy = ip and recent.filter(ip=ip, device="").count() >= limit * WIDE_FACTOR
        counted = [
            (recent.filter(username=username, ip=ip, device=""), min(BUSY_LIMIT, limit) if busy else limit),
            (recent.filter(username=username, device=""), limit * WIDE_FACTOR),
        ]
    ends = []
    for failures, most in counted:
        if (number := failures.count()) >= most:
            last = failures.latest("at").at
            ends.append(last + delay(number, most))
    return max((end for end in ends if end > now), default=None)


class ThrottledBackend(BaseBackend):
    """Name and password against ``banks.User``. Raises ``TooManyAttempts`` while the name waits at this place."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The person, or None when name and password do not fit or the person is not active."""
        if not username or password is None:
            return None
        name, ip = username.strip().lower()[:60], (request.META.get("REMOTE_ADDR", "") or "") if request else ""
        person = User.objects.select_related("bank").filter(username__iexact=name).first()
        if person is not None:
            name = person.username.lower()  # PostgreSQL takes ſ for s and ı for i: failures count for one name
        device = known_device(request, name) if request is not None else ""
        now = timezone.now()
        if (until := closed_until(username=name, ip=ip, device=device, now=now)) is not None:
            raise TooManyAttempts(until)
        if person is None:
            User().set_password(password)  # the same work as for a known name, so that time tells nothing
            fits = False
        else:
            fits = person.check_password(password) and person.is_active
        if fits and person is not None:
            return _first_step(request, person, ip, device, "password")
        if (until := _failed(person, name, ip, device)) is not None:
            raise TooManyAttempts(until)
        return None

    def second_step(self, request: HttpRequest, person: User, prove: Callable[[], str], first: str) -> bool:
        """The second factor of somebody who has given the password, or what stands for it (``first``). One that does
        not fit is a failed sign-in of that name at that place; raises ``TooManyAttempts`` while the name waits there.
        """
        name, ip = person.username.lower(), request.META.get("REMOTE_ADDR", "") or ""
        device = known_device(request, name)
        if (until := closed_until(username=name, ip=ip, device=device, now=timezone.now())) is not None:
            raise TooManyAttempts(until)
        if kind := prove():
            _signed_in(request, person, ip, device, first, kind)
            return True
        if (until := _failed(person, name, ip, device)) is not None:
            raise TooManyAttempts(until)
        return False

    def by_passkey(self, request: HttpRequest, answer: str) -> User | None:
        """The person whose passkey has answered at sign-in, as password and second factor in one: the device has
        verified who holds it. An answer that does not hold counts for the person it names, or for the address alone.
        """
        factor, ip = passkeys.factor_of(answer), request.META.get("REMOTE_ADDR", "") or ""
        person = self.get_user(factor.person_id) if factor is not None else None
        name = person.username.lower() if person is not None else ""
        device = known_device(request, name) if name else ""
        if (until := closed_until(username=name, ip=ip, device=device, now=timezone.now())) is not None:
            raise TooManyAttempts(until)
        if factor is not None and person is not None and passkeys.spend(factor, answer, passkeys.SIGN_IN, None):
            _signed_in(request, person, ip, device, "passkey")
            return person
        if (until := _failed(person, name, ip, device)) is not None:
            raise TooManyAttempts(until)
        return None

    def by_provider(self, request: HttpRequest, username: str) -> User | None:
        """The person for whom the office's identity provider vouches, in place of the password. One who is not here
        counts for the address.
        """
        ip = request.META.get("REMOTE_ADDR", "") or ""
        person = User.objects.select_related("bank").filter(username__iexact=username[:60], is_active=True).first()
        name = person.username.lower() if person is not None else ""
        device = known_device(request, name) if name else ""
        if (until := closed_until(username=name, ip=ip, device=device, now=timezone.now())) is not None:
            raise TooManyAttempts(until)
        if person is not None:
            return _first_step(request, person, ip, device, "provider")
        if (until := _failed(None, "", ip, "", part="provider")) is not None:
            raise TooManyAttempts(until)
        return None

    def confirm(self, person: User, check: Callable[[], str]) -> str:
        """Whether somebody who is signed in proves again who it is: the part that does not fit, as ``check`` names it,
        or "". Wrong ones are counted apart from those at sign-in, so that neither closes the other, and are forgotten
        only once all of it fits; ``TooManyAttempts`` while the next attempt waits.
        """
        name = person.username.lower()
        until = closed_until(username=name, ip="", device=SIGNATURE, now=timezone.now())
        if until is not None:
            raise TooManyAttempts(until)
        if wrong := check():
            _failed(person, name, "", SIGNATURE, event="signature", part=wrong)
            return wrong
        SignInFailure.objects.filter(username=name, device=SIGNATURE).delete()
        return ""

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, with the bank and the numbers of unread messages and saved filters in the same
        query; nobody once the person is no longer active."""
        return single(_people().filter(pk=user_id, is_active=True))


@cache
def _people() -> QuerySet[User]:
    """Everybody as a request needs them, not yet asked for: put together once for a process, not for each request."""
    return with_saved(with_unread(User.objects.select_related("bank")))


def lift_delay(person: User) -> None:
    """Forget the failures of a person's name everywhere: an administrator has set a new password."""
    SignInFailure.objects.filter(username=person.username.lower()).delete()


# --- Known devices ---------------------------------------------------------------------------------------------------


def device_cookie(request: HttpRequest, person: User) -> str:
    """The signed cookie of this device after ``person`` has signed in on it: its number, and who has done so."""
    number, names = _read_device(request)
    kept = [person.username.lower(), *(name for name in names if name != person.username.lower())]
    return signing.dumps([number or secrets.token_hex(8), kept[:_PEOPLE_OF_A_DEVICE]], salt=DEVICE_COOKIE)


def known_device(request: HttpRequest, name: str) -> str:
    """The number of the device where this name has signed in on it before; else ""."""
    number, names = _read_device(request)
    return number if name in names else ""


def _read_device(request: HttpRequest) -> tuple[str, list[str]]:
    try:
        number, names = signing.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""),
            salt=DEVICE_COOKIE,
            max_age=int(DEVICE_AGE.total_seconds()),
        )
    except (signing.BadSignature, ValueError, TypeError):
        return "", []
    return number, names


# --- Counting --------------------------------------------------------------------------------------------------------


def _first_step(request: HttpRequest | None, person: User, ip: str, device: str, factor: str) -> User:
    """The password, or what stands for it, is right: signed in, or asked for the second factor, by the view. Until that
    fits no failure is forgotten.
    """
    if factors_of(person):
        person.awaits_factor = True  # type: ignore[attr-defined]
        record("signin.password", actor=None, target=person, bank_id=person.bank_id, data={"by": factor})
    else:
        _signed_in(request, person, ip, device, factor)
    return person


@transaction.atomic
def _signed_in(request: HttpRequest | None, person: User, ip: str, device: str, *factors: str) -> None:
    """Forget the failures of the name at its place, and say with what the person came in."""
    place = {"device": device} if device else {"ip": ip, "device": ""}
    SignInFailure.objects.filter(username=person.username.lower(), **place).delete()
    record("signin.ok", actor=person, target=person, bank_id=person.bank_id, data={"factors": factors})
    if len(factors) > 1 or "passkey" in factors:
        passkeys.forget_old_challenges()
    if request is not None:
        person.device_cookie = device_cookie(request, person)  # type: ignore[attr-defined]  # the view sets it


@transaction.atomic
def _failed(
    person: User | None, name: str, ip: str, device: str, event: str = "signin", part: str = ""
) -> datetime | None:
    """Count one failure; returns until when the next attempt waits, None where it need not.

    A name that nobody has is not written into the trail: people type passwords into the wrong field.
    """
    SignInFailure.objects.filter(at__lt=timezone.now() - MEMORY).delete()
    SignInFailure.objects.create(username=name, ip=ip, device=device)
    bank_id = person.bank_id if person is not None else None
    data = {"part": part} if part else {}
    record(f"{event}.failed", actor=None, target=person, bank_id=bank_id, data=data)
    until = closed_until(username=name, ip=ip, device=device, now=timezone.now())
    if until is not None:
        record(f"{event}.locked", actor=None, target=person, bank_id=bank_id, data={"until": until})
    return until
