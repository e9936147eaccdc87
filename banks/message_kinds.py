"""Messages about people's accounts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from scorecard.inbox.kinds import Telling, Words, message_kind
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


message_kind(PASSWORD, group="account", told=_owner, words=_password_words)
