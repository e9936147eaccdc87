"""Who may open the pages of the report's figures: reading is everybody's, loading the administrator's."""

from scorecard.access.policy import SIGNED_IN, only
from scorecard.access.roles import Role

POLICY = {
    "figures:overview": SIGNED_IN,
    "figures:list": SIGNED_IN,
    "figures:detail": SIGNED_IN,
    "figures:disagreements": SIGNED_IN,
    "figures:relations": SIGNED_IN,
    "figures:loads": only(Role.ADMINISTRATOR, Role.AUDITOR),
    "figures:load-detail": only(Role.ADMINISTRATOR, Role.AUDITOR),
    "figures:load-answer": only(Role.ADMINISTRATOR),
    "figures:load-new": only(Role.ADMINISTRATOR),
}
