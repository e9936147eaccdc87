"""Cookies beside that of the session: language, colours and device, which outlive it, and messages for the next page.

Their names are settings: in production each begins with ``__Host-``.
"""

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpResponse

YEAR = 365 * 24 * 3600


def set_cookie(response: HttpResponse, name: str, value: str) -> None:
    """Keep a value in this browser for a year, unread by scripts."""
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE)


class MessagesCookie(CookieStorage):
    """Messages for the next page, in the cookie that the settings name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cookie_name = settings.MESSAGES_COOKIE_NAME


class Messages(FallbackStorage):
    """Messages for the next page: in the cookie, and where they are too long for it in the session."""

    storage_classes = (MessagesCookie, SessionStorage)
