"""Who may open these pages. Which meetings one reads, and who acts in one, is for access functions and the table."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import BANK_ROLES, READ_ROLES, Role

POLICY: dict[str, UrlRule] = {
    "meeting-list": only(*READ_ROLES, *BANK_ROLES),
    "meeting-plan": only(Role.CASE_OFFICER, Role.DECISION_MAKER),
    "meeting-detail": only(*READ_ROLES, *BANK_ROLES),
    "meeting-arrange": only(Role.CASE_OFFICER, Role.DECISION_MAKER),
    "meeting-write": only(Role.CASE_OFFICER, Role.DECISION_MAKER),
    "meeting-step": only(Role.CASE_OFFICER, Role.DECISION_MAKER),
    "meeting-paper": only(*READ_ROLES, *BANK_ROLES),
    "follow-up-list": only(*READ_ROLES),
    "follow-up-step": only(Role.CASE_OFFICER, Role.SECOND_REVIEWER, Role.DECISION_MAKER),
}
