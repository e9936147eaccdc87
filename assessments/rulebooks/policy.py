"""Who may open the pages of rulebooks: everybody reads the rules, the administrator publishes them."""

from scorecard.access.policy import SIGNED_IN, UrlRule, only
from scorecard.access.roles import Role

POLICY: dict[str, UrlRule] = {
    "rulebook-list": SIGNED_IN,
    "rulebook-detail": SIGNED_IN,
    "rulebook-diff": SIGNED_IN,
    "rulebook-publish": only(Role.ADMINISTRATOR),
}
