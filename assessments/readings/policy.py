"""Who may open these pages. Whose reading it then is, is for the selectors of the room."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import BANK_ROLES, READ_ROLES, REVIEW_ROLES, Role

POLICY: dict[str, UrlRule] = {
    "reading-list": only(*READ_ROLES, *BANK_ROLES, Role.ADMINISTRATOR),
    "reading-open": only(*REVIEW_ROLES, Role.ADMINISTRATOR),
    "reading-period": only(*READ_ROLES, *BANK_ROLES, Role.ADMINISTRATOR),
    "reading-bank": only(*READ_ROLES, *BANK_ROLES),
    "reading-city": only(*READ_ROLES),
    "reading-compute": only(*REVIEW_ROLES),
    "circular-issue": only(Role.DECISION_MAKER),
    "circular-detail": only(*READ_ROLES),
    "circular-copy": only(*READ_ROLES, *BANK_ROLES),
    "reading-fill": only(Role.BANK_PREPARER),
    "reading-confirm": only(Role.BANK_REVIEWER, Role.BANK_SIGNATORY),
    "reading-sheet": only(*READ_ROLES),
    "reading-import": only(Role.CASE_OFFICER),
}
