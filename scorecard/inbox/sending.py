"""Handing mails to the SMTP server: never lost, and accepted once (``docs/messages.md``, Each due message once).

Three commits for each mail: in hand; its content begins to go out; the server's answer. None of them is made inside a
transaction of somebody else's.
"""

import logging
import smtplib
import uuid
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.jobs.unavailable import DATABASE_AWAY

from .letters import letter
from .models import Mail, Mailing, MailState, Message
from .services import mail_to
from .smtp import open_backend

logger = logging.getLogger(__name__)

# How long a worker may take from having a mail in hand to handing over its content, before it counts as dead.
CLAIM = timedelta(minutes=5)
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=1)  # pauses after "not now"
BATCH = 200  # mails of one run


class Connection(Protocol):
    """What the sender needs of a backend (``scorecard.inbox.smtp.Backend``)."""

    def before_content(self, call: Callable[[], None]) -> None: ...
    def send_messages(self, email_messages: list[EmailMessage]) -> int: ...
    def drop(self) -> None: ...
    def close(self) -> None: ...


class ConnectionGone(Exception):
    """The connection is to be closed without a word; what became of the mail stands in its row."""


def waiting(now: datetime) -> bool:
    """Whether a mail is to be handed over now, or was left in hand by a worker that is gone."""
    if not settings.EMAIL_HOST:
        return False
    rows = Mail.objects.filter(state=MailState.DUE, try_at__lte=now)
    return rows.exists() or Mail.objects.filter(state=MailState.IN_HAND, claimed_at__lt=now - CLAIM).exists()


def send_mails(now: datetime, *, connect: Callable[[], Connection] = open_backend, most: int = BATCH) -> int:
    """Hand over the mails that are due, one after the other over one connection; returns how many were taken.

    A server that is away ends the run; every mail that is due then waits the first pause.
    """
    if not settings.EMAIL_HOST:
        return 0
    recover(now)
    due = Mail.objects.filter(state=MailState.DUE, try_at__lte=now).order_by("try_at", "id")
    taken, connection = 0, None
    try:
        for pk in list(due.values_list("pk", flat=True)[:most]):
            mail = claim(pk, now)
            if mail is None:
                continue
            try:
                connection = connection or connect()
                taken += _hand_over(mail, connection, now) == MailState.SENT
            except ConnectionGone:
                _drop(connection)
                connection = None
            except (OSError, smtplib.SMTPException) as error:  # the server is away, or takes nothing from us
                _not_now(mail, now, error)
                due.update(try_at=now + SHORTEST)
                _drop(connection)
                connection = None
                break
    finally:
        if connection is not None:
            connection.close()
    return taken


def _drop(connection: Connection | None) -> None:
    if connection is not None:
        connection.drop()


def recover(now: datetime) -> None:
    """Mails that a worker had in hand and is gone: due again, unless their content had begun to go out."""
    left = Mail.objects.filter(state=MailState.IN_HAND, claimed_at__lt=now - CLAIM)
    left.filter(handed_at=None).update(state=MailState.DUE, token="", claimed_at=None)
    left.exclude(handed_at=None).update(state=MailState.UNKNOWN)  # its token stays: a late answer is the truth


def claim(pk: int, now: datetime) -> Mail | None:
    """Take a due mail in hand: first commit. None where another worker has it."""
    token = str(uuid.uuid4())
    mine = Mail.objects.filter(pk=pk, state=MailState.DUE).update(
        state=MailState.IN_HAND, token=token, claimed_at=now, handed_at=None, tries=F("tries") + 1
    )
    return Mail.objects.select_related("person").get(pk=pk, token=token) if mine else None


def _hand_over(mail: Mail, connection: Connection, now: datetime) -> MailState:
    """Hand one mail over; returns the state it is in.

    Raises ``ConnectionGone`` where another mail needs a connection of its own, and the fault of the server where it
    took nothing of this mail and may take none of the others.
    """
    mine = Mail.objects.filter(pk=mail.pk, token=mail.token)
    handed = False

    def begin() -> None:  # the second commit
        nonlocal handed
        if not mine.filter(state=MailState.IN_HAND).update(handed_at=timezone.now()):
            raise ConnectionGone  # taken for abandoned: another worker has it
        handed = True

    try:
        connection.before_content(begin)
        connection.send_messages([letter(mail)])
    except ConnectionGone:
        raise
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        return _answered_no(mail, now, code, said)
    except smtplib.SMTPDataError as error:
        return _answered_no(mail, now, error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        if not handed:
            raise
        mine.filter(state=MailState.IN_HAND).update(state=MailState.UNKNOWN, error=_said(error))
        raise ConnectionGone from error
    except DATABASE_AWAY:
        raise  # the database is busy or away: nothing of this mail's
    except Exception as error:  # words or an address that make no mail: of this one alone
        logger.exception("The mail %s could not be handed over.", mail.reference)
        state = MailState.UNKNOWN if handed else MailState.FAILED
        mine.filter(state=MailState.IN_HAND).update(state=state, error=_said(error))
        raise ConnectionGone from error
    # The third commit. A worker that was taken for dead in between still has the answer.
    mine.filter(state__in=[MailState.IN_HAND, MailState.UNKNOWN]).update(
        state=MailState.SENT, sent_at=timezone.now(), error=""
    )
    return MailState.SENT


def _answered_no(mail: Mail, now: datetime, code: int, said: bytes | str) -> MailState:
    """The server has not taken it, and says so: for good (5xx), or for now."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if code < 500:
        return _not_now(mail, now, f"{code} {words}")
    Mail.objects.filter(pk=mail.pk, token=mail.token).update(
        state=MailState.FAILED, handed_at=None, error=f"{code} {words}"
    )
    return MailState.FAILED


def _not_now(mail: Mail, now: datetime, error: Exception | str) -> MailState:
    """Not taken for now: due again after a pause that doubles, given up after ``MAIL_GIVE_UP_HOURS``."""
    said = _said(error)
    late = now - mail.made_at > timedelta(hours=settings.MAIL_GIVE_UP_HOURS)
    state = MailState.FAILED if late else MailState.DUE
    pause = min(SHORTEST * 2 ** min(mail.tries - 1, 10), LONGEST)
    logger.warning("The mail %s was not taken: %s.", mail.reference, said)
    Mail.objects.filter(pk=mail.pk, token=mail.token).update(
        state=state, token="", claimed_at=None, handed_at=None, try_at=now + max(pause, SHORTEST), error=said
    )
    return state


def _said(error: Exception | str) -> str:
    return error if isinstance(error, str) else f"{type(error).__name__}: {error}"


# --- The digest of a day ---------------------------------------------------------------------------------------------


def digest_time(now: datetime) -> datetime:
    """The latest moment at which a digest was to go out: today's hour, or yesterday's while that has not come."""
    here = timezone.localtime(now)
    day = here.date() if here.hour >= settings.DIGEST_HOUR else here.date() - timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time(settings.DIGEST_HOUR)))


def digests_due(now: datetime) -> bool:
    """Whether messages wait for a digest whose hour has come."""
    return bool(settings.EMAIL_HOST) and _for_digests(now).exists()


def _for_digests(now: datetime) -> Any:
    # Once a day: what comes after the hour waits for tomorrow's.
    return Message.objects.filter(mailing=Mailing.DAILY, mail=None, sent_at__lt=digest_time(now))


def write_digests(now: datetime) -> int:
    """One mail to each person with the messages of before the hour that are still unread; returns how many.

    Written in one transaction for each person; one mail a person and day, by a constraint.
    """
    if not digests_due(now):
        return 0
    day, written = timezone.localtime(digest_time(now)).date(), 0
    for person_id in list(_for_digests(now).order_by().values_list("person", flat=True).distinct()):
        try:
            with transaction.atomic():
                written += _write_digest(person_id, day, now)
        except IntegrityError:
            logger.info("Another worker has written the digest of %s.", person_id)
    return written


def _write_digest(person_id: int, day: Any, now: datetime) -> int:
    rows = _for_digests(now).filter(person=person_id)
    rows.exclude(read_at=None).update(mailing=Mailing.NONE)
    unread = list(rows.select_for_update().values_list("pk", flat=True))
    person = get_user_model().objects.select_related("wishes").get(pk=person_id)
    if not person.is_active or not person.email:
        Message.objects.filter(pk__in=unread).update(mailing=Mailing.NONE)
        return 0
    if Mail.objects.filter(person=person, day=day).exists():  # sent before the hour, written after the digest
        Message.objects.filter(pk__in=unread).update(sent_at=now)
        return 0
    if not unread:
        return 0
    mail = mail_to(person, now, day=day)
    mail.save()
    Message.objects.filter(pk__in=unread).update(mail=mail)
    return 1


# --- The administrator's step ----------------------------------------------------------------------------------------


@transaction.atomic
def send_again(*, actor: Any, mail_id: int) -> Mail:
    """Have a mail sent again that failed or of which nobody knows whether it arrived; the person may get it twice.

    Raises ``Refused`` with every reason.
    """
    mail = Mail.objects.select_for_update(of=("self",)).select_related("person").filter(pk=mail_id).first()
    reasons = []
    if not actor.holds(Role.ADMINISTRATOR):
        reasons.append(_("Only an administrator has an e-mail sent again."))
    if mail is None or mail.state not in (MailState.FAILED, MailState.UNKNOWN):
        reasons.append(_("This e-mail is sent already or still waits; reload the page."))
    elif not mail.person.email:
        reasons.append(_("%(name)s has no e-mail address; enter one first.") % {"name": mail.person})
    if reasons or mail is None:
        raise Refused(reasons)
    data = {"state": mail.state, "address": mail.person.email, "reference": str(mail.reference)}
    now = timezone.now()
    mail.state, mail.token, mail.address = MailState.DUE, "", mail.person.email
    mail.try_at, mail.made_at, mail.claimed_at, mail.handed_at = now, now, None, None
    mail.save()
    record("inbox.mail.again", actor=actor, target=mail, bank_id=mail.person.bank_id, data=data)
    return mail
