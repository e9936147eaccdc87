"""Asking somebody who is signed in for the password again: a signature, a new password.

The authentication backend counts wrong ones, delays the next attempt and records each; a form only asks here.
"""

from typing import Any

from django.contrib.auth import get_backends


def confirm_password(user: Any, password: str) -> bool:
    """Whether this is the person's password. ``TooManyAttempts`` while the next attempt waits. Each wrong one is
    counted and is an event, whichever form asked.
    """
    return any(backend.confirm(user, password) for backend in get_backends() if hasattr(backend, "confirm"))
