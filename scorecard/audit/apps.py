from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Events: append-only, gapless, chained by hash."""

    name = "scorecard.audit"
    label = "audit"
