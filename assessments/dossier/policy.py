"""Who may open these pages: whoever sees the register searches it, whoever reads assessments reads a dossier."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import READ_ROLES, SUPERVISOR_ROLES

POLICY: dict[str, UrlRule] = {
    "search": only(*SUPERVISOR_ROLES),
    "bank-dossier": only(*READ_ROLES),
}
