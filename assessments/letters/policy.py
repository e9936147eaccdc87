"""Who may open these pages. Whose letter it then is, is for the access functions."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import BANK_ROLES, READ_ROLES, REVIEW_ROLES

POLICY: dict[str, UrlRule] = {
    "letter-file": only(*READ_ROLES, *BANK_ROLES),
    "letter-batch": only(*REVIEW_ROLES),
}
