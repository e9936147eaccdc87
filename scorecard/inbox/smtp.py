"""Django's SMTP backend, told when the content of a mail begins to go out."""

import re
import smtplib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend


class _Session:
    """What is added to ``smtplib``'s session: ``before_content`` is called after the server's 354 and before the first
    byte of content. If it raises, nothing of the content is sent, and the connection is to be closed.
    """

    before_content: Callable[[], None] | None = None

    def data(self: Any, msg: Any) -> tuple[int, bytes]:
        """The command DATA, as ``smtplib`` sends it."""
        self.putcmd("data")
        code, said = self.getreply()
        if code != 354:
            raise smtplib.SMTPDataError(code, said)
        content = msg.encode("ascii") if isinstance(msg, str) else msg
        content = re.sub(rb"(?m)^\.", b"..", content)
        if not content.endswith(b"\r\n"):
            content += b"\r\n"
        if self.before_content is not None:
            self.before_content()
        self.send(content + b".\r\n")
        found: tuple[int, bytes] = self.getreply()
        return found


class PlainSession(_Session, smtplib.SMTP):
    """A session that begins in plain text, with STARTTLS where that is asked for."""


class SecureSession(_Session, smtplib.SMTP_SSL):
    """A session over TLS from the first byte."""


class Backend(EmailBackend):
    """One connection to the office's server, as the settings say."""

    @property
    def connection_class(self) -> Any:
        return SecureSession if self.use_ssl else PlainSession

    def before_content(self, call: Callable[[], None]) -> None:
        """What is to be called before the content of the next mail goes out."""
        session: Any = self.connection
        session.before_content = call

    def drop(self) -> None:
        """Close the connection without a word: what has begun is not ended."""
        session: Any = self.connection
        self.connection = None
        if session is not None:
            session.close()


def open_backend() -> Backend:
    """A connection that is open and signed in; raises ``OSError`` or ``SMTPException``."""
    backend = Backend(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        username=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
        use_tls=settings.EMAIL_USE_TLS,
        use_ssl=settings.EMAIL_USE_SSL,
        timeout=settings.EMAIL_TIMEOUT,
    )
    backend.open()
    return backend
