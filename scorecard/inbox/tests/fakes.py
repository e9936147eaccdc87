"""A mail server that does what a test says, and a kind of message for tests."""

import smtplib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.core.mail import EmailMessage

from scorecard.inbox.kinds import Telling, Words, message_kind
from scorecard.inbox.models import Reminder
from scorecard.links import Link

KIND = "tests.plain"


def _told(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    return [Telling(pk) for pk in reminder.data["people"]]


message_kind(
    KIND, group="work", told=_told, words=lambda data: Words(str(data.get("title", "标题")), "", Link("profile"))
)


class Died(BaseException):
    """The worker's process ends here: no handler of an exception runs for it."""


class Server:
    """Keeps what it has accepted, by ``Message-ID``; ``script`` says how the next hand-overs go, then all goes well."""

    def __init__(self) -> None:
        self.accepted: Counter[str] = Counter()
        self.script: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def connect(self) -> "Session":
        """Open a connection, unless the server is away."""
        if self.script and self.script[0] == "away":
            self.script.pop(0)
            raise ConnectionRefusedError("away")
        return Session(self)


class Session:
    """A connection to the server, with the places at which something can go wrong."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.call: Callable[[], None] = lambda: None

    def before_content(self, call: Callable[[], None]) -> None:
        self.call = call

    def send_messages(self, email_messages: list[EmailMessage]) -> int:
        """Hand one mail over as the script says."""
        [mail] = email_messages
        ident, happens = str(mail.extra_headers["Message-ID"]), self._next()
        self._before(happens, mail)
        self.call()
        self._content(happens, ident)
        return 1

    def _next(self) -> str:
        script = self.server.script
        return script.pop(0) if script else "taken"

    def _before(self, happens: str, mail: EmailMessage) -> None:
        faults: dict[str, BaseException] = {
            "dies before": Died(),
            "hangs up before": smtplib.SMTPServerDisconnected("gone"),
            "no sender": smtplib.SMTPSenderRefused(530, b"sign in", mail.from_email),
            "no such person": smtplib.SMTPRecipientsRefused({mail.to[0]: (550, b"unknown")}),
            "greylisted": smtplib.SMTPRecipientsRefused({mail.to[0]: (451, b"later")}),
        }
        if happens == "taken for dead before":
            self.server.meanwhile()
        if happens in faults:
            raise faults[happens]

    def _content(self, happens: str, ident: str) -> None:
        if happens == "dies handing over":
            raise Died
        if happens == "hangs up in content":
            raise smtplib.SMTPServerDisconnected("gone")
        if happens == "content refused":
            raise smtplib.SMTPDataError(554, b"spam")
        if happens == "not now":
            raise smtplib.SMTPDataError(452, b"full")
        self.server.accepted[ident] += 1
        if happens == "taken for dead after":
            self.server.meanwhile()
        if happens == "answer lost":
            raise TimeoutError("no answer")
        if happens == "dies after":
            raise Died

    def drop(self) -> None:
        pass

    def close(self) -> None:
        pass


#: What can happen to one hand-over, and whether the server is known not to have it for good.
HAPPENS = (
    "taken", "away", "dies before", "hangs up before", "no sender", "no such person", "greylisted",
    "taken for dead before", "dies handing over", "hangs up in content", "content refused", "not now",
    "taken for dead after", "answer lost", "dies after",
)  # fmt: skip


def mail_on(settings: Any) -> None:
    """Switch e-mail on, to a server of the test's own."""
    settings.EMAIL_HOST, settings.SITE_URL = "smtp.example", "https://scorecard.example"
    settings.DEFAULT_FROM_EMAIL = "scorecard@example.com"
