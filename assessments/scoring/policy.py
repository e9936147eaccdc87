"""Who may open results and aggregate figures. The administrator never reads scores (docs/workflow.md, Roles); the
auditor reads and starts nothing."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import BANK_ROLES, READ_ROLES, REVIEW_ROLES, Role

POLICY: dict[str, UrlRule] = {
    "assessment-result": only(*BANK_ROLES, *READ_ROLES),
    "assessment-explain": only(*BANK_ROLES, *READ_ROLES),
    "assessment-progress": only(*BANK_ROLES, *READ_ROLES),
    "assessment-rescore": only(*BANK_ROLES, Role.CASE_OFFICER),
    "round-aggregate": only(*READ_ROLES),
    "round-snapshot": only(*REVIEW_ROLES),
}
