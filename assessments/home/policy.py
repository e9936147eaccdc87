"""Who may open the start page: everybody who is signed in, each their own."""

from scorecard.access.policy import SIGNED_IN, Rule

POLICY: dict[str, Rule] = {"home": SIGNED_IN}
