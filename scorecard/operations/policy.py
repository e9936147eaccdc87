"""Who may open the health pages. Metrics and status ask for a token of their own instead of a session."""

from scorecard.access.policy import PUBLIC, UrlRule, only
from scorecard.access.roles import Role

POLICY: dict[str, UrlRule] = {
    "health-live": PUBLIC,
    "health-ready": PUBLIC,
    "health-status": PUBLIC,
    "metrics": PUBLIC,
    "operations": only(Role.ADMINISTRATOR, Role.AUDITOR),
}
