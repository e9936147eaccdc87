"""Who may open the start page: everybody who is signed in, each their own."""

from scorecard.access.policy import SIGNED_IN, UrlRule

POLICY: dict[str, UrlRule] = {"home": SIGNED_IN}
