"""Who may open these pages: everybody finds what is open to them, whoever reads assessments reads a dossier."""

from scorecard.access.policy import SIGNED_IN, UrlRule, only
from scorecard.access.roles import READ_ROLES

POLICY: dict[str, UrlRule] = {
    "search": SIGNED_IN,
    "bank-dossier": only(*READ_ROLES),
}
