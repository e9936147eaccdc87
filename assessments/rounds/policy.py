"""Who may open the pages of rounds."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import REVIEW_ROLES, SUPERVISOR_ROLES, Role

POLICY: dict[str, UrlRule] = {
    "calendar": only(*SUPERVISOR_ROLES),
    "round-list": only(*SUPERVISOR_ROLES),
    "round-detail": only(*SUPERVISOR_ROLES),
    "round-about": only(*SUPERVISOR_ROLES),
    "round-parameters": only(*SUPERVISOR_ROLES),
    "round-parameter-set": only(Role.ADMINISTRATOR),
    "round-create": only(Role.ADMINISTRATOR),
    "round-edit": only(Role.ADMINISTRATOR),
    "round-open": only(Role.ADMINISTRATOR),
    "round-carry": only(Role.ADMINISTRATOR),
    "round-close": only(Role.ADMINISTRATOR),
    "round-bank-add": only(Role.ADMINISTRATOR),
    "round-bank-out": only(Role.ADMINISTRATOR),
    "round-score": only(*REVIEW_ROLES),
}
