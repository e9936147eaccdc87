"""Who may open these pages. Whose objection it then is, and who may act on it, is for access functions and workflow."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import BANK_ROLES, READ_ROLES, Role

POLICY: dict[str, UrlRule] = {
    "objection-list": only(*READ_ROLES),
    "objection-detail": only(*READ_ROLES, *BANK_ROLES),
    "objection-file-add": only(Role.BANK_PREPARER),
    "objection-file-withdraw": only(Role.BANK_PREPARER),
    "objection-lodge": only(Role.BANK_SIGNATORY),
    "objection-decide": only(Role.DECISION_MAKER),
    "objection-letter": only(*READ_ROLES, *BANK_ROLES),
}
