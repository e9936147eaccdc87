from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """Events: append-only, gapless, chained by hash, in a tree with signed checkpoints."""

    name = "scorecard.audit"
    label = "audit"

    def ready(self) -> None:
        """Put the triggers of append-only tables in place after each migration; say what the database's role may do."""
        from .checks import tell_once
        from .triggers import put_in_place

        connection_created.connect(tell_once, dispatch_uid="role of the database")
        post_migrate.connect(put_in_place, sender=self, dispatch_uid="append-only triggers")
