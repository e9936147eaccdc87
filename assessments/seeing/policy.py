"""Who may open pictures of many banks: those who may open each of these banks' files. The bank itself opens its own
place, and sees of its group what ``seeing.place`` lets through."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import BANK_ROLES, READ_ROLES

POLICY: dict[str, UrlRule] = {
    "assessment-place": only(*BANK_ROLES, *READ_ROLES),
    "round-heat": only(*READ_ROLES),
    "round-movement": only(*READ_ROLES),
    "round-outcome": only(*READ_ROLES),
    "round-quadrant": only(*READ_ROLES),
}
