"""Who may open the pages of messages: each person the own ones, administrator and auditor the list of e-mails."""

from scorecard.access.policy import SIGNED_IN, only
from scorecard.access.roles import Role

POLICY = {
    "inbox": SIGNED_IN,
    "inbox-open": SIGNED_IN,
    "inbox-read": SIGNED_IN,
    "inbox-wishes": SIGNED_IN,
    "mail-list": only(Role.ADMINISTRATOR, Role.AUDITOR),
    "mail-again": only(Role.ADMINISTRATOR),
}
