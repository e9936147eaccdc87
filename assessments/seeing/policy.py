"""Who may open pictures of many banks: those who may open each of these banks' files."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import READ_ROLES

POLICY: dict[str, UrlRule] = {
    "round-heat": only(*READ_ROLES),
    "round-movement": only(*READ_ROLES),
    "round-quadrant": only(*READ_ROLES),
}
