"""Events of saved filters."""

from django.utils.translation import gettext_lazy as _

from scorecard.audit.registry import register

register(
    {
        "filters.saved": _("Filters of a list saved"),
        "filters.changed": _("Saved filters changed"),
        "filters.removed": _("Saved filters removed"),
    }
)
