"""Messages about people: their accounts, and for whom they stand in."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from banks.models import StandIn
from banks.services.stand_ins import STAND_IN
from scorecard.inbox.kinds import Dropped, Telling, Words, message_kind
from scorecard.inbox.models import Reminder
from scorecard.links import Link

PASSWORD = "banks.password"  # noqa: S105  # nosec B105 - the name of a kind of message


def _owner(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    return [Telling(reminder.data["person"])]


def _password_words(data: Mapping[str, Any]) -> Words:
    return Words(
        _("Your password has been set by an administrator"),
        _("%(name)s has set it; you change it at your next sign-in. If you did not ask for this, tell the supervisor.")
        % {"name": data["by"]},
        Link("profile"),
    )


def _stand_in(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """The stand-in, while it holds."""
    if not StandIn.objects.filter(pk=reminder.data["row"], ended_at=None).exists():
        raise Dropped
    return [Telling(reminder.data["person"])]


def _stand_in_words(data: Mapping[str, Any]) -> Words:
    title = _("You stand in for %(name)s from %(since)s until %(until)s") % {
        "name": data["absent"],
        "since": data["since"],
        "until": data["until"],
    }
    return Words(title, _("What waits for them reaches you in that time."), Link("stand-ins"))


message_kind(STAND_IN, group="work", told=_stand_in, words=_stand_in_words)
message_kind(PASSWORD, group="account", told=_owner, words=_password_words)
