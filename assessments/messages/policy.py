"""Who may open the pages of drafts and reminders."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import READ_ROLES, Role

POLICY: dict[str, UrlRule] = {
    "round-drafts": only(*READ_ROLES),
    "round-urge": only(Role.CASE_OFFICER, Role.DECISION_MAKER),
}
