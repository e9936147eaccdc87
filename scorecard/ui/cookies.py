"""Cookies that outlive a session: language, colours, the device."""

from django.conf import settings
from django.http import HttpResponse

YEAR = 365 * 24 * 3600


def set_cookie(response: HttpResponse, name: str, value: str) -> None:
    """Keep a value in this browser for a year, unread by scripts."""
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE)
