"""Events of running the service."""

from django.utils.translation import gettext_lazy as _

from scorecard.audit.registry import register

register(
    {
        "operations.backup.made": _("Backup made"),
        "operations.backup.restored": _("Backup restored"),
    }
)
