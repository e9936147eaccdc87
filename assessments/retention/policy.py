"""Who reads how long data is kept; a decision maker alone sets and lifts holds (the service says so)."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import Role

POLICY: dict[str, UrlRule] = {"retention": only(Role.DECISION_MAKER, Role.AUDITOR)}
