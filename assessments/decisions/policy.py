"""Who may open decisions and notices. Who may decide on a case is the workflow's to say."""

from scorecard.access.policy import Rule, only
from scorecard.access.roles import BANK_ROLES, READ_ROLES, Role

POLICY: dict[str, Rule] = {
    "decision-detail": only(*READ_ROLES),
    "measure-decide": only(Role.DECISION_MAKER),
    "notice-detail": only(*READ_ROLES, *BANK_ROLES),
    "notice-acknowledge": only(Role.BANK_SIGNATORY),
}
