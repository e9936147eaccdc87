"""Who may open these pages. Whose case it then is, and who may act on it, is for access functions and workflow."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import BANK_ROLES, READ_ROLES, REVIEW_ROLES, Role

POLICY: dict[str, UrlRule] = {
    "review-step": only(*REVIEW_ROLES),
    "decision-detail": only(*READ_ROLES),
    "measure-decide": only(Role.DECISION_MAKER),
    "notice-list": only(*READ_ROLES),
    "notice-detail": only(*READ_ROLES, *BANK_ROLES),
    "notice-letter": only(*READ_ROLES, *BANK_ROLES),
    "notice-acknowledge": only(Role.BANK_SIGNATORY),
}
