"""Telling people: writing reminders, sending what is due, and reading. E-mail is ``scorecard.inbox.sending``'s."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from scorecard.access.decisions import Refused
from scorecard.audit.services import record
from scorecard.jobs.unavailable import DATABASE_AWAY

from .kinds import AT_ONCE, GROUPS, NEVER, Dropped, Telling, get_kind, groups_of, planners
from .models import Mail, Mailing, Message, Reminder, Wishes

logger = logging.getLogger(__name__)

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=1)  # pauses after an error
BATCH = 500  # reminders that one run sends


def tell(
    kind: str,
    *,
    key: str,
    due_at: datetime | None = None,
    bank_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write a reminder in the caller's transaction; one whose ``key`` is there already adds nothing.

    It is sent from ``due_at`` on (now, unless told otherwise) by the next sweep, to whom its kind names then.
    """
    tell_many([(kind, key, due_at or timezone.now(), bank_id, data or {})])


def tell_many(rows: Collection[tuple[str, str, datetime, int | None, Mapping[str, Any]]]) -> None:
    """The same for many: kind, key, due, bank and data of each."""
    made = []
    for kind, key, due_at, bank_id, data in rows:
        get_kind(kind)
        made.append(Reminder(kind=kind, key=key, due_at=due_at, bank_id=bank_id, data=dict(data)))
    Reminder.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)


def plan(now: datetime) -> None:
    """Ask every planner for the reminders that follow from a calendar. One that fails holds up no other."""
    for planner in planners():
        try:
            with transaction.atomic():
                planner(now)
        except Exception:
            logger.exception("Reminders could not be planned by %s.", planner.__name__)


def due(now: datetime) -> QuerySet[Reminder]:
    """The reminders that are due and unsent, the oldest first."""
    tried = Q(try_at=None) | Q(try_at__lte=now)
    return Reminder.objects.filter(tried, sent_at=None, due_at__lte=now).order_by("due_at", "id")


def send_due(now: datetime, most: int = BATCH) -> int:
    """Send what is due, each in a transaction of its own; returns how many reminders were sent or dropped."""
    return sum(send(pk, now) for pk in list(due(now).values_list("pk", flat=True)[:most]))


def send(reminder_id: int, now: datetime) -> bool:
    """Send one reminder, if it is still unsent: claim it and write its messages, or nothing at all.

    An error is kept with the reminder, which is tried again after a pause that doubles; the others go on.
    """
    try:
        with transaction.atomic():
            if not Reminder.objects.filter(pk=reminder_id, sent_at=None).update(sent_at=now):
                return False
            reminder = Reminder.objects.get(pk=reminder_id)
            _write_messages(reminder, now)
    except DATABASE_AWAY:
        raise  # a database that is busy or away is nothing of the reminder's: the job goes on later
    except Exception as error:
        logger.exception("Reminder %s could not be sent.", reminder_id)
        _try_again(reminder_id, now, error)
        return False
    return True


def _try_again(reminder_id: int, now: datetime, error: Exception) -> None:
    row = Reminder.objects.get(pk=reminder_id)
    pause = min(SHORTEST * 2 ** min(row.tries, 20), LONGEST)
    said = f"{type(error).__name__}: {error}"
    Reminder.objects.filter(pk=reminder_id, sent_at=None).update(tries=row.tries + 1, try_at=now + pause, error=said)


def _write_messages(reminder: Reminder, now: datetime) -> None:
    kind = get_kind(reminder.kind)
    try:
        tellings = {telling.person_id: telling for telling in kind.told(reminder, now)}
    except Dropped as dropped:
        Reminder.objects.filter(pk=reminder.pk).update(dropped=dropped.why)
        return
    people = {
        person.pk: person
        for person in get_user_model().objects.filter(pk__in=tellings, is_active=True).select_related("wishes")
    }
    made = []
    for person_id, telling in tellings.items():
        person = people.get(person_id)
        group = telling.group or kind.group
        how = how_told(person, group) if person is not None else NEVER
        if how != NEVER:
            made.append(_message(reminder, telling, group, mailing(person, how), now))
    Message.objects.bulk_create(made, batch_size=500)
    at_once = [message for message in made if message.mailing == Mailing.AT_ONCE]
    mails = Mail.objects.bulk_create([mail_to(people[message.person_id], now) for message in at_once], batch_size=500)
    for message, mail in zip(at_once, mails, strict=True):
        message.mail = mail
    Message.objects.bulk_update(at_once, ["mail"], batch_size=500)


def _message(reminder: Reminder, telling: Telling, group: str, how: str, now: datetime) -> Message:
    return Message(
        reminder=reminder,
        person_id=telling.person_id,
        kind=reminder.kind,
        group=group,
        data={**reminder.data, **telling.data},
        bank_id=reminder.bank_id,
        at=reminder.due_at,
        sent_at=now,
        mailing=how,
    )


def mail_to(person: Any, now: datetime, **more: Any) -> Mail:
    """An unsaved mail to a person, in the language that the person chose for mails."""
    return Mail(person=person, address=person.email, language=mail_language(person), made_at=now, try_at=now, **more)


# --- What reaches whom -----------------------------------------------------------------------------------------------


def wishes_of(person: Any) -> Wishes:
    """A person's choices; those of somebody who has made none are the defaults, unsaved."""
    found: Wishes | None = getattr(person, "wishes", None)
    return found if found is not None else Wishes(person=person)


def how_told(person: Any, group: str) -> str:
    """At once, daily or never, as the person chose for a group; never only where it is not obligatory."""
    found, here = wishes_of(person).choices.get(group, ""), GROUPS[group]
    return found if found in here.choices else here.default


def mailing(person: Any, how: str) -> str:
    """How a message to this person goes out by e-mail: as chosen, where there are a server and an address."""
    if not settings.EMAIL_HOST or not person.email:
        return Mailing.NONE
    return Mailing.AT_ONCE if how == AT_ONCE else Mailing.DAILY


def mail_language(person: Any) -> str:
    """The language of a person's e-mails: chosen for them, else that of the screen, else the product's."""
    return wishes_of(person).language or person.language or settings.LANGUAGE_CODE


@transaction.atomic
def set_wishes(*, actor: Any, choices: Mapping[str, str], language: str) -> Wishes:
    """Keep what reaches somebody, chosen by that person alone. Raises ``Refused`` with every reason."""
    own = {group.name: group for group in groups_of(actor.roles)}
    reasons: list[Any] = []
    for name, how in choices.items():
        if name not in own or how not in own[name].choices:
            title = own[name].title if name in own else name
            reasons.append(_("%(group)s: choose one of what is offered.") % {"group": title})
    if language not in {"", *dict(settings.LANGUAGES)}:
        reasons.append(_("Choose one of the languages offered."))
    if reasons:
        raise Refused(reasons)
    row, _made = Wishes.objects.select_for_update().get_or_create(person=actor)
    before = {"choices": row.choices, "language": row.language}
    row.choices = row.choices | dict(choices)
    row.language = language
    row.save()
    after = {"choices": row.choices, "language": row.language}
    if after != before:
        record("inbox.wishes.changed", actor=actor, target=actor, bank_id=actor.bank_id, data=after)
    return row


# --- Reading ---------------------------------------------------------------------------------------------------------


def mark_read(*, actor: Any, message_id: int | None = None) -> int:
    """Mark one of the person's own messages as read, or all of them; returns how many were unread.

    It is nobody else's and tells of nothing that an event does not tell of, so it is no event.
    """
    rows = Message.objects.filter(person=actor, read_at=None)
    if message_id is not None:
        rows = rows.filter(pk=message_id)
    return rows.update(read_at=timezone.now())
