"""Who may open these pages. Whose case it then is, and who may act on it, is for access functions and workflow."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import BANK_ROLES, READ_ROLES, REVIEW_ROLES, Role

POLICY: dict[str, UrlRule] = {
    "handover": only(Role.ADMINISTRATOR, Role.DECISION_MAKER),
    "stand-ins": only(*REVIEW_ROLES, *BANK_ROLES),
    "stand-in-end": only(*REVIEW_ROLES, *BANK_ROLES),
    "round-figures": only(*READ_ROLES),
    # Supervisors read the file with all figures; the administrator, who reads none, one with the values of the year.
    "round-figures-file": only(*READ_ROLES, Role.ADMINISTRATOR),
    "round-figures-import": only(Role.CASE_OFFICER, Role.ADMINISTRATOR),
    "round-workbook": only(*READ_ROLES),
    "review-queue": only(*READ_ROLES),
    "review-detail": only(*READ_ROLES),
    "review-points": only(Role.CASE_OFFICER),
    "review-facts": only(*READ_ROLES),
    "review-targets": only(*READ_ROLES),
    "review-reassign": only(Role.CASE_OFFICER, Role.DECISION_MAKER),
    "review-assign": only(Role.SECOND_REVIEWER, Role.DECISION_MAKER),
    "review-second": only(*READ_ROLES),
    "review-comment": only(*READ_ROLES),
}
