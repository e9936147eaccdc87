"""Who may open the pages of trials. Results of trials hold the points of banks: those who read them may read these."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import READ_ROLES, Role

_READ = only(*READ_ROLES)
_CREATE = only(Role.CASE_OFFICER, Role.DECISION_MAKER)

POLICY: dict[str, UrlRule] = {
    "trial-list": _READ,
    "trial-detail": _READ,
    "trial-export": _READ,
    "trial-draft": _READ,
    "trial-create": _CREATE,
    "trial-run": _CREATE,
}
