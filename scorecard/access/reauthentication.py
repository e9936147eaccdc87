"""Proving who one is, by whatever backend the settings name: the steps of signing in after the password, and asking
somebody who is signed in again (a signature, a new password, a change of a second factor).

The authentication backend counts what is wrong, delays the next attempt and records each; a form only asks here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_backends
from django.http import HttpRequest


@dataclass(frozen=True)
class Signature:
    """With what somebody has proved who they are, in the order in which it was asked for."""

    factors: tuple[str, ...]


def _backend() -> Any:
    return next(backend for backend in get_backends() if hasattr(backend, "confirm"))


def confirm(user: Any, check: Callable[[], str]) -> str:
    """The part of the proof that does not fit, as ``check`` names it; "" where all of it does. ``TooManyAttempts``
    while the next attempt waits. Each wrong one is counted and is an event, whichever form asked.
    """
    return str(_backend().confirm(user, check))


def second_step(request: HttpRequest, user: Any, prove: Callable[[], str], first: str = "password") -> bool:
    """Whether the second factor fits, after the ``first``: then the person is signed in. Wrong ones count as failed
    sign-ins; ``TooManyAttempts`` while the next one waits.
    """
    return bool(_backend().second_step(request, user, prove, first))


def by_passkey(request: HttpRequest, answer: str) -> Any:
    """The person whose passkey has given this answer at sign-in, None where it does not hold."""
    return _backend().by_passkey(request, answer)


def by_provider(request: HttpRequest, username: str) -> Any:
    """The person of this user name, for whom the office's identity provider vouches; None where there is none."""
    return _backend().by_provider(request, username)


def pending_person(pk: int) -> Any:
    """Who has given the password and not the second factor yet; None once inactive."""
    return _backend().get_user(pk)
