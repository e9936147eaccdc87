"""What people read of messages: their own, and the mails for who looks after them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from scorecard.access.decisions import Hidden
from scorecard.access.roles import Role
from scorecard.access.row_security import unbound

from .kinds import GROUPS, Words, words_of
from .models import Mail, Message

P = TypeVar("P", bound=QuerySet[Any])


def with_unread(people: P) -> P:
    """People with ``unread_messages``, in the same query."""
    unread = Message.objects.filter(person=OuterRef("pk"), read_at=None).order_by().values("person")
    counted = unread.annotate(count=Count("pk")).values("count")
    found: P = people.annotate(unread_messages=Coalesce(Subquery(counted), 0))
    return found


def own_messages(actor: Any) -> QuerySet[Message]:
    """A person's messages, the newest first; nobody reads anybody else's."""
    return Message.objects.filter(person=actor).order_by("-at", "-id")


def get_message(actor: Any, pk: int) -> Message:
    """One of the person's own messages, or 404."""
    found = own_messages(actor).filter(pk=pk).first()
    if found is None:
        with unbound():
            other = Message.objects.filter(pk=pk).first()
        if other is not None:
            raise Hidden(bank_id=other.bank_id, target=other)
        raise Http404
    return found


@dataclass(frozen=True)
class Line:
    """A message in words, as the inbox shows it."""

    message: Message
    words: Words

    @property
    def group(self) -> Any:
        """The title of its group."""
        return GROUPS[self.message.group].title if self.message.group in GROUPS else ""


def lines(messages: Iterable[Message]) -> list[Line]:
    """Messages in the active language."""
    return [Line(message, words_of(message.kind, message.data)) for message in messages]


def visible_mails(actor: Any) -> QuerySet[Mail]:
    """Every e-mail, for the administrator and the auditor: to whom, in which state; never what it says."""
    if not actor.holds(Role.ADMINISTRATOR, Role.AUDITOR):
        return Mail.objects.none()
    return Mail.objects.select_related("person__bank").order_by("-id")


def get_mail(actor: Any, pk: int) -> Mail:
    """One e-mail, or 404."""
    found = visible_mails(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
