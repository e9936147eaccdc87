"""Who may open these pages."""

from scorecard.access.policy import Rule

POLICY: dict[str, Rule] = {}
