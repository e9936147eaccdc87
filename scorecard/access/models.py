"""The sessions of people who are signed in: Django's own, each known by its person."""

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _


class SessionStore(DatabaseStore):
    """Django's database store; it keeps with each session whose it is."""

    @classmethod
    def get_model_class(cls) -> type["Session"]:
        """The table of the sessions."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> "Session":
        """The row of a session with these data."""
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]
        row.person_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return row


class Session(AbstractBaseSession):
    """A session, with the person who is signed in by it (``access.sessions``)."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("person")
    )

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        """The store that reads what a row holds."""
        return SessionStore
