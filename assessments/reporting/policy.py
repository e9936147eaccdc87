"""Who may open these pages: whoever reads the round's figures."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import READ_ROLES

POLICY: dict[str, UrlRule] = {
    "report-draft": only(*READ_ROLES),
    "report-draft-file": only(*READ_ROLES),
}
