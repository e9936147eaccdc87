"""Who may take out complete files."""

from scorecard.access.policy import UrlRule, only
from scorecard.access.roles import Role

POLICY: dict[str, UrlRule] = {"archive-list": only(Role.AUDITOR)}
