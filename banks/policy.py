"""Who may open the pages of banks and people. Whose data they show is ``banks.access``'s to say."""

from scorecard.access.policy import only
from scorecard.access.roles import BANK_ROLES, READ_ROLES, SUPERVISOR_ROLES, Role

POLICY = {
    "bank-list": only(*SUPERVISOR_ROLES),
    "bank-detail": only(*SUPERVISOR_ROLES, *BANK_ROLES),
    "bank-create": only(Role.ADMINISTRATOR),
    "bank-edit": only(Role.ADMINISTRATOR),
    "bank-import": only(Role.ADMINISTRATOR),
    "bank-import-template": only(Role.ADMINISTRATOR),
    "bank-facts": only(*READ_ROLES, *BANK_ROLES),
    "bank-fact-history": only(*READ_ROLES, *BANK_ROLES),
    "my-bank": only(*BANK_ROLES),
    "person-list": only(Role.ADMINISTRATOR, Role.AUDITOR),
    "person-detail": only(Role.AUDITOR),
    "person-create": only(Role.ADMINISTRATOR),
    "person-edit": only(Role.ADMINISTRATOR),
    "role-request": only(Role.ADMINISTRATOR),
    "password-request": only(Role.ADMINISTRATOR),
    "person-factors": only(Role.ADMINISTRATOR),
    "factor-request": only(Role.ADMINISTRATOR),
    "person-password": only(Role.ADMINISTRATOR),
}
