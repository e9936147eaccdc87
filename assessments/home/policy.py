"""Who may open the start page: everybody who is signed in, each their own; and the workload of all: the head."""

from scorecard.access.policy import SIGNED_IN, UrlRule, only
from scorecard.access.roles import Role

POLICY: dict[str, UrlRule] = {"home": SIGNED_IN, "workload": only(Role.DECISION_MAKER, Role.AUDITOR)}
