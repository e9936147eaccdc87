"""Who may open these pages. Whose step it is, its declaration says; the rest is for the workflow."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import REVIEW_ROLES

POLICY: dict[str, UrlRule] = {
    "many": only(*REVIEW_ROLES),
    "many-step": only(*REVIEW_ROLES),
}
