"""Who may open the audit trail and the list of background work."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import BANK_ROLES, READ_ROLES, Role

POLICY: dict[str, UrlRule] = {
    "audit-list": only(Role.AUDITOR),
    "audit-event": only(Role.AUDITOR),
    "audit-verify": only(Role.AUDITOR),
    "step-receipt": only(*READ_ROLES, *BANK_ROLES),
    "job-list": only(Role.ADMINISTRATOR, Role.AUDITOR),
}
