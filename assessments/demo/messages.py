"""The messages of the demonstration: those of the year under way, the older ones read."""

from datetime import datetime, timedelta

from django.db.models import F

from scorecard.inbox.models import Message, Reminder
from scorecard.inbox.services import plan, send_due

NEW = timedelta(days=2)  # so long something stays unread


def forget_reminders() -> None:
    """In the years before, nobody was told anything by messages."""
    Reminder.objects.filter(sent_at=None).delete()


def tell_people(now: datetime) -> None:
    """Send all that is due, what the calendar says among it; what is older than two days has been read."""
    plan(now)
    while send_due(now):
        pass
    Message.objects.filter(at__lt=now - NEW).update(read_at=F("at"))
