"""Who may open the money schemes. They are rules, for everybody who is signed in; a bank's figures are for those who
may read figures, and whose they are is ``banks.access``'s to say."""

from scorecard.access.policy import SIGNED_IN, UrlRule, only
from scorecard.access.roles import BANK_ROLES, READ_ROLES, Role

POLICY: dict[str, UrlRule] = {
    "money-list": SIGNED_IN,
    "money-scheme": SIGNED_IN,
    "claim-list": only(*READ_ROLES, *BANK_ROLES),
    "claim-detail": only(*READ_ROLES, *BANK_ROLES),
    "claim-decide": only(Role.DECISION_MAKER),
    "money-claim": only(Role.BANK_SIGNATORY),
    "money-partner": only(*READ_ROLES, *BANK_ROLES),
    "money-partner-step": only(Role.DECISION_MAKER),
    "money-desk": only(*READ_ROLES),
    "money-bank": only(*READ_ROLES, *BANK_ROLES),
}
