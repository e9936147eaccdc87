"""Who may open these pages. Whose measure it then is, and who may act on it, is for access functions and the table."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import BANK_ROLES, READ_ROLES, Role

POLICY: dict[str, UrlRule] = {
    "measure-list": only(*READ_ROLES, *BANK_ROLES),
    "measure-calendar": only(*READ_ROLES, *BANK_ROLES),
    "measure-detail": only(*READ_ROLES, *BANK_ROLES),
    "measure-step": only(Role.CASE_OFFICER, Role.DECISION_MAKER),
    "standing": only(*READ_ROLES),
    "adjustment-list": only(*READ_ROLES),
    "reward-list": only(*READ_ROLES),
    "inspection-list": only(*READ_ROLES),
    "obligation-step": only(Role.CASE_OFFICER),
    "obligation-detail": only(*BANK_ROLES),
    "obligation-file-add": only(Role.BANK_PREPARER),
    "obligation-file-withdraw": only(Role.BANK_PREPARER),
    "obligation-sign": only(Role.BANK_SIGNATORY),
}
