"""The text of an e-mail: the messages that it carries, each with its link, in the language of its person."""

from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from scorecard.words.formats import moment

from .kinds import words_of
from .models import Mail, Message


def letter(mail: Mail) -> EmailMessage:
    """The mail as it is handed to the server: the same words each time, and the same ``Message-ID``."""
    rows = list(mail.messages.order_by("at", "id"))
    with override(mail.language):
        name = str(_("Inclusive Finance Scorecard"))
        subject, body = _digest(rows) if mail.day is not None else _single(rows)
        foot = [
            _("This message was sent by the system; nobody reads answers to it."),
            _("What reaches you, and how often: %(url)s") % {"url": _absolute(reverse("inbox-wishes"))},
        ]
        _name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
        return EmailMessage(
            subject=f"[{name}] {subject}",
            body="\n".join([*body, "", "-- ", *foot, ""]),
            from_email=formataddr((name, sender)),
            to=[mail.address],
            headers={
                "Message-ID": f"<{mail.reference}@{sender.rpartition('@')[2]}>",
                "Auto-Submitted": "auto-generated",
                "Content-Language": mail.language,
            },
        )


def _single(rows: list[Message]) -> tuple[str, list[str]]:
    words = words_of(rows[0].kind, rows[0].data)
    return words.title, _lines(rows[0], words.title, words.text)


def _digest(rows: list[Message]) -> tuple[str, list[str]]:
    title = ngettext("%(count)d message of the day", "%(count)d messages of the day", len(rows)) % {"count": len(rows)}
    body: list[str] = []
    for row in rows:
        words = words_of(row.kind, row.data)
        body += [*_lines(row, f"{moment(row.at)}  {words.title}", words.text), ""]
    return title, body[:-1]


def _lines(row: Message, title: str, text: str) -> list[str]:
    return [title, *([text] if text else []), _absolute(reverse("inbox-open", args=[row.pk]))]


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{path}"
